import uuid

from django.db import models
from django.db.models import Q

from config.protection.fields import FREE_TEXT, Protected, sealed_whole

from ..querysets import HouseholdDraftQuerySet


class HouseholdDraft(models.Model):
    """A registration put aside (暂存): what was typed, as it was typed, sealed. Its writer's alone, and gone once it is registered.

    `content` is JSON: fields of the address, and a list of members. It is no record of anybody: nothing is checked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = Protected(FREE_TEXT, "内容")
    members = models.PositiveSmallIntegerField("人数")
    saved_at = models.DateTimeField("暂存时间")
    saved_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="暂存人")

    objects = HouseholdDraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "暂存的家庭登记"
        ordering = ["-saved_at"]
        constraints = [
            sealed_whole("content", has_digest=False),
            models.CheckConstraint(
                name="draft_has_its_content", condition=~Q(content_sealed=""), violation_error_message="没有填写任何内容，不用暂存。"
            ),
        ]

    def __str__(self) -> str:
        return f"暂存的登记（{self.members}人）"
