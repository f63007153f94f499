import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from config import clock

from ..querysets import JobQuerySet


class Job(models.Model):
    """Long work that somebody asked for: how far it is, and what it left (DESIGN 6). Celery carries wake-ups alone.

    A runner holds it by `lease`, a key of that one try, until `leased_until`; both, and the heartbeat, are of the database's clock. Title,
    step, arguments and result hold ids, codes and counts, never a name or number of a person.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"
        CANCELLED = "cancelled", "已取消"

    OPEN = (Status.QUEUED, Status.RUNNING)
    COLOURS = {Status.QUEUED: "grey", Status.RUNNING: "blue", Status.DONE: "green", Status.FAILED: "red", Status.CANCELLED: ""}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("任务类型", max_length=60)
    title = models.CharField("任务名称", max_length=120)
    arguments = models.JSONField("内容编号", default=dict, blank=True)
    asked_at = models.DateTimeField("发起时间")
    asked_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="发起岗位")
    asked_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="发起人"
    )
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.QUEUED)
    step = models.CharField("当前步骤", max_length=200, blank=True)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", null=True, blank=True)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    lease = models.UUIDField("占用凭据", null=True, blank=True)
    leased_until = models.DateTimeField("占用至", null=True, blank=True)
    heartbeat_at = models.DateTimeField("最近响应时间", null=True, blank=True)
    backend_pid = models.IntegerField("数据库进程号", null=True, blank=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    result = models.JSONField("结果", default=dict, blank=True)
    result_url = models.CharField("结果链接", max_length=200, blank=True)
    error = models.CharField("未完成原因", max_length=500, blank=True)
    cancel_asked_at = models.DateTimeField("请求取消时间", null=True, blank=True)
    cancel_asked_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="请求取消人"
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(name="job_newest_first", fields=["-asked_at", "-id"]),
            models.Index(name="job_of_staff", fields=["asked_by_staff", "-asked_at", "-id"]),
            models.Index(name="job_to_run", fields=["asked_at", "id"], condition=Q(status__in=["queued", "running"])),
        ]
        constraints = [
            models.CheckConstraint(
                name="ended_job_has_its_moment",
                condition=Q(status__in=["queued", "running"], finished_at=None)
                | Q(status__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                violation_error_message="已结束的任务须记明结束时间，未结束的不能有。",
            ),
            models.CheckConstraint(
                name="running_job_has_its_lease_and_no_other_has",
                condition=Q(status="running", lease__isnull=False, leased_until__isnull=False, started_at__isnull=False)
                | (~Q(status="running") & Q(lease=None, leased_until=None, backend_pid=None)),
                violation_error_message="进行中的任务须由一个后台进程占用，其他任务不能被占用。",
            ),
            models.CheckConstraint(
                name="failed_job_says_why",
                condition=(Q(status="failed") & ~Q(error="")) | (~Q(status="failed") & Q(error="")),
                violation_error_message="未完成的任务须写明原因。",
            ),
            models.CheckConstraint(
                name="cancelling_of_a_job_has_its_asker",
                condition=Q(cancel_asked_at=None, cancel_asked_by=None) | Q(cancel_asked_at__isnull=False, cancel_asked_by__isnull=False),
                violation_error_message="取消任务须记明由谁、何时提出。",
            ),
            models.CheckConstraint(
                name="cancelled_job_was_asked_to_stop",
                condition=~Q(status="cancelled") | Q(cancel_asked_at__isnull=False),
                violation_error_message="没有人提出取消的任务不能记为已取消。",
            ),
            models.CheckConstraint(
                name="job_is_done_within_its_total",
                condition=Q(total=None) | Q(done__lte=F("total")),
                violation_error_message="已处理数不能超过总数。",
            ),
            models.UniqueConstraint(
                name="one_open_job_per_kind_arguments_and_asker",
                fields=["kind", "arguments", "asked_by"],
                condition=Q(status__in=["queued", "running"]),
                violation_error_message="同样的任务正在办理，请等它结束。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:job_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_silent(self) -> bool:
        """No sign of its runner for half of its hold, which is renewed three times within its length: it was killed, most likely."""
        if self.status != self.Status.RUNNING or self.heartbeat_at is None or self.leased_until is None:
            return False
        return clock.now() > self.heartbeat_at + (self.leased_until - self.heartbeat_at) / 2

    @property
    def standing(self) -> str:
        """Where it is, for whoever waits on its page."""
        if self.is_silent:
            return "后台暂无响应，一两分钟内会自动重新开始，不必重新提交"
        return f"{self.get_status_display()}：{self.step}" if self.step else str(self.get_status_display())

    @property
    def is_stopping(self) -> bool:
        """Cancelling was asked for and the work has not come to its next check yet."""
        return self.is_open and self.cancel_asked_at is not None

    @property
    def colour(self) -> str:
        return self.COLOURS[self.Status(self.status)]
