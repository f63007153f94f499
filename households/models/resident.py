import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse

from config.protection.fields import BANK_ACCOUNT, ID_NUMBER, PHONE, Protected, sealed_whole
from config.protection.identity import IdType, Sex
from config.protection.searchable import SearchableName

from ..querysets import ResidentQuerySet


class Resident(SearchableName):
    """A person known to the county once: member of a household, guardian or obligor outside it, or known by name on a roll (DESIGN 3).

    `region` is where the person lives, a village or a township; while somebody belongs to a household it is the household's, and the verbs
    keep it so: the gate and the name search go by it.
    """

    IdType = IdType
    Sex = Sex

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType.choices, default=IdType.RESIDENT)
    id_number = Protected(ID_NUMBER, "证件号码")
    sex = models.CharField("性别", max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    birth_on = models.DateField("出生日期", null=True, blank=True)
    region = models.ForeignKey(
        "organization.Region", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="居住地"
    )
    registered_place = models.CharField("户籍地", max_length=80, blank=True)
    phone = Protected(PHONE, "联系电话")
    bank_account = Protected(BANK_ACCOUNT, "银行账号")
    bank_name = models.CharField("开户银行", max_length=60, blank=True)
    died_on = models.DateField("死亡日期", null=True, blank=True)
    is_synthetic = models.BooleanField("虚构号码", default=False, editable=False)
    entered_at = models.DateTimeField("登记时间")
    entered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="登记人"
    )
    revised_at = models.DateTimeField("更正时间", null=True, blank=True)
    revised_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False,
        verbose_name="更正人",
    )  # fmt: skip
    # A second row of one person: what was known went to the survivor, this row stays and leads there.
    survivor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="doubles", db_index=False, verbose_name="保留的人员档案"
    )
    merged_at = models.DateTimeField("合并时间", null=True, blank=True)
    merged_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False,
        verbose_name="合并人",
    )  # fmt: skip

    objects = ResidentQuerySet.as_manager()

    class Meta(SearchableName.Meta):
        verbose_name = verbose_name_plural = "人员"
        ordering = ["name_order", "id"]
        indexes = [
            *SearchableName.Meta.indexes,
            models.Index(name="resident_by_region_and_name", fields=["region", "name_order", "id"]),
            # The gate of a place, read from the index alone (docs/benchmarks.md).
            models.Index(name="resident_of_region", fields=["region", "id"], opclasses=["varchar_pattern_ops", "uuid_ops"]),
            models.Index(name="resident_merged_into", fields=["survivor"], condition=Q(survivor__isnull=False)),
        ]
        constraints = [
            sealed_whole("id_number"),
            sealed_whole("phone"),
            sealed_whole("bank_account"),
            models.UniqueConstraint(
                name="one_resident_per_id_number",
                fields=["id_number_digest"],
                violation_error_message="这个证件号码已登记过，请按号码查找后使用，不要重复登记。",
            ),
            models.CheckConstraint(
                name="resident_with_papers_has_a_number",
                condition=Q(id_type="none") | Q(id_number_digest__isnull=False),
                violation_error_message="请填写证件号码；确实没有证件的，证件类型选“无证”。",
            ),
            models.CheckConstraint(
                name="merged_resident_names_the_survivor",
                condition=Q(survivor=None, merged_at=None, merged_by=None)
                | (Q(survivor__isnull=False, merged_at__isnull=False, merged_by__isnull=False) & ~Q(survivor=models.F("id"))),
                violation_error_message="合并的人员档案必须记明时间、人员和保留的另一份档案。",
            ),
            models.CheckConstraint(
                name="nobody_dies_before_birth",
                condition=Q(died_on=None) | Q(birth_on=None) | Q(died_on__gte=models.F("birth_on")),
                violation_error_message="死亡日期不能早于出生日期。",
            ),
            models.CheckConstraint(
                name="revision_of_a_resident_has_its_reviser",
                condition=Q(revised_at=None, revised_by=None) | Q(revised_at__isnull=False, revised_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("households:resident_detail", args=[self.pk])

    @property
    def changed_at(self) -> datetime:
        """When the row was last entered or corrected; a form that was opened before it is stale."""
        return self.revised_at or self.entered_at

    @property
    def is_dead(self) -> bool:
        return self.died_on is not None
