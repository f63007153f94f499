import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..querysets import BulletinQuerySet, OfBulletinQuerySet


class Bulletin(models.Model):
    """通报: how the county's units stood at the end of a week or month, made by periodic work for supervision (ZX-48, RULES correction 11).

    A snapshot: named by its period, dated, never changed afterwards (by trigger). Numbers alone.
    """

    class Every(models.TextChoices):
        WEEK = "week", "周报"
        MONTH = "month", "月报"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    every = models.CharField("种类", max_length=5, choices=Every.choices)
    first_on = models.DateField("起始日")
    last_on = models.DateField("截止日")
    as_of_at = models.DateTimeField("截至")

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督查通报"
        ordering = ["-last_on", "every"]
        constraints = [
            models.UniqueConstraint(
                name="one_bulletin_per_period", fields=["every", "first_on"], violation_error_message="这一期通报已经生成。"
            ),
            models.CheckConstraint(
                name="bulletin_ends_after_it_begins", condition=Q(last_on__gte=F("first_on")),
                violation_error_message="通报的截止日不能早于起始日。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        if self.every == self.Every.MONTH:
            return f"{self.first_on.year}年{self.first_on.month}月通报"
        return f"{self.first_on:%Y-%m-%d}至{self.last_on:%Y-%m-%d}周通报"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:bulletin_detail", args=[self.pk])


class BulletinLine(models.Model):
    """One unit's line: what is open and late at the end of the period, and what it closed in it."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="lines", verbose_name="通报")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="单位")
    pending = models.PositiveIntegerField("在办", default=0)
    overdue = models.PositiveIntegerField("超期", default=0)
    longest_days = models.PositiveIntegerField("最长超期（日）", default=0)
    disputes = models.PositiveIntegerField("未决争议", default=0)
    finished = models.PositiveIntegerField("期内办结", default=0)
    in_time = models.PositiveIntegerField("期内按期办结", default=0)
    orders = models.PositiveIntegerField("在办督办单", default=0)
    reminders = models.PositiveIntegerField("未销书面提醒", default=0)
    counted = models.PositiveIntegerField("本年计入考核", default=0)
    deliveries = models.PositiveIntegerField("数据迟报缺报", default=0)

    objects = OfBulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报单位"
        ordering = ["-overdue", "-longest_days", "unit_id"]
        constraints = [
            models.UniqueConstraint(
                name="one_line_per_unit_and_bulletin", fields=["bulletin", "unit"], violation_error_message="通报中每个单位只有一行。"
            ),
            models.CheckConstraint(
                name="line_of_a_bulletin_adds_up", condition=Q(in_time__lte=F("finished"), overdue__lte=F("pending")),
                violation_error_message="按期办结不能多于办结，超期不能多于在办。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.bulletin} {self.unit}"
