from django.conf import settings
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


class FormToken(models.Model):
    """The one-time token of a form that was sent, and where its answer led (`config.once`). Holds nothing of what was typed."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="提交人", on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField("标记")
    digest = models.BinaryField("内容摘要", max_length=16)
    location = models.TextField("去向", default="")
    is_client_redirect = models.BooleanField("由页面脚本转到", default=False)
    used_at = models.DateTimeField("提交时间", db_index=True)

    class Meta:
        verbose_name = "表单一次性标记"
        verbose_name_plural = "表单一次性标记"
        constraints = [
            models.UniqueConstraint(name="one_use_of_a_form_token", fields=["owner", "key"], violation_error_message="这份表单已经提交过。")
        ]

    def __str__(self) -> str:
        return str(self.key)
