from datetime import date

from django.db import models
from django.db.models import F, Q

from organization.models import Parameter

from ..querysets import FormVersionQuerySet


class FormVersion(models.Model):
    """One version of a text that residents or staff sign or are told: immutable once published, by trigger (TZ-19, XX-16, RULES C3 17, 30).

    A signature names its version, so that the words somebody agreed to can always be shown. On each day the published version with the
    latest `valid_from` is in force. `text` is Markdown in a narrow sense: headings (#), lists (1. or -), paragraphs; blanks are ＿.
    """

    class Key(models.TextChoices):
        PROMISE = "promise", "诚信承诺书"
        AUTHORISATION = "authorisation", "经济状况核对授权书"
        KIN_DECLARATION = "kin_declaration", "近亲属备案声明"
        PRIVACY_NOTICE = "privacy_notice", "个人信息处理告知书"

    key = models.CharField("文书", max_length=20, choices=Key.choices)
    number = models.PositiveSmallIntegerField("版本号")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("正文")
    origin = models.CharField("来源", max_length=10, choices=Parameter.Origin.choices)
    source = models.CharField("依据", max_length=300)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    fixture_digest = models.CharField("参考文件摘要", max_length=64, blank=True, editable=False)
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="起草人")
    drafted_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="发布人"
    )
    published_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = FormVersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "告知承诺文本"
        ordering = ["key", "number"]
        constraints = [
            models.UniqueConstraint(
                name="one_form_version_per_number", fields=["key", "number"], violation_error_message="该文书已有此版本号。"
            ),
            models.UniqueConstraint(
                name="one_published_form_per_key_and_day",
                fields=["key", "valid_from"],
                condition=Q(published_at__isnull=False),
                violation_error_message="该文书在这一天已有一个启用的版本。",
            ),
            models.CheckConstraint(
                name="form_key_is_known",
                condition=Q(key__in=["promise", "authorisation", "kin_declaration", "privacy_notice"]),
                violation_error_message="没有这种文书。",
            ),
            models.CheckConstraint(
                name="published_form_says_who_and_from_when",
                condition=Q(published_at=None, published_by=None, published_by_staff=None)
                | Q(published_at__isnull=False, published_by__isnull=False, published_by_staff__isnull=False, valid_from__isnull=False),
                violation_error_message="已发布的文书必须记录发布时间、发布人和启用日期。",
            ),
            models.CheckConstraint(
                name="publisher_of_a_form_is_not_its_drafter",
                condition=~Q(fixture_digest="") | Q(published_by_staff=None) | ~Q(published_by_staff=F("drafted_by_staff")),
                violation_error_message="发布人与起草人不能是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.number}版）"

    def state_on(self, day: date) -> str:
        """What a list calls a version that is not the one in force."""
        if self.valid_from is None or not self.is_published:
            return "待发布"
        return "未启用" if self.valid_from > day else "已停用"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None
