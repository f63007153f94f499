from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ..querysets import AssessmentQuerySet


class Assessment(models.Model):
    """Needs assessment, 初审 and 综合救助意见 in one form (TZ-13, ZX-31, K-06).

    A 初审 of 否 gives its reason; the resident may apply all the same.
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
    difficulties = ArrayField(models.CharField(max_length=12, choices=Difficulty.choices), verbose_name="困难类型")
    cause = models.TextField("致贫原因和困难情况")
    family_structure = models.CharField("人口结构", max_length=200, blank=True)
    health = models.CharField("健康状况", max_length=200, blank=True)
    labour = models.CharField("劳动能力和条件", max_length=8, choices=Labour.choices)
    labour_note = models.CharField("就业情况说明", max_length=200, blank=True)
    rigid_spending = models.CharField("刚性支出", max_length=200, blank=True)
    monthly_income = models.DecimalField("申报家庭月收入（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    in_difficulty = models.BooleanField("初审：属于困难群众")
    opinion = models.CharField("初审意见", max_length=300)
    proposal = models.TextField("综合救助意见", blank=True)
    assessed_at = models.DateTimeField("评估时间")
    assessed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="评估人")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "需求评估和初审"
        constraints = [
            models.CheckConstraint(
                name="assessment_names_a_difficulty",
                condition=Q(difficulties__len__gt=0),
                violation_error_message="请至少选择一种困难类型。",
            ),
            models.CheckConstraint(
                name="first_opinion_is_given_in_words",
                condition=~Q(opinion=""),
                violation_error_message="请填写初审意见；初审为“否”的，写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return "初审：" + ("属于困难群众" if self.in_difficulty else "不属于困难群众")
