"""What leaves the house each month for a superior: the approval, and the superior's own form."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..querysets import ReportApprovalQuerySet, SuperiorFormQuerySet


class ReportApproval(models.Model):
    """上报: that a ledger leaves each month for one recipient, with these columns, perhaps in clear (DESIGN 8, SECURITY 6.4).

    Proposed by a data manager, approved by another person of the county platform, and then run each month as long as it stands. Nothing in
    it changes: who wants it otherwise ends it and proposes another. `columns` are "sheet:label" of the ledger; empty: all.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审批"
        APPROVED = "approved", "执行中"
        REFUSED = "refused", "未批准"
        ENDED = "ended", "已终止"

    class Of(models.TextChoices):
        LAST = "last", "上月"
        THIS = "this", "当月"

    TONES = {Status.PROPOSED: "amber", Status.APPROVED: "green", Status.REFUSED: "red", Status.ENDED: "grey"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PROPOSED)
    ledger = models.CharField("台账", max_length=60)
    title = models.CharField("台账名称", max_length=120)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="上报单位")
    recipient = models.CharField("接收单位", max_length=80)
    address = models.CharField("送达方式", max_length=120)
    purpose = models.CharField("用途和依据", max_length=200)
    given = models.JSONField("筛选内容", default=dict, blank=True)
    filters = models.CharField("筛选条件", max_length=300)
    columns = models.JSONField("栏目", default=list, blank=True)
    form = models.ForeignKey(
        "spreadsheets.SuperiorForm", on_delete=models.PROTECT, null=True, blank=True, related_name="approvals", verbose_name="套表"
    )
    in_clear = models.BooleanField("号码不脱敏", default=False)
    day = models.PositiveSmallIntegerField("每月几日生成")
    of_month = models.CharField("统计月份", max_length=5, choices=Of.choices, default=Of.LAST)
    until = models.DateField("执行至")
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="提出岗位")
    proposed_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="审批岗位"
    )
    decided_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="审批人"
    )
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="终止岗位"
    )
    reason = models.CharField("不批准或终止的原因", max_length=200, blank=True)

    objects = ReportApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上报审批"
        ordering = ["-proposed_at", "-id"]
        indexes = [
            models.Index(name="approval_newest_first", fields=["-proposed_at", "-id"]),
            models.Index(name="approval_that_runs", fields=["day"], condition=Q(status="approved")),
        ]
        constraints = [
            models.CheckConstraint(
                name="decided_approval_has_its_decider",
                condition=Q(status="proposed", decided_at=None, decided_by=None, decided_by_staff=None)
                | Q(status="ended", decided_at=None, decided_by=None, decided_by_staff=None)
                | Q(
                    status__in=["approved", "refused", "ended"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    decided_by_staff__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="approval_is_decided_by_a_second",
                condition=Q(decided_by_staff=None) | ~Q(decided_by_staff=F("proposed_by_staff")),
                violation_error_message="上报须由提出人以外的人审批。",
            ),
            models.CheckConstraint(
                name="ended_approval_says_who_and_why",
                condition=Q(ended_at=None, ended_by=None) & ~Q(status="ended")
                | Q(status="ended", ended_at__isnull=False, ended_by__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(name="refused_approval_says_why", condition=~Q(status="refused") | ~Q(reason="")),
            models.CheckConstraint(
                name="approval_runs_on_a_day_of_every_month",
                condition=Q(day__gte=1, day__lte=28),
                violation_error_message="每月生成日为1至28日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}上报{self.recipient}"

    def get_absolute_url(self) -> str:
        return reverse("exports:report_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return self.TONES[self.Status(self.status)]


class SuperiorForm(models.Model):
    """套表: the superior's blank workbook, whose headings were mapped once to a ledger's columns, filled each month with its layout kept.

    `columns` says for each column of the sheet ("3") what stands in it: {"label": …} of the ledger's sheet `part`, or {"constant": …}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField("名称", max_length=80)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="所属单位")
    ledger = models.CharField("台账", max_length=60)
    part = models.PositiveSmallIntegerField("台账的第几张表", default=0)
    file_sealed = models.BinaryField("空表密文")
    file_name = models.CharField("文件名", max_length=120)
    sheet = models.CharField("工作表", max_length=31)
    first_row = models.PositiveIntegerField("首个数据行")
    columns = models.JSONField("列对应", default=dict, blank=True)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="上传岗位")
    mapped_at = models.DateTimeField("对应时间", null=True, blank=True)
    mapped_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="对应岗位"
    )
    withdrawn_at = models.DateTimeField("停用时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="停用岗位"
    )

    objects = SuperiorFormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "套表"
        ordering = ["-uploaded_at", "-id"]
        indexes = [models.Index(name="superior_form_newest_of_unit", fields=["unit", "-uploaded_at", "-id"])]
        constraints = [
            models.CheckConstraint(
                name="mapping_of_a_form_has_its_mapper",
                condition=Q(mapped_at=None, mapped_by=None) | Q(mapped_at__isnull=False, mapped_by__isnull=False),
            ),
            models.CheckConstraint(
                name="withdrawn_form_has_its_withdrawer",
                condition=Q(withdrawn_at=None, withdrawn_by=None) | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exports:form_detail", args=[self.pk])
