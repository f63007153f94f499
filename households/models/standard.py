import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from config.dates import month_words

from ..standards.querysets import StandardChangeQuerySet, StandardLineQuerySet


class StandardChange(models.Model):
    """标准调整: a figure that aid is paid by changes from a month on (TZ-36). Proposed with its paper, confirmed by a second person.

    Confirmed, it is carried out at once, or on the first of its month where that lies ahead: no record is cut on a day that has not come.
    The lines are what would become of each record in force from that month; applied, they say what became of it. A second change of the
    same figure and month takes up what the first could not compute.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认待执行"
        APPLIED = "applied", "已执行"
        DECLINED = "declined", "不予确认"
        WITHDRAWN = "withdrawn", "已撤回"

    TONES = {
        Status.PROPOSED: "amber",
        Status.CONFIRMED: "blue",
        Status.APPLIED: "green",
        Status.DECLINED: "grey",
        Status.WITHDRAWN: "grey",
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField("标准参数", max_length=60)
    name = models.CharField("标准", max_length=80)
    month = models.DateField("执行月份")
    former_value = models.JSONField("原标准")
    value = models.JSONField("新标准")
    document = models.CharField("文号", max_length=100)
    note = models.CharField("说明", max_length=500, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    proposed_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    counted_at = models.DateTimeField("测算时间")
    counted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="测算人")
    answered_at = models.DateTimeField("确认时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    answered_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reason = models.CharField("不予确认或撤回的原因", max_length=300, blank=True)
    applied_at = models.DateTimeField("执行时间", null=True, blank=True)
    applied_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="执行人"
    )

    objects = StandardChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "标准调整"
        ordering = ["-proposed_at", "id"]
        indexes = [models.Index(name="standard_change_newest", fields=["-proposed_at", "-id"])]
        constraints = [
            models.UniqueConstraint(
                name="one_open_change_per_standard", fields=["key"], condition=Q(status__in=["proposed", "confirmed"]),
                violation_error_message="这项标准已有一份待确认或待执行的调整，请先办完或撤回。",
            ),
            models.CheckConstraint(
                name="standard_changes_from_a_months_first", condition=Q(month__day=1),
                violation_error_message="标准从某月1日起执行。",
            ),
            models.CheckConstraint(
                name="standard_change_names_its_paper", condition=~Q(document=""), violation_error_message="请填写调整标准的文号。"
            ),
            models.CheckConstraint(
                name="answered_standard_change_says_who_and_when",
                condition=Q(status="proposed", answered_at=None, answered_by=None, answered_by_staff=None)
                | (~Q(status="proposed") & Q(answered_at__isnull=False, answered_by__isnull=False, answered_by_staff__isnull=False)),
                violation_error_message="确认标准调整必须记明时间和确认人。",
            ),
            models.CheckConstraint(
                name="nobody_confirms_a_standard_of_their_own",
                condition=~Q(status__in=["confirmed", "applied", "declined"]) | ~Q(answered_by_staff=F("proposed_by_staff")),
                violation_error_message="提出标准调整的人不能自己确认。",
            ),
            models.CheckConstraint(
                name="standard_change_not_taken_says_why",
                condition=(Q(status__in=["declined", "withdrawn"]) & ~Q(reason=""))
                | (~Q(status__in=["declined", "withdrawn"]) & Q(reason="")),
                violation_error_message="请写明不予确认或撤回的原因。",
            ),
            models.CheckConstraint(
                name="applied_standard_change_says_who_and_when",
                condition=Q(status="applied", applied_at__isnull=False, applied_by__isnull=False)
                | (~Q(status="applied") & Q(applied_at=None, applied_by=None)),
                violation_error_message="执行标准调整必须记明时间和执行人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name}（{month_words(self.month)}起）"

    def get_absolute_url(self) -> str:
        return reverse("standards:change_detail", args=[self.pk])

    @property
    def month_label(self) -> str:
        return f"{self.month.year}年{self.month.month}月"


class StandardLine(models.Model):
    """What a change of a standard does to one record: old and new amount, or why it cannot be computed.

    Applied, a record that began before the month ends on its eve and `successor` follows it; one that began later has its amount put right
    in place, and has no successor.
    """

    class Problem(models.TextChoices):
        NO_AMOUNT = "no_amount", "原记录没有金额"
        NOBODY = "nobody", "没有登记保障人员"
        NO_GRADE = "no_grade", "等级没有登记，原金额也对不上任何一档"
        UNCLEAR_GRADE = "unclear_grade", "登记了几个不同的等级"
        OTHER_SUM = "other_sum", "原金额与原标准对不上，请逐户核对"
        BY_ROLL = "by_roll", "本月起由名册变动，以名册为准"
        GRANTED_AFTER = "granted_after", "新标准登记后才批准，请核对是否已按新标准"
        NOT_POSITIVE = "not_positive", "调整后金额不大于0，请先复核是否仍符合条件"
        HELD = "held", "已暂缓发放，恢复后再补调"
        OTHER_RHYTHM = "other_rhythm", "不是按月发放"

    change = models.ForeignKey(StandardChange, on_delete=models.PROTECT, related_name="lines", db_index=False, verbose_name="标准调整")
    record = models.ForeignKey("households.AssistanceRecord", on_delete=models.PROTECT, related_name="+", verbose_name="救助记录")
    people = models.PositiveSmallIntegerField("保障人数")
    grade = models.CharField("等级", max_length=30, blank=True)
    former_amount = models.DecimalField("原金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField("新金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    problem = models.CharField("不能测算的原因", max_length=14, choices=Problem.choices, blank=True)
    successor = models.OneToOneField(
        "households.AssistanceRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="follows_by_standard",
        verbose_name="调整后的救助记录",
    )  # fmt: skip

    objects = StandardLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "标准调整明细"
        ordering = ["change", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_standard_line_per_record", fields=["change", "record"],
                violation_error_message="这项救助已在这次调整的明细中。",
            ),
            models.CheckConstraint(
                name="standard_line_has_an_amount_or_a_problem",
                condition=Q(problem="", former_amount__isnull=False, amount__isnull=False, amount__gt=0)
                | (~Q(problem="") & Q(amount=None, successor=None)),
                violation_error_message="明细要么有新金额，要么写明不能测算的原因。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.change} {self.record_id}"
