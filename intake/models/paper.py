import uuid

from django.db import models
from django.db.models import F, Q

from ..querysets import PaperQuerySet, SupplementLineQuerySet, SupplementNoticeQuerySet

_TONES = {"missing": "red", "seen": "green", "uploaded": "green", "exempt": "blue", "later": "amber"}


class Paper(models.Model):
    """One paper of an application, for all its items together (ZX-30, TZ-27): seen, uploaded, not needed since proven, or to follow.

    What a valid fact or a record proves is 免提交. A clerk who demands it all the same gives a reason, which is counted.
    """

    class State(models.TextChoices):
        MISSING = "missing", "未提交"
        SEEN = "seen", "已看原件"
        UPLOADED = "uploaded", "已上传"
        EXEMPT = "exempt", "免提交"
        LATER = "later", "后补"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey("intake.Application", on_delete=models.PROTECT, related_name="papers", verbose_name="申请")
    material = models.ForeignKey("programs.Material", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="材料")
    name = models.CharField("材料名称", max_length=40)
    condition = models.CharField("适用情形", max_length=80, blank=True)
    is_required = models.BooleanField("必须提交", default=True)
    # Asked for by sensitive programs alone: named to the accepting window and the units on their way (DESIGN 2).
    is_confidential = models.BooleanField("敏感项目的材料", default=False)
    state = models.CharField("提交情况", max_length=8, choices=State.choices, default=State.MISSING)
    fact = models.ForeignKey(
        "households.Fact", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证明它的事项"
    )
    record = models.ForeignKey(
        "households.AssistanceRecord",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="证明它的救助记录",
    )
    exempt_reason = models.CharField("免提交依据", max_length=120, blank=True)
    demand_reason = models.CharField("仍要求提交的理由", max_length=200, blank=True)
    demanded_at = models.DateTimeField("要求时间", null=True, blank=True)
    demanded_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="要求人"
    )
    settled_at = models.DateTimeField("登记时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="登记人"
    )

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申请材料"
        ordering = ["application", "-is_required", "name"]
        constraints = [
            models.UniqueConstraint(
                name="a_paper_stands_once_per_application", fields=["application", "material"], violation_error_message="该材料已列入。"
            ),
            models.CheckConstraint(
                name="exempt_paper_says_what_proves_it",
                condition=~Q(state="exempt") | ~Q(exempt_reason=""),
                violation_error_message="免提交须写明依据。",
            ),
            models.CheckConstraint(
                name="demanded_paper_has_reason_and_demander",
                condition=Q(demanded_at=None, demanded_by=None, demand_reason="")
                | (Q(demanded_at__isnull=False, demanded_by__isnull=False) & ~Q(demand_reason="") & ~Q(state="exempt")),
                violation_error_message="平台已能证明的材料仍要求提交的，须写明理由。",
            ),
            models.CheckConstraint(
                name="settled_paper_has_its_settler",
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_settled(self) -> bool:
        return self.state != self.State.MISSING

    @property
    def tone(self) -> str:
        """Only what must be handed in is red while it is missing."""
        return "grey" if self.state == self.State.MISSING and not self.is_required else _TONES[self.state]


class SupplementNotice(models.Model):
    """一次性告知书: everything that is missing, told once (TZ-14, C-59). A second one needs a reason and another person's consent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey("intake.Application", on_delete=models.PROTECT, related_name="notices", verbose_name="申请")
    number = models.CharField("文号", max_length=60, unique=True)
    sequence = models.PositiveSmallIntegerField("第几次", default=1)
    repeat_reason = models.CharField("再次告知的理由", max_length=200, blank=True)
    approved_at = models.DateTimeField("同意时间", null=True, blank=True)
    approved_by = models.ForeignKey(
        "organization.Post",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="同意再次告知的人",
    )
    issued_at = models.DateTimeField("出具时间")
    issued_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="出具人")
    due_on = models.DateField("补正截止日")
    answered_at = models.DateTimeField("补正时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="补正登记人"
    )

    objects = SupplementNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一次性告知书"
        ordering = ["application", "sequence"]
        constraints = [
            models.UniqueConstraint(
                name="notices_of_an_application_are_counted",
                fields=["application", "sequence"],
                violation_error_message="该申请已出具过一次性告知书。",
            ),
            models.UniqueConstraint(
                name="one_open_notice_per_application",
                fields=["application"],
                condition=Q(answered_at=None),
                violation_error_message="该申请还有没有补正的告知书。",
            ),
            models.CheckConstraint(
                name="second_notice_has_reason_and_consent",
                condition=Q(sequence=1, repeat_reason="", approved_at=None, approved_by=None)
                | (Q(sequence__gt=1, approved_at__isnull=False, approved_by__isnull=False) & ~Q(repeat_reason="")),
                violation_error_message="再次告知补正须写明理由，并经负责人同意。",
            ),
            models.CheckConstraint(
                name="answered_notice_has_its_answerer",
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False, answered_at__gte=F("issued_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"一次性告知书 {self.number}"


class SupplementLine(models.Model):
    """One thing that is missing: a paper, or something in words; `asked_by_unit` where a department returned the referral for it."""

    notice = models.ForeignKey(SupplementNotice, on_delete=models.PROTECT, related_name="lines", verbose_name="告知书")
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料")
    text = models.CharField("需要补正的内容", max_length=200)
    unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="提出单位"
    )

    objects = SupplementLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "补正内容"
        ordering = ["notice", "id"]
        constraints = [
            models.CheckConstraint(name="supplement_line_says_what", condition=~Q(text=""), violation_error_message="请写明需要补正什么。"),
        ]

    def __str__(self) -> str:
        return self.text
