import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from households.models import IdentityTag

from ..list_check_querysets import CheckPurposeQuerySet, ListCheckQuerySet


class CheckPurpose(models.Model):
    """核身用途: for what a department may hold its own lists against the register, instead of asking people for certificates (ZX-30).

    `tags` are what the program needs, read from its rule and papers when it was proposed, and never more. The bureau approves it once,
    until a day; each run names it.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "可以使用"
        REFUSED = "refused", "未批准"
        ENDED = "ended", "已停用"

    TONES = {Status.PROPOSED: "amber", Status.APPROVED: "green", Status.REFUSED: "red", Status.ENDED: "grey"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="单位")
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="+", verbose_name="救助项目")
    purpose = models.CharField("用途", max_length=200)
    tags = ArrayField(models.CharField(max_length=24, choices=IdentityTag.Kind.choices), verbose_name="可核对的身份")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    proposed_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="答复人"
    )
    answered_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answer = models.CharField("答复意见", max_length=200, blank=True)
    until = models.DateField("有效至", null=True, blank=True)
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="停用人"
    )
    end_reason = models.CharField("停用原因", max_length=200, blank=True)

    objects = CheckPurposeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核身用途"
        ordering = ["-proposed_at", "id"]
        indexes = [models.Index(name="check_purpose_of_unit", fields=["unit", "-proposed_at", "-id"])]
        constraints = [
            models.UniqueConstraint(
                name="one_standing_check_purpose_per_program_and_words", fields=["unit", "program", "purpose"],
                condition=Q(status__in=["proposed", "approved"]),
                violation_error_message="本单位已经提出过同一用途，请直接使用或等待批准。",
            ),
            models.CheckConstraint(
                name="check_purpose_says_for_what_and_which_identities", condition=~Q(purpose="") & Q(tags__len__gte=1),
                violation_error_message="请写明用途；没有要核对的身份的项目不能核身。",
            ),
            models.CheckConstraint(
                name="answered_check_purpose_says_who_and_when",
                condition=Q(status="proposed", answered_at=None, answered_by=None, answered_by_staff=None)
                | (~Q(status="proposed") & Q(answered_at__isnull=False, answered_by__isnull=False, answered_by_staff__isnull=False)),
                violation_error_message="批准或不批准须记明时间和答复人。",
            ),
            models.CheckConstraint(
                name="approved_check_purpose_has_its_last_day",
                condition=Q(status__in=["approved", "ended"], until__isnull=False)
                | (Q(status="proposed", until=None) | (Q(status="refused", until=None) & ~Q(answer=""))),
                violation_error_message="批准的须写明有效期，不批准的须写明理由。",
            ),
            models.CheckConstraint(
                name="check_purpose_is_not_answered_by_its_proposer",
                condition=Q(answered_by_staff=None) | ~Q(answered_by_staff=F("proposed_by_staff")),
                violation_error_message="提出人不能批准自己提出的用途。",
            ),
            models.CheckConstraint(
                name="ended_check_purpose_says_who_when_and_why",
                condition=(Q(status="ended", ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""))
                | (~Q(status="ended") & Q(ended_at=None, ended_by=None, end_reason="")),
                violation_error_message="停用须写明原因，并记明时间和停用人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.purpose

    def get_absolute_url(self) -> str:
        return reverse("monitoring:list_check_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return self.TONES[self.Status(self.status)]


class ListCheck(models.Model):
    """名单核身: one run. The numbers and the answers left the house in the file alone; here stand how many, and as of when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(CheckPurpose, on_delete=models.PROTECT, related_name="runs", db_index=False, verbose_name="用途")
    rows = models.PositiveIntegerField("核对人数")
    known = models.PositiveIntegerField("数据库中有的人数")
    wrong = models.PositiveIntegerField("号码或姓名有误", default=0)
    found = models.JSONField("各身份人数", default=dict, blank=True)
    as_of = models.JSONField("各身份数据截至", default=dict, blank=True)
    ran_at = models.DateTimeField("核身时间")
    ran_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="核身人")

    objects = ListCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单核身"
        ordering = ["-ran_at", "id"]
        indexes = [models.Index(name="list_check_of_purpose", fields=["purpose", "-ran_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="list_check_counts_what_it_asked", condition=Q(rows__gte=1, known__lte=F("rows"), wrong__lte=F("rows")),
                violation_error_message="名单是空的，没有可以核对的人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.purpose}（{self.rows}人）"
