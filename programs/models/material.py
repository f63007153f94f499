from typing import ClassVar

from django.db import models
from django.db.models import Q

from ..querysets import FactKindQuerySet
from .sourced import Sourced
from .track import Track
from .version import ProgramVersion


class FactKind(models.Model):
    """The catalogue of facts: what can be known once for everybody, its type, scope and who holds it (DESIGN 3)."""

    class ValueType(models.TextChoices):
        YES_NO = "yes_no", "是否"
        NUMBER = "number", "数"
        MONEY = "money", "金额"
        DATE = "date", "日期"
        CODE = "code", "代码"
        TEXT = "text", "文字"

    class Scope(models.TextChoices):
        RESIDENT = "resident", "个人"
        HOUSEHOLD = "household", "家庭"

    key = models.SlugField("标识", max_length=40, primary_key=True)
    label = models.CharField("名称", max_length=40)
    value_type = models.CharField("类型", max_length=8, choices=ValueType.choices)
    codes = models.JSONField("代码表", default=list, blank=True)
    measure = models.CharField("计量单位", max_length=10, blank=True)
    scope = models.CharField("范围", max_length=10, choices=Scope.choices)
    holder = models.ForeignKey(
        "organization.Department", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="掌握部门"
    )
    source = models.CharField("来源", max_length=80)
    is_sensitive = models.BooleanField("敏感", default=False)
    # Who is not on the holder's whole list is known not to be, while one counts (`WholeList`); else nothing is known of who is not on it.
    is_list = models.BooleanField("有整份名单", default=False)
    # Read from the register itself or computed from it, never noted as a fact.
    is_derived = models.BooleanField("由户籍登记推算", default=False)

    objects = FactKindQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事实目录"
        ordering = ["scope", "key"]
        constraints = [
            models.CheckConstraint(
                name="coded_fact_has_its_codes",
                condition=(Q(value_type="code") & ~Q(codes=[])) | (~Q(value_type="code") & Q(codes=[])),
                violation_error_message="代码类的事实必须有代码表，其他类型不填。",
            ),
            models.CheckConstraint(
                name="only_yes_or_no_comes_as_a_list",
                condition=Q(is_list=False) | Q(value_type="yes_no"),
                violation_error_message="只有“是否”类的事实才有整份名单。",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Material(models.Model):
    """A paper a program may ask for, and the facts that prove the same: a proven paper is never asked for again (ZX-30, LY-17)."""

    key = models.SlugField("标识", max_length=40, primary_key=True)
    name = models.CharField("材料名称", max_length=40)
    advice = models.CharField("说明", max_length=120, blank=True)
    is_form = models.BooleanField("窗口提供表格、现场填写", default=False)
    proofs = models.ManyToManyField(FactKind, related_name="materials", verbose_name="可证明的事实", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "材料"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class MaterialRequirement(Sourced):
    """What a version asks for. Its wording is the version's own; which facts prove the paper is the platform's, and may grow."""

    class Need(models.TextChoices):
        """ZX-30: what the database proves is marked 免提交."""

        REQUIRED = "required", "需要提交"
        UNLESS_PROVEN = "unless_proven", "平台能查到的免提交"
        EXEMPT = "exempt", "免提交"

    version = models.ForeignKey(ProgramVersion, on_delete=models.PROTECT, related_name="requirements", verbose_name="项目版本")
    track = models.ForeignKey(
        Track, on_delete=models.PROTECT, null=True, blank=True, related_name="requirements", verbose_name="仅限办理情形"
    )
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="requirements", verbose_name="材料")
    order = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("材料名称", max_length=40)
    advice = models.CharField("说明", max_length=120, blank=True)
    is_form = models.BooleanField("窗口提供表格、现场填写", default=False)
    need = models.CharField("要求", max_length=14, choices=Need.choices)
    condition = models.CharField("适用情形", max_length=80, blank=True)

    UNSOURCED: ClassVar[frozenset[str]] = frozenset({"version", "order"})

    class Meta:
        verbose_name = verbose_name_plural = "材料要求"
        ordering = ["version", "order"]
        constraints = [
            models.UniqueConstraint(
                name="one_requirement_per_material",
                fields=["version", "track", "material"],
                nulls_distinct=False,
                violation_error_message="该材料已列入。",
            ),
            models.CheckConstraint(
                name="every_default_of_a_requirement_has_its_origin",
                condition=Q(origins__has_keys=["track", "material", "name", "advice", "is_form", "need", "condition"]),
                violation_error_message="每一项默认值都必须注明来源。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_need_display()}）"
