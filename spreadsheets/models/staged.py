from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ..querysets import OfBatchQuerySet


class StagedRow(models.Model):
    """A row of a file as read, beside what stands: nothing of it counts before the batch is applied. No number of somebody is plain.

    cells: by key of the field, as the catalogue writes a value (text, true or false, ISO dates, money as text); of a sealed field its mask.
    sealed: by key of a sealed field, {"s": ciphertext, "d": digest}, without "s" where the register keeps it, found there by the digest.
    What could not be read stands in `cells` as typed, unless it may be a number of somebody: then it is sealed too. person_digest: of the
    template's `person`. new_id: the key of what the row may bring forth.
    before: the old values of what changes. marks: words of the owner about the row (offline, confirms, loose ...), counted on the preview.
    `number` is the line in the file as people count; 0 for a row that is gone, which stands in no file.
    """

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变更"
        SAME = "same", "不变"
        GONE = "gone", "消失"
        ERROR = "error", "错误"
        SKIPPED = "skipped", "不在收集范围"

    TONES = {
        Outcome.NEW: "green",
        Outcome.CHANGED: "blue",
        Outcome.SAME: "grey",
        Outcome.GONE: "amber",
        Outcome.ERROR: "red",
        Outcome.SKIPPED: "grey",
    }

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        "spreadsheets.Batch", on_delete=models.CASCADE, related_name="staged", db_index=False, db_constraint=False, verbose_name="导入批次"
    )  # kept by `config.references`
    number = models.PositiveIntegerField("行号")
    outcome = models.CharField("比对结果", max_length=8, choices=Outcome.choices, blank=True)
    cells = models.JSONField("内容", default=dict)
    sealed = models.JSONField("密文", default=dict, editable=False)
    person_digest = models.UUIDField("证件号码（摘要）", null=True, editable=False)
    name = models.CharField("姓名", max_length=80, blank=True)
    region_code = models.CharField("所在区划", max_length=12, blank=True)
    new_id = models.UUIDField("新记录编号", editable=False)
    subject_id = models.UUIDField("对应记录", null=True, editable=False)
    person_id = models.UUIDField("对应人员", null=True, editable=False)
    household_id = models.UUIDField("对应家庭", null=True, editable=False)
    before = models.JSONField("原内容", default=dict, blank=True)
    problems = models.JSONField("问题", default=list, blank=True)  # [[key of the field or "", sentence], ...]
    marks = ArrayField(models.CharField(max_length=20), verbose_name="标记", default=list, blank=True)

    objects = OfBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待入库行"
        ordering = ["batch", "number", "id"]
        indexes = [
            # In the order in which rows come, so that a file fills it at its end; a page of one outcome tells that from the index.
            models.Index(name="staged_row_of_batch", fields=["batch", "number", "id", "outcome"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="wrong_row_says_what_is_wrong",
                condition=~Q(outcome="error") | ~Q(problems=[]),
                violation_error_message="有错误的行须写明问题。",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}行"


class Effect(models.Model):
    """Rows of one table that an apply wrote, by the stretch: of each what the database held before, and how to know it again.

    An undo puts `before` back, exactly: all columns of a row, or those that the statement wrote. It is empty for rows that the batch made.
    `was` and `left_as`: digests of the whole row before and after (`effects.DIGEST`). Ciphertext and digests of rows are in `before`, never
    a plain number. Written by `spreadsheets.effects`.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey("spreadsheets.Batch", on_delete=models.PROTECT, related_name="effects", verbose_name="导入批次")
    table = models.CharField("数据表", max_length=63)
    row_ids = ArrayField(models.TextField(), verbose_name="记录编号")
    before = ArrayField(models.JSONField(), verbose_name="原记录", default=list, blank=True)
    was = ArrayField(models.BigIntegerField(), verbose_name="原记录（摘要）", default=list, blank=True)
    left_as = ArrayField(models.BigIntegerField(), verbose_name="新记录（摘要）")

    objects = OfBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "入库痕迹"
        ordering = ["batch", "id"]

    def __str__(self) -> str:
        return f"{self.table}: {len(self.row_ids)}"
