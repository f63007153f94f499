import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from config.protection.fields import FREE_TEXT, Protected, sealed_whole

from ..querysets import FactQuerySet, FactUseQuerySet, IdentityTagQuerySet


class IdentityTag(models.Model):
    """An identity somebody holds, dated, with the unit that vouches for it (ZX-40 身份认定结果). Identities are not aid (RULES F8)."""

    class Kind(models.TextChoices):
        """Which fact of the catalogue a tag in force proves stands in `households.rules`."""

        SUBSISTENCE = "subsistence", "低保对象"
        EXTREME_POVERTY = "extreme_poverty", "特困人员"
        BORDER = "border", "低保边缘"
        RIGID_EXPENDITURE = "rigid_expenditure", "刚性支出困难"
        LOW_INCOME = "low_income", "低收入人口"
        CIVIL_AFFAIRS_FILE = "civil_affairs_file", "民政建档人员"
        ORPHAN = "orphan", "孤儿"
        UNATTENDED_CHILD = "unattended_child", "事实无人抚养儿童"
        CHILD_IN_DIFFICULTY = "child_in_difficulty", "困境儿童"
        POVERTY_EXITED = "poverty_exited", "脱贫人口"
        UNSTABLE_EXIT = "unstable_exit", "脱贫不稳定户"
        EDGE_OF_POVERTY = "edge_of_poverty", "边缘易致贫户"
        SUDDEN_HARDSHIP = "sudden_hardship", "突发严重困难户"
        SEVERE_DISABILITY = "severe_disability", "重度残疾人"
        UNEMPLOYED = "unemployed", "失业登记"
        NOBODY_EMPLOYED = "nobody_employed", "零就业家庭"
        HARDSHIP_WORKER = "hardship_worker", "困难职工"
        RELEASED_ADRIFT = "released_adrift", "刑满释放三无人员"
        CORRECTION_ADRIFT = "correction_adrift", "社区矫正三无人员"

    # DESIGN 2: shown only to the accepting window, the units on the track, and the bureau with a reason.
    SENSITIVE = frozenset({Kind.RELEASED_ADRIFT, Kind.CORRECTION_ADRIFT, Kind.ORPHAN, Kind.UNATTENDED_CHILD})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("身份", max_length=24, choices=Kind.choices)
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="tags", verbose_name="家庭"
    )
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="tags", verbose_name="人员"
    )
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="认定单位")
    since = models.DateField("起始日期")
    until = models.DateField("终止日期", null=True, blank=True)
    decision_id = models.UUIDField("作出认定的转办单", null=True, blank=True, unique=True, editable=False)
    granted_at = models.DateTimeField("认定时间")
    granted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="认定人")
    ended_at = models.DateTimeField("终止登记时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="终止登记人"
    )

    objects = IdentityTagQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "身份标签"
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(
                name="tag_is_of_a_household_or_a_resident",
                condition=Q(household=None, resident__isnull=False) | Q(household__isnull=False, resident=None),
                violation_error_message="身份标签属于一个家庭或一个人。",
            ),
            models.UniqueConstraint(
                name="one_open_tag_of_a_kind",
                fields=["kind", "household", "resident"],
                condition=Q(until=None),
                nulls_distinct=False,
                violation_error_message="这个身份已经登记，且没有终止。",
            ),
            models.CheckConstraint(
                name="tag_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gte=F("since")),
                violation_error_message="终止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                name="end_of_a_tag_has_its_ender",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_sensitive(self) -> bool:
        return self.kind in self.SENSITIVE

    is_confidential = is_sensitive


class Fact(models.Model):
    """Something known once for everybody: of one resident or one household, typed by the catalogue, with how, when, by whom and how long.

    `value` is JSON as the catalogue types it: true or false, a number as text, a date as ISO text, a code, a short text. Free text about an
    illness goes into `detail`, which is sealed. A fact is never edited: a newer one found the same way supersedes it.
    A file that says the same leaves its day.
    """

    class How(models.TextChoices):
        """How it was found, the most trustworthy first."""

        REGISTER = "register", "部门数据"
        IMPORT = "import", "批量导入"
        VISIT = "visit", "入户调查"
        LETTER = "letter", "信函索证"
        DECISION = "decision", "审批结果"
        DECLARATION = "declaration", "本人申报"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without constraints of their own: asked once a statement (`config.references`). The indexes stand below.
    kind = models.ForeignKey(
        "programs.FactKind", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="事项"
    )
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="facts", db_index=False, db_constraint=False,
        verbose_name="家庭",
    )  # fmt: skip
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="facts", db_index=False, db_constraint=False,
        verbose_name="人员",
    )  # fmt: skip
    value = models.JSONField("内容")
    detail = Protected(FREE_TEXT, "详细说明")
    how = models.CharField("来源方式", max_length=12, choices=How.choices)
    source = models.CharField("来源说明", max_length=80, blank=True)
    found_on = models.DateField("查得日期")
    # The last day for which a file said the same again: a file of a day before it is older than what it meets (`said_on`).
    confirmed_on = models.DateField("最近核对日期", null=True, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    document = models.ForeignKey(
        "documents.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="依据材料"
    )
    decision_id = models.UUIDField("作出登记的转办单", null=True, blank=True, editable=False)
    found_at = models.DateTimeField("登记时间")
    found_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="登记人"
    )
    superseded_at = models.DateTimeField("被替代时间", null=True, blank=True)
    superseded_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, db_constraint=False,
        verbose_name="替代登记人",
    )  # fmt: skip
    # With its constraint: it is named before it is there, since of two that say the same one has to go first.
    successor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="新的记录"
    )

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已知事项"
        ordering = ["kind", "-found_on", "id"]
        # Of those alone that name one: by such an index is found who does, and an entry of 20,000 writes no line of nothing into it.
        indexes = [
            models.Index(name=f"fact_of_{column}", fields=[column], condition=Q(**{f"{column}__isnull": False}))
            for column in ("household", "resident", "document", "successor")
        ]
        constraints = [
            sealed_whole("detail", has_digest=False),
            models.CheckConstraint(
                name="fact_is_of_a_household_or_a_resident",
                condition=Q(household=None, resident__isnull=False) | Q(household__isnull=False, resident=None),
                violation_error_message="事项属于一个家庭或一个人。",
            ),
            models.UniqueConstraint(
                name="one_standing_fact_per_kind_and_way",
                fields=["kind", "household", "resident", "how"],
                condition=Q(superseded_at=None),
                nulls_distinct=False,
                violation_error_message="这一事项已有同样来源的记录。",
            ),
            models.CheckConstraint(
                name="fact_is_valid_for_a_while",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("found_on")),
                violation_error_message="有效期不能早于查得日期。",
            ),
            models.CheckConstraint(
                name="superseded_fact_has_its_superseder",
                condition=Q(superseded_at=None, superseded_by=None) | Q(superseded_at__isnull=False, superseded_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}"

    @property
    def said_on(self) -> date:
        return self.confirmed_on or self.found_on


class FactUse(models.Model):
    """Somebody leaned on a fact instead of asking for a paper: so that a corrected fact lists the decisions to look at again."""

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="uses", verbose_name="事项")
    subject_label = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    used_at = models.DateTimeField("使用时间")
    used_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="使用人")

    objects = FactUseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事项的使用"
        ordering = ["-used_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="a_subject_leans_on_a_fact_once", fields=["fact", "subject_label", "subject_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.subject_label}#{self.subject_id}"
