from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of one kind of process, by the database's clock, which all machines share. A lease, not a business moment."""

    name = models.CharField("进程", max_length=20, primary_key=True)
    at = models.DateTimeField("最近一次")

    class Meta:
        verbose_name = "心跳"
        verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return self.name
