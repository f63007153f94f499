import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from config.overlaps import OnceAtATime
from organization.models.post import DateRange

from ..querysets import AssistanceRecordQuerySet, CoverageQuerySet


class AssistanceRecord(models.Model):
    """Aid that was granted: one program, one household or resident, from when, how much, how often (DESIGN 3).

    Made by a decision, by a department's roll, by one and confirmed by the other, or by a change of standard that went on from a decision.
    What is in force is read from the dates.
    """

    class Cadence(models.TextChoices):
        MONTHLY = "monthly", "按月"
        YEARLY = "yearly", "按年"
        ONCE = "once", "一次性"
        STANDING = "standing", "长期有效"

    class Source(models.TextChoices):
        DECISION = "decision", "审批决定"
        ROLL = "roll", "部门名册"
        BOTH = "both", "决定并见于名册"
        STANDARD = "standard", "标准调整"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(
        "programs.Program", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="救助项目"
    )
    version = models.ForeignKey(
        "programs.ProgramVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="项目版本",
    )
    household = models.ForeignKey(
        "households.Household",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="records",
        db_index=False,
        db_constraint=False,
        verbose_name="家庭",
    )
    resident = models.ForeignKey(
        "households.Resident",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="records",
        db_index=False,
        db_constraint=False,
        verbose_name="人员",
    )
    region_code = models.CharField("救助时所在区划", max_length=12)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    in_kind = models.CharField("实物或服务", max_length=100, blank=True)
    cadence = models.CharField("发放方式", max_length=8, choices=Cadence.choices)
    since = models.DateField("起始日期")
    until = models.DateField("终止日期", null=True, blank=True)
    # Of a decision met by a grant of a department's list: the day that the list gives it, by which it is found again.
    rolled_on = models.DateField("清单所载日期", null=True, blank=True)
    source = models.CharField("数据来源", max_length=8, choices=Source.choices)
    # Where a whole roll gave another sum: the record that ended on the eve and goes on as this one (`households.following`).
    former = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by", db_index=False, db_constraint=False,
        editable=False, verbose_name="原救助记录",
    )  # fmt: skip
    decision_id = models.UUIDField("作出决定的转办单", null=True, blank=True, editable=False)
    unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="救助单位"
    )
    granted_at = models.DateTimeField("登记时间")
    granted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="登记人"
    )

    objects = AssistanceRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助记录"
        ordering = ["-since", "id"]
        indexes = [
            models.Index(name="record_of_program", fields=["program"]),  # not as the key's own, which comes with one for LIKE
            # A record is of the one or the other, and most come from no decision: what a column does not say is in no index.
            models.Index(name="record_of_household", fields=["household"], condition=Q(household__isnull=False)),
            models.Index(name="record_of_resident", fields=["resident"], condition=Q(resident__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="a_decision_makes_one_record",
                fields=["decision_id"],
                condition=Q(decision_id__isnull=False),
                violation_error_message="这项决定已登记过救助记录。",
            ),
            models.CheckConstraint(
                name="record_is_of_a_household_or_a_resident",
                condition=Q(household=None, resident__isnull=False) | Q(household__isnull=False, resident=None),
                violation_error_message="救助记录属于一个家庭或一个人。",
            ),
            # In the index of what follows stands only what follows; by it is found what does.
            models.UniqueConstraint(
                name="one_record_goes_on_as_one",
                fields=["former"],
                condition=Q(former__isnull=False),
                violation_error_message="这项救助已有接续的记录。",
            ),
            models.CheckConstraint(
                name="a_record_does_not_follow_itself",
                condition=Q(former=None) | ~Q(former=F("id")),
                violation_error_message="救助记录不能接续自己。",
            ),
            models.CheckConstraint(
                name="record_says_how_much_or_what",
                condition=Q(amount__isnull=False, amount__gt=0) | ~Q(in_kind=""),
                violation_error_message="请填写金额，或写明实物、服务的内容。",
            ),
            models.CheckConstraint(
                name="record_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gte=F("since")),
                violation_error_message="终止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                name="decided_record_names_its_decision",
                condition=Q(source__in=["roll", "standard"]) | Q(decision_id__isnull=False),
                violation_error_message="由审批产生的救助记录必须记明转办单。",
            ),
            *(
                ExclusionConstraint(
                    name=f"regular_records_of_a_{holder}_never_overlap",
                    # The holder first: a tree that begins with the program is built at a third of the speed.
                    expressions=[
                        (holder, RangeOperators.EQUAL),
                        ("program", RangeOperators.EQUAL),
                        (
                            DateRange("since", "until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                            RangeOperators.OVERLAPS,
                        ),
                    ],
                    condition=~Q(cadence="once"),
                    violation_error_message="同一项目的定期救助在这段时间已有记录。",
                )
                for holder in ("household", "resident")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}"

    @property
    def is_confidential(self) -> bool:
        """What the record says of it is told to those who work on it alone (DESIGN 2)."""
        return self.program.is_sensitive


class Coverage(models.Model):
    """Whom a record reaches: a household's 低保 covers its members one by one, each dated."""

    record = models.ForeignKey(
        AssistanceRecord, on_delete=models.PROTECT, related_name="coverage", db_constraint=False, verbose_name="救助记录"
    )  # both kept by `config.references`, and the record by its constraint below
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, related_name="coverage", db_constraint=False, verbose_name="人员"
    )
    since = models.DateField("起始日期")
    until = models.DateField("终止日期", null=True, blank=True)

    objects = CoverageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助覆盖人员"
        ordering = ["record", "id"]
        constraints = [
            OnceAtATime(
                name="a_record_covers_somebody_once_at_a_time",
                parent="record",
                whose="resident",
                violation_error_message="此人在这段时间已被这项救助覆盖。",
            ),
            models.CheckConstraint(
                name="coverage_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gte=F("since")),
                violation_error_message="终止日期不能早于起始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.resident}"
