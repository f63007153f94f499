from django.db import models

from ..querysets import DatedQuerySet, UnitQuerySet


class Unit(models.Model):
    """Whatever can hold work. Every referral, warning, duty and notice targets a Unit, never free text (DESIGN 2)."""

    class Kind(models.TextChoices):
        VILLAGE_WINDOW = "village_window", "村级窗口"
        TOWNSHIP_WINDOW = "township_window", "乡镇综合救助窗口"
        TOWNSHIP_OFFICE = "township_office", "乡镇业务机构"
        DEPARTMENT = "department", "县级部门"
        PLATFORM = "platform", "县级平台"
        CONVENER = "convener", "联席会议召集人"
        SUPERVISION = "supervision", "督查"
        SYSTEM_ADMINISTRATION = "system_administration", "系统管理"
        SECURITY_ADMINISTRATION = "security_administration", "安全管理"
        AUDIT_ADMINISTRATION = "audit_administration", "审计管理"
        SYSTEM = "system", "系统作业"

    class Office(models.TextChoices):
        """The 13 member offices of every township (ZX-09)."""

        PARTY_GOVERNMENT = "party_government", "党政办"
        SOCIAL_AFFAIRS = "social_affairs", "社会事务办"
        FINANCE = "finance", "财政办"
        SOCIAL_SECURITY = "social_security", "社保所"
        EDUCATION = "education", "教管中心"
        LAND = "land", "国土所"
        AGRICULTURE = "agriculture", "农业服务中心"
        CONSTRUCTION = "construction", "城建办"
        JUSTICE = "justice", "司法所"
        UNION = "union", "工会"
        YOUTH_LEAGUE = "youth_league", "团委"
        WOMEN = "women", "妇联"
        DISABLED_PERSONS = "disabled_persons", "残联"

    kind = models.CharField("类别", max_length=30, choices=Kind.choices)
    name = models.CharField("名称", max_length=60)
    short_name = models.CharField("简称", max_length=30)
    region = models.ForeignKey("organization.Region", on_delete=models.PROTECT, verbose_name="所在区划")
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, null=True, blank=True, verbose_name="部门")
    office = models.CharField("乡镇机构", max_length=20, choices=Office.choices, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    address = models.CharField("地址", max_length=100, blank=True)
    valid_from = models.DateField("启用日期")
    valid_until = models.DateField("停用日期", null=True, blank=True)
    # Of a village's window or a township's office; a department's desk is followed by that of the department's successor.
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="承接单位"
    )

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["region_id", "kind", "office", "id"]
        constraints = [
            models.CheckConstraint(
                name="township_office_says_which",
                condition=(models.Q(kind="township_office") & ~models.Q(office=""))
                | (~models.Q(kind="township_office") & models.Q(office="")),
                violation_error_message="乡镇业务机构必须选择机构名称，其他单位不填。",
            ),
            models.CheckConstraint(
                name="department_unit_names_its_department",
                condition=~models.Q(kind="department") | models.Q(department__isnull=False),
                violation_error_message="县级部门单位必须选择所属部门。",
            ),
            models.UniqueConstraint(
                name="one_window_per_region",
                fields=["region", "kind"],
                condition=models.Q(kind__in=["village_window", "township_window"], valid_until=None),
                violation_error_message="该区划已有一个综合救助窗口。",
            ),
            models.UniqueConstraint(
                name="one_office_of_a_kind_per_township",
                fields=["region", "office"],
                condition=models.Q(kind="township_office", valid_until=None),
                violation_error_message="该乡镇已有同名业务机构。",
            ),
            models.UniqueConstraint(
                name="one_unit_per_department",
                fields=["department"],
                condition=models.Q(kind="department", valid_until=None),
                violation_error_message="该部门已有单位。",
            ),
            models.UniqueConstraint(
                name="one_county_desk_of_a_kind",
                fields=["kind"],
                condition=models.Q(
                    kind__in=[
                        "platform",
                        "convener",
                        "supervision",
                        "system_administration",
                        "security_administration",
                        "audit_administration",
                        "system",
                    ],
                    valid_until=None,
                ),
                violation_error_message="全县只能有一个这样的单位。",
            ),
            models.CheckConstraint(
                name="unit_ends_after_it_begins",
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")),
                violation_error_message="停用日期不能早于启用日期。",
            ),
            models.CheckConstraint(
                name="unit_with_successor_has_ended",
                condition=models.Q(successor=None)
                | models.Q(valid_until__isnull=False, kind__in=["village_window", "township_office"]) & ~models.Q(successor=models.F("id")),
                violation_error_message="承接单位只填在停用的村级窗口和乡镇业务机构上，不能是本单位，并须写明停用日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def region_level(self) -> str:
        return "village" if self.kind == self.Kind.VILLAGE_WINDOW else "township" if self.kind in TOWNSHIP_KINDS else "county"


TOWNSHIP_KINDS = frozenset({Unit.Kind.TOWNSHIP_WINDOW, Unit.Kind.TOWNSHIP_OFFICE})


class ReviewOffice(models.Model):
    """Which township office reviews for which department (ZX-33). Where no row stands, 社会事务办 does."""

    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, verbose_name="部门")
    township = models.ForeignKey(
        "organization.Region", on_delete=models.PROTECT, verbose_name="乡镇", limit_choices_to={"level": "township"}
    )
    office = models.ForeignKey(Unit, on_delete=models.PROTECT, verbose_name="审核机构", limit_choices_to={"kind": "township_office"})
    valid_from = models.DateField("启用日期")
    valid_until = models.DateField("停用日期", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门与乡镇审核机构对应"
        ordering = ["department", "township"]
        constraints = [
            models.UniqueConstraint(
                name="one_review_office_per_department_and_township",
                fields=["department", "township"],
                condition=models.Q(valid_until=None),
                violation_error_message="该部门在该乡镇已指定审核机构。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} · {self.township}：{self.office}"
