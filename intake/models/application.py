import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.protection.fields import PHONE, Protected, sealed_whole

from ..querysets import ApplicationItemQuerySet, ApplicationQuerySet
from ..rules import SINGLE_PERSON_PROGRAMS


def _pair(moment: str, person: str) -> Q:
    """Both or neither."""
    return Q(**{moment: None, person: None}) | Q(**{f"{moment}__isnull": False, f"{person}__isnull": False})


class Application(models.Model):
    """One household asks once, at one window (TZ-15). What it asks for are its items; each travels as a referral with its own status."""

    class Status(models.TextChoices):
        """DESIGN 5, RULES B2."""

        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "已提交"
        SUPPLEMENT = "supplement", "待补正"
        ACCEPTED = "accepted", "已受理"
        IN_PROGRESS = "in_progress", "办理中"
        CLOSED = "closed", "已办结"
        NOT_ACCEPTED = "not_accepted", "不予受理"
        WITHDRAWN = "withdrawn", "已撤回"
        TERMINATED = "terminated", "已终止"

    class Channel(models.TextChoices):
        """TZ-21."""

        WINDOW = "window", "窗口"
        MOBILE = "mobile", "掌上"
        GRID = "grid", "网格员协助"
        VILLAGE = "village", "村（社区）代办"
        DISCOVERED = "discovered", "主动发现"

    class NotAcceptedCode(models.TextChoices):
        """RULES B2: only these two."""

        NOT_HERE = "not_here", "不属于本辖区"
        DUPLICATE = "duplicate", "重复申请"

    class SinglePersonReason(models.TextChoices):
        """XX-12, C-23."""

        MAJOR_ILLNESS = "major_illness", "重病"
        SEVERE_DISABILITY = "severe_disability", "重度残疾"

    OPEN = frozenset({Status.DRAFT, Status.SUBMITTED, Status.SUPPLEMENT, Status.ACCEPTED, Status.IN_PROGRESS})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("申请编号", max_length=40, unique=True)
    query_code = models.CharField("查询码", max_length=12, unique=True, editable=False)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="受理窗口")
    township_code = models.CharField("乡镇（街道）代码", max_length=9, editable=False)
    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="applications", verbose_name="家庭")
    applicant = models.ForeignKey("households.Resident", on_delete=models.PROTECT, related_name="applications", verbose_name="申请人")
    visit = models.ForeignKey(
        "intake.Visit", on_delete=models.PROTECT, null=True, blank=True, related_name="applications", verbose_name="求助登记"
    )
    request = models.OneToOneField(
        "intake.Request", on_delete=models.PROTECT, null=True, blank=True, related_name="application", verbose_name="来自求助推送"
    )
    channel = models.CharField("申请渠道", max_length=10, choices=Channel.choices, default=Channel.WINDOW)
    helper_name = models.CharField("代办人姓名", max_length=30, blank=True)
    helper_relation = models.CharField("代办人与申请人关系", max_length=30, blank=True)
    helper_phone = Protected(PHONE, "代办人电话")
    as_single_person = models.BooleanField("按单人户申请", default=False)
    single_person_reason = models.CharField("单人户理由", max_length=20, choices=SinglePersonReason.choices, blank=True)
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.DRAFT)
    first_responder = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="首问责任人"
    )
    promise_form = models.ForeignKey(
        "documents.FormVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="承诺书版本",
    )
    promised_on = models.DateField("承诺日期", null=True, blank=True)

    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="起草人")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="提交人"
    )
    accepted_at = models.DateTimeField("受理时间", null=True, blank=True)
    accepted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="受理人"
    )
    accepted_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    not_accepted_code = models.CharField("不予受理情形", max_length=10, choices=NotAcceptedCode.choices, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="结束人"
    )
    end_reason = models.CharField("结束原因", max_length=300, blank=True)
    end_advice = models.CharField("转送建议", max_length=300, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助申请"
        ordering = ["-drafted_at", "-id"]
        indexes = [
            models.Index(name="application_of_township", fields=["township_code", "status", "-drafted_at", "-id"]),
            models.Index(name="application_of_county", fields=["status", "-drafted_at", "-id"]),
            # The lists without a filter, walked in the order of the page (docs/benchmarks.md).
            models.Index(name="application_newest_of_township", fields=["township_code", "-drafted_at", "-id"]),
            models.Index(name="application_newest_of_county", fields=["-drafted_at", "-id"]),
        ]
        constraints = [
            sealed_whole("helper_phone"),
            models.CheckConstraint(
                name="single_person_application_has_its_reason",
                condition=Q(as_single_person=True) & ~Q(single_person_reason="") | Q(as_single_person=False, single_person_reason=""),
                violation_error_message="按单人户申请须选择理由（重病或重度残疾）。",
            ),
            models.CheckConstraint(
                name="helper_is_named_with_relation",
                condition=Q(helper_name="", helper_relation="") | (~Q(helper_name="") & ~Q(helper_relation="")),
                violation_error_message="代办的，请填写代办人姓名和与申请人的关系。",
            ),
            models.CheckConstraint(
                name="promise_has_form_and_day",
                condition=Q(promise_form=None, promised_on=None) | Q(promise_form__isnull=False, promised_on__isnull=False),
                violation_error_message="承诺须记明文书版本和日期。",
            ),
            models.CheckConstraint(name="submission_has_its_submitter", condition=_pair("submitted_at", "submitted_by")),
            models.CheckConstraint(
                name="acceptance_has_its_accepter",
                condition=Q(accepted_at=None, accepted_by=None, accepted_by_staff=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, accepted_by_staff__isnull=False),
            ),
            models.CheckConstraint(
                name="accepted_application_says_by_whom",
                condition=~Q(status__in=["accepted", "in_progress", "closed"]) | Q(accepted_at__isnull=False),
                violation_error_message="已受理的申请必须记明受理时间和受理人。",
            ),
            models.CheckConstraint(
                name="application_not_accepted_was_never_accepted",
                condition=Q(not_accepted_code="", status__in=["draft", "submitted", "supplement", "accepted", "in_progress", "closed",
                                                              "withdrawn", "terminated"])
                | (Q(status="not_accepted", accepted_at=None) & ~Q(not_accepted_code="")),
                violation_error_message="不予受理须选择情形，且只用于没有受理的申请。",
            ),
            models.CheckConstraint(
                name="ended_application_says_who_and_when",
                condition=Q(ended_at=None, ended_by=None, status__in=["draft", "submitted", "supplement", "accepted", "in_progress"])
                | Q(ended_at__isnull=False, ended_by__isnull=False, status__in=["closed", "not_accepted", "withdrawn", "terminated"]),
                violation_error_message="结束的申请必须记明时间和人员。",
            ),
            models.CheckConstraint(
                name="application_that_ended_early_says_why",
                condition=~Q(status__in=["not_accepted", "withdrawn", "terminated"]) | ~Q(end_reason=""),
                violation_error_message="不予受理、撤回、终止必须写明原因。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"申请 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("referrals:case_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def listed_programs(self) -> str:
        """The names of what is asked for; of a row that came with its list data."""
        return "、".join(item.program.seed_name for item in self.listed_items)  # type: ignore[attr-defined]


class ApplicationItem(models.Model):
    """One program asked for one beneficiary, by one track of one version. Has no status of its own: its referral has (DESIGN 5)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="items", verbose_name="申请")
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="+", verbose_name="救助项目")
    version = models.ForeignKey(
        "programs.ProgramVersion", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="项目版本"
    )
    track = models.ForeignKey("programs.Track", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="办理情形")
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="救助家庭"
    )
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="救助对象"
    )
    amount_asked = models.DecimalField("拟救助金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    cause = models.CharField("申请事由", max_length=200, blank=True)
    added_at = models.DateTimeField("添加时间")
    added_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="添加人")

    objects = ApplicationItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申请事项"
        ordering = ["application", "added_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="item_is_for_a_household_or_a_resident",
                condition=Q(household=None, resident__isnull=False) | Q(household__isnull=False, resident=None),
                violation_error_message="申请事项须指明救助的家庭或个人。",
            ),
            models.UniqueConstraint(
                name="a_program_is_asked_once_per_application_and_beneficiary",
                fields=["application", "program", "household", "resident"],
                nulls_distinct=False,
                violation_error_message="这个项目已在本申请中，对象相同，不必重复添加。",
            ),
            models.CheckConstraint(
                name="amount_asked_is_positive",
                condition=Q(amount_asked=None) | Q(amount_asked__gt=0),
                violation_error_message="金额必须大于0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}"

    @property
    def is_confidential(self) -> bool:
        """What the record says of it is told to those who work on it alone (DESIGN 2)."""
        return self.program.is_sensitive

    @property
    def is_for_one_alone(self) -> bool:
        """Aid for a household that the applicant asks for as a household of one (XX-12)."""
        return self.application.as_single_person and self.program_id in SINGLE_PERSON_PROGRAMS
