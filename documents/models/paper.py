import uuid

from django.db import models
from django.db.models import F, Q

from ..querysets import DocumentTemplateQuerySet, IssuedDocumentQuerySet


class DocumentTemplate(models.Model):
    """A Word template for one kind of paper: the one delivered with the platform, or one of the county's own (DEPENDENCIES: docxtpl).

    The file never changes; a better one is the next number. One of a kind is in use at a time; papers issued by an older one keep it.
    Who confirms a template of the county's own is not who uploaded it.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        IN_FORCE = "in_force", "使用中"
        RETIRED = "retired", "已停用"

    kind = models.SlugField("文书种类", max_length=40, db_index=False)
    number = models.PositiveSmallIntegerField("版本号")
    content = models.BinaryField("模板文件")
    size = models.PositiveIntegerField("大小（字节）")
    note = models.CharField("说明", max_length=200, blank=True)
    is_default = models.BooleanField("平台自带", default=False, editable=False)
    fixture_digest = models.CharField("参考文件摘要", max_length=64, blank=True, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PROPOSED)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="上传人")
    uploaded_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    confirmed_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)
    retired_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="停用人"
    )
    retire_reason = models.CharField("停用原因", max_length=200, blank=True)

    objects = DocumentTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书模板"
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(
                name="one_template_per_kind_and_number", fields=["kind", "number"], violation_error_message="该文书已有此版本号的模板。"
            ),
            models.UniqueConstraint(
                name="one_template_of_a_kind_in_force",
                fields=["kind"],
                condition=Q(status="in_force"),
                violation_error_message="该文书已有一个使用中的模板。",
            ),
            models.UniqueConstraint(
                name="one_template_of_a_kind_awaits_confirmation",
                fields=["kind"],
                condition=Q(status="proposed"),
                violation_error_message="该文书已有一个待确认的模板。",
            ),
            models.CheckConstraint(
                name="template_in_force_was_confirmed",
                condition=(Q(confirmed_at=None, confirmed_by=None, confirmed_by_staff=None) & ~Q(status="in_force"))
                | (Q(confirmed_at__isnull=False, confirmed_by__isnull=False, confirmed_by_staff__isnull=False) & ~Q(status="proposed")),
                violation_error_message="使用中的模板必须有确认时间和确认人。",
            ),
            models.CheckConstraint(
                name="retired_template_says_who_and_why",
                condition=(Q(status="retired", retired_at__isnull=False, retired_by__isnull=False) & ~Q(retire_reason=""))
                | (Q(retired_at=None, retired_by=None, retire_reason="") & ~Q(status="retired")),
                violation_error_message="停用模板须记明时间、停用人和原因。",
            ),
            models.CheckConstraint(
                name="template_is_confirmed_by_a_second_person",
                condition=Q(is_default=True) | Q(confirmed_by_staff=None) | ~Q(confirmed_by_staff=F("uploaded_by_staff")),
                violation_error_message="模板的确认人与上传人不能是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}模板第{self.number}版"


class IssuedDocument(models.Model):
    """A paper that was handed to somebody: its number and a snapshot of all it says, so that a reprint is the same paper.

    `data` follows `documents.papers` of its kind: names plain, numbers of persons masked. Subject, household and application are plain
    values, as in the record. The row is final, but it may be voided, with the reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.SlugField("文书种类", max_length=40, db_index=False)
    number = models.CharField("文号", max_length=60)
    title = models.CharField("标题", max_length=80)
    subject_label = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    household_id = models.UUIDField("家庭", null=True, blank=True)
    application_id = models.UUIDField("申请", null=True, blank=True)
    data = models.JSONField("内容")
    template = models.ForeignKey(
        DocumentTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="模板"
    )
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="出具单位")
    issued_at = models.DateTimeField("出具时间")
    issued_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="出具人")
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="作废人"
    )
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已出具文书"
        ordering = ["issued_at", "id"]
        indexes = [
            models.Index(name="issued_document_subject", fields=["subject_label", "subject_id", "kind"]),
            models.Index(name="issued_document_application", fields=["application_id"], condition=Q(application_id__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_issued_document_per_kind_and_number", fields=["kind", "number"], violation_error_message="该文号已经用过。"
            ),
            models.CheckConstraint(
                name="issued_document_has_its_number", condition=~Q(number=""), violation_error_message="文书必须有文号。"
            ),
            models.CheckConstraint(
                name="voided_document_says_who_and_why",
                condition=Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")
                | Q(voided_at=None, voided_by=None, void_reason=""),
                violation_error_message="作废文书须记明时间、作废人和原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None
