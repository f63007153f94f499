import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from deadlines.rules import due_on

from ..querysets import OfWrittenReminderQuerySet, WrittenReminderQuerySet


class WrittenReminder(models.Model):
    """书面提醒: 县民政局 reminds a unit in writing of an open duty, with a day by which to do it (QJ-23, RULES correction 9).

    It has no status. Doing the work closes it without a reply; what is undone at its due date without an accepted reason counts as
    未做到应保尽保、应救尽救 in the yearly assessment. Both are read from the duty, the dates and the reasons (`with_state`), never stored.
    A matter is reminded in writing once, so that it counts once; after that, supervision orders press on.
    """

    class State(models.TextChoices):
        """Read, never stored: see `querysets.WrittenReminderQuerySet.with_state`."""

        STANDING = "standing", "待办理"
        COUNTED = "counted", "到期未办（计入考核）"
        DONE_IN_TIME = "done_in_time", "按期办结"
        DONE_LATE = "done_late", "超期办结（计入考核）"
        EXCUSED = "excused", "理由正当（不计入）"
        ENDED = "ended", "事项已退回或撤销（不计入）"

    TONES = {
        State.STANDING: "amber",
        State.COUNTED: "red",
        State.DONE_IN_TIME: "green",
        State.DONE_LATE: "red",
        State.EXCUSED: "grey",
        State.ENDED: "grey",
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("文号", max_length=40, unique=True)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="被提醒单位")
    duty = models.ForeignKey("deadlines.Duty", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="未办事项")
    matter = models.CharField("提醒事项", max_length=500)
    demand = models.CharField("提醒内容", max_length=500)
    working_days = models.PositiveSmallIntegerField("办理时限（工作日）")
    due_at = models.DateTimeField("到期时间")
    issued_at = models.DateTimeField("发出时间")
    issued_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="签发人")

    objects = WrittenReminderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "书面提醒"
        ordering = ["-issued_at", "id"]
        indexes = [
            models.Index(name="written_reminder_newest", fields=["-issued_at", "-id"]),
            models.Index(name="written_reminder_of_unit", fields=["unit", "-issued_at", "-id"]),
            models.Index(name="written_reminder_due", fields=["due_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_written_reminder_per_duty", fields=["duty"],
                violation_error_message="这件事项已经书面提醒过，仍未办理的请发督办单。",
            ),
            models.CheckConstraint(
                name="written_reminder_says_what_and_what_is_wanted", condition=~Q(matter="") & ~Q(demand=""),
                violation_error_message="书面提醒必须写明事项和要求。",
            ),
            models.CheckConstraint(
                name="written_reminder_gives_days", condition=Q(working_days__gte=1),
                violation_error_message="书面提醒的办理时限至少1个工作日。",
            ),
            models.CheckConstraint(
                name="written_reminder_is_due_after_it_is_issued", condition=Q(due_at__gt=F("issued_at")),
                violation_error_message="书面提醒的到期日不能早于发出日。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"书面提醒 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:reminder_detail", args=[self.pk])

    @property
    def due_on(self) -> date:
        """The last day in time, as the paper says it: a holiday changed later moves the duty, not what was written."""
        return due_on(self.due_at)


class ReminderReason(models.Model):
    """正当理由: why a unit could not do what it was reminded of, and whether the platform accepts it. Refused, it may be given again."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", "认定为正当理由"
        REFUSED = "refused", "不予认定"

    reminder = models.ForeignKey(WrittenReminder, on_delete=models.PROTECT, related_name="reasons", verbose_name="书面提醒")
    text = models.CharField("理由", max_length=500)
    given_at = models.DateTimeField("提出时间")
    given_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    given_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    answer = models.CharField("认定结果", max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField("认定时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="认定人"
    )
    answered_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answer_note = models.CharField("认定说明", max_length=500, blank=True)

    objects = OfWrittenReminderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "正当理由"
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_unanswered_reason_per_reminder", fields=["reminder"], condition=Q(answer=""),
                violation_error_message="这份书面提醒已有一条待认定的理由。",
            ),
            models.UniqueConstraint(
                name="one_accepted_reason_per_reminder", fields=["reminder"], condition=Q(answer="accepted"),
                violation_error_message="这份书面提醒的理由已经认定。",
            ),
            models.CheckConstraint(
                name="reason_for_not_doing_has_its_words", condition=~Q(text=""), violation_error_message="请写明未能办理的理由。"
            ),
            models.CheckConstraint(
                name="answered_reason_says_who_and_when",
                condition=Q(answer="", answered_at=None, answered_by=None, answered_by_staff=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False, answered_by_staff__isnull=False)),
                violation_error_message="认定理由必须记明结果、时间和认定人。",
            ),
            models.CheckConstraint(
                name="refused_reason_says_why", condition=~Q(answer="refused") | ~Q(answer_note=""),
                violation_error_message="不予认定必须写明原因。",
            ),
            models.CheckConstraint(
                name="nobody_answers_a_reason_of_their_own",
                condition=Q(answered_by_staff=None) | ~Q(answered_by_staff=F("given_by_staff")),
                violation_error_message="提出理由的人不能认定同一条理由。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.reminder} 正当理由"
