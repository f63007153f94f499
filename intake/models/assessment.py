from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ..querysets import AssessmentQuerySet


class Assessment(models.Model):
    """Needs assessment, 初审 and 综合救助意见 in one form (TZ-13, ZX-31, K-06).

    A 初审 of 否 gives its reason; the resident may apply all the same. Kept half filled in (暂存) it has no assessor yet: `assessed_at` is
    when it was whole, and only a whole one lets the application be submitted.
    """

    class Difficulty(models.TextChoices):
        """困难类型 (TZ-11, TZ-13)."""

        ILLNESS = "illness", "因病"
        DISABILITY = "disability", "因残"
        SCHOOLING = "schooling", "就学"
        UNEMPLOYMENT = "unemployment", "失业或就业困难"
        ACCIDENT = "accident", "意外事故"
        DISASTER = "disaster", "自然灾害"
        OLD_AGE = "old_age", "年老体弱"
        CARE = "care", "无人照料"
        HOUSING = "housing", "住房困难"
        OTHER = "other", "其他"

    class Labour(models.TextChoices):
        NONE = "none", "全家无劳动能力"
        PARTIAL = "partial", "部分成员有劳动能力"
        FULL = "full", "成员均有劳动能力"

    application = models.OneToOneField(
        "intake.Application", on_delete=models.PROTECT, related_name="assessment", primary_key=True, verbose_name="申请"
    )
    difficulties = ArrayField(
        models.CharField(max_length=12, choices=Difficulty.choices), verbose_name="困难类型", default=list, blank=True
    )
    cause = models.TextField("致贫原因和困难情况", blank=True)
    family_structure = models.CharField("人口结构", max_length=200, blank=True)
    health = models.CharField("健康状况", max_length=200, blank=True)
    labour = models.CharField("劳动能力和条件", max_length=8, choices=Labour.choices, blank=True)
    labour_note = models.CharField("就业情况说明", max_length=200, blank=True)
    rigid_spending = models.CharField("刚性支出", max_length=200, blank=True)
    monthly_income = models.DecimalField("申报家庭月收入（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    in_difficulty = models.BooleanField("初审：属于困难群众", null=True, blank=True)
    opinion = models.CharField("初审意见", max_length=300, blank=True)
    proposal = models.TextField("综合救助意见", blank=True)
    assessed_at = models.DateTimeField("评估时间", null=True, blank=True)
    assessed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="评估人"
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "需求评估和初审"
        constraints = [
            models.CheckConstraint(
                name="assessment_names_a_difficulty",
                condition=Q(assessed_at=None) | Q(difficulties__len__gt=0),
                violation_error_message="请至少选择一种困难类型。",
            ),
            models.CheckConstraint(
                name="first_opinion_is_given_in_words",
                condition=Q(assessed_at=None) | ~Q(opinion=""),
                violation_error_message="请填写初审意见；初审为“否”的，写明理由。",
            ),
            models.CheckConstraint(
                name="assessment_says_why_who_can_work_and_whether",
                condition=Q(assessed_at=None) | (~Q(cause="") & ~Q(labour="") & Q(in_difficulty__isnull=False)),
                violation_error_message="请填写困难情况、劳动能力和条件、初审结论。",
            ),
            models.CheckConstraint(
                name="assessment_has_its_assessor",
                condition=Q(assessed_at=None, assessed_by=None) | Q(assessed_at__isnull=False, assessed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.in_difficulty is None:
            return "初审：还没有结论"
        return "初审：" + ("属于困难群众" if self.in_difficulty else "不属于困难群众")

    @property
    def is_whole(self) -> bool:
        return self.assessed_at is not None
