from django.db import models

from config import clock

from ..querysets import ProgressTryQuerySet


class ProgressTry(models.Model):
    """A wrong try of the public progress page, by application number or by address: too many lock that key for a day (SECURITY #20)."""

    key = models.CharField("编号或地址", max_length=60)
    at = models.DateTimeField("时间")

    objects = ProgressTryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进度查询错误"
        ordering = ["-at"]
        indexes = [models.Index(name="progress_try_by_key", fields=["key", "-at"])]

    def __str__(self) -> str:
        return f"{self.key} {clock.local(self.at):%Y-%m-%d %H:%M}"
