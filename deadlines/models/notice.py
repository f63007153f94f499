import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..querysets import NoticeQuerySet, OutboxQuerySet


class Notice(models.Model):
    """A message inside the house, to a person or to a unit. Shown once the outbox has delivered it; title and body are masked.

    A unit's notice is read for the whole unit by the first who reads it, as a letter to an office is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("事件", max_length=60)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    subject_label = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    title = models.CharField("标题", max_length=120)
    body = models.CharField("内容", max_length=500, blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    is_urgent = models.BooleanField("紧急", default=False)
    created_at = models.DateTimeField("产生时间")
    delivered_at = models.DateTimeField("送达时间", null=True)
    read_at = models.DateTimeField("阅读时间", null=True)
    read_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="阅读人"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-delivered_at", "-id"]
        indexes = [
            models.Index(name="notice_of_unit", fields=["unit", "-delivered_at", "-id"], condition=Q(delivered_at__isnull=False)),
            models.Index(name="notice_of_staff", fields=["staff", "-delivered_at", "-id"], condition=Q(delivered_at__isnull=False)),
            models.Index(name="notice_unread_of_unit", fields=["unit"], condition=Q(delivered_at__isnull=False, read_at=None)),
            models.Index(name="notice_unread_of_staff", fields=["staff"], condition=Q(delivered_at__isnull=False, read_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                name="notice_goes_to_a_unit_or_a_person",
                condition=Q(unit__isnull=False, staff=None) | Q(unit=None, staff__isnull=False),
                violation_error_message="消息只能发给一个单位或一个人。",
            ),
            models.CheckConstraint(
                name="read_notice_was_delivered_and_has_its_reader",
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False, delivered_at__isnull=False),
                violation_error_message="只有送达的消息可以标为已读，并须记明阅读人。",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class OutboxMessage(models.Model):
    """Something to be sent, written in the transaction of its cause; ids only, so that nothing personal travels (SECURITY D2).

    A row is delivered, parked, or dropped with a reason, never lost: the drain claims what is due. Leases and tries serve channels that
    can fail; moments that concern claims are the database's own clock. `lease` is the key of one try.
    """

    class Channel(models.TextChoices):
        IN_APP = "in_app", "站内消息"
        SMS = "sms", "短信"

    class State(models.TextChoices):
        """Read from the moments, never stored."""

        WAITING = "waiting", "待发"
        PARKED = "parked", "搁置"
        DELIVERED = "delivered", "已发"
        DROPPED = "dropped", "已放弃"

    COLOURS = {State.WAITING: "blue", State.PARKED: "red", State.DELIVERED: "green", State.DROPPED: ""}

    kind = models.CharField("事件", max_length=60)
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices, default=Channel.IN_APP)
    dedupe_key = models.CharField("去重键", max_length=200, unique=True)
    payload = models.JSONField("内容编号", default=dict)
    created_at = models.DateTimeField("产生时间")
    next_try_at = models.DateTimeField("下次发送时间", db_default=Now())
    lease = models.UUIDField("占用凭据", null=True, blank=True, editable=False)
    leased_until = models.DateTimeField("占用至", null=True, blank=True)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)
    delivered_at = models.DateTimeField("送达时间", null=True, blank=True)
    parked_at = models.DateTimeField("搁置时间", null=True, blank=True)
    last_error = models.CharField("最近错误", max_length=200, blank=True)
    dropped_at = models.DateTimeField("放弃时间", null=True, blank=True)
    dropped_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="放弃人"
    )
    drop_reason = models.CharField("放弃理由", max_length=200, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待发消息"
        ordering = ["id"]
        indexes = [
            models.Index(
                name="outbox_waiting", fields=["next_try_at", "id"], condition=Q(delivered_at=None, parked_at=None, dropped_at=None)
            ),
            models.Index(name="outbox_parked", fields=["id"], condition=Q(parked_at__isnull=False, dropped_at=None)),
            models.Index(name="outbox_dropped", fields=["id"], condition=Q(dropped_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_is_not_both_delivered_and_parked",
                condition=Q(delivered_at=None) | Q(parked_at=None),
                violation_error_message="消息不能既送达又搁置。",
            ),
            models.CheckConstraint(
                name="dropped_message_has_its_dropper_and_reason",
                condition=Q(dropped_at=None, dropped_by=None, drop_reason="")
                | (Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(drop_reason="")),
                violation_error_message="放弃发送必须记明时间、放弃人和理由。",
            ),
            models.CheckConstraint(
                name="dropped_message_was_not_delivered",
                condition=Q(dropped_at=None) | Q(delivered_at=None),
                violation_error_message="已经发出的消息不能放弃。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def state(self) -> State:
        if self.dropped_at:
            return self.State.DROPPED
        if self.delivered_at:
            return self.State.DELIVERED
        return self.State.PARKED if self.parked_at else self.State.WAITING

    @property
    def colour(self) -> str:
        return self.COLOURS[self.state]
