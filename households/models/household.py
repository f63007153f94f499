import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from organization.models import Region
from organization.models.post import DateRange

from ..querysets import HouseholdQuerySet, MembershipQuerySet, RelativeQuerySet


class Relation(models.TextChoices):
    """Relation to the head of the household: main groups of GB/T 4761."""

    HEAD = "02", "户主"
    SPOUSE = "10", "配偶"
    SON = "20", "子"
    DAUGHTER = "30", "女"
    GRANDCHILD = "40", "孙子、孙女或外孙子、外孙女"
    PARENT = "50", "父母"
    GRANDPARENT = "60", "祖父母或外祖父母"
    SIBLING = "70", "兄弟姐妹"
    OTHER_KIN = "97", "其他亲属"
    NOT_KIN = "98", "非亲属"


class Household(models.Model):
    """Who lives and eats together: the unit whose means are checked once for everybody (DESIGN 3, ZX-25).

    `revised_at` moves with every change of the household's own data or its members; a form that was opened before it is stale.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("户编号", max_length=24, unique=True)
    region = models.ForeignKey(
        "organization.Region", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="居住地"
    )
    setting = models.CharField("城乡类别", max_length=5, choices=Region.Setting.choices)
    address = models.CharField("详细地址", max_length=120, blank=True)
    opened_at = models.DateTimeField("建档时间")
    opened_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="建档人"
    )
    revised_at = models.DateTimeField("更正时间")
    revised_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="更正人"
    )
    # Merged into another, or opened by mistake: the row stays and says where it went.
    closed_at = models.DateTimeField("注销时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False,
        verbose_name="注销人",
    )  # fmt: skip
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors", db_index=False, verbose_name="并入的家庭"
    )

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭"
        ordering = ["number"]
        indexes = [
            # The gate of a place, read from the index alone (docs/benchmarks.md).
            models.Index(name="household_of_region", fields=["region", "id"], opclasses=["varchar_pattern_ops", "uuid_ops"]),
            models.Index(name="household_merged_into", fields=["successor"], condition=Q(successor__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="closed_household_says_who_and_when",
                condition=Q(closed_at=None, closed_by=None, successor=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                violation_error_message="注销的家庭必须记明时间和人员；并入他户的，须先注销。",
            ),
            models.CheckConstraint(
                name="a_household_is_not_its_own_successor",
                condition=Q(successor=None) | ~Q(successor=F("id")),
                violation_error_message="家庭不能并入自己。",
            ),
        ]

    def __str__(self) -> str:
        return f"户编号 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("households:household_detail", args=[self.pk])

    @property
    def township_code(self) -> str:
        return str(self.region_id)[:9]

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


class Membership(models.Model):
    """Who belongs to which household from when to when, and as what (GB/T 4761). At most one household at a time."""

    Relation = Relation

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="memberships", db_constraint=False, verbose_name="家庭")
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, related_name="memberships", db_constraint=False, verbose_name="人员"
    )
    relation = models.CharField("与户主关系", max_length=2, choices=Relation.choices)
    lives_together = models.BooleanField("共同生活", default=True)
    is_counted = models.BooleanField("计入家庭人口", default=True)
    since = models.DateField("加入日期")
    until = models.DateField("离开日期", null=True, blank=True)
    added_at = models.DateTimeField("登记时间")
    added_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="登记人"
    )
    ended_at = models.DateTimeField("离开登记时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False,
        verbose_name="离开登记人",
    )  # fmt: skip
    end_reason = models.CharField("离开原因", max_length=60, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["relation", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_household_per_resident_at_a_time",
                fields=["resident"],
                condition=Q(until=None),
                violation_error_message="此人已是另一个家庭的成员。",
            ),
            models.UniqueConstraint(
                name="one_head_per_household",
                fields=["household"],
                condition=Q(until=None, relation=Relation.HEAD),
                violation_error_message="一个家庭只能有一位户主。",
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gte=F("since")),
                violation_error_message="离开日期不能早于加入日期。",
            ),
            models.CheckConstraint(
                name="ended_membership_says_who_when_and_why",
                condition=Q(until=None, ended_at=None, ended_by=None, end_reason="")
                | (Q(until__isnull=False, ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason="")),
                violation_error_message="成员离开必须写明日期和原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident}（{self.get_relation_display()}）"


class Relative(models.Model):
    """A guardian or obligor outside the household (特困: 义务人; 儿童: 监护人). The relative is a resident like any other."""

    class Role(models.TextChoices):
        GUARDIAN = "guardian", "监护人"
        OBLIGOR = "obligor", "赡养、抚养、扶养义务人"

    resident = models.ForeignKey("households.Resident", on_delete=models.PROTECT, related_name="relatives", verbose_name="人员")
    relative = models.ForeignKey("households.Resident", on_delete=models.PROTECT, related_name="relative_of", verbose_name="关系人")
    role = models.CharField("身份", max_length=10, choices=Role.choices)
    relation = models.CharField("关系", max_length=2, choices=Relation.choices)
    since = models.DateField("起始日期")
    until = models.DateField("终止日期", null=True, blank=True)
    noted_at = models.DateTimeField("登记时间")
    noted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人")

    objects = RelativeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户外关系人"
        ordering = ["role", "id"]
        constraints = [
            models.CheckConstraint(
                name="nobody_is_their_own_relative",
                condition=~Q(resident=F("relative")),
                violation_error_message="关系人不能是本人。",
            ),
            ExclusionConstraint(
                name="a_relative_stands_once_in_a_role",
                expressions=[
                    ("resident", RangeOperators.EQUAL),
                    ("relative", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (
                        DateRange("since", "until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="这位关系人已登记。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relative}（{self.get_role_display()}）"
