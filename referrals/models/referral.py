import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.functional import cached_property

from ..querysets import ReferralQuerySet

if TYPE_CHECKING:
    from decimal import Decimal

    from households.models import Resident

    from .change import Change

LATEST = Greatest("dispatched_at", "decided_at", "fed_back_at", "confirmed_at")


class Referral(models.Model):
    """转办单: one item on its way through the stages of its track, from dispatch to the confirmed answer. Only it has a status (DESIGN 5).

    `unit` is whose turn it is, `stage` where it stands; dates are duties. Verifying, publicity running, conference, overdue are read, never
    stored. Four eyes: who accepted is a dated snapshot here, who proposed and who decided stands on the stage's row.
    """

    class Status(models.TextChoices):
        DISPATCHED = "dispatched", "已派单"
        RECEIVED = "received", "已签收"
        HANDLING = "handling", "办理中"
        RETURNED = "returned", "退回补正"
        DISPUTED = "disputed", "争议待处理"
        RULING = "ruling", "裁定中"
        DECIDED = "decided", "已决定"
        FED_BACK = "fed_back", "已反馈"
        CONFIRMED = "confirmed", "已确认"
        WITHDRAWN = "withdrawn", "已撤回"
        TERMINATED = "terminated", "已终止"

    class Purpose(models.TextChoices):
        GRANT = "grant", "给予"
        CHANGE = "change", "变更"
        STOP = "stop", "停止"

    class Outcome(models.TextChoices):
        APPROVED = "approved", "批准"
        REFUSED = "refused", "不予批准"

    class RefusalCode(models.TextChoices):
        """Why not, for statistics and the classified ledger (QJ-14); the words follow."""

        INCOME = "income", "收入超过标准"
        ASSETS = "assets", "财产不符合规定"
        IDENTITY = "identity", "不属于救助对象范围"
        CONDITION = "condition", "不符合项目条件"
        ALREADY = "already", "已享受同类救助"
        UNTRUE = "untrue", "申报情况与核查不符"
        UNCOOPERATIVE = "uncooperative", "不配合核查"
        UNFOUNDED = "unfounded", "变更事由不成立，维持原救助"
        OTHER = "other", "其他"

    class ToldHow(models.TextChoices):
        IN_PERSON = "in_person", "当面告知"
        PHONE = "phone", "电话告知"
        DELIVERED = "delivered", "送达文书"
        THROUGH_VILLAGE = "through_village", "村（社区）转告"

    WITH_A_UNIT = frozenset({Status.DISPATCHED, Status.RECEIVED, Status.HANDLING})  # at a stage, with a unit that works on it
    UNDECIDED = WITH_A_UNIT | {Status.RETURNED, Status.DISPUTED, Status.RULING}
    OPEN = UNDECIDED | {Status.DECIDED, Status.FED_BACK}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("转办单号", max_length=40, unique=True)
    purpose = models.CharField("用途", max_length=8, choices=Purpose.choices, default=Purpose.GRANT)
    item = models.OneToOneField(
        "intake.ApplicationItem", on_delete=models.PROTECT, null=True, blank=True, related_name="referral", verbose_name="申请事项"
    )
    application = models.ForeignKey(
        "intake.Application", on_delete=models.PROTECT, null=True, blank=True, related_name="referrals", verbose_name="申请"
    )
    record = models.ForeignKey(
        "households.AssistanceRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="referrals", verbose_name="救助记录"
    )
    # The beneficiary: exactly one. `case_household` is the family whose card goes along, also for a resident's item.
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="救助家庭"
    )
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="救助对象"
    )
    case_household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="referrals", verbose_name="所在家庭")
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="+", verbose_name="救助项目")
    version = models.ForeignKey(
        "programs.ProgramVersion", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="项目版本"
    )
    track = models.ForeignKey("programs.Track", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="办理情形")
    title = models.CharField("标题", max_length=80)
    township_code = models.CharField("乡镇（街道）代码", max_length=9, editable=False)
    window = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="转出窗口")

    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DISPATCHED)
    unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="referrals", db_index=False, verbose_name="当前单位"
    )
    stage = models.ForeignKey("programs.Stage", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="当前环节")
    arrived_at = models.DateTimeField("到达当前单位时间")
    arrived_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="送来人")
    accepted_at = models.DateTimeField("受理时间")
    accepted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="受理人")
    accepted_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    dispatched_at = models.DateTimeField("转出时间")
    dispatched_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="转出人"
    )
    handler = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="承办人"
    )
    responsible = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="负责人"
    )

    outcome = models.CharField("决定", max_length=10, choices=Outcome.choices, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    in_kind = models.CharField("实物或服务", max_length=100, blank=True)
    start_on = models.DateField("起始日期", null=True, blank=True)
    is_above_cap = models.BooleanField("超过封顶线", default=False)
    cap_reason = models.CharField("超过封顶线仍批准的理由", max_length=300, blank=True)
    refusal_code = models.CharField("不予批准情形", max_length=16, choices=RefusalCode.choices, blank=True)
    refusal_reason = models.CharField("不予批准理由", max_length=500, blank=True)
    remedies = models.CharField("救济途径", max_length=300, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="决定人"
    )
    decided_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    feedback = models.CharField("反馈内容", max_length=500, blank=True)
    fed_back_at = models.DateTimeField("反馈时间", null=True, blank=True)
    fed_back_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="反馈人"
    )
    feedback_returned_at = models.DateTimeField("退回反馈时间", null=True, blank=True)
    feedback_returned_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="退回反馈人"
    )
    feedback_return_reason = models.CharField("退回反馈的理由", max_length=200, blank=True)
    told_how = models.CharField("告知方式", max_length=16, choices=ToldHow.choices, blank=True)
    told_note = models.CharField("告知情况", max_length=200, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    ended_at = models.DateTimeField("中止时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="中止人"
    )
    end_reason = models.CharField("撤回或终止原因", max_length=300, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转办单"
        ordering = ["-dispatched_at", "-id"]
        indexes = [
            models.Index(name="referral_of_unit", fields=["unit", "status", "arrived_at", "id"]),
            models.Index(name="referral_of_township", fields=["township_code", "status", "arrived_at", "id"]),
            models.Index(name="referral_of_window", fields=["window", "status", "arrived_at", "id"]),
            models.Index(name="referral_of_county", fields=["status", "arrived_at", "id"]),
            models.Index(name="referral_newest_of_county", fields=["-dispatched_at", "-id"]),
            models.Index(name="referral_newest_of_township", fields=["township_code", "-dispatched_at", "-id"]),
            models.Index(LATEST, name="referral_by_latest_step"),  # what moved today, for figures that the night counted until then
            models.Index(name="refusal_by_person", fields=["decided_by_staff", "-decided_at"], condition=Q(outcome="refused")),
        ]
        constraints = [
            models.CheckConstraint(
                name="referral_is_for_a_household_or_a_resident",
                condition=Q(household=None, resident__isnull=False) | Q(household__isnull=False, resident=None),
                violation_error_message="转办单须指明救助的家庭或个人。",
            ),
            models.CheckConstraint(
                name="grant_has_an_item_and_the_rest_a_record",
                condition=Q(purpose="grant", item__isnull=False, application__isnull=False, record=None)
                | (~Q(purpose="grant") & Q(item=None, application=None, record__isnull=False)),
                violation_error_message="给予救助的转办单来自申请事项，变更和停止的来自救助记录。",
            ),
            *(
                models.UniqueConstraint(
                    name=f"one_open_referral_per_program_and_{holder}",
                    fields=["program", holder],
                    # Decided, the same may be asked for again before the window has told the family (`under_way` of the items): what
                    # a decision grants regularly is kept apart by the record itself.
                    condition=Q(
                        purpose="grant",
                        status__in=["dispatched", "received", "handling", "returned", "disputed", "ruling"],
                        **{f"{holder}__isnull": False},
                    ),
                    violation_error_message="这个对象的同一项目正在办理，不能重复转办。",
                )
                for holder in ("household", "resident")
            ),
            models.UniqueConstraint(
                name="one_open_change_per_record_and_purpose",
                fields=["record", "purpose"],
                condition=Q(
                    purpose__in=["change", "stop"],
                    status__in=["dispatched", "received", "handling", "returned", "disputed", "ruling", "decided", "fed_back"],
                ),
                violation_error_message="这项救助已有同类的变更正在办理，不能重复提出。",
            ),
            models.CheckConstraint(
                name="decision_says_who_and_what",
                condition=Q(outcome="", decided_at=None, decided_by=None, decided_by_staff=None)
                | (Q(decided_at__isnull=False, decided_by__isnull=False, decided_by_staff__isnull=False) & ~Q(outcome="")),
                violation_error_message="决定必须同时记明结果、时间和决定人。",
            ),
            models.CheckConstraint(
                name="only_decided_referrals_go_on_to_feedback",
                condition=(Q(status__in=["decided", "fed_back", "confirmed"]) & ~Q(outcome=""))
                | (~Q(status__in=["decided", "fed_back", "confirmed"]) & Q(outcome="")),
                violation_error_message="没有决定的转办单不能反馈。",
            ),
            models.CheckConstraint(
                name="approval_says_since_when",
                condition=~Q(outcome="approved") | Q(start_on__isnull=False),
                violation_error_message="批准须写明起始日期。",
            ),
            models.CheckConstraint(
                name="approved_amount_is_positive",
                condition=Q(amount=None) | Q(amount__gt=0),
                violation_error_message="金额必须大于0。",
            ),
            models.CheckConstraint(
                name="approval_above_the_cap_has_its_reason",
                condition=~Q(outcome="approved", is_above_cap=True) | ~Q(cap_reason=""),
                violation_error_message="金额超过封顶线，已标记会商；批准须写明理由。",
            ),
            models.CheckConstraint(
                name="refusal_has_code_reason_and_remedies",
                condition=~Q(outcome="refused") | (~Q(refusal_code="") & ~Q(refusal_reason="") & ~Q(remedies="")),
                violation_error_message="不予批准须选择情形、写明理由，并告知救济途径。",
            ),
            models.CheckConstraint(
                name="decider_did_not_accept_the_application",
                condition=Q(decided_by_staff=None) | ~Q(decided_by_staff=F("accepted_by_staff")),
                violation_error_message="受理人不能决定同一件申请，请由另一位审批人员决定。",
            ),
            models.CheckConstraint(
                name="feedback_says_who_when_and_what",
                condition=Q(fed_back_at=None, fed_back_by=None, feedback="")
                | (Q(fed_back_at__isnull=False, fed_back_by__isnull=False) & ~Q(feedback="")),
                violation_error_message="反馈必须同时记明内容、时间和反馈人。",
            ),
            models.CheckConstraint(
                name="returned_feedback_says_who_when_and_why",
                condition=Q(feedback_returned_at=None, feedback_returned_by=None, feedback_return_reason="")
                | (Q(feedback_returned_at__isnull=False, feedback_returned_by__isnull=False) & ~Q(feedback_return_reason="")),
                violation_error_message="退回反馈必须写明理由。",
            ),
            models.CheckConstraint(
                name="confirmation_says_who_when_and_how",
                condition=(Q(status="confirmed", confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(told_how=""))
                | (~Q(status="confirmed") & Q(confirmed_at=None, confirmed_by=None, told_how="")),
                violation_error_message="确认须记明何人何时以何种方式告知申请人。",
            ),
            models.CheckConstraint(
                name="ended_referral_says_who_when_and_why",
                condition=Q(ended_at=None, ended_by=None, end_reason="")
                | (Q(status__in=["withdrawn", "terminated"], ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason="")),
                violation_error_message="撤回或终止必须写明原因、时间和人员。",
            ),
            models.CheckConstraint(
                name="withdrawn_or_terminated_referral_has_ended",
                condition=~Q(status__in=["withdrawn", "terminated"]) | Q(ended_at__isnull=False),
                violation_error_message="撤回或终止必须写明原因、时间和人员。",
            ),
            models.CheckConstraint(
                name="referral_in_hand_has_its_handler",
                condition=~Q(status="handling") | Q(handler__isnull=False),
                violation_error_message="办理中的转办单须有承办人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"转办单 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("referrals:referral_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    # What a grant has from its item and application, a change or stop from its record: asked here, so that nobody asks `item`.
    @property
    def is_confidential(self) -> bool:
        """What the record says of it is told to those who work on it alone (DESIGN 2)."""
        return self.program.is_sensitive

    @property
    def is_grant(self) -> bool:
        return self.purpose == self.Purpose.GRANT

    @property
    def asked_change(self) -> "Change | None":
        """What a change or stop asks for; a grant is not asked."""
        return None if self.is_grant else self.change

    @property
    def amount_asked(self) -> "Decimal | None":
        if self.item is not None:
            return self.item.amount_asked
        change = self.asked_change
        return change.amount if change else None

    @property
    def cause(self) -> str:
        if self.item is not None:
            return self.item.cause
        change = self.asked_change
        return f"{change.get_reason_code_display()}：{change.reason}" if change else ""

    @property
    def is_for_one_alone(self) -> bool:
        return self.item is not None and self.item.is_for_one_alone

    @property
    def deed(self) -> str:
        """What it is about beside the program: nothing for a grant, 停止 or 调整 for the rest."""
        change = self.asked_change
        return change.get_kind_display() if change else ""

    @cached_property
    def applicant(self) -> "Resident | None":
        """Who applied; where nobody did, the person or the head of the household whose aid it is."""
        if self.application is not None:
            return self.application.applicant
        if self.resident is not None:
            return self.resident
        head = self.case_household.memberships.open().select_related("resident").order_by("relation", "pk").first()
        return head.resident if head else None
