import uuid
from collections.abc import Mapping as Mapped

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from ..declaration import Template, template_of
from ..querysets import BatchQuerySet, MappingQuerySet, UploadQuerySet
from .staged import StagedRow

NO_COLUMN = "不使用的列"  # of a heading that is no column of the template, though its words say so


class Batch(models.Model):
    """导入批次: one file on its way in, from the octets to rows that stand, and back again if it must (DESIGN 7, SECURITY D9).

    Nothing of it counts before it is applied: that is one transaction. `unit` answers for the rows; where the county platform handed them
    in for it (代录, ZX-22), `handed_in_by` is the platform's post. `as_of`: the cut-off day that the file speaks of.
    """

    class Status(models.TextChoices):
        READING = "reading", "读取中"
        REFUSED = "refused", "未读成"
        READY = "ready", "待确认"
        PROPOSED = "proposed", "待第二人确认"
        APPLYING = "applying", "入库中"
        APPLIED = "applied", "已入库"
        DROPPED = "dropped", "已作废"
        UNDONE = "undone", "已撤销"

    TONES = {
        Status.READING: "blue",
        Status.REFUSED: "red",
        Status.READY: "amber",
        Status.PROPOSED: "amber",
        Status.APPLYING: "blue",
        Status.APPLIED: "green",
        Status.DROPPED: "grey",
        Status.UNDONE: "grey",
    }

    OUTCOMES = tuple(StagedRow.Outcome)  # in the order of the preview

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.CharField("模板", max_length=80)
    title = models.CharField("名称", max_length=80)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="数据单位")
    as_of = models.DateField("数据截止日")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.READING)
    # The door of an upper room it came in by, and for what: see `declaration.Door`.
    door = models.CharField("报送渠道", max_length=40, blank=True, editable=False)
    subject_label = models.CharField("对象类型", max_length=60, blank=True, editable=False)
    subject_id = models.CharField("对象编号", max_length=40, blank=True, editable=False)
    file_name = models.CharField("文件名", max_length=120)
    file_digest = models.UUIDField("文件摘要", editable=False)
    size = models.PositiveIntegerField("文件大小（字节）")
    handed_in_at = models.DateTimeField("上传时间")
    handed_in_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="上传人")
    handed_in_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    refusal = models.CharField("未读成的原因", max_length=300, blank=True)
    columns = models.JSONField("列对应", default=dict, blank=True)
    rows = models.PositiveIntegerField("行数", default=0)
    counts = models.JSONField("比对结果", default=dict, blank=True)
    remarks = models.JSONField("说明", default=list, blank=True)
    standing = models.PositiveIntegerField("上期行数", default=0)
    compared_at = models.DateTimeField("比对时间", null=True, blank=True)
    proposed_at = models.DateTimeField("提交确认时间", null=True, blank=True)
    proposed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="提交人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    confirmed_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    needs_second = models.BooleanField("须第二人确认", default=False)
    jump_reason = models.CharField("增减幅度说明", max_length=200, blank=True)
    applied_at = models.DateTimeField("入库时间", null=True, blank=True)
    applied_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="入库人"
    )
    dropped_at = models.DateTimeField("作废时间", null=True, blank=True)
    dropped_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="作废人"
    )
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="撤销人"
    )
    reason = models.CharField("作废或撤销原因", max_length=200, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-handed_in_at", "-id"]
        indexes = [
            models.Index(name="batch_newest", fields=["-handed_in_at", "-id"]),
            models.Index(name="batch_of_unit", fields=["unit", "-handed_in_at", "-id"]),
            models.Index(name="batch_of_template", fields=["template", "unit", "-applied_at"]),
            models.Index(name="batch_by_subject", fields=["subject_label", "subject_id"], condition=~Q(subject_label="")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="a_file_is_on_its_way_once",
                fields=["unit", "template", "file_digest"],
                condition=Q(status__in=["reading", "ready", "proposed", "applying"]),
                violation_error_message="同一个文件已经上传，正在办理。请到导入记录中继续。",
            ),
            models.CheckConstraint(
                name="refused_batch_says_why",
                condition=Q(status="refused") & ~Q(refusal="") | ~Q(status="refused") & Q(refusal=""),
                violation_error_message="未读成的文件须写明原因。",
            ),
            models.CheckConstraint(
                name="proposed_batch_has_its_proposer",
                condition=Q(proposed_at=None, proposed_by=None) | Q(proposed_at__isnull=False, proposed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="confirmed_batch_has_its_confirmer",
                condition=Q(confirmed_at=None, confirmed_by=None, confirmed_by_staff=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, confirmed_by_staff__isnull=False),
            ),
            models.CheckConstraint(
                name="large_batch_is_confirmed_by_a_second",
                condition=Q(needs_second=False) | Q(confirmed_by_staff=None) | ~Q(confirmed_by_staff=F("handed_in_by_staff")),
                violation_error_message="变更较多的文件须由另一人确认。",
            ),
            models.CheckConstraint(
                name="applied_batch_was_confirmed",
                condition=Q(applied_at=None, applied_by=None)
                | Q(applied_at__isnull=False, applied_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="dropped_batch_has_its_dropper",
                condition=Q(dropped_at=None, dropped_by=None) | Q(dropped_at__isnull=False, dropped_by__isnull=False),
            ),
            models.CheckConstraint(
                name="undone_batch_says_who_and_why",
                condition=Q(undone_at=None, undone_by=None)
                | (Q(undone_at__isnull=False, undone_by__isnull=False, applied_at__isnull=False) & ~Q(reason="")),
                violation_error_message="撤销导入须记明时间、人员和原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.as_of:%Y-%m-%d}）"

    def get_absolute_url(self) -> str:
        return reverse("spreadsheets:batch_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return self.TONES[self.Status(self.status)]

    @property
    def error_rows(self) -> int:
        return int(self.counts.get("error", 0))

    @property
    def is_on_behalf(self) -> bool:
        """Handed in by the county platform for the unit (代录, ZX-22)."""
        return self.handed_in_by.unit_id != self.unit_id and self.handed_in_by.unit.kind == "platform"

    @cached_property
    def declared(self) -> Template | None:
        """The template of its rows, asked for once; None where this version of the house does not know it."""
        return template_of(self.template)

    @property
    def is_confidential(self) -> bool:
        """Rows of a sensitive program: the record tells others that a file came in, and no more."""
        return self.declared is not None and self.declared.sensitive


class Upload(models.Model):
    """The octets of a file until they are read, sealed; then they are gone: what they held is staged, and only their digest is kept.

    One that was read by what its unit said of headings before stays until it is entered or dropped: that may be put right, and it is read
    again.
    """

    batch = models.OneToOneField(Batch, on_delete=models.CASCADE, primary_key=True, related_name="upload", verbose_name="导入批次")
    sealed = models.BinaryField("密文", editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待读文件"

    def __str__(self) -> str:
        return str(self.batch)


class Mapping(models.Model):
    """How a unit's own headings stand for a template's columns: what was said of its files, and is believed of the next one."""

    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="单位")
    template = models.CharField("模板", max_length=80)
    headings = models.JSONField("列对应", default=dict)
    set_at = models.DateTimeField("设定时间")
    set_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="设定人")

    objects = MappingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "列对应"
        ordering = ["unit", "template"]
        constraints = [
            models.UniqueConstraint(
                name="one_mapping_per_unit_and_template",
                fields=["unit", "template"],
                violation_error_message="本单位这个模板的列对应刚刚由他人设定，请打开这个文件的页面核对。",
            ),
        ]

    def __str__(self) -> str:
        return self.declared.title if self.declared else self.template

    @cached_property
    def declared(self) -> Template | None:
        return template_of(self.template)

    @property
    def is_confidential(self) -> bool:
        """As the files are that were read by it."""
        return bool(self.declared and self.declared.sensitive)

    @property
    def labels(self) -> Mapped[str, str]:
        """What the template calls its columns, by key; of one that it no longer has, the key."""
        named = {field.key: field.label for field in (self.declared.fields if self.declared else ()) if field.key in self.headings.values()}
        return named | {key: key or NO_COLUMN for key in self.headings.values() if key not in named}

    @property
    def said(self) -> list[tuple[str, str]]:
        """Heading and column, in the order of the template."""
        return [(heading, label) for key, label in self.labels.items() for heading, meant in self.headings.items() if meant == key]
