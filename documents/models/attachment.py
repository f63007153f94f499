import uuid

from django.db import models
from django.db.models import Q

from config import clock

from ..querysets import AttachmentQuerySet


class Attachment(models.Model):
    """A file somebody handed in: known by its content, made harmless, stored encrypted, never erased by a page (R12, D10, D11).

    The subject is label and id, as in the record: this floor knows nobody above it. Who may read is asked of the subject's room
    (`documents.gates`). What lies on the disk is ciphertext bound to this row's id; `digest` is keyed, of the plain octets as stored.
    """

    class ContentType(models.TextChoices):
        """What is kept. Other pictures are turned into one of these when they arrive."""

        JPEG = "image/jpeg", "图片（JPEG）"
        PNG = "image/png", "图片（PNG）"
        PDF = "application/pdf", "PDF文档"

    class Status(models.TextChoices):
        """Only what is clean is handed out. A file that no longer opens, or is not what was stored, is quarantined until it is restored."""

        CLEAN = "clean", "可查看"
        QUARANTINED = "quarantined", "已隔离"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_label = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    household_id = models.UUIDField("家庭", null=True, blank=True)
    application_id = models.UUIDField("申请", null=True, blank=True)
    kind = models.SlugField("材料种类", max_length=60, db_index=False)
    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField("文件类型", max_length=20, choices=ContentType.choices)
    size = models.PositiveIntegerField("大小（字节）")
    width = models.PositiveIntegerField("宽（像素）", null=True, blank=True)
    height = models.PositiveIntegerField("高（像素）", null=True, blank=True)
    pages = models.PositiveIntegerField("页数", null=True, blank=True)
    digest = models.UUIDField("内容摘要（带密钥）", editable=False)
    storage_name = models.CharField("存放位置", max_length=100, unique=True, editable=False)
    key_name = models.CharField("密钥编号", max_length=16, editable=False)
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.CLEAN)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="上传单位")
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="上传人")
    quarantined_at = models.DateTimeField("隔离时间", null=True, blank=True)
    quarantined_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="隔离人"
    )
    quarantine_reason = models.CharField("隔离原因", max_length=200, blank=True)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="作废人"
    )
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["uploaded_at", "id"]
        indexes = [models.Index(name="attachment_subject", fields=["subject_label", "subject_id", "kind"])]
        constraints = [
            models.CheckConstraint(
                name="attachment_type_is_known",
                condition=Q(content_type__in=["image/jpeg", "image/png", "application/pdf"]),
                violation_error_message="附件只能是图片或PDF。",
            ),
            models.CheckConstraint(name="attachment_is_not_empty", condition=Q(size__gt=0), violation_error_message="附件不能是空文件。"),
            models.CheckConstraint(
                name="picture_has_pixels_and_pdf_has_pages",
                condition=Q(content_type="application/pdf", width=None, height=None, pages__isnull=False, pages__gt=0)
                | (
                    ~Q(content_type="application/pdf") & Q(width__isnull=False, width__gt=0, height__isnull=False, height__gt=0, pages=None)
                ),
                violation_error_message="图片须记明宽和高，PDF须记明页数。",
            ),
            models.CheckConstraint(
                name="quarantined_attachment_says_who_and_why",
                condition=Q(status="quarantined", quarantined_at__isnull=False, quarantined_by__isnull=False) & ~Q(quarantine_reason="")
                | Q(status="clean", quarantined_at=None, quarantined_by=None, quarantine_reason=""),
                violation_error_message="隔离附件须记明时间、经手人和原因。",
            ),
            models.CheckConstraint(
                name="voided_attachment_says_who_and_why",
                condition=Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")
                | Q(voided_at=None, voided_by=None, void_reason=""),
                violation_error_message="作废附件须记明时间、作废人和原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type != self.ContentType.PDF

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None

    @property
    def voided_text(self) -> str:
        """Why, and who struck it out when; nothing while it stands."""
        if self.voided_at is None or self.voided_by is None:
            return ""
        return f"{self.void_reason}（{self.voided_by.staff.name} {clock.local(self.voided_at):%m-%d %H:%M}）"

    @property
    def is_readable(self) -> bool:
        """Clean files are handed out, voided ones too: what was once relied on stays to be looked at."""
        return self.status == self.Status.CLEAN
