import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..querysets import OfOrderQuerySet, SupervisionOrderQuerySet


class SupervisionOrder(models.Model):
    """督办单: the county platform or the supervision office tells one unit to see to one matter and to answer by a day (ZX-48, ZX-12).

    Orders are issued by people, never by the clock. The matter is a late duty, or words about the unit's work; what is said of it names the
    program, the case number and the step, and nobody (a sensitive program reads 敏感项目). Its clock is a duty of kind `supervise`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "待签发"
        ISSUED = "issued", "待回复"
        REPLIED = "replied", "待审核"
        ACCEPTED = "accepted", "已办结"
        WITHDRAWN = "withdrawn", "已撤销"

    TONES = {
        Status.DRAFT: "grey",
        Status.ISSUED: "amber",
        Status.REPLIED: "blue",
        Status.ACCEPTED: "green",
        Status.WITHDRAWN: "grey",
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("文号", max_length=40, blank=True)
    issuer = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="发出单位")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="承办单位")
    duty = models.ForeignKey(
        "deadlines.Duty", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所督办的事项"
    )
    matter = models.CharField("督办事项", max_length=500)
    demand = models.CharField("督办要求", max_length=500)
    reply_days = models.PositiveSmallIntegerField("回复时限（工作日）")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    drafted_at = models.DateTimeField("拟稿时间")
    drafted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="拟稿人")
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    issued_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="签发人"
    )
    accepted_at = models.DateTimeField("办结时间", null=True, blank=True)
    accepted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="审核人"
    )
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="撤销人"
    )
    withdraw_reason = models.CharField("撤销原因", max_length=200, blank=True)

    objects = SupervisionOrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办单"
        ordering = ["-drafted_at", "id"]
        indexes = [
            models.Index(name="order_newest", fields=["-drafted_at", "-id"]),
            models.Index(name="order_of_unit", fields=["unit", "-drafted_at", "-id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="orders_are_numbered_once", fields=["number"], condition=~Q(number=""), violation_error_message="这个文号已经用过。"
            ),
            models.UniqueConstraint(
                name="one_open_order_per_duty_and_issuer", fields=["duty", "issuer"],
                condition=Q(duty__isnull=False, status__in=["draft", "issued", "replied"]),
                violation_error_message="这件事项已有一份在办的督办单，请在原督办单上办理。",
            ),
            models.CheckConstraint(
                name="order_says_what_and_what_is_wanted", condition=~Q(matter="") & ~Q(demand=""),
                violation_error_message="督办单必须写明督办事项和督办要求。",
            ),
            models.CheckConstraint(
                name="order_gives_days_to_reply", condition=Q(reply_days__gte=1),
                violation_error_message="回复时限至少1个工作日。",
            ),
            models.CheckConstraint(
                name="order_goes_to_another_unit", condition=~Q(unit=F("issuer")),
                violation_error_message="督办单不能发给本单位。",
            ),
            models.CheckConstraint(
                name="issued_order_says_who_when_and_number",
                condition=Q(issued_at=None, issued_by=None, number="", status__in=["draft", "withdrawn"])
                | (Q(issued_at__isnull=False, issued_by__isnull=False) & ~Q(number="") & ~Q(status="draft")),
                violation_error_message="签发督办单必须记明文号、时间和签发人。",
            ),
            models.CheckConstraint(
                name="accepted_order_says_who_and_when",
                condition=Q(status="accepted", accepted_at__isnull=False, accepted_by__isnull=False)
                | (~Q(status="accepted") & Q(accepted_at=None, accepted_by=None)),
                violation_error_message="督办办结必须记明时间和审核人。",
            ),
            models.CheckConstraint(
                name="withdrawn_order_says_who_when_and_why",
                condition=(Q(status="withdrawn", withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdraw_reason=""))
                | (~Q(status="withdrawn") & Q(withdrawn_at=None, withdrawn_by=None, withdraw_reason="")),
                violation_error_message="撤销督办单必须写明原因，并记明时间和撤销人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"督办单 {self.number}".rstrip()

    def get_absolute_url(self) -> str:
        return reverse("monitoring:order_detail", args=[self.pk])


class OrderReply(models.Model):
    """What the unit answers to an order: drafted by a handler, sent by the unit's head, then accepted or sent back by the issuing side.

    Each round is a row, so that what was answered first stays to be read. Who answers is nobody who wrote or sent it.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "通过"
        SENT_BACK = "sent_back", "退回"

    order = models.ForeignKey(SupervisionOrder, on_delete=models.PROTECT, related_name="replies", verbose_name="督办单")
    text = models.CharField("回复内容", max_length=2000)
    drafted_at = models.DateTimeField("拟稿时间")
    drafted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="拟稿人")
    drafted_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField("报送时间", null=True, blank=True)
    sent_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="报送人"
    )
    sent_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    verdict = models.CharField("审核结果", max_length=10, choices=Verdict.choices, blank=True)
    answered_at = models.DateTimeField("审核时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="审核人"
    )
    answered_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reason = models.CharField("退回原因", max_length=500, blank=True)

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办回复"
        ordering = ["drafted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_unanswered_reply_per_order", fields=["order"], condition=Q(verdict=""),
                violation_error_message="这份督办单已有一份未审核的回复。",
            ),
            models.UniqueConstraint(
                name="one_accepted_reply_per_order", fields=["order"], condition=Q(verdict="accepted"),
                violation_error_message="这份督办单的回复已经通过。",
            ),
            models.CheckConstraint(
                name="reply_to_an_order_has_its_words", condition=~Q(text=""), violation_error_message="请写明办理情况。"
            ),
            models.CheckConstraint(
                name="sent_reply_says_who_and_when",
                condition=Q(sent_at=None, sent_by=None, sent_by_staff=None)
                | Q(sent_at__isnull=False, sent_by__isnull=False, sent_by_staff__isnull=False),
                violation_error_message="报送回复必须记明时间和报送人。",
            ),
            models.CheckConstraint(
                name="answered_reply_was_sent_and_says_who",
                condition=Q(verdict="", answered_at=None, answered_by=None, answered_by_staff=None)
                | (~Q(verdict="")
                   & Q(sent_at__isnull=False, answered_at__isnull=False, answered_by__isnull=False, answered_by_staff__isnull=False)),
                violation_error_message="审核回复必须记明结果、时间和审核人；没有报送的回复不能审核。",
            ),
            models.CheckConstraint(
                name="reply_sent_back_says_why",
                condition=(Q(verdict="sent_back") & ~Q(reason="")) | (~Q(verdict="sent_back") & Q(reason="")),
                violation_error_message="退回回复必须写明原因。",
            ),
            models.CheckConstraint(
                name="nobody_answers_a_reply_of_their_own",
                condition=Q(answered_by_staff=None)
                | (~Q(answered_by_staff=F("sent_by_staff")) & ~Q(answered_by_staff=F("drafted_by_staff"))),
                violation_error_message="拟稿、报送回复的人不能审核同一份回复。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.order} 回复"

    @property
    def mark(self) -> str:
        """Another with each draft: by it a form says which one it has shown."""
        return self.drafted_at.isoformat()
