import uuid

from django.db import models

from config import clock
from config.protection.fields import ID_NUMBER, Protected, sealed_whole

from ..querysets import OfResidentQuerySet


class FormerNumber(models.Model):
    """曾用证件号码: the number that a person's file held before it was corrected. Empty where it held none.

    Kept for what was closed before: a ledger of a closed month that may leave in clear says the number it said then. It finds nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resident = models.ForeignKey("households.Resident", on_delete=models.PROTECT, related_name="former_numbers", verbose_name="人员")
    id_number = Protected(ID_NUMBER, "证件号码")
    replaced_at = models.DateTimeField("更正时间")
    replaced_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="更正人")

    objects = OfResidentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "曾用证件号码"
        ordering = ["-replaced_at", "id"]
        constraints = [sealed_whole("id_number")]

    def __str__(self) -> str:
        return f"{self.id_number}（{clock.local(self.replaced_at):%Y-%m-%d}更正）"
