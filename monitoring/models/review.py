import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..reviews.querysets import ReviewLineQuerySet, ReviewListQuerySet


class ReviewList(models.Model):
    """动态复核、生存认证: one class of regular aid in one township, to be looked at in one period (XX-25, XX-33).

    Made by periodic work with a line for each record, or for each person of whom it is asked whether they live; one duty of its township's
    office, or of the department where the township is not told of the program. Closed with its last line.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", "动态复核"
        CERTIFICATION = "certification", "生存认证"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=13, choices=Kind.choices)
    class_key = models.CharField("类别", max_length=20)
    name = models.CharField("类别名称", max_length=60)
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="救助项目")
    region = models.ForeignKey(
        "organization.Region", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="乡镇（街道）"
    )
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="承办单位")
    month = models.DateField("本期首月")
    months = models.PositiveSmallIntegerField("周期（月）")
    due_on = models.DateField("完成期限")
    opened_at = models.DateTimeField("生成时间")
    opened_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="生成人")
    closed_at = models.DateTimeField("完成时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="完成人"
    )

    objects = ReviewListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复核清单"
        ordering = ["-month", "region", "kind", "class_key"]
        indexes = [
            models.Index(name="review_list_newest", fields=["-month", "-id"]),
            models.Index(name="review_list_of_place", fields=["region", "-month", "-id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_review_list_per_class_place_and_period", fields=["kind", "class_key", "region", "month"],
                violation_error_message="这一类别本期的清单已经生成。",
            ),
            models.CheckConstraint(
                name="review_list_begins_with_a_month", condition=Q(month__day=1), violation_error_message="清单从某月1日起。"
            ),
            models.CheckConstraint(
                name="closed_review_list_says_who_and_when",
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                violation_error_message="完成清单必须记明时间和完成人。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.period}{self.name}{self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:review_list_detail", args=[self.pk])

    @property
    def period(self) -> str:
        """In words: 2026年10月, 2026年第4季度, 2026年."""
        if self.months == 3:
            return f"{self.month.year}年第{self.month.month // 3 + 1}季度"
        return f"{self.month.year}年" if self.months >= 12 else f"{self.month.year}年{self.month.month}月"


class ReviewLine(models.Model):
    """One record, or one person, of a list: what was found, how, by whom. Nothing of a face is kept (XX-33)."""

    class Result(models.TextChoices):
        STILL = "still", "仍符合"
        CHANGED = "changed", "情况有变化"
        MISSING = "missing", "未找到"
        DEAD = "dead", "已死亡"
        OVER = "over", "救助已结束"

    class Way(models.TextChoices):
        VISIT = "visit", "上门"
        PHONE = "phone", "电话"
        WINDOW = "window", "到窗口"
        FACE = "face", "人脸识别（不留影像）"
        DATA = "data", "数据比对"

    list = models.ForeignKey(ReviewList, on_delete=models.PROTECT, related_name="lines", db_index=False, verbose_name="清单")
    record = models.ForeignKey("households.AssistanceRecord", on_delete=models.PROTECT, related_name="+", verbose_name="救助记录")
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员"
    )
    result = models.CharField("结果", max_length=8, choices=Result.choices, blank=True)
    way = models.CharField("方式", max_length=8, choices=Way.choices, blank=True)
    note = models.CharField("情况", max_length=200, blank=True)
    checked_at = models.DateTimeField("复核时间", null=True, blank=True)
    checked_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="复核人"
    )

    objects = ReviewLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复核明细"
        ordering = ["list", "id"]
        indexes = [models.Index(name="review_line_of_list", fields=["list", "result", "id"])]
        constraints = [
            models.UniqueConstraint(
                name="one_review_line_per_record_and_person", fields=["list", "record", "resident"], nulls_distinct=False,
                violation_error_message="此人（户）已在这份清单中。",
            ),
            models.CheckConstraint(
                name="checked_review_line_says_what_who_and_when",
                condition=Q(result="", way="", checked_at=None, checked_by=None)
                | (~Q(result="") & ~Q(way="") & Q(checked_at__isnull=False, checked_by__isnull=False)),
                violation_error_message="复核须记明结果、方式、时间和复核人。",
            ),
            models.CheckConstraint(
                name="review_line_other_than_still_has_its_words",
                condition=Q(result__in=["", "still", "over"]) | ~Q(note=""),
                violation_error_message="有变化、未找到或已死亡的，请写明情况。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.list} {self.pk}"

    @property
    def mark(self) -> str:
        """Of what was found so far, for a page that has shown it: "" while it waits."""
        return self.checked_at.isoformat() if self.checked_at else ""
