from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from organization.models import Unit

from ..rules import promise
from .sourced import Sourced
from .version import ProgramVersion


class LimitUnit(models.TextChoices):
    WORKING_DAYS = "working_days", "工作日"
    CALENDAR_DAYS = "calendar_days", "日"
    HOURS = "hours", "小时"


class Track(Sourced):
    """办理情形: one way a version is walked, as ordered stages. Most versions have one; the first is the one of the county's list."""

    class Route(models.TextChoices):
        """ZX-32, ZX-33. COUNTY: the window's check of completeness, done in the act of acceptance, is the township's review."""

        TOWN = "town", "乡镇（街道）审批"
        TOWN_COUNTY = "town_county", "乡镇（街道）审核、县级审批"
        COUNTY = "county", "县级审批"

    class Verification(models.TextChoices):
        BEFORE = "before", "先核查后决定"
        AFTER = "after", "先救助后核查"
        NONE = "none", "不单独核查"

    class Purpose(models.TextChoices):
        GRANT = "grant", "给予"
        CHANGE = "change", "变更"
        STOP = "stop", "停止"

    class Appraisal(models.TextChoices):
        """群众评议 (RULES F10): automatic on dispute unless the version says otherwise (C-13, LY-16)."""

        NONE = "none", "不评议"
        ON_DISPUTE = "on_dispute", "有争议时评议"
        REQUIRED = "required", "必须评议"

    version = models.ForeignKey(ProgramVersion, on_delete=models.PROTECT, related_name="tracks", verbose_name="项目版本")
    key = models.SlugField("标识", max_length=30)
    order = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("办理情形", max_length=40)
    applies_to = models.CharField("适用情形", max_length=120, blank=True)
    is_active = models.BooleanField("已启用", default=True)
    purposes = ArrayField(models.CharField(max_length=8, choices=Purpose.choices), verbose_name="用于")
    route = models.CharField("审批层级", max_length=12, choices=Route.choices)
    delegable = models.BooleanField("可下放乡镇", default=False)
    verification = models.CharField("核查", max_length=8, choices=Verification.choices)
    verification_text = models.CharField("核查说明", max_length=40, blank=True)
    appraisal = models.CharField("群众评议", max_length=12, choices=Appraisal.choices)
    whole_limit = models.PositiveSmallIntegerField("全程时限")
    extended_limit = models.PositiveSmallIntegerField("可延至")
    limit_unit = models.CharField("时限单位", max_length=14, choices=LimitUnit.choices)
    extension_causes = models.CharField("可延长的情形", max_length=200, blank=True)
    publicity_days = models.PositiveSmallIntegerField("公示天数")
    publicity_unit = models.CharField("公示天数单位", max_length=14, choices=LimitUnit.choices)
    publicity_in_whole = models.BooleanField("公示计入全程时限")
    is_urgent = models.BooleanField("急难（先行救助）", default=False)
    # Caps and ceilings are dated figures of the county: parameters, named here and held there alone.
    cap_parameter = models.SlugField("封顶线参数", max_length=60, blank=True, db_index=False)
    ceiling_parameter = models.SlugField("乡镇限额参数", max_length=60, blank=True, db_index=False)
    above_ceiling = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="超过乡镇限额时转用"
    )
    follow_up_limit = models.PositiveSmallIntegerField("办后时限", null=True, blank=True)
    follow_up_unit = models.CharField("办后时限单位", max_length=14, choices=LimitUnit.choices, blank=True)
    follow_up = models.CharField("办后事项", max_length=60, blank=True)

    UNSOURCED: ClassVar[frozenset[str]] = frozenset({"version", "key", "order"})

    class Meta:
        verbose_name = verbose_name_plural = "办理情形"
        ordering = ["version", "order"]
        constraints = [
            models.UniqueConstraint(name="one_track_per_key", fields=["version", "key"], violation_error_message="办理情形标识重复。"),
            models.UniqueConstraint(name="one_track_per_place_in_order", fields=["version", "order"], violation_error_message="顺序重复。"),
            models.CheckConstraint(
                name="extended_limit_is_not_shorter_than_the_whole",
                condition=Q(extended_limit__gte=F("whole_limit")),
                violation_error_message="延长后的时限不能短于全程时限。",
            ),
            models.CheckConstraint(
                name="track_serves_a_purpose",
                condition=Q(purposes__len__gt=0),
                violation_error_message="办理情形至少用于给予、变更、停止之一。",
            ),
            models.CheckConstraint(
                name="only_a_township_track_has_a_track_above_the_ceiling",
                condition=Q(above_ceiling=None) | Q(route="town"),
                violation_error_message="只有乡镇审批的情形可以设置超限额转用。",
            ),
            models.CheckConstraint(
                name="track_above_the_ceiling_is_another_track",
                condition=Q(above_ceiling=None) | ~Q(above_ceiling=F("id")),
                violation_error_message="超限额转用的情形不能是自己。",
            ),
            models.CheckConstraint(
                name="urgent_track_verifies_afterwards",
                condition=Q(is_urgent=False) | Q(verification="after"),
                violation_error_message="急难情形先行救助，核查在后。",
            ),
            models.CheckConstraint(
                name="follow_up_says_what_and_by_when",
                condition=Q(follow_up="", follow_up_limit=None, follow_up_unit="")
                | (~Q(follow_up="") & ~Q(follow_up_unit="") & Q(follow_up_limit__isnull=False)),
                violation_error_message="办后事项必须同时填写内容、时限和单位。",
            ),
            models.CheckConstraint(
                name="every_default_of_a_track_has_its_origin",
                condition=Q(
                    origins__has_keys=[
                        "name", "applies_to", "is_active", "purposes", "route", "delegable", "verification", "verification_text",
                        "appraisal", "whole_limit", "extended_limit", "limit_unit", "extension_causes", "publicity_days",
                        "publicity_unit", "publicity_in_whole", "is_urgent", "cap_parameter", "ceiling_parameter",
                        "above_ceiling", "follow_up_limit",
                        "follow_up_unit", "follow_up",
                    ]
                ),
                violation_error_message="每一项默认值都必须注明来源。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.version} · {self.name}"

    @property
    def promise(self) -> str:
        return promise(self.whole_limit, self.limit_unit)


class Stage(Sourced):
    """One step of a track: who does what within how long. Splits are data that add up to the whole limit.

    `counts_for` is what the step takes of the whole, in the track's unit: 7 calendar days of publicity are planned as 5 working days.
    """

    class Act(models.TextChoices):
        REGISTER = "register", "登记核件"
        REVIEW = "review", "审核"
        CO_REVIEW = "co_review", "协审"
        PUBLICISE = "publicise", "公示"
        DECIDE = "decide", "决定"

    class UnitKind(models.TextChoices):
        VILLAGE_WINDOW = Unit.Kind.VILLAGE_WINDOW.value, "村（居）"
        TOWNSHIP_WINDOW = Unit.Kind.TOWNSHIP_WINDOW.value, "乡镇（街道）窗口"
        TOWNSHIP_OFFICE = Unit.Kind.TOWNSHIP_OFFICE.value, "乡镇（街道）"
        DEPARTMENT = Unit.Kind.DEPARTMENT.value, "县级部门"

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="stages", verbose_name="办理情形")
    order = models.PositiveSmallIntegerField("顺序")
    act = models.CharField("环节", max_length=10, choices=Act.choices)
    unit_kind = models.CharField("由谁办理", max_length=20, choices=UnitKind.choices)
    department = models.ForeignKey(
        "organization.Department", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="协审部门"
    )
    name = models.CharField("名称", max_length=30)
    limit = models.PositiveSmallIntegerField("时限")
    limit_unit = models.CharField("时限单位", max_length=14, choices=LimitUnit.choices)
    is_counted = models.BooleanField("计入全程时限", default=True)
    counts_for = models.PositiveSmallIntegerField("占全程时限", default=0)

    UNSOURCED: ClassVar[frozenset[str]] = frozenset({"track", "order"})

    class Meta:
        verbose_name = verbose_name_plural = "办理环节"
        ordering = ["track", "order"]
        constraints = [
            models.UniqueConstraint(name="one_stage_per_place_in_order", fields=["track", "order"], violation_error_message="顺序重复。"),
            models.CheckConstraint(
                name="co_review_names_its_department",
                condition=(Q(act="co_review", department__isnull=False, unit_kind="department"))
                | (~Q(act="co_review") & Q(department=None)),
                violation_error_message="协审环节必须指明协审部门，其他环节由本项目的部门办理。",
            ),
            models.CheckConstraint(
                name="uncounted_stage_takes_nothing_of_the_whole",
                condition=Q(is_counted=True) | Q(counts_for=0),
                violation_error_message="不计入全程时限的环节不占全程时限。",
            ),
            models.CheckConstraint(
                name="every_default_of_a_stage_has_its_origin",
                condition=Q(
                    origins__has_keys=["act", "unit_kind", "department", "name", "limit", "limit_unit", "is_counted", "counts_for"]
                ),
                violation_error_message="每一项默认值都必须注明来源。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.name}"
