from django.db import models
from django.db.models import Q

from ..querysets import PhraseQuerySet


class Phrase(models.Model):
    """常用意见: words of one's own, offered wherever an opinion or a reason is written. They name nobody."""

    staff = models.ForeignKey("organization.Staff", on_delete=models.CASCADE, related_name="phrases", verbose_name="人员")
    text = models.CharField("内容", max_length=300)
    kept_at = models.DateTimeField("保存时间")

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "常用意见"
        ordering = ["staff", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="a_phrase_is_kept_once", fields=["staff", "text"], violation_error_message="这条常用意见您已经保存过了。"
            ),
            models.CheckConstraint(name="a_phrase_has_words", condition=~Q(text=""), violation_error_message="请填写常用意见的内容。"),
        ]

    def __str__(self) -> str:
        return "常用意见"
