import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from households.models import RecordChange

from ..querysets import ChangeQuerySet, ChangeReportQuerySet


class ChangeReport(models.Model):
    """变化报告: a village, or whoever hears of it, says what has changed in a family; the township confirms it or answers (issue 4; C-19).

    Nothing of the record changes by it: what follows is opened by the township as changes and stops, each decided on its own.
    """

    class Kind(models.TextChoices):
        DEATH = "death", "死亡"
        MOVED = "moved", "迁出或搬走"
        WORK = "work", "就业或收入变化"
        BIRTH = "birth", "出生或新增人口"

    class Status(models.TextChoices):
        REPORTED = "reported", "待乡镇核实"
        CONFIRMED = "confirmed", "已核实"
        UNCHANGED = "unchanged", "核实后不变更"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="change_reports", verbose_name="家庭")
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="当事人"
    )
    township_code = models.CharField("乡镇（街道）代码", max_length=9, editable=False)
    kind = models.CharField("变化", max_length=8, choices=Kind.choices)
    happened_on = models.DateField("发生日期")
    text = models.CharField("情况说明", max_length=300)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.REPORTED)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="核实单位")
    reported_at = models.DateTimeField("报告时间")
    reported_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="报告人")
    answer = models.CharField("核实情况", max_length=300, blank=True)
    answered_at = models.DateTimeField("核实时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="核实人"
    )

    objects = ChangeReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变化报告"
        ordering = ["-reported_at", "id"]
        indexes = [models.Index(name="report_of_township", fields=["township_code", "status", "-reported_at"])]
        constraints = [
            models.CheckConstraint(
                name="change_report_says_what_happened", condition=~Q(text=""), violation_error_message="请写明发生了什么变化。"
            ),
            models.CheckConstraint(
                name="report_of_a_death_names_the_person",
                condition=~Q(kind="death") | Q(resident__isnull=False),
                violation_error_message="报告死亡须选择是哪位家庭成员。",
            ),
            models.CheckConstraint(
                name="answered_report_says_who_when_and_what",
                condition=Q(status="reported", answered_at=None, answered_by=None, answer="")
                | (Q(status__in=["confirmed", "unchanged"], answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                violation_error_message="核实须写明情况、时间和核实人。",
            ),
            models.UniqueConstraint(
                name="one_open_report_per_person_and_kind",
                fields=["household", "resident", "kind"],
                condition=Q(status="reported"),
                nulls_distinct=False,
                violation_error_message="这个变化已经有人报告，正等乡镇（街道）核实，不用重复报告。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.household} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("referrals:report_detail", args=[self.pk])


class Change(models.Model):
    """变更事项: what a change or stop asks for, as it was opened: of which record, why, from which month (DESIGN 5).

    The referral decides it; what was decided stands there, what it did to the record in `households.RecordChange`.
    """

    Kind = RecordChange.Kind

    class Reason(models.TextChoices):
        DEATH = "death", "对象死亡"
        INCOME = "income", "收入变化"
        ASSETS = "assets", "财产变化"
        WORK = "work", "就业"
        MOVED = "moved", "迁出或不再共同生活"
        MEMBERS = "members", "家庭人口变化"
        WORK_REFUSED = "work_refused", "多次拒绝介绍的工作"
        UNCOOPERATIVE = "uncooperative", "不配合定期核查"
        UNTRUE = "untrue", "虚报隐瞒"
        OWN_WISH = "own_wish", "本人申请"
        STANDARD = "standard", "标准调整"
        REGAINED = "regained", "重新符合条件"
        OTHER = "other", "其他"

    class Origin(models.TextChoices):
        OFFICE = "office", "依职权"
        APPLICANT = "applicant", "本人或家属报告"
        VILLAGE = "village", "村（社区）报告"
        DOUBT = "doubt", "疑点复核"
        REVIEW = "review", "定期复核"

    referral = models.OneToOneField("referrals.Referral", on_delete=models.PROTECT, related_name="change", verbose_name="转办单")
    kind = models.CharField("变动", max_length=8, choices=RecordChange.Kind.choices)
    origin = models.CharField("来由", max_length=10, choices=Origin.choices)
    reason_code = models.CharField("事由", max_length=16, choices=Reason.choices)
    reason = models.CharField("具体情况", max_length=500)
    from_month = models.DateField("起始月份")
    months = models.PositiveSmallIntegerField("渐退月数", null=True, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    leaver = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="不再享受的人"
    )
    report = models.ForeignKey(
        ChangeReport, on_delete=models.PROTECT, null=True, blank=True, related_name="changes", verbose_name="变化报告"
    )
    opened_at = models.DateTimeField("提出时间")
    opened_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变更事项"
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="change_has_its_reason", condition=~Q(reason=""), violation_error_message="请写明变更的具体情况和依据。"
            ),
            models.CheckConstraint(
                name="change_begins_with_a_month", condition=Q(from_month__day=1), violation_error_message="变更从某月1日起计算。"
            ),
            models.CheckConstraint(
                name="fading_out_says_how_many_months",
                condition=Q(kind="fade", months__isnull=False, months__gt=0) | (~Q(kind="fade") & Q(months=None)),
                violation_error_message="渐退须写明月数，其他变更不填月数。",
            ),
            models.CheckConstraint(
                name="recovery_says_its_sum",
                condition=~Q(kind="recover") | Q(amount__isnull=False),
                violation_error_message="追回须写明金额。",
            ),
            models.CheckConstraint(
                name="amount_of_a_change_is_positive",
                condition=Q(amount=None) | Q(amount__gt=0),
                violation_error_message="金额必须大于0。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.referral} {self.get_kind_display()}"

    @property
    def asked(self) -> str:
        """In words, for the pages of its steps: 自2026年10月起停止."""
        from ..changes import asked_text

        return asked_text(self)
