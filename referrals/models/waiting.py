import uuid

from django.db import models
from django.db.models import Q

from ..querysets import WaitingItemQuerySet


class WaitingItem(models.Model):
    """待开放: an accepted item that is not sent out before its program opens again (DESIGN 4, `ProgramVersion.open_months`, quota).

    It keeps its application open. On the opening day the system post sends it through the same verb; what was sent has its referral then.
    Beyond the quota it goes before that day once a place is given back, in the order in which they began to wait.
    """

    class Cause(models.TextChoices):
        MONTHS = "months", "不在受理月份"
        QUOTA = "quota", "本年度名额已满"

    class Outcome(models.TextChoices):
        SENT = "sent", "已派单"
        WITHDRAWN = "withdrawn", "已撤回"
        TERMINATED = "terminated", "已终止"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.OneToOneField("intake.ApplicationItem", on_delete=models.PROTECT, related_name="waiting", verbose_name="申请事项")
    title = models.CharField("事项", max_length=80)
    cause = models.CharField("原因", max_length=8, choices=Cause.choices)
    opens_on = models.DateField("开放日期")
    began_at = models.DateTimeField("等待自")
    began_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人")
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="结束人"
    )
    reason = models.CharField("结束原因", max_length=300, blank=True)

    objects = WaitingItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待开放事项"
        ordering = ["opens_on", "id"]
        indexes = [models.Index(name="waiting_until_opening", fields=["opens_on"], condition=Q(outcome=""))]
        constraints = [
            models.CheckConstraint(
                name="end_of_waiting_says_how_who_and_when",
                condition=Q(outcome="", ended_at=None, ended_by=None)
                | (~Q(outcome="") & Q(ended_at__isnull=False, ended_by__isnull=False)),
                violation_error_message="待开放事项的结束须记明结果、时间和人员。",
            ),
            models.CheckConstraint(
                name="waiting_that_was_given_up_says_why",
                condition=~Q(outcome__in=["withdrawn", "terminated"]) | ~Q(reason=""),
                violation_error_message="撤回或终止待开放事项须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（待开放）"

    @property
    def until(self) -> str:
        """When it is sent on, as it is told to clerks."""
        day = f"{self.opens_on:%Y-%m-%d}开放时自动派单"
        return f"有名额空出时按等候先后自动派单，没有空出的{day}" if self.cause == self.Cause.QUOTA else day

    @property
    def is_confidential(self) -> bool:
        """What the record says of it is told to those who work on it alone (DESIGN 2)."""
        return self.item.program.is_sensitive
