import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from deadlines.rules import date_of

from ..querysets import DayCloseQuerySet, DaySupplementQuerySet, MonthCloseQuerySet


class DayClose(models.Model):
    """日清: a window says at a working day's end that nothing of the day was left unregistered or unanswered (XX-20).

    `counts` and `lines` are a snapshot of the moment it was confirmed, dated by it and never changed: what came in, and each thing still
    open with the reason its state gave, or the words somebody gave for what nobody had touched. Masked text only. Late is read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="窗口")
    day = models.DateField("日期")
    counts = models.JSONField("当日数量", default=dict)
    lines = models.JSONField("未结事项和原因", default=list, blank=True)
    closed_at = models.DateTimeField("日清时间")
    closed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="日清人")

    objects = DayCloseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "日清"
        ordering = ["-day", "unit"]
        indexes = [models.Index(name="day_close_of_day", fields=["day", "unit"])]
        constraints = [
            models.UniqueConstraint(
                name="one_day_close_per_window_and_day",
                fields=["unit", "day"],
                violation_error_message="这个窗口当日已经日清，有补充的请写“补充说明”。",
            ),
            models.CheckConstraint(
                name="day_is_not_closed_before_it_begins",
                condition=Q(closed_at__date__gte=F("day")),
                violation_error_message="还没到这一天，不能日清。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} 日清"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:day_close_detail", args=[self.pk])

    @property
    def is_late(self) -> bool:
        """Confirmed on a later day than its own."""
        return date_of(self.closed_at) > self.day


class DaySupplement(models.Model):
    """A line added to a closed day; the day itself is never opened again."""

    day_close = models.ForeignKey(DayClose, on_delete=models.PROTECT, related_name="supplements", verbose_name="日清")
    text = models.CharField("补充说明", max_length=300)
    added_at = models.DateTimeField("补充时间")
    added_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="补充人")

    objects = DaySupplementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "日清补充说明"
        ordering = ["added_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="day_supplement_has_its_words", condition=~Q(text=""), violation_error_message="补充说明必须写明内容。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day_close} 补充"


class MonthClose(models.Model):
    """月结: a township confirms the month's figures and so sends them to the county platform, on time or late (XX-20).

    The row opens with its duty on the next month's first working day; confirmed, it holds the figures as they were then. Late is read from
    the duty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="乡镇窗口")
    month = models.DateField("月份")
    opened_at = models.DateTimeField("开始时间")
    opened_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="开始人")
    counts = models.JSONField("当月数量", default=dict, blank=True)
    note = models.CharField("情况说明", max_length=500, blank=True)
    closed_at = models.DateTimeField("月结时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="月结人"
    )

    objects = MonthCloseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月结"
        ordering = ["-month", "unit"]
        indexes = [models.Index(name="month_close_of_month", fields=["month", "unit"])]
        constraints = [
            models.UniqueConstraint(
                name="one_month_close_per_township_and_month",
                fields=["unit", "month"],
                violation_error_message="这个乡镇（街道）当月的月结已经开始。",
            ),
            models.CheckConstraint(
                name="month_close_names_a_month", condition=Q(month__day=1), violation_error_message="月结的月份写当月1日。"
            ),
            models.CheckConstraint(
                name="confirmed_month_close_has_its_hand_and_figures",
                condition=Q(closed_at=None, closed_by=None, counts={})
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(counts={})),
                violation_error_message="月结必须同时记明时间、月结人和数量。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y年%m月}月结"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:month_close", args=[self.pk])

    @property
    def label(self) -> str:
        return f"{self.month.year}年{self.month.month}月"
