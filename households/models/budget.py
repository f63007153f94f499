import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..funds.querysets import BudgetQuerySet


class Budget(models.Model):
    """资金预算: what a year has for one program, or for a department's programs together, by where it comes from (TZ-36, LY-31).

    Entered by the department, confirmed by the county platform; what is confirmed stays, and a later paper that adds or takes away is a
    row of its own, below zero where it takes away.
    """

    class Source(models.TextChoices):
        CENTRAL = "central", "中央"
        MUNICIPAL = "municipal", "市级"
        COUNTY = "county", "县级"
        DONATED = "donated", "社会捐赠"

    class Status(models.TextChoices):
        ENTERED = "entered", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REFUSED = "refused", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    TONES = {Status.ENTERED: "amber", Status.CONFIRMED: "green", Status.REFUSED: "grey", Status.WITHDRAWN: "grey"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, related_name="+", verbose_name="部门")
    program = models.ForeignKey(
        "programs.Program", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="救助项目"
    )
    year = models.PositiveSmallIntegerField("年度")
    source = models.CharField("资金来源", max_length=10, choices=Source.choices)
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    document = models.CharField("文号", max_length=100)
    note = models.CharField("说明", max_length=300, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.ENTERED)
    entered_at = models.DateTimeField("填报时间")
    entered_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="填报人")
    entered_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField("确认时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    answered_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reason = models.CharField("退回或撤回的原因", max_length=300, blank=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金预算"
        ordering = ["-entered_at", "id"]
        indexes = [models.Index(name="budget_of_year", fields=["year", "department", "program"])]
        constraints = [
            models.CheckConstraint(
                name="budget_is_some_amount", condition=~Q(amount=0), violation_error_message="金额不能为0；调减的填负数。"
            ),
            models.CheckConstraint(
                name="budget_names_its_paper", condition=~Q(document=""), violation_error_message="请填写下达或批复的文号。"
            ),
            models.CheckConstraint(
                name="budget_is_of_a_year", condition=Q(year__gte=2021, year__lte=2100), violation_error_message="请填写2021年以后的年度。"
            ),
            models.CheckConstraint(
                name="answered_budget_says_who_and_when",
                condition=Q(status="entered", answered_at=None, answered_by=None, answered_by_staff=None)
                | (~Q(status="entered") & Q(answered_at__isnull=False, answered_by__isnull=False, answered_by_staff__isnull=False)),
                violation_error_message="确认预算必须记明时间和确认人。",
            ),
            models.CheckConstraint(
                name="nobody_confirms_a_budget_of_their_own",
                condition=~Q(status__in=["confirmed", "refused"]) | ~Q(answered_by_staff=F("entered_by_staff")),
                violation_error_message="填报预算的人不能自己确认。",
            ),
            models.CheckConstraint(
                name="budget_not_taken_says_why",
                condition=(Q(status__in=["refused", "withdrawn"]) & ~Q(reason="")) | Q(status__in=["entered", "confirmed"], reason=""),
                violation_error_message="请写明退回或撤回的原因。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.year}年{self.program or self.department}预算"

    def get_absolute_url(self) -> str:
        return reverse("funds:budget_detail", args=[self.pk])
