import uuid

from django.db import models
from django.db.models import F, Q

from ..querysets import RecordChangeQuerySet


class RecordChange(models.Model):
    """变动: what a decision did to aid that had been granted: adjusted, held, resumed, faded out, stopped, recovered (DESIGN 5, XX-13).

    One row for each decision, counted by whole months. A hold stands until a resumption or a stop sets its last day; nothing else is
    edited. Lifted before it began, it ends on its first day and covers no month (`households.holds`).
    A recovery may say of which months it is (`until`), and is then no part of what is owed for others.
    """

    class Kind(models.TextChoices):
        ADJUST = "adjust", "调整"
        HOLD = "hold", "暂缓"
        RESUME = "resume", "恢复"
        FADE = "fade", "渐退"
        STOP = "stop", "停止"
        RECOVER = "recover", "追回"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey("households.AssistanceRecord", on_delete=models.PROTECT, related_name="changes", verbose_name="救助记录")
    kind = models.CharField("变动", max_length=8, choices=Kind.choices)
    since = models.DateField("起始月份")
    until = models.DateField("截止日期", null=True, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    former_amount = models.DecimalField("原金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    reason = models.CharField("事由", max_length=40)
    successor = models.OneToOneField(
        "households.AssistanceRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="follows",
        verbose_name="调整后的救助记录",
    )
    decision_id = models.UUIDField("作出决定的转办单", unique=True, editable=False)
    made_at = models.DateTimeField("登记时间")
    made_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人")

    objects = RecordChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助变动"
        ordering = ["made_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="change_of_a_record_has_its_reason", condition=~Q(reason=""), violation_error_message="请写明变动的事由。"
            ),
            models.CheckConstraint(
                name="change_of_a_record_begins_with_a_month",
                condition=Q(since__day=1),
                violation_error_message="变动从某月1日起计算。",
            ),
            models.CheckConstraint(
                name="change_of_a_record_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gte=F("since")),
                violation_error_message="截止日期不能早于起始月份。",
            ),
            models.CheckConstraint(
                name="recovered_sum_is_positive",
                condition=~Q(kind="recover") | Q(amount__isnull=False, amount__gt=0),
                violation_error_message="追回须写明大于0的金额。",
            ),
            models.CheckConstraint(
                name="adjusted_record_has_its_successor",
                condition=Q(kind="adjust", successor__isnull=False)
                | Q(kind="fade")
                | (~Q(kind__in=["adjust", "fade"]) & Q(successor=None)),
                violation_error_message="调整后须有新的救助记录。",
            ),
            models.UniqueConstraint(
                name="one_standing_hold_per_record",
                fields=["record"],
                condition=Q(kind="hold", until=None),
                violation_error_message="这项救助已经暂缓。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.record} {self.get_kind_display()}"
