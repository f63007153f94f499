"""What leaves the house as a file: an export that somebody asked for, and one that runs each month for an approved 上报."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from deadlines.models import Job

from ..querysets import ExportQuerySet


class Export(models.Model):
    """A file made of a ledger by a job, kept sealed for some days (DESIGN 6, SECURITY abuse 6).

    `given_sealed` is the ledger's form as it was sent: it may hold a name. `eyes` is the post through whose gate the rows were taken. How
    far it is stands at the job; what stands here is the file: where it lies, how large, how often it was fetched, until when.
    """

    TONES = {"making": "blue", "ready": "green", "failed": "red", "cancelled": "grey", "expired": "grey"}
    WORDS = {"making": "生成中", "ready": "可下载", "failed": "未生成", "cancelled": "已取消", "expired": "已过期"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ledger = models.CharField("台账", max_length=60)
    title = models.CharField("名称", max_length=120)
    given_sealed = models.BinaryField("筛选内容密文")
    filters = models.CharField("筛选条件", max_length=300)
    reason = models.CharField("用途", max_length=200, blank=True)
    in_clear = models.BooleanField("含完整号码", default=False)
    approval = models.ForeignKey(
        "spreadsheets.ReportApproval", on_delete=models.PROTECT, null=True, blank=True, related_name="runs", verbose_name="上报审批"
    )
    period = models.CharField("上报期间", max_length=7, blank=True)
    form = models.ForeignKey(
        "spreadsheets.SuperiorForm", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="套表"
    )
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="所属单位")
    eyes = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="取数岗位")
    asked_at = models.DateTimeField("发起时间")
    asked_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="发起岗位")
    job = models.OneToOneField(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务")
    file_name = models.CharField("文件名", max_length=160, blank=True)
    storage_name = models.CharField("存放名", max_length=80, blank=True)
    size = models.PositiveBigIntegerField("文件大小", default=0)
    sha256 = models.CharField("文件摘要", max_length=64, blank=True)
    rows = models.PositiveIntegerField("行数", default=0)
    is_cut = models.BooleanField("超出行数上限", default=False)
    expires_on = models.DateField("保留至", null=True, blank=True)
    removed_on = models.DateField("清除日期", null=True, blank=True)
    downloaded = models.PositiveIntegerField("下载次数", default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出文件"
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(name="export_newest_of_post", fields=["asked_by", "-asked_at", "-id"]),
            models.Index(name="export_newest_of_unit", fields=["unit", "-asked_at", "-id"], condition=Q(approval__isnull=False)),
            models.Index(name="export_file_that_expires", fields=["expires_on"], condition=~Q(storage_name="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="kept_file_has_its_digest_and_its_last_day",
                condition=Q(storage_name="") | (~Q(sha256="") & Q(expires_on__isnull=False, removed_on=None)),
            ),
            models.CheckConstraint(name="removed_file_was_made", condition=Q(removed_on=None) | Q(expires_on__isnull=False)),
            models.CheckConstraint(name="numbers_leave_in_clear_by_an_approval", condition=Q(in_clear=False) | Q(approval__isnull=False)),
            models.CheckConstraint(
                name="run_of_an_approval_has_its_period",
                condition=Q(approval=None, period="") | (Q(approval__isnull=False) & ~Q(period="")),
            ),
            models.UniqueConstraint(
                name="one_run_of_an_approval_in_its_period", fields=["approval", "period"], condition=Q(approval__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exports:export_detail", args=[self.pk])

    @property
    def state(self) -> str:
        """Of the file, else of the work that makes it."""
        if self.storage_name:
            return "ready"
        if self.removed_on or self.job is None:
            return "expired" if self.removed_on else "failed"
        return {Job.Status.FAILED: "failed", Job.Status.CANCELLED: "cancelled"}.get(Job.Status(self.job.status), "making")

    @property
    def state_label(self) -> str:
        return self.WORDS[self.state]

    @property
    def tone(self) -> str:
        return self.TONES[self.state]
