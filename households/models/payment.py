import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from config.dates import month_words
from config.protection.fields import BANK_ACCOUNT, Protected, sealed_whole

from ..payments.querysets import OfPaymentLineQuerySet, PaymentLineQuerySet, PaymentListQuerySet


def code_of(program_code: str, month: date, serial: int) -> str:
    """名册编号: stands in each line of the roll, so that the bank's answer says of which list it is."""
    return f"{program_code}-{month:%Y%m}-{serial}"


class PaymentList(models.Model):
    """发放名册: whom a department pays how much of one program in one month, made from the records of that month (XX-13).

    A draft is made anew as often as one likes. Once a second person has closed it, it never changes: what turns out otherwise is made good
    in the next one. `serial` 1 is the month's own list, later ones take up what the bank could not pay. The totals are a copy of the day
    when the list was made, as its lines are.
    """

    class Kind(models.TextChoices):
        REGULAR = "regular", "月度发放"
        EXTRA = "extra", "补发"

    class Status(models.TextChoices):
        DRAFT = "draft", "待月结"
        CLOSED = "closed", "已月结"
        SENT = "sent", "已送发放"
        SETTLED = "settled", "发放完结"

    TONES = {Status.DRAFT: "amber", Status.CLOSED: "blue", Status.SENT: "blue", Status.SETTLED: "green"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="+", verbose_name="救助项目")
    month = models.DateField("发放月份")
    kind = models.CharField("名册种类", max_length=7, choices=Kind.choices, default=Kind.REGULAR)
    serial = models.PositiveSmallIntegerField("本月序号", default=1)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="发放单位")
    status = models.CharField("状态", max_length=7, choices=Status.choices, default=Status.DRAFT)
    people = models.PositiveIntegerField("发放人（户）次", default=0)
    total = models.DecimalField("应发合计（元）", max_digits=14, decimal_places=2, default=0)
    counts = models.JSONField("变动数", default=dict, blank=True)
    made_at = models.DateTimeField("编制时间")
    made_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="编制人")
    made_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    closed_at = models.DateTimeField("月结时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="复核人"
    )
    closed_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    sent_at = models.DateTimeField("送发放时间", null=True, blank=True)
    sent_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="送发放人"
    )
    settled_at = models.DateTimeField("完结时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="完结人"
    )

    objects = PaymentListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放名册"
        ordering = ["-month", "program", "serial"]
        constraints = [
            models.CheckConstraint(
                name="payment_list_is_of_a_month",
                condition=Q(month__day=1),
                violation_error_message="发放名册按月编制。",
            ),
            models.UniqueConstraint(
                name="payment_lists_of_a_month_are_numbered",
                fields=["program", "month", "serial"],
                violation_error_message="这个项目本月的名册刚刚由他人编制，请到“待遇发放”里打开。",
            ),
            models.CheckConstraint(
                name="first_payment_list_of_a_month_is_the_regular_one",
                condition=Q(kind="regular", serial=1) | Q(kind="extra", serial__gt=1),
                violation_error_message="每月先有月度名册，补发名册在后。",
            ),
            models.CheckConstraint(
                name="closed_payment_list_was_closed_by_a_second",
                condition=Q(status="draft", closed_at=None, closed_by=None, closed_by_staff=None)
                | (
                    ~Q(status="draft")
                    & Q(closed_at__isnull=False, closed_by__isnull=False, closed_by_staff__isnull=False)
                    & ~Q(closed_by_staff=F("made_by_staff"))
                ),
                violation_error_message="月结须由编制人以外的另一人复核。",
            ),
            models.CheckConstraint(
                name="sent_payment_list_has_its_sender",
                condition=Q(sent_at=None, sent_by=None) & ~Q(status__in=["sent", "settled"])
                | Q(sent_at__isnull=False, sent_by__isnull=False, status__in=["sent", "settled"]),
                violation_error_message="送发放须记明时间和人员。",
            ),
            models.CheckConstraint(
                name="settled_payment_list_has_its_settler",
                condition=Q(settled_at=None, settled_by=None) & ~Q(status="settled")
                | Q(settled_at__isnull=False, settled_by__isnull=False, status="settled"),
                violation_error_message="完结须记明时间和人员。",
            ),
        ]

    def __str__(self) -> str:
        return f"{month_words(self.month)}{'补发' if self.kind == self.Kind.EXTRA else '发放'}名册"

    def get_absolute_url(self) -> str:
        return reverse("payments:payment_list_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return self.TONES[self.Status(self.status)]

    @property
    def code(self) -> str:
        return code_of(self.program_id, self.month, self.serial)

    @property
    def is_confidential(self) -> bool:
        return self.program.is_sensitive


class PaymentLine(models.Model):
    """发放名册一行: what one grant of aid brings in one month, to whom and to which account, and what the bank made of it.

    `payable` = the month's `amount` + `arrears` of earlier months + `resent` (what the bank could not pay before) - `deduction` of what was
    paid too much; `owed` of that is left for later lists. The account is copied when the list is closed.
    """

    class Change(models.TextChoices):
        NEW = "new", "新增"
        MORE = "more", "增发"
        LESS = "less", "减发"
        SAME = "same", "不变"
        HELD = "held", "暂缓"
        BACK = "back", "恢复"
        STOPPED = "stopped", "停发"

    class State(models.TextChoices):
        NONE = "none", "本月不发"
        DUE = "due", "待发放"
        PAID = "paid", "已发放"
        FAILED = "failed", "发放失败"

    TONES = {
        Change.NEW: "green", Change.MORE: "blue", Change.LESS: "amber", Change.SAME: "grey", Change.HELD: "amber", Change.BACK: "green",
        Change.STOPPED: "red", State.NONE: "grey", State.DUE: "blue", State.PAID: "green", State.FAILED: "red",
    }  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    list = models.ForeignKey(PaymentList, on_delete=models.PROTECT, related_name="lines", db_index=False, verbose_name="发放名册")
    number = models.PositiveIntegerField("行号")
    record = models.ForeignKey("households.AssistanceRecord", on_delete=models.PROTECT, related_name="payments", verbose_name="救助记录")
    former = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上月名册的一行")
    payee = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="领款人"
    )
    region_code = models.CharField("所在区划", max_length=12)
    persons = models.PositiveSmallIntegerField("保障人数", default=1)
    change = models.CharField("变动", max_length=7, choices=Change.choices)
    reason = models.CharField("变动原因", max_length=60, blank=True)
    amount = models.DecimalField("本月金额（元）", max_digits=12, decimal_places=2, default=0)
    former_amount = models.DecimalField("上月金额（元）", max_digits=12, decimal_places=2, default=0)
    arrears = models.DecimalField("补发（元）", max_digits=12, decimal_places=2, default=0)
    deduction = models.DecimalField("扣回（元）", max_digits=12, decimal_places=2, default=0)
    resent = models.DecimalField("重发（元）", max_digits=12, decimal_places=2, default=0)
    payable = models.DecimalField("应发（元）", max_digits=12, decimal_places=2, default=0)
    owed = models.DecimalField("尚待扣回（元）", max_digits=12, decimal_places=2, default=0)
    bank_name = models.CharField("开户银行", max_length=60, blank=True)
    account = Protected(BANK_ACCOUNT, "银行账号")
    state = models.CharField("发放结果", max_length=6, choices=State.choices, default=State.DUE)
    failure = models.CharField("失败原因", max_length=60, blank=True)
    paid_on = models.DateField("发放日期", null=True, blank=True)
    reported_at = models.DateTimeField("结果登记时间", null=True, blank=True)
    reported_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="结果登记人"
    )
    mended_at = models.DateTimeField("账户更正时间", null=True, blank=True)
    mended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="账户更正人"
    )
    resent_in = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="resends", verbose_name="在哪一行重发"
    )

    objects = PaymentLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        ordering = ["list", "number"]
        indexes = [
            models.Index(name="payment_line_by_state", fields=["list", "state", "region_code"], include=["payable"]),
            models.Index(name="payment_line_failed", fields=["region_code", "list"], condition=Q(state="failed", resent_in=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="lines_of_a_payment_list_are_numbered",
                fields=["list", "number"],
                violation_error_message="名册中行号重复。",
            ),
            models.UniqueConstraint(
                name="a_record_is_paid_once_in_a_list",
                fields=["list", "record"],
                violation_error_message="同一项救助在一份名册中只列一行。",
            ),
            models.CheckConstraint(
                name="payment_line_adds_up",
                condition=Q(payable=F("amount") + F("arrears") + F("resent") - F("deduction")),
                violation_error_message="应发等于本月金额加补发、重发，减去扣回。",
            ),
            models.CheckConstraint(
                name="sums_of_a_payment_line_are_not_negative",
                condition=Q(amount__gte=0, arrears__gte=0, deduction__gte=0, resent__gte=0, payable__gte=0, owed__gte=0),
                violation_error_message="金额不能小于0。",
            ),
            models.CheckConstraint(
                name="payment_line_without_a_sum_is_not_paid",
                condition=Q(payable=0, state="none") | (Q(payable__gt=0) & ~Q(state="none")),
                violation_error_message="应发为0的不发放。",
            ),
            models.CheckConstraint(
                name="paid_line_has_its_day_and_failed_line_its_reason",
                condition=(Q(state="paid", paid_on__isnull=False, failure=""))
                | (Q(state="failed", paid_on=None) & ~Q(failure=""))
                | Q(state__in=["none", "due"], paid_on=None, failure=""),
                violation_error_message="已发放的须有发放日期，发放失败的须写明原因。",
            ),
            models.CheckConstraint(
                name="result_of_a_payment_has_its_reporter",
                condition=Q(reported_at=None, reported_by=None, state__in=["none", "due"])
                | Q(reported_at__isnull=False, reported_by__isnull=False, state__in=["paid", "failed"]),
                violation_error_message="发放结果须记明时间和人员。",
            ),
            models.CheckConstraint(
                name="only_a_failed_payment_is_mended",
                condition=Q(mended_at=None, mended_by=None) | Q(mended_at__isnull=False, mended_by__isnull=False, state="failed"),
                violation_error_message="只有发放失败的才更正账户。",
            ),
            models.CheckConstraint(
                name="only_a_failed_payment_is_sent_again",
                condition=Q(resent_in=None) | Q(state="failed"),
                violation_error_message="只有发放失败的才重发。",
            ),
            sealed_whole("account"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}行"

    def get_absolute_url(self) -> str:
        return reverse("payments:payment_line_detail", args=[self.pk])

    @property
    def is_confidential(self) -> bool:
        return self.list.is_confidential

    @property
    def tone(self) -> str:
        return self.TONES[self.Change(self.change)]

    @property
    def state_tone(self) -> str:
        return self.TONES[self.State(self.state)]


class PaymentCorrection(models.Model):
    """更正上月: a month that is closed and of which another sum is due than was listed; made good in this line."""

    line = models.ForeignKey(PaymentLine, on_delete=models.CASCADE, related_name="corrections", verbose_name="发放明细")
    month = models.DateField("所更正的月份")
    listed = models.DecimalField("原列金额（元）", max_digits=12, decimal_places=2)
    rightful = models.DecimalField("应列金额（元）", max_digits=12, decimal_places=2)

    objects = OfPaymentLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放更正"
        ordering = ["line", "month"]
        constraints = [
            models.UniqueConstraint(
                name="a_line_corrects_a_month_once",
                fields=["line", "month"],
                violation_error_message="同一个月在一行中只更正一次。",
            ),
            models.CheckConstraint(
                name="correction_of_a_payment_is_of_a_month",
                condition=Q(month__day=1),
                violation_error_message="更正按月计算。",
            ),
            models.CheckConstraint(
                name="correction_of_a_payment_changes_something",
                condition=Q(listed__gte=0, rightful__gte=0) & ~Q(listed=F("rightful")),
                violation_error_message="更正前后金额相同。",
            ),
        ]

    def __str__(self) -> str:
        return month_words(self.month)
