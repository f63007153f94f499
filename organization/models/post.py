from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from ..querysets import PostQuerySet
from .unit import TOWNSHIP_KINDS, Unit


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class Post(models.Model):
    """A dated right to act for a unit, and the actor of every verb: proposed by one administrator, granted by another.

    A grant ends within a year. Nobody holds incompatible posts: the exclusion constraint compares `family` (SECURITY, DESIGN 2).
    """

    class Rank(models.TextChoices):
        HANDLER = "handler", "经办"
        APPROVER = "approver", "审批"

    class Family(models.TextChoices):
        """Posts of two families are never held by one person at a time."""

        CASEWORK = "casework", "业务"
        SUPERVISION = "supervision", "督查"
        SYSTEM_ADMINISTRATION = "system_administration", "系统管理"
        SECURITY_ADMINISTRATION = "security_administration", "安全管理"
        AUDIT_ADMINISTRATION = "audit_administration", "审计管理"

    staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="posts", verbose_name="人员")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts", verbose_name="单位")
    family = models.CharField("岗位族", max_length=30, choices=Family.choices, editable=False)
    rank = models.CharField("职级", max_length=10, choices=Rank.choices)
    title = models.CharField("职务", max_length=30, blank=True)
    is_deputy = models.BooleanField("AB岗替补", default=False)
    is_dedicated = models.BooleanField("窗口专人", default=False)
    is_liaison = models.BooleanField("联络员", default=False)
    is_data_manager = models.BooleanField("数据管理员", default=False)
    is_assistant = models.BooleanField("社会救助协理员", default=False)
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("到期日期")
    is_founding = models.BooleanField("建库时设立", default=False, editable=False)

    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出人")
    proposed_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField("授权时间", null=True, blank=True)
    granted_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="授权人")
    granted_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField("不予授权时间", null=True, blank=True)
    refused_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="不予授权人")
    ended_at = models.DateTimeField("提前终止时间", null=True, blank=True)
    ended_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="终止人")
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        ordering = ["unit", "rank", "staff"]
        indexes = [models.Index(name="post_staff_valid", fields=["staff", "valid_from", "valid_until"])]
        constraints = [
            models.CheckConstraint(
                name="grant_has_its_granter",
                condition=Q(granted_at=None, granted_by=None, granted_by_staff=None)
                | Q(granted_at__isnull=False, granted_by__isnull=False, granted_by_staff__isnull=False),
            ),
            models.CheckConstraint(
                name="refusal_of_a_post_has_its_refuser",
                condition=Q(refused_at=None, refused_by=None) | Q(refused_at__isnull=False, refused_by__isnull=False),
            ),
            models.CheckConstraint(
                name="end_of_a_post_has_its_ender",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(
                name="refused_post_was_never_granted",
                condition=Q(refused_at=None) | Q(granted_at=None),
                violation_error_message="已授权的岗位不能再作不予授权处理。",
            ),
            models.CheckConstraint(
                name="grant_is_dated_within_a_year",
                condition=Q(valid_until__gte=F("valid_from"), valid_until__lte=F("valid_from") + 366)
                | Q(family="casework", is_founding=True),
                violation_error_message="岗位授权期限最长一年，到期日期不能早于生效日期。",
            ),
            models.CheckConstraint(
                name="nobody_grants_a_post_to_themselves",
                condition=Q(is_founding=True) | Q(granted_by_staff=None) | ~Q(granted_by_staff=F("staff")),
                violation_error_message="不能给自己授权。",
            ),
            models.CheckConstraint(
                name="granter_is_not_the_proposer",
                condition=Q(is_founding=True) | Q(granted_by_staff=None) | ~Q(granted_by_staff=F("proposed_by_staff")),
                violation_error_message="授权人与提出人不能是同一人。",
            ),
            ExclusionConstraint(
                name="nobody_holds_incompatible_posts",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    ("family", RangeOperators.NOT_EQUAL),
                    (
                        DateRange("valid_from", "valid_until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(refused_at=None, ended_at=None),
                violation_error_message="此人在同一时期已有不相容的岗位（系统、安全、审计管理员三者互斥，且不得兼任业务岗位；督查不得兼任业务岗位）。",
            ),
            ExclusionConstraint(
                name="one_post_per_person_unit_and_rank_at_a_time",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("rank", RangeOperators.EQUAL),
                    (
                        DateRange("valid_from", "valid_until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(refused_at=None, ended_at=None),
                violation_error_message="此人在该单位同一时期已有同样的岗位。",
            ),
        ]

    def __str__(self) -> str:
        if self.unit.kind == Unit.Kind.SYSTEM:
            return "系统"
        return f"{self.unit.short_name} {self.staff.name}（{self.get_rank_display()}）"

    @property
    def label(self) -> str:
        """What events and pages call the actor: unit, name, rank."""
        return str(self)

    @property
    def role(self) -> str:
        """The column of the permission matrix in SECURITY: V, T, TA, D, DA, B, BA, C, L, AS, AX, AU, or SYS."""
        return role_of(self.unit.kind, self.rank)

    @property
    def is_pending(self) -> bool:
        return self.granted_at is None and self.refused_at is None and self.ended_at is None

    @property
    def is_open(self) -> bool:
        return self.granted_at is not None and self.ended_at is None

    @property
    def duties(self) -> str:
        """The flags it carries, in words."""
        flags = ("is_deputy", "is_dedicated", "is_liaison", "is_data_manager", "is_assistant")
        return "、".join(str(self._meta.get_field(flag).verbose_name) for flag in flags if getattr(self, flag))  # type: ignore[union-attr]

    def state_on(self, day: date) -> str:
        """What a list calls it: 待授权, 不予授权, 未生效, 生效中, 已到期, 单位已停用, 已终止."""
        if self.refused_at:
            return "不予授权"
        if self.ended_at:
            return "已终止"
        if self.granted_at is None:
            return "待授权"
        if day < self.valid_from:
            return "未生效"
        if self.unit.valid_until and day > self.unit.valid_until:
            return "单位已停用"
        return "已到期" if day > self.valid_until else "生效中"

    @property
    def department_codes(self) -> frozenset[str]:
        """The department for which it works, and those whose work it has taken over; empty at any other unit."""
        from ..lineage import codes

        return codes(self)

    @property
    def region_code(self) -> str:
        return self.unit.region_id


FAMILIES = {
    Unit.Kind.SUPERVISION: Post.Family.SUPERVISION,
    Unit.Kind.SYSTEM_ADMINISTRATION: Post.Family.SYSTEM_ADMINISTRATION,
    Unit.Kind.SECURITY_ADMINISTRATION: Post.Family.SECURITY_ADMINISTRATION,
    Unit.Kind.AUDIT_ADMINISTRATION: Post.Family.AUDIT_ADMINISTRATION,
}
# ZX-13, ZX-17: a window's dedicated person and a village's assistant are such only at that kind of unit.
PLACES_OF_FLAGS = {"is_dedicated": Unit.Kind.TOWNSHIP_WINDOW, "is_assistant": Unit.Kind.VILLAGE_WINDOW}
_ROLES = {
    Unit.Kind.VILLAGE_WINDOW: ("V", "V"),
    **dict.fromkeys(TOWNSHIP_KINDS, ("T", "TA")),
    Unit.Kind.DEPARTMENT: ("D", "DA"),
    Unit.Kind.PLATFORM: ("B", "BA"),
    Unit.Kind.CONVENER: ("C", "C"),
    Unit.Kind.SUPERVISION: ("L", "L"),
    Unit.Kind.SYSTEM_ADMINISTRATION: ("AS", "AS"),
    Unit.Kind.SECURITY_ADMINISTRATION: ("AX", "AX"),
    Unit.Kind.AUDIT_ADMINISTRATION: ("AU", "AU"),
    Unit.Kind.SYSTEM: ("SYS", "SYS"),
}


def role_of(kind: str, rank: str) -> str:
    """Roles are rank x unit kind (DESIGN 2)."""
    return _ROLES[Unit.Kind(kind)][rank == Post.Rank.APPROVER]
