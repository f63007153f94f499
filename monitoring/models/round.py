import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from deadlines.rules import end_of, start_of

from ..round_querysets import DeliveryQuerySet, OfDeliveryQuerySet, RoundQuerySet


class Round(models.Model):
    """报送轮次: one month in which units owe their data: departments by the 5th (ZX-28), townships from the 15th to the 20th (XX-26).

    It opens by itself. Its days are written when it opens and stay, as what the units were told: `opens_on`, `due_on` until its 24:00, and
    `cut_off_on`, the day of which the lists speak. Before 1 to 5 October there is mostly no working day: it opens earlier then, with an
    earlier cut-off (RULES corrections 4).
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly", "部门月度更新"
        TOWNSHIP = "township", "乡镇月度报送"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=8, choices=Kind.choices)
    month = models.DateField("月份")
    opens_on = models.DateField("开放日")
    due_on = models.DateField("截止日")
    cut_off_on = models.DateField("数据截止日")
    paper_due_on = models.DateField("纸质资料截止日", null=True, blank=True)
    opened_at = models.DateTimeField("生成时间")
    opened_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="生成人")

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送轮次"
        ordering = ["-month", "kind"]
        constraints = [
            models.UniqueConstraint(
                name="one_round_per_kind_and_month", fields=["kind", "month"], violation_error_message="这个月的报送轮次已经开放。"
            ),
            models.CheckConstraint(
                name="round_names_a_month", condition=Q(month__day=1), violation_error_message="报送轮次的月份写当月1日。"
            ),
            models.CheckConstraint(
                name="round_is_due_after_it_opens",
                condition=Q(due_on__gte=F("opens_on"), cut_off_on__lte=F("due_on")),
                violation_error_message="截止日不能早于开放日，数据截止日不能晚于报送截止日。",
            ),
            models.CheckConstraint(
                name="paper_is_due_in_rounds_of_townships",
                condition=Q(kind="township", paper_due_on__isnull=False, paper_due_on__gte=F("due_on"))
                | Q(kind="monthly", paper_due_on=None),
                violation_error_message="只有乡镇报送有纸质资料截止日，且不早于电子报送截止日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}{self.get_kind_display()}"

    @property
    def label(self) -> str:
        return f"{self.month.year}年{self.month.month}月"

    @property
    def opens_from(self) -> datetime:
        return start_of(self.opens_on)

    @property
    def due_until(self) -> datetime:
        """The first moment that is late."""
        return end_of(self.due_on)


class Delivery(models.Model):
    """报送: what one unit owes in one round, and how it stands (RULES B2 DataSubmission).

    Late and missed are read from the round's days against `handed_in_at`, the first time it was handed in; `submitted_at` is the last.
    Sent back, it is handed in again within days of its own. `is_on_behalf`: the county platform handed it in for the unit (代录, ZX-22).
    """

    class Status(models.TextChoices):
        OPEN = "open", "待报送"
        SUBMITTED = "submitted", "已报送"
        RETURNED = "returned", "已退回"
        ACCEPTED = "accepted", "已确认"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="deliveries", db_index=False, verbose_name="报送轮次")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="报送单位")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField("生成时间")
    opened_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="生成人")
    handed_in_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    handed_in_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="首次报送人"
    )
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="报送人"
    )
    submitted_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    is_on_behalf = models.BooleanField("代报", default=False)
    remark = models.CharField("情况说明", max_length=300, blank=True)
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    returned_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="退回人"
    )
    return_reason = models.CharField("退回原因", max_length=300, blank=True)
    accepted_at = models.DateTimeField("确认时间", null=True, blank=True)
    accepted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    accepted_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    paper_on = models.DateField("纸质资料收到日", null=True, blank=True)
    paper_at = models.DateTimeField("纸质资料登记时间", null=True, blank=True)
    paper_by = models.ForeignKey(
        "organization.Post",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="纸质资料登记人",
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数据报送"
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(name="delivery_newest", fields=["-opened_at", "-id"]),
            models.Index(name="delivery_of_unit", fields=["unit", "-opened_at", "-id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_delivery_per_unit_and_round", fields=["round", "unit"], violation_error_message="这个单位本轮的报送已经生成。"
            ),
            models.CheckConstraint(
                name="handed_in_delivery_says_who_and_when",
                condition=Q(status="open", handed_in_at=None, handed_in_by=None)
                | (~Q(status="open") & Q(handed_in_at__isnull=False, handed_in_by__isnull=False)),
                violation_error_message="首次报送必须记明时间和报送人。",
            ),
            models.CheckConstraint(
                name="submitted_delivery_says_who_and_when",
                condition=Q(status="open", submitted_at=None, submitted_by=None, submitted_by_staff=None)
                | (
                    ~Q(status="open")
                    & Q(submitted_at__isnull=False, submitted_by__isnull=False, submitted_by_staff__isnull=False)
                    & Q(submitted_at__gte=F("handed_in_at"))
                ),
                violation_error_message="报送必须记明时间和报送人。",
            ),
            models.CheckConstraint(
                name="returned_delivery_says_who_when_and_why",
                condition=Q(returned_at=None, returned_by=None, return_reason="")
                | (Q(returned_at__isnull=False, returned_by__isnull=False) & ~Q(return_reason="")),
                violation_error_message="退回报送必须写明原因，并记明时间和退回人。",
            ),
            models.CheckConstraint(
                name="delivery_sent_back_was_returned",
                condition=~Q(status="returned") | Q(returned_at__isnull=False, returned_at__gte=F("submitted_at")),
                violation_error_message="退回的报送必须记明退回时间。",
            ),
            models.CheckConstraint(
                name="accepted_delivery_says_who_and_when",
                condition=Q(status="accepted", accepted_at__isnull=False, accepted_by__isnull=False, accepted_by_staff__isnull=False)
                | (~Q(status="accepted") & Q(accepted_at=None, accepted_by=None, accepted_by_staff=None)),
                violation_error_message="确认报送必须记明时间和确认人。",
            ),
            models.CheckConstraint(
                name="nobody_accepts_a_delivery_of_their_own",
                condition=Q(accepted_by_staff=None) | ~Q(accepted_by_staff=F("submitted_by_staff")),
                violation_error_message="报送人不能确认自己的报送，请由另一人确认。",
            ),
            models.CheckConstraint(
                name="paper_of_a_delivery_says_when_and_who",
                condition=Q(paper_on=None, paper_at=None, paper_by=None)
                | Q(paper_on__isnull=False, paper_at__isnull=False, paper_by__isnull=False),
                violation_error_message="登记纸质资料必须记明收到日、登记时间和登记人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.label}数据报送（{self.unit.short_name}）"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:delivery_detail", args=[self.pk])


class DeliveryItem(models.Model):
    """报送项: one list or the policy part of a delivery, 已更新 or 本月无变化 (ZX-28). `key` is the template's, empty for the policy part.

    `category`: of the early-warning push that the list also serves, so that the push can count it and need not be asked for again.
    `returned_batch`: the file that counted when the delivery was last sent back, none where none did; a snapshot, written then alone.
    """

    class Part(models.TextChoices):
        POLICY = "policy", "救助政策"
        AID = "aid", "救助信息"
        SHARED = "shared", "共享信息"

    class State(models.TextChoices):
        EMPTY = "empty", "未更新"
        UPDATED = "updated", "已更新"
        NO_CHANGE = "no_change", "本月无变化"

    TONES = {State.EMPTY: "grey", State.UPDATED: "green", State.NO_CHANGE: "blue"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="items", db_index=False, verbose_name="数据报送")
    part = models.CharField("部分", max_length=6, choices=Part.choices)
    key = models.CharField("模板", max_length=80, blank=True)
    title = models.CharField("名称", max_length=80)
    category = models.CharField("名单类别", max_length=40, blank=True)
    place = models.PositiveSmallIntegerField("序号")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.EMPTY)
    batch = models.ForeignKey(
        "spreadsheets.Batch", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导入批次"
    )
    returned_batch = models.ForeignKey(
        "spreadsheets.Batch", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="退回时的批次"
    )
    marked_at = models.DateTimeField("更新时间", null=True, blank=True)
    marked_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="更新人"
    )

    objects = OfDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送项"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                name="an_item_stands_once_in_a_delivery", fields=["delivery", "part", "key"], violation_error_message="本轮已有这一报送项。"
            ),
            models.CheckConstraint(
                name="policy_part_has_no_template",
                condition=Q(part="policy", key="") | (~Q(part="policy") & ~Q(key="")),
                violation_error_message="救助政策没有模板，其他报送项须写明模板。",
            ),
            models.CheckConstraint(
                name="marked_item_says_who_and_when",
                condition=Q(state="empty", marked_at=None, marked_by=None)
                | (~Q(state="empty") & Q(marked_at__isnull=False, marked_by__isnull=False)),
                violation_error_message="更新报送项必须记明时间和更新人。",
            ),
            models.CheckConstraint(
                name="updated_list_names_its_file",
                condition=Q(state="updated", part="policy", batch=None)
                | (Q(state="updated", batch__isnull=False) & ~Q(part="policy"))
                | (~Q(state="updated") & Q(batch=None)),
                violation_error_message="已更新的名单须有入库的文件，没有文件的请声明“本月无变化”。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tone(self) -> str:
        return self.TONES[self.State(self.state)]
