import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..querysets import UrgentAidQuerySet


class UrgentAid(models.Model):
    """先行救助: help first, papers afterwards (LY-26, C-36, correction 15); and what a unit gives on the spot (救助站、殡仪馆, DESIGN 4).

    One person says what happened and what is to be given, a leader agrees: in person from the own account, or by telephone, which he
    confirms on the next working day. Neither promise, authorisation nor number is asked for. What is missing afterwards is a list, never
    an undo.
    """

    class Event(models.TextChoices):
        """LY-05. A house fire is no natural disaster: 受灾人员救助 (YJ01) has its own road."""

        FIRE = "fire", "火灾"
        ACCIDENT = "accident", "交通事故或意外伤害"
        ILLNESS = "illness", "突发重大疾病"
        STRANDED = "stranded", "临时遇困、生活无着"
        DEATH = "death", "死亡善后"
        OTHER = "other", "其他特殊原因"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待负责人同意"
        GIVEN = "given", "已救助，待补手续"
        COMPLETED = "completed", "手续已补齐"
        DECLINED = "declined", "未同意"

    class Consent(models.TextChoices):
        IN_PERSON = "in_person", "当面"
        TELEPHONE = "telephone", "电话"

    class Confirmation(models.TextChoices):
        AGREED = "agreed", "确认同意"
        DENIED = "denied", "否认同意过"

    OPEN = frozenset({Status.PROPOSED, Status.GIVEN})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="救助项目")
    version = models.ForeignKey(
        "programs.ProgramVersion", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="项目版本"
    )
    track = models.ForeignKey("programs.Track", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="办理情形")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记单位")
    deciding_unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="同意单位"
    )
    township_code = models.CharField("乡镇（街道）代码", max_length=9, blank=True, editable=False)
    region = models.ForeignKey("organization.Region", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="发生地")

    person_name = models.CharField("姓名", max_length=30)
    resident = models.ForeignKey("households.Resident", on_delete=models.PROTECT, related_name="urgent_aids", verbose_name="受助人")
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="urgent_aids", verbose_name="受助家庭"
    )
    event = models.CharField("事由", max_length=10, choices=Event.choices)
    happened_on = models.DateField("发生日期")
    story = models.CharField("发生了什么", max_length=500)
    voucher = models.CharField("谁证明", max_length=60)
    repeat_reason = models.CharField("再次救助的理由", max_length=300, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    in_kind = models.CharField("实物或服务", max_length=100, blank=True)

    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposed_at = models.DateTimeField("登记时间")
    proposed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人")
    proposed_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    consent = models.CharField("同意方式", max_length=10, choices=Consent.choices, blank=True)
    leader = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="同意的负责人"
    )
    leader_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    given_at = models.DateTimeField("救助时间", null=True, blank=True)
    given_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="救助登记人"
    )
    record = models.OneToOneField(
        "households.AssistanceRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="救助记录"
    )
    declined_at = models.DateTimeField("未同意时间", null=True, blank=True)
    declined_by = models.ForeignKey(
        "organization.Post",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="未同意的负责人",
    )
    decline_reason = models.CharField("未同意的理由", max_length=300, blank=True)
    confirmation = models.CharField("电话同意的确认", max_length=8, choices=Confirmation.choices, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    confirm_note = models.CharField("确认说明", max_length=300, blank=True)

    # The papers, afterwards.
    identity_note = models.CharField("身份核实情况", max_length=100, blank=True)
    promised_on = models.DateField("承诺书签署日期", null=True, blank=True)
    authorised_on = models.DateField("授权书签署日期", null=True, blank=True)
    finding = models.CharField("事后核实情况", max_length=500, blank=True)
    completed_at = models.DateTimeField("补齐时间", null=True, blank=True)
    completed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="补齐登记人"
    )
    application = models.ForeignKey(
        "intake.Application", on_delete=models.PROTECT, null=True, blank=True, related_name="urgent_aids", verbose_name="后续申请"
    )

    objects = UrgentAidQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "先行救助"
        ordering = ["-proposed_at", "id"]
        indexes = [
            models.Index(name="urgent_aid_of_township", fields=["township_code", "status", "-proposed_at", "-id"]),
            models.Index(name="urgent_aid_of_county", fields=["status", "-proposed_at", "-id"]),
            models.Index(name="urgent_aid_of_unit", fields=["unit", "status", "-proposed_at", "-id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_urgent_aid_per_person_and_event",
                fields=["program", "resident", "event", "happened_on"],
                condition=~Q(status="declined"),
                violation_error_message="这个人因同一件事已登记过先行救助，不能重复；还需要帮助的，登记临时救助申请。",
            ),
            models.CheckConstraint(
                name="urgent_aid_says_what_happened_and_who_vouches",
                condition=~Q(story="") & ~Q(voucher="") & ~Q(person_name=""),
                violation_error_message="请写明谁、发生了什么、谁能证明。",
            ),
            models.CheckConstraint(
                name="urgent_aid_says_how_much_or_what",
                condition=Q(amount__isnull=False, amount__gt=0) | (Q(amount=None) & ~Q(in_kind="")),
                violation_error_message="请填写大于0的金额，或写明给了什么。",
            ),
            models.CheckConstraint(
                name="leader_is_not_the_proposer",
                condition=Q(leader_staff=None) | ~Q(leader_staff=F("proposed_by_staff")),
                violation_error_message="登记人和同意的负责人不能是同一人。",
            ),
            models.CheckConstraint(
                name="urgent_aid_given_has_consent_and_record",
                condition=Q(status__in=["proposed", "declined"], consent="", leader=None, leader_staff=None, given_at=None)
                & Q(given_by=None, record=None)
                | Q(status__in=["given", "completed"], leader__isnull=False, leader_staff__isnull=False, given_at__isnull=False)
                & Q(given_by__isnull=False, record__isnull=False)
                & ~Q(consent=""),
                violation_error_message="已救助的须记明哪位负责人以什么方式同意，并有救助记录。",
            ),
            models.CheckConstraint(
                name="declined_urgent_aid_says_who_and_why",
                condition=Q(declined_at=None, declined_by=None, decline_reason="") & ~Q(status="declined")
                | (Q(status="declined", declined_at__isnull=False, declined_by__isnull=False) & ~Q(decline_reason="")),
                violation_error_message="未同意的须写明理由。",
            ),
            models.CheckConstraint(
                name="confirmation_of_a_consent_says_who_and_when",
                condition=Q(confirmation="", confirmed_at=None, confirmed_by=None)
                | (~Q(confirmation="") & Q(confirmed_at__isnull=False, confirmed_by__isnull=False)),
                violation_error_message="确认电话同意须记明结果、时间和确认人。",
            ),
            models.CheckConstraint(
                name="completed_urgent_aid_says_who_and_when",
                condition=Q(completed_at=None, completed_by=None) & ~Q(status="completed")
                | Q(status="completed", completed_at__isnull=False, completed_by__isnull=False),
                violation_error_message="手续补齐须记明时间和登记人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"先行救助 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("referrals:urgent_detail", args=[self.pk])
