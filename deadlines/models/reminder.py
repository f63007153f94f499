from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from config import clock
from organization.models.post import DateRange

from ..querysets import ReminderQuerySet, ReminderRuleQuerySet
from .duty import Duty


class Stage(models.TextChoices):
    """What is told of a date, in the order in which it comes; the last two go over the heads of those who hold the duty."""

    AMBER = "amber", "临期提醒"
    DUE_TODAY = "due_today", "当日到期提醒"
    OVERDUE = "overdue", "超期提醒"
    TO_HEAD = "to_head", "报单位负责人"
    TO_PLATFORM = "to_platform", "报县级平台"


ESCALATIONS = (Stage.TO_HEAD, Stage.TO_PLATFORM)


class ReminderRule(models.Model):
    """When and how one stage is told, from a day on. Never edited in place: a change is a new row, and ends the one before it.

    `working_days`: on the n-th working day after the last day in time. `full_days`: for limits of hours, so many times 24 hours after the
    due moment. Only the two stages that escalate have them. What is urgent goes out at once, at night too; a limit of hours always is.
    """

    stage = models.CharField("环节", max_length=12, choices=Stage.choices)
    working_days = models.PositiveSmallIntegerField("超期第几个工作日", null=True, blank=True)
    full_days = models.PositiveSmallIntegerField("按小时计时的，超期几个24小时", null=True, blank=True)
    is_urgent = models.BooleanField("立即单独提醒", default=False)
    holds_for_promises = models.BooleanField("承诺时限也提醒", default=False)
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("失效日期", null=True, blank=True)
    source = models.CharField("依据", max_length=200)
    made_at = models.DateTimeField("设定时间")
    made_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="设定人")

    objects = ReminderRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒规则"
        ordering = ["stage", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="reminder_rule_has_its_source", condition=~Q(source=""), violation_error_message="请填写调整提醒规则的依据。"
            ),
            models.CheckConstraint(
                name="escalation_says_after_how_long_and_no_other_stage_does",
                condition=Q(stage__in=ESCALATIONS, working_days__isnull=False, full_days__isnull=False)
                & Q(working_days__gte=1, full_days__gte=1)
                | (~Q(stage__in=ESCALATIONS) & Q(working_days=None, full_days=None)),
                violation_error_message="报单位负责人、报县级平台须填写超期多久（至少1），其他提醒不填。",
            ),
            models.CheckConstraint(
                name="reminder_rule_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                violation_error_message="失效日期不能早于生效日期。",
            ),
            ExclusionConstraint(
                name="one_reminder_rule_per_stage_at_a_time",
                expressions=[
                    ("stage", RangeOperators.EQUAL),
                    (
                        DateRange("valid_from", "valid_until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="这段时间已有同一环节的提醒规则。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}（{self.valid_from}起）"

    def state_on(self, day: date) -> str:
        """What a list calls it: 未生效, 生效中, 已失效."""
        if day < self.valid_from:
            return "未生效"
        return "已失效" if self.valid_until and day > self.valid_until else "生效中"


class Reminder(models.Model):
    """That a date was pointed out: once for each stage of each date. A date that moved is another date, and is pointed out anew.

    A fact of the clock, made by the sweep alone and never changed but for what became of it: told, or lapsed, where the duty was closed
    before anybody was told. `is_urgent`: by the rule in force when it was made.
    """

    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="reminders", db_index=False, verbose_name="事项期限")
    stage = models.CharField("环节", max_length=12, choices=Stage.choices)
    due_at = models.DateTimeField("所提醒的到期时间")
    is_urgent = models.BooleanField("立即单独提醒")
    made_at = models.DateTimeField("产生时间")
    told_at = models.DateTimeField("告知时间", null=True)
    lapsed_at = models.DateTimeField("失效时间", null=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        ordering = ["made_at", "id"]
        indexes = [
            models.Index(name="reminder_untold", fields=["is_urgent", "id"], condition=Q(told_at=None, lapsed_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_reminder_per_duty_stage_and_date",
                fields=["duty", "stage", "due_at"],
                violation_error_message="这个到期日的这一环节已经提醒过。",
            ),
            models.CheckConstraint(
                name="reminder_stage_is_known", condition=Q(stage__in=Stage.values), violation_error_message="没有这种提醒。"
            ),
            models.CheckConstraint(
                name="reminder_is_not_both_told_and_lapsed",
                condition=Q(told_at=None) | Q(lapsed_at=None),
                violation_error_message="提醒不能既已告知又失效。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {clock.local(self.made_at):%Y-%m-%d}"
