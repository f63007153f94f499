from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..querysets import ProgramQuerySet
from .sourced import Sourced


class Program(Sourced):
    """One line of the county's list of 54 (ZX-56): what it is and whose it is. How it is done stands in its versions."""

    class Kind(models.TextChoices):
        """What an approval writes: the first four a record, identity a tag, registration a fact (ZX-58)."""

        CASH = "cash", "现金待遇"
        SERVICE = "service", "实物/服务"
        WAIVER = "waiver", "费用减免"
        INSURANCE = "insurance", "保险"
        IDENTITY = "identity", "对象身份"
        REGISTRATION = "registration", "证件/登记"

    class Category(models.TextChoices):
        """The 8+1 (XX-02) first, then what this county's list adds."""

        SUBSISTENCE = "subsistence", "最低生活保障"
        EXTREME_POVERTY = "extreme_poverty", "特困人员供养"
        DISASTER = "disaster", "受灾人员救助"
        MEDICAL = "medical", "医疗救助"
        EDUCATION = "education", "教育救助"
        HOUSING = "housing", "住房救助"
        EMPLOYMENT = "employment", "就业救助"
        TEMPORARY = "temporary", "临时救助"
        SOCIAL_FORCES = "social_forces", "社会力量参与"
        SOCIAL_INSURANCE = "social_insurance", "社会力量/保险"
        LOW_INCOME = "low_income", "低收入认定"
        POVERTY_WATCH = "poverty_watch", "防返贫监测"
        DISABILITY_WELFARE = "disability_welfare", "残疾福利"
        DISABILITY_SERVICE = "disability_service", "残疾服务"
        DISABILITY_PRIVILEGE = "disability_privilege", "残疾优待"
        CHILD_WELFARE = "child_welfare", "儿童福利"
        OLD_AGE = "old_age", "老年福利"
        LEGAL_AID = "legal_aid", "法律援助"
        RESETTLEMENT = "resettlement", "安置帮教"
        FUNERAL = "funeral", "殡葬"
        FEE_WAIVER = "fee_waiver", "费用减免"
        CARE = "care", "关爱帮扶"

    class Tier(models.TextChoices):
        """ZX-02; emergency is added from TZ-05."""

        BASIC = "basic", "基本生活救助"
        SPECIAL = "special", "专项救助"
        EMERGENCY = "emergency", "急难救助"
        CARE = "care", "关爱帮扶"
        SOCIAL = "social", "社会力量"

    class Beneficiary(models.TextChoices):
        HOUSEHOLD = "household", "家庭"
        RESIDENT = "resident", "个人"
        EMPLOYER = "employer", "用人单位"

    code = models.CharField("项目代码", max_length=4, primary_key=True)
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, related_name="programs", verbose_name="牵头部门")
    seed_name = models.CharField("项目名称", max_length=60)
    alias = models.CharField("通用名称", max_length=60, blank=True)
    initials = models.CharField("拼音首字母", max_length=130, editable=False)
    kind = models.CharField("救助形态", max_length=12, choices=Kind.choices, blank=True)
    form_of_aid = models.CharField("救助形式", max_length=20, blank=True)
    category = models.CharField("类别", max_length=22, choices=Category.choices, blank=True)
    tier = models.CharField("层次", max_length=10, choices=Tier.choices, blank=True)
    beneficiary = models.CharField("救助对象", max_length=10, choices=Beneficiary.choices, blank=True)
    is_sensitive = models.BooleanField("敏感项目", default=False)
    is_placeholder = models.BooleanField("待明确占位", default=False)
    changed_at = models.DateTimeField("更新时间")
    changed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="更新人")
    paused_at = models.DateTimeField("暂停时间", null=True, blank=True)
    paused_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="暂停人"
    )
    pause_reason = models.CharField("暂停原因", max_length=200, blank=True)

    UNSOURCED: ClassVar[frozenset[str]] = frozenset({"initials", "changed_at", "changed_by", "paused_at", "paused_by", "pause_reason"})

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助项目"
        ordering = ["department__number", "code"]
        constraints = [
            models.CheckConstraint(
                name="program_code_is_two_letters_and_two_digits",
                condition=Q(code__regex=r"^[A-Z]{2}[0-9]{2}$"),
                violation_error_message="项目代码由两个大写字母和两位数字组成。",
            ),
            models.UniqueConstraint(
                name="one_program_per_name_and_department",
                fields=["department", "seed_name"],
                violation_error_message="该部门已有同名项目。",
            ),
            models.CheckConstraint(
                name="only_a_placeholder_lacks_its_classification",
                condition=Q(is_placeholder=True) | ~(Q(kind="") | Q(category="") | Q(tier="") | Q(beneficiary="")),
                violation_error_message="救助形态、类别、层次和救助对象必须填写。",
            ),
            models.CheckConstraint(
                name="paused_program_says_who_and_why",
                condition=Q(paused_at=None, paused_by=None, pause_reason="")
                | (Q(paused_at__isnull=False, paused_by__isnull=False) & ~Q(pause_reason="")),
                violation_error_message="暂停受理必须记录时间、人员和原因。",
            ),
            models.CheckConstraint(
                name="every_default_of_a_program_has_its_origin",
                condition=Q(
                    origins__has_keys=[
                        "department",
                        "seed_name",
                        "alias",
                        "kind",
                        "form_of_aid",
                        "category",
                        "tier",
                        "beneficiary",
                        "is_sensitive",
                        "is_placeholder",
                    ]
                ),
                violation_error_message="每一项默认值都必须注明来源。",
            ),
        ]

    def __str__(self) -> str:
        return self.seed_name

    def get_absolute_url(self) -> str:
        return reverse("programs:program_detail", args=[self.code])

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def writes_record(self) -> bool:
        """Only benefits count in 救助人次; identities and registrations do not (RULES F8)."""
        return self.kind not in {self.Kind.IDENTITY, self.Kind.REGISTRATION, ""}
