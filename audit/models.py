from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from config import clock

from .querysets import EventQuerySet

EventManager = models.Manager.from_queryset(EventQuerySet)


class Event(models.Model):
    """One line of the record: who did what to which subject, when and why. Append-only, by trigger (SECURITY S8, XX-09).

    Subjects are label and id, the actor's post and unit plain values: the record stands at the bottom of the house and names nobody
    above it. Written in the same transaction as the change. What a confidential line says in detail is told to whom it is about alone.
    """

    at = models.DateTimeField("时间")
    verb = models.CharField("事项", max_length=60)
    subject_label = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    subject_text = models.CharField("对象", max_length=120, blank=True)
    household_id = models.UUIDField("家庭", null=True, blank=True)
    application_id = models.UUIDField("申请", null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="人员",
    )  # found by `event_by`, kept by `config.references`
    post_id = models.BigIntegerField("岗位", null=True, blank=True)
    post_label = models.CharField("岗位名称", max_length=80, blank=True)
    unit_id = models.BigIntegerField("单位", null=True, blank=True)
    old = models.CharField("原值", max_length=200, blank=True)
    new = models.CharField("新值", max_length=200, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    data = models.JSONField("附加数据", default=dict, blank=True)
    is_confidential = models.BooleanField("涉及敏感项目", default=False)
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)
    request_id = models.CharField("请求编号", max_length=64, blank=True)

    objects = EventManager()

    class Meta:
        verbose_name = verbose_name_plural = "留痕"
        ordering = ["-id"]
        indexes = [
            # Lines come in the order of their moments: where a day begins is told by the stretch of pages.
            BrinIndex(name="event_at", fields=["at"], autosummarize=True),
            # By what tells rows apart alone: of one case, person or household the lines are few enough to be put in order.
            models.Index(name="event_of_subject", fields=["subject_id"]),
            models.Index(name="event_of_household", fields=["household_id"], condition=models.Q(household_id__isnull=False)),
            models.Index(name="event_application", fields=["application_id", "id"], condition=models.Q(application_id__isnull=False)),
            models.Index(name="event_by", fields=["by", "id"]),
            models.Index(name="event_verb", fields=["verb", "id"]),
        ]

    def __str__(self) -> str:
        return f"{clock.local(self.at):%Y-%m-%d %H:%M} {self.verb} {self.subject_label}#{self.subject_id}"
