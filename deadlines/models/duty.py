import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse

from config import clock

from ..querysets import DutyQuerySet
from ..rules import Limit, Rule


class MomentRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class Duty(models.Model):
    """One deadline of one unit about one subject: every deadline of the rules is a row here (DESIGN 6).

    `opened_at` is when the row was made, `starts_at` from when the clock counts (for a promise: acceptance). `due_at` is absolute, the
    first moment that is late; it is empty exactly while the clock stands. It and `amber_at` are computed by `rules` at events alone.
    Lateness is never stored: it is `due_at` against the clock, or against `closed_at`. Subjects are label and id, titles masked.
    `is_promise`: a date given to somebody outside, which the unit watches while others work; it stands beside the to-do list, not in it.
    """

    class Outcome(models.TextChoices):
        DONE = "done", "已办"
        RETURNED = "returned", "已退回"
        CANCELLED = "cancelled", "已撤销"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="duties", db_index=False, verbose_name="承办单位")
    kind = models.CharField("种类", max_length=40)
    kind_name = models.CharField("环节", max_length=20)
    subject_label = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    title = models.CharField("事项", max_length=120)
    url = models.CharField("办理页面", max_length=200, blank=True)
    region_code = models.CharField("区划代码", max_length=12, blank=True)
    topic_code = models.CharField("业务代码", max_length=20, blank=True)

    rule = models.CharField("计时方式", max_length=15, choices=Rule.choices)
    limit = models.PositiveSmallIntegerField("时限", null=True, blank=True)
    until = models.DateField("截止日", null=True, blank=True)
    shifts = models.BooleanField("末日逢休息日顺延", default=False)
    basis = models.CharField("时限依据", max_length=100, blank=True)
    is_promise = models.BooleanField("承诺时限", default=False)
    # What a unit has to do again, or must have mended, because somebody gave the work back: the tab 退回.
    is_return = models.BooleanField("退回事项", default=False)

    opened_at = models.DateTimeField("交办时间")
    opened_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="交办人")
    starts_at = models.DateTimeField("起算时间")
    due_at = models.DateTimeField("到期时间", null=True, blank=True)
    amber_at = models.DateTimeField("临期时间", null=True, blank=True)
    calendar_version = models.PositiveIntegerField("日历版本")
    falls_back = models.BooleanField("日历未导入", default=False)
    taken_at = models.DateTimeField("领办时间", null=True, blank=True)
    taken_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="领办人"
    )
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="办结人"
    )
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事项期限"
        ordering = [F("due_at").asc(nulls_last=True), "id"]
        indexes = [
            models.Index(name="duty_open_of_unit", fields=["unit", "due_at", "id"], condition=Q(closed_at=None)),
            models.Index(name="duty_open_of_county", fields=["due_at", "id"], condition=Q(closed_at=None)),
            # The few of sensitive programs, in lists that do not tell their days.
            models.Index(name="duty_open_by_topic", fields=["topic_code"], condition=Q(closed_at=None)),
            # The sweep's, for what has turned amber.
            models.Index(name="duty_open_by_amber", fields=["amber_at"], condition=Q(closed_at=None)),
            # The workbench's tabs and lamps are counted from these alone (docs/benchmarks.md).
            models.Index(
                name="duty_to_do_of_unit",
                fields=["unit", "due_at", "id"],
                include=["taken_at", "amber_at"],
                condition=Q(closed_at=None, is_promise=False),
            ),
            models.Index(name="duty_promised_of_unit", fields=["unit", "due_at", "id"], condition=Q(closed_at=None, is_promise=True)),
            models.Index(name="duty_returned_of_unit", fields=["unit", "due_at", "id"], condition=Q(closed_at=None, is_return=True)),
            # What came after the page was opened, and the order by 交办时间.
            models.Index(name="duty_new_of_unit", fields=["unit", "opened_at", "id"], condition=Q(closed_at=None, is_promise=False)),
            # Inboxes of one kind of step: counted and walked in the order of the page, in a unit and over the county (docs/benchmarks.md).
            models.Index(
                name="duty_open_of_unit_by_kind", fields=["unit", "subject_label", "kind", "due_at", "id"], condition=Q(closed_at=None)
            ),
            models.Index(
                name="duty_open_of_unit_by_start", fields=["unit", "subject_label", "kind", "starts_at", "id"], condition=Q(closed_at=None)
            ),
            models.Index(name="duty_open_of_county_by_kind", fields=["subject_label", "kind", "due_at", "id"], condition=Q(closed_at=None)),
            models.Index(name="duty_promise_of_subject", fields=["subject_label", "subject_id"], condition=Q(is_promise=True)),
            models.Index(name="duty_closed_of_unit", fields=["unit", "-closed_at", "-id"], condition=Q(closed_at__isnull=False)),
            # Figures of a period over the county (按期率).
            models.Index(name="duty_closed_of_county", fields=["-closed_at", "-id"], condition=Q(closed_at__isnull=False)),
            models.Index(name="duty_subject", fields=["subject_label", "subject_id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_open_duty_per_subject_and_kind",
                fields=["subject_label", "subject_id", "kind"],
                condition=Q(closed_at=None),
                violation_error_message="该事项已有一个同类的未办期限。",
            ),
            models.CheckConstraint(
                name="closed_duty_has_closer_outcome_and_date",
                condition=Q(closed_at=None, closed_by=None, outcome="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False, due_at__isnull=False) & ~Q(outcome="")),
                violation_error_message="办结必须同时记明时间、办结人和结果，且有确定的到期日。",
            ),
            models.CheckConstraint(
                name="taken_duty_has_its_taker",
                condition=Q(taken_at=None, taken_by=None) | Q(taken_at__isnull=False, taken_by__isnull=False),
                violation_error_message="领办必须同时记明时间和领办人。",
            ),
            models.CheckConstraint(
                name="duty_rule_has_its_limit",
                condition=Q(rule="fixed_date", until__isnull=False, limit=None)
                | (~Q(rule="fixed_date") & Q(until=None, limit__isnull=False)),
                violation_error_message="固定日期的事项填截止日，其他事项填时限。",
            ),
            models.CheckConstraint(
                name="duty_rule_is_known", condition=Q(rule__in=Rule.values), violation_error_message="没有这种计时方式。"
            ),
            models.CheckConstraint(
                name="fixed_date_never_stands",
                condition=~Q(rule="fixed_date") | Q(due_at__isnull=False),
                violation_error_message="固定日期的事项不能暂停计时。",
            ),
            models.CheckConstraint(
                name="amber_comes_with_due_and_not_after_it",
                condition=Q(amber_at=None, due_at=None) | Q(amber_at__isnull=False, due_at__isnull=False, amber_at__lte=F("due_at")),
                violation_error_message="临期时间不能晚于到期时间。",
            ),
            models.CheckConstraint(
                name="clock_starts_no_later_than_the_duty_opens",
                condition=Q(starts_at__lte=F("opened_at")),
                violation_error_message="起算时间不能晚于交办时间。",
            ),
            models.CheckConstraint(
                name="duty_closes_after_it_opens",
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                violation_error_message="办结时间不能早于交办时间。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("deadlines:duty_explain", args=[self.pk])

    @property
    def headline(self) -> str:
        """What is to be done, of which kind; a title that begins with its kind says both."""
        return self.title if self.title.startswith(self.kind_name) else f"{self.kind_name}：{self.title}"

    @property
    def original_limit(self) -> Limit:
        """As opened; `counting.limit_of` gives the one in force after extensions."""
        return Limit(Rule(self.rule), self.limit, self.until, self.shifts)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class DutyPause(models.Model):
    """The clock stood, and why. Which causes may pause is data of the upper rooms; a fixed date never stands."""

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="pauses", verbose_name="事项期限")
    reason = models.CharField("原因", max_length=60)
    began_at = models.DateTimeField("暂停时间")
    began_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="暂停人")
    ended_at = models.DateTimeField("恢复时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="恢复人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "暂停"
        ordering = ["began_at", "id"]
        constraints = [
            models.CheckConstraint(name="pause_has_its_reason", condition=~Q(reason=""), violation_error_message="暂停计时必须写明原因。"),
            models.CheckConstraint(
                name="ended_pause_has_its_ender",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                violation_error_message="恢复计时必须同时记明时间和恢复人。",
            ),
            models.CheckConstraint(
                name="pause_ends_after_it_begins",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                violation_error_message="恢复时间不能早于暂停时间。",
            ),
            ExclusionConstraint(
                name="pauses_of_a_duty_do_not_overlap",
                expressions=[
                    ("duty", RangeOperators.EQUAL),
                    (MomentRange("began_at", "ended_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message="该事项在这段时间已经暂停计时。",
            ),
        ]

    def __str__(self) -> str:
        return f"{clock.local(self.began_at):%Y-%m-%d} {self.reason}"


class DutyExtension(models.Model):
    """A new whole limit (or a later fixed date) and why (C-01: 30 to 45 working days). The last one stands.

    Where the rule wants an approval, approver and applicant are two people.
    """

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="extensions", verbose_name="事项期限")
    limit = models.PositiveSmallIntegerField("延长后的全部时限", null=True, blank=True)
    until = models.DateField("延长后的截止日", null=True, blank=True)
    reason = models.CharField("理由", max_length=200)
    extended_at = models.DateTimeField("延期时间")
    extended_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="申请人")
    extended_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    approved_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="批准人"
    )
    approved_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        ordering = ["extended_at", "id"]
        constraints = [
            models.CheckConstraint(name="extension_has_its_reason", condition=~Q(reason=""), violation_error_message="延期必须写明理由。"),
            models.CheckConstraint(
                name="extension_has_limit_or_date",
                condition=Q(limit__isnull=False, until=None) | Q(limit=None, until__isnull=False),
                violation_error_message="延期必须写明新的时限，或新的截止日。",
            ),
            models.CheckConstraint(
                name="approval_of_an_extension_names_post_and_person",
                condition=Q(approved_by=None, approved_by_staff=None) | Q(approved_by__isnull=False, approved_by_staff__isnull=False),
                violation_error_message="批准延期必须记明岗位和人员。",
            ),
            models.CheckConstraint(
                name="nobody_approves_an_extension_of_their_own",
                condition=Q(approved_by_staff=None) | ~Q(approved_by_staff=F("extended_by_staff")),
                violation_error_message="延期的申请人和批准人不能是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{clock.local(self.extended_at):%Y-%m-%d} {self.reason}"
