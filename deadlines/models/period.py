from datetime import datetime

from django.db import models
from django.db.models import Q

from ..querysets import PeriodRunQuerySet


class PeriodRun(models.Model):
    """A work of `deadlines.periods` in one of its periods: the row by which it is done once (ADR 0026).

    It is done when `finished_at` stands. `tries` and `next_try_at` are written before each try, so that a runner that was killed in the
    middle leaves a row that the next one takes up. `text` and `error` are lines for people, without a name or number of a person.
    """

    key = models.CharField("工作", max_length=60)
    period = models.CharField("所属期间", max_length=20)
    starts_at = models.DateTimeField("期间开始")
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    tried_at = models.DateTimeField("最近办理时间", null=True, blank=True)
    next_try_at = models.DateTimeField("下次办理时间")
    finished_at = models.DateTimeField("办成时间", null=True, blank=True)
    text = models.CharField("结果", max_length=200, blank=True)
    error = models.CharField("未办成原因", max_length=500, blank=True)
    asked_at = models.DateTimeField("要求立即办理时间", null=True, blank=True)
    asked_by = models.ForeignKey(
        "organization.Post",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="要求立即办理人",
    )

    objects = PeriodRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "定期工作"
        ordering = ["key", "-starts_at"]
        indexes = [models.Index(name="period_run_latest_of_work", fields=["key", "-starts_at"])]
        constraints = [
            models.UniqueConstraint(
                name="one_run_per_work_and_period", fields=["key", "period"], violation_error_message="该工作在这一期间已有记录。"
            ),
            models.CheckConstraint(
                name="finished_run_has_no_error_and_was_tried",
                condition=Q(finished_at=None) | Q(error="", tries__gt=0, tried_at__isnull=False),
                violation_error_message="已办成的定期工作不能带有未办成原因。",
            ),
            models.CheckConstraint(
                name="asking_for_a_run_has_its_asker",
                condition=Q(asked_at=None, asked_by=None) | Q(asked_at__isnull=False, asked_by__isnull=False),
                violation_error_message="要求立即办理须记明由谁、何时提出。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.period}"

    def waits(self, now: datetime) -> bool:
        """Not done, and not to be tried yet."""
        return self.finished_at is None and self.next_try_at > now
