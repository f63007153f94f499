import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from .querysets import InvestigatorQuerySet, VerificationQuerySet, VisitRequestQuerySet


class Verification(models.Model):
    """The family's means looked at once for everybody (ZX-20, ZX-37..41): opened at acceptance, shared by all items of the household.

    While it is valid no unit asks again (互认). Who asked for it is kept by label and id: applications stand above.
    """

    class Status(models.TextChoices):
        """DESIGN 5. That it has run out is read from `valid_until`, never stored."""

        PENDING = "pending", "待启动"
        CHECKING = "checking", "核对中"
        FIELD = "field", "入户调查中"
        REVIEW_MEETING = "review_meeting", "待评议"
        DONE = "done", "已完成"
        RECHECK = "recheck", "再核查"
        CANCELLED = "cancelled", "已撤销"

    class Method(models.TextChoices):
        """ZX-39; 群众评议 from ZX-37."""

        MATCHING = "matching", "信息核对"
        HOME_VISIT = "home_visit", "入户调查"
        NEIGHBOURS = "neighbours", "邻里走访"
        LETTERS = "letters", "信函索证"
        MEETING = "meeting", "群众评议"

    class Finding(models.TextChoices):
        CONSISTENT = "consistent", "与申报一致"
        INCONSISTENT = "inconsistent", "与申报不一致"

    # No verb leads on from here.
    OVER = frozenset({Status.DONE, Status.CANCELLED})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("编号", max_length=40, unique=True)
    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="verifications", verbose_name="家庭")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="承办单位")
    status = models.CharField("状态", max_length=16, choices=Status.choices, default=Status.PENDING)
    opened_at = models.DateTimeField("建立时间")
    opened_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="建立人")
    opened_for_label = models.CharField("因何事项", max_length=60)
    opened_for_id = models.CharField("因何事项编号", max_length=40)
    started_at = models.DateTimeField("启动时间", null=True, blank=True)
    started_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="启动人"
    )
    methods = ArrayField(models.CharField(max_length=12, choices=Method.choices), verbose_name="核查方式", default=list, blank=True)
    visited_on = models.DateField("入户日期", null=True, blank=True)
    person_met = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="见到的人"
    )
    met_note = models.CharField("未见本人的说明", max_length=200, blank=True)
    family_situation = models.TextField("家庭基本情况", blank=True)
    economic_situation = models.TextField("家庭经济状况", blank=True)
    finding = models.CharField("核查结果", max_length=12, choices=Finding.choices, blank=True)
    conclusion = models.TextField("核查结论", blank=True)
    advice = models.TextField("对策建议", blank=True)
    # What was filled in about the means so far; when the verification is finished it becomes facts and leaves this column.
    figures = models.JSONField("经济数据（填写中）", default=dict, blank=True)
    noted_at = models.DateTimeField("保存时间", null=True, blank=True)
    noted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="保存人"
    )
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    finished_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="完成人"
    )
    valid_until = models.DateField("有效期至", null=True, blank=True)
    ended_at = models.DateTimeField("撤销时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="撤销人"
    )
    end_reason = models.CharField("撤销原因", max_length=200, blank=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核查"
        ordering = ["-opened_at", "id"]
        indexes = [
            models.Index(name="verification_of_unit", fields=["unit", "status", "opened_at", "id"]),
            models.Index(name="verification_of_county", fields=["status", "opened_at", "id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_unfinished_verification_per_household",
                fields=["household"],
                condition=~Q(status__in=["cancelled", "done"]),
                violation_error_message="该家庭已有一项正在进行的核查，直接使用它，不必另开。",
            ),
            models.CheckConstraint(
                name="started_verification_has_its_starter",
                condition=Q(started_at=None, started_by=None) | Q(started_at__isnull=False, started_by__isnull=False),
            ),
            models.CheckConstraint(
                name="saved_verification_has_its_saver",
                condition=Q(noted_at=None, noted_by=None) | Q(noted_at__isnull=False, noted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="figures_of_a_finished_verification_are_facts",
                condition=~Q(status="done") | Q(figures={}),
                violation_error_message="完成的核查，其经济数据记为已知事项，不在核查上另存。",
            ),
            models.CheckConstraint(
                name="finished_verification_is_whole",
                condition=Q(finished_at=None, finished_by=None, valid_until=None)
                | (
                    Q(finished_at__isnull=False, finished_by__isnull=False, valid_until__isnull=False, methods__len__gt=0)
                    & ~Q(finding="")
                    & ~Q(conclusion="")
                    & ~Q(family_situation="")
                    & ~Q(economic_situation="")
                ),
                violation_error_message="完成核查须写明方式、家庭基本情况、经济状况、核查结果、结论和有效期。",
            ),
            models.CheckConstraint(
                name="only_a_finished_verification_is_done",
                condition=(Q(status="done", finished_at__isnull=False)) | (~Q(status="done") & Q(finished_at=None)),
                violation_error_message="核查状态与完成时间不符。",
            ),
            models.CheckConstraint(
                name="cancelled_verification_says_who_when_and_why",
                condition=(Q(status="cancelled", ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""))
                | (~Q(status="cancelled") & Q(ended_at=None, ended_by=None, end_reason="")),
                violation_error_message="撤销的核查须记明时间、撤销人和原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"核查 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("verification:verification_detail", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def tone(self) -> str:
        return "grey" if self.status == self.Status.CANCELLED else "blue"

    @property
    def methods_text(self) -> str:
        return "、".join(str(self.Method(method).label) for method in self.methods)


class Investigator(models.Model):
    """One of those who went (C-10: at least two). Nobody visits his own kin (SECURITY, Kin)."""

    verification = models.ForeignKey(Verification, on_delete=models.PROTECT, related_name="investigators", verbose_name="核查")
    staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", verbose_name="调查人员")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="单位")
    # Of the other township, which was asked to go: those who work on the verification do not change who went.
    request = models.ForeignKey(
        "verification.VisitRequest",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="investigators",
        verbose_name="协助入户",
    )

    objects = InvestigatorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调查人员"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="an_investigator_stands_once",
                fields=["verification", "staff"],
                violation_error_message="两名调查人员不能是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff}"


_VISIT_TONES = {"asked": "amber", "answered": "green", "declined": "red", "withdrawn": "grey"}


class VisitRequest(models.Model):
    """协助入户: the township that accepted asks the one where the family is to be found to go there (人户分离、异地申办: C-01, ZX-37).

    What it finds becomes part of the verification. Meanwhile it sees the household's card, and for some days more (DESIGN 2).
    """

    class Status(models.TextChoices):
        ASKED = "asked", "待答复"
        ANSWERED = "answered", "已入户答复"
        DECLINED = "declined", "不能协助"
        WITHDRAWN = "withdrawn", "已撤回"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verification = models.ForeignKey(Verification, on_delete=models.PROTECT, related_name="visit_requests", verbose_name="核查")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="被请单位")
    township_code = models.CharField("被请乡镇（街道）代码", max_length=9, editable=False)
    asking_code = models.CharField("提出乡镇（街道）代码", max_length=9, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.ASKED)
    matter = models.CharField("请核实的情况", max_length=300)
    asked_at = models.DateTimeField("提出时间")
    asked_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    visited_on = models.DateField("入户日期", null=True, blank=True)
    person_met = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="见到的人"
    )
    met_note = models.CharField("未见本人的说明", max_length=200, blank=True)
    family_situation = models.TextField("家庭基本情况", blank=True)
    economic_situation = models.TextField("家庭经济状况", blank=True)
    end_reason = models.CharField("不能协助的理由", max_length=200, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="答复人"
    )

    objects = VisitRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协助入户"
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(name="visit_request_of_asked", fields=["township_code", "status"]),
            models.Index(name="visit_request_of_asker", fields=["asking_code", "status"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_open_visit_request_per_township",
                fields=["verification", "township_code"],
                condition=Q(status="asked"),
                violation_error_message="已请这个乡镇（街道）协助入户，正在等待答复。",
            ),
            models.CheckConstraint(
                name="visit_request_says_what_to_look_at",
                condition=~Q(matter=""),
                violation_error_message="请写明需要对方核实的情况。",
            ),
            models.CheckConstraint(
                name="another_township_is_asked_to_visit",
                condition=~Q(township_code=models.F("asking_code")),
                violation_error_message="本乡镇（街道）自行入户，不用提出协助。",
            ),
            models.CheckConstraint(
                name="answer_to_a_visit_request_says_who_and_when",
                condition=Q(status="asked", answered_at=None, answered_by=None)
                | (~Q(status="asked") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                violation_error_message="已答复的协助入户必须记明时间和答复人。",
            ),
            models.CheckConstraint(
                name="answer_to_a_visit_request_is_whole",
                condition=~Q(status="answered")
                | (
                    Q(visited_on__isnull=False)
                    & ~Q(family_situation="")
                    & ~Q(economic_situation="")
                    & (Q(person_met__isnull=False) | ~Q(met_note=""))
                ),
                violation_error_message="答复须写明入户日期、见到的人、家庭基本情况和经济状况。",
            ),
            models.CheckConstraint(
                name="declined_visit_request_says_why",
                condition=~Q(status="declined") | ~Q(end_reason=""),
                violation_error_message="不能协助的，请写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"协助入户 {self.verification.number}"

    def get_absolute_url(self) -> str:
        return reverse("verification:visit_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.ASKED

    @property
    def tone(self) -> str:
        return _VISIT_TONES[self.status]
