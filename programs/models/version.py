from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localtime

from organization.models.post import DateRange

from ..querysets import ProgramVersionQuerySet
from .program import Program
from .sourced import Sourced

if TYPE_CHECKING:
    from .track import Track


class ProgramVersion(Sourced):
    """How a program is done from a day on. Immutable once published, by trigger: a change is a new version, running cases keep theirs.

    The one column a published version may still receive is `valid_until`, once, when its successor is published. Its tracks, stages and
    material requirements are frozen with it.
    """

    class BenefitMode(models.TextChoices):
        """ZX-23, ZX-24: a roll in force, grants since a day, or a status."""

        REGULAR = "regular", "定期"
        ONE_OFF = "one_off", "一次性"
        STATUS = "status", "身份/登记"

    class Obtained(models.TextChoices):
        """How help is obtained (DESIGN 4). Without an application there is a monthly list and no referral."""

        WINDOW = "window", "窗口申请"
        SCHOOL = "school", "向学校申请"
        EMPLOYER = "employer", "由用人单位申请"
        WITHOUT_APPLICATION = "without_application", "免申请"
        ON_THE_SPOT = "on_the_spot", "现场即办"
        OPEN_MONTHS = "open_months", "限定月份受理"

    class DecisionWord(models.TextChoices):
        CONFIRM = "confirm", "审核确认"
        RECOGNISE = "recognise", "认定"
        REGISTER = "register", "登记"
        AGREE = "agree", "同意救助"

    class Remedy(models.TextChoices):
        """Review and lawsuit belong to decisions of public bodies; charities and mass organisations name their own contact (C-58)."""

        REVIEW_OR_LAWSUIT = "review_or_lawsuit", "行政复议或行政诉讼"
        OWN_CONTACT = "own_contact", "向本单位反映"

    class PayStart(models.TextChoices):
        """C-08: national rule next month, the municipal regulation the month of approval; C-42: month of application."""

        NEXT_MONTH = "next_month", "批准的次月起"
        MONTH_OF_APPROVAL = "month_of_approval", "批准的当月起"
        MONTH_OF_APPLICATION = "month_of_application", "申请的当月起"
        AT_ONCE = "at_once", "批准后即办"
        NONE = "none", "不涉及发放"

    class PauseCause(models.TextChoices):
        """What stops the clock of a referral (DESIGN 6); nothing else does."""

        SUPPLEMENT = "supplement", "申请人补正材料"
        APPRAISAL = "appraisal", "鉴定、评残或评估"
        PUBLICITY = "publicity", "公示（不计入全程时限的）"

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="versions", verbose_name="救助项目")
    number = models.PositiveSmallIntegerField("版本号")
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_until = models.DateField("停用日期", null=True, blank=True)

    benefit_mode = models.CharField("方式", max_length=8, choices=BenefitMode.choices)
    obtained = models.CharField("如何获得", max_length=20, choices=Obtained.choices)
    open_months = ArrayField(models.PositiveSmallIntegerField(), verbose_name="受理月份", default=list, blank=True)
    has_quota = models.BooleanField("有名额限制", default=False)
    quota_per_year = models.PositiveIntegerField("年度名额", null=True, blank=True)
    place = models.CharField("到哪里办", max_length=200)
    summary = models.CharField("项目简介", max_length=200)
    conditions = models.TextField("哪些人可以申请")
    aid = models.CharField("能得到什么", max_length=200)
    remark = models.CharField("温馨提示", max_length=300, blank=True)
    publicity_masking = models.CharField("公示隐去内容", max_length=100, blank=True)
    decision_word = models.CharField("决定用语", max_length=10, choices=DecisionWord.choices)
    refusal_word = models.CharField("不予批准用语", max_length=20)
    remedy = models.CharField("救济途径", max_length=20, choices=Remedy.choices)
    remedies = models.CharField("救济途径说明", max_length=300)
    legal_basis = models.TextField("政策依据")
    pay_start = models.CharField("起发时间", max_length=22, choices=PayStart.choices)
    pause_causes = ArrayField(
        models.CharField(max_length=12, choices=PauseCause.choices), verbose_name="暂停计时的情形", default=list, blank=True
    )
    asks_about_kin = models.BooleanField("须申报与经办人员近亲属关系", default=False)
    result_valid_months = models.PositiveSmallIntegerField("结果有效月数", null=True, blank=True)
    screening_text = models.TextField("筛查规则原文", blank=True)
    screening_rule = models.JSONField("筛查规则", null=True, blank=True)
    materials_text = models.CharField("典型材料原文", max_length=200, blank=True)
    exempt_text = models.CharField("免提交原文", max_length=200, blank=True)

    change_note = models.CharField("变更说明", max_length=200, blank=True)
    fixture_digest = models.CharField("参考文件摘要", max_length=64, blank=True, editable=False)
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="起草人")
    drafted_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发布人"
    )
    published_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # A draft's own: how often it was saved (a form opened at an earlier revision is refused), by whom last, and by which staff at all.
    revision = models.PositiveIntegerField("修改次数", default=0, editable=False)
    revised_at = models.DateTimeField("修改时间", null=True, blank=True)
    revised_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="修改人"
    )
    writers = ArrayField(models.BigIntegerField(), verbose_name="改动过的人员", default=list, blank=True, editable=False)
    held_at = models.DateTimeField("暂缓时间", null=True, blank=True)
    held_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="暂缓人"
    )
    hold_reason = models.CharField("暂缓原因", max_length=200, blank=True)
    discarded_at = models.DateTimeField("作废时间", null=True, blank=True)
    discarded_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废人"
    )
    discard_reason = models.CharField("作废原因", max_length=200, blank=True)

    UNSOURCED: ClassVar[frozenset[str]] = frozenset(
        {
            "program", "number", "valid_from", "valid_until", "change_note", "fixture_digest", "drafted_at", "drafted_by",
            "drafted_by_staff", "published_at", "published_by", "published_by_staff", "revision", "revised_at", "revised_by", "writers",
            "held_at", "held_by", "hold_reason", "discarded_at", "discarded_by", "discard_reason",
        }
    )  # fmt: skip

    objects = ProgramVersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目版本"
        ordering = ["program", "number"]
        constraints = [
            models.UniqueConstraint(
                name="one_version_per_number", fields=["program", "number"], violation_error_message="该项目已有此版本号。"
            ),
            ExclusionConstraint(
                name="published_versions_of_a_program_never_overlap",
                expressions=[
                    ("program", RangeOperators.EQUAL),
                    (
                        DateRange("valid_from", "valid_until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(published_at__isnull=False),
                violation_error_message="同一项目在同一天只能有一个已发布的版本。",
            ),
            models.CheckConstraint(
                name="version_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                violation_error_message="停用日期不能早于启用日期。",
            ),
            models.CheckConstraint(
                name="published_version_says_who_and_from_when",
                condition=Q(published_at=None, published_by=None, published_by_staff=None)
                | Q(published_at__isnull=False, published_by__isnull=False, published_by_staff__isnull=False, valid_from__isnull=False),
                violation_error_message="已发布的版本必须记录发布时间、发布人和启用日期。",
            ),
            models.CheckConstraint(
                name="publisher_is_not_the_drafter",
                condition=~Q(fixture_digest="") | Q(published_by_staff=None) | ~Q(published_by_staff=F("drafted_by_staff")),
                violation_error_message="发布人与起草人不能是同一人。",
            ),
            models.CheckConstraint(
                name="publisher_did_not_write_the_draft",
                condition=Q(published_by_staff=None) | ~Q(writers__contains=[F("published_by_staff")]),
                violation_error_message="改动过草稿的人不能发布这一版，请由另一人发布。",
            ),
            models.CheckConstraint(
                name="revision_of_a_draft_has_its_reviser",
                condition=Q(revised_at=None, revised_by=None) | Q(revised_at__isnull=False, revised_by__isnull=False),
            ),
            models.CheckConstraint(
                name="held_draft_says_who_and_why",
                condition=Q(held_at=None, held_by=None, hold_reason="")
                | (Q(held_at__isnull=False, held_by__isnull=False, published_at=None) & ~Q(hold_reason="")),
                violation_error_message="暂缓发布必须记录时间、人员和原因，已发布的版本不能暂缓。",
            ),
            models.CheckConstraint(
                name="discarded_draft_says_who_and_why",
                condition=Q(discarded_at=None, discarded_by=None, discard_reason="")
                | (Q(discarded_at__isnull=False, discarded_by__isnull=False, published_at=None) & ~Q(discard_reason="")),
                violation_error_message="作废草稿必须记录时间、人员和原因，已发布的版本不能作废。",
            ),
            models.CheckConstraint(
                name="open_months_say_which",
                condition=(Q(obtained="open_months") & Q(open_months__len__gt=0)) | (~Q(obtained="open_months") & Q(open_months=[])),
                violation_error_message="限定月份受理的项目必须填写受理月份，其他项目不填。",
            ),
            models.CheckConstraint(
                name="open_months_are_months",
                condition=Q(open_months__contained_by=list(range(1, 13))),
                violation_error_message="受理月份只能是1至12。",
            ),
            models.CheckConstraint(
                name="quota_belongs_to_a_limited_program",
                condition=Q(quota_per_year=None) | Q(has_quota=True),
                violation_error_message="没有名额限制的项目不填年度名额。",
            ),
            models.CheckConstraint(
                name="every_default_of_a_version_has_its_origin",
                condition=Q(
                    origins__has_keys=[
                        "benefit_mode", "obtained", "open_months", "has_quota", "quota_per_year", "place", "summary", "conditions",
                        "aid", "remark", "publicity_masking", "decision_word", "refusal_word", "remedy", "remedies", "legal_basis",
                        "pay_start", "pause_causes", "asks_about_kin", "result_valid_months", "screening_text", "screening_rule",
                        "materials_text", "exempt_text",
                    ]
                ),
                violation_error_message="每一项默认值都必须注明来源。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.program} 第{self.number}版"

    @property
    def main_track(self) -> "Track":
        """The track of the county's list. Reads the prefetched ones where there are any."""
        return self.tracks.all()[0]

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_discarded(self) -> bool:
        return self.discarded_at is not None

    @property
    def is_held(self) -> bool:
        return self.held_at is not None

    @property
    def is_open_draft(self) -> bool:
        """Neither published nor given up: what it says may still be changed."""
        return not self.is_published and not self.is_discarded

    @property
    def last_saved(self) -> str:
        """Who saved it last and when, in words."""
        by, at = (self.revised_by, self.revised_at) if self.revised_by and self.revised_at else (self.drafted_by, self.drafted_at)
        return f"{by}于{localtime(at):%Y-%m-%d %H:%M}"
