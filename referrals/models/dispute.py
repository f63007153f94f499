import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..querysets import DisputeQuerySet, RulingQuerySet


class Dispute(models.Model):
    """争议: a unit answers that the matter is not its own; the window sends it on or puts it to the platform (ZX-34, RULES B1 裁定).

    One claim of one unit about one stay. What the window made of it stands on the same row; what was ruled upon it are its rulings.
    """

    class Answer(models.TextChoices):
        RESENT = "resent", "窗口改送"
        RULED = "ruled", "县级平台裁定"
        DROPPED = "dropped", "撤回或终止"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey("referrals.Referral", on_delete=models.PROTECT, related_name="disputes", verbose_name="转办单")
    stage = models.ForeignKey("programs.Stage", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="环节")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出单位")
    proposed_unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="建议承办单位"
    )
    reason = models.CharField("非本单位职责的理由", max_length=500)
    raised_at = models.DateTimeField("提出时间")
    raised_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    pushed_at = models.DateTimeField("推送裁定时间", null=True, blank=True)
    pushed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="推送人"
    )
    push_note = models.CharField("窗口意见", max_length=500, blank=True)
    answer = models.CharField("处理结果", max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField("处理时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="处理人"
    )
    sent_to = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="送往单位"
    )
    answer_note = models.CharField("处理说明", max_length=500, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "争议"
        ordering = ["raised_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_dispute_per_referral", fields=["referral"], condition=Q(answer=""),
                violation_error_message="这个转办单已有一项待处理的争议。",
            ),
            models.CheckConstraint(
                name="dispute_says_why", condition=~Q(reason=""), violation_error_message="请写明不属于本单位职责的理由。"
            ),
            models.CheckConstraint(
                name="dispute_proposes_another_unit", condition=~Q(proposed_unit=F("unit")),
                violation_error_message="建议承办单位不能是本单位。",
            ),
            models.CheckConstraint(
                name="push_for_ruling_says_who_when_and_what",
                condition=Q(pushed_at=None, pushed_by=None, push_note="")
                | (Q(pushed_at__isnull=False, pushed_by__isnull=False) & ~Q(push_note="")),
                violation_error_message="推送裁定必须写明窗口意见。",
            ),
            models.CheckConstraint(
                name="answered_dispute_says_who_and_when",
                condition=Q(answer="", answered_at=None, answered_by=None, sent_to=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                violation_error_message="处理争议必须记明结果、时间和处理人。",
            ),
            models.CheckConstraint(
                name="dispute_that_was_sent_on_says_where",
                condition=~Q(answer__in=["resent", "ruled"]) | Q(sent_to__isnull=False),
                violation_error_message="改送或裁定的，须指明承办单位。",
            ),
            models.CheckConstraint(
                name="only_what_was_pushed_is_ruled_upon",
                condition=~Q(answer="ruled") | Q(pushed_at__isnull=False),
                violation_error_message="窗口没有推送裁定的争议不能裁定。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.referral} 争议"

    @property
    def is_confidential(self) -> bool:
        """What the record says of it is told to those who work on it alone (DESIGN 2)."""
        return self.referral.program.is_sensitive

    @property
    def ruled(self) -> "Ruling | None":
        """What holds of it: the ruling in force that none in force replaces, or the first while it waits for the convener."""
        rows = list(self.rulings.all())
        replaced = {row.supersedes_id for row in rows if row.in_force_at}
        standing = [row for row in rows if row.in_force_at and row.pk not in replaced]
        return next(iter(standing or rows), None)


class Ruling(models.Model):
    """裁定: the county platform's written 综合评估 and the unit it names (ZX-34). Once in force it is never changed (SECURITY #13).

    Where 县民政局 is a party it is in force only when the convener has countersigned. A later one may take its place (`supersedes`, with
    the reason, K-05): the former stays to be read, and is a precedent no more as soon as the later is in force.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("裁定编号", max_length=40, unique=True)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="rulings", verbose_name="争议")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="被替代的裁定"
    )
    supersede_reason = models.CharField("重新裁定的理由", max_length=500, blank=True)
    named_unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="裁定承办单位"
    )
    assessment = models.CharField("综合评估", max_length=2000)
    basis = models.CharField("依据", max_length=500)
    ruled_at = models.DateTimeField("裁定时间")
    ruled_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="裁定人")
    ruled_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    needs_countersign = models.BooleanField("须召集人会签", default=False)
    countersigned_at = models.DateTimeField("会签时间", null=True, blank=True)
    countersigned_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="会签人"
    )
    countersigned_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    in_force_at = models.DateTimeField("生效时间", null=True, blank=True)

    objects = RulingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "裁定"
        ordering = ["-ruled_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_first_ruling_per_dispute", fields=["dispute"], condition=Q(supersedes=None),
                violation_error_message="这项争议已经裁定，需要改变的请重新裁定。",
            ),
            models.CheckConstraint(
                name="superseding_ruling_says_why",
                condition=Q(supersedes=None, supersede_reason="") | (Q(supersedes__isnull=False) & ~Q(supersede_reason="")),
                violation_error_message="重新裁定必须写明理由。",
            ),
            models.CheckConstraint(
                name="ruling_does_not_supersede_itself", condition=~Q(supersedes=F("pk")),
                violation_error_message="裁定不能替代自己。",
            ),
            models.CheckConstraint(
                name="ruling_has_assessment_and_basis", condition=~Q(assessment="") & ~Q(basis=""),
                violation_error_message="裁定必须写明综合评估和依据。",
            ),
            models.CheckConstraint(
                name="countersigning_says_who_and_when",
                condition=Q(countersigned_at=None, countersigned_by=None, countersigned_by_staff=None)
                | Q(countersigned_at__isnull=False, countersigned_by__isnull=False, countersigned_by_staff__isnull=False,
                    needs_countersign=True),
                violation_error_message="会签必须同时记明时间和会签人。",
            ),
            models.CheckConstraint(
                name="who_rules_does_not_countersign",
                condition=Q(countersigned_by_staff=None) | ~Q(countersigned_by_staff=F("ruled_by_staff")),
                violation_error_message="裁定人和会签人不能是同一人。",
            ),
            models.CheckConstraint(
                name="ruling_in_force_was_countersigned_where_it_must",
                condition=Q(in_force_at=None, needs_countersign=True, countersigned_at=None)
                | Q(in_force_at__isnull=False, needs_countersign=False)
                | Q(in_force_at__isnull=False, countersigned_at__isnull=False),
                violation_error_message="县民政局为争议一方的，裁定经召集人会签后生效。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"裁定 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("referrals:ruling_detail", args=[self.pk])

    @property
    def successor(self) -> "Ruling | None":
        """The ruling that has taken its place, or waits for the convener to do so."""
        return getattr(self, "superseded_by", None)

    @property
    def is_superseded(self) -> bool:
        return self.successor is not None and self.successor.in_force_at is not None
