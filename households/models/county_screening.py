import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from programs.screening.evaluation import OUTCOME_WORDS

from ..screening.querysets import ScreeningDifferenceQuerySet, ScreeningRunQuerySet

OUTCOMES = [(outcome.value, word) for outcome, word in OUTCOME_WORDS.items()]


class ScreeningRun(models.Model):
    """Rules asked of the whole register on one day, and how many came out how, by township and program; of people only counts.

    A comparison asks one program's rule as it is and as it may become: `counts_before` beside `counts`, and a row for whom it changes.
    The row stands once the work is done: while it runs, and when it was cancelled, its job says so (`deadlines`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    screened_on = models.DateField("筛查基准日")
    is_comparison = models.BooleanField("规则试算", default=False)
    # Each rule asked: its program and version (or, of a draft, the rule itself) and the figures it went by. A comparison has two.
    rules = models.JSONField("所用规则")
    households = models.PositiveIntegerField("家庭数", default=0)
    residents = models.PositiveIntegerField("人数", default=0)
    # {township code: {program code: {outcome: number of households or residents}}}
    counts = models.JSONField("结果", default=dict, blank=True)
    counts_before = models.JSONField("现行规则结果", default=dict, blank=True)
    begun_at = models.DateTimeField("开始时间")
    begun_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="发起人")
    finished_at = models.DateTimeField("完成时间")

    objects = ScreeningRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "全县筛查"
        ordering = ["-begun_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="screening_run_ends_after_it_begins",
                condition=Q(finished_at__gte=F("begun_at")),
                violation_error_message="完成时间不能早于开始时间。",
            ),
            models.CheckConstraint(
                name="only_a_comparison_counts_twice",
                condition=Q(is_comparison=True) | Q(counts_before={}),
                violation_error_message="只有规则试算才有两份结果。",
            ),
        ]

    def __str__(self) -> str:
        return f"{'规则试算' if self.is_comparison else '全县筛查'}（{self.screened_on}）"

    def get_absolute_url(self) -> str:
        return reverse("households:screening_run_detail", args=[self.pk])

    def totals(self, *, before: bool = False) -> dict[str, dict[str, int]]:
        """By program, over all townships."""
        found: dict[str, dict[str, int]] = {}
        for programs in (self.counts_before if before else self.counts).values():
            for code, counts in programs.items():
                sums = found.setdefault(code, {})
                for outcome, number in counts.items():
                    sums[outcome] = sums.get(outcome, 0) + number
        return found


class ScreeningDifference(models.Model):
    """For whom a changed rule comes out otherwise: a household, or one of its members. Only where one side is 符合 or 疑似."""

    run = models.ForeignKey(ScreeningRun, on_delete=models.CASCADE, related_name="differences", verbose_name="全县筛查")
    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="+", verbose_name="家庭")
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="人员"
    )
    before = models.CharField("现行规则", max_length=10, choices=OUTCOMES)
    after = models.CharField("修改后", max_length=10, choices=OUTCOMES)

    objects = ScreeningDifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "试算差异"
        ordering = ["run", "id"]
        constraints = [
            models.UniqueConstraint(
                name="a_run_differs_once_for_each",
                fields=["run", "household", "resident"],
                nulls_distinct=False,
                violation_error_message="这次试算已经记下了这户（人）的差异。",
            ),
            models.CheckConstraint(
                name="a_difference_is_one",
                condition=~Q(before=F("after")),
                violation_error_message="两次结果相同，不是差异。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"
