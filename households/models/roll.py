from django.db import models

from ..querysets import CoverageQuerySet


class RollAbsence(models.Model):
    """名册缺席: aid that a decision gives and that a whole roll of the department does not hold, on the roll's cut-off day.

    It ends nothing: absent from two rolls that follow each other it is a doubt (批而未发), on the next roll again it is none.
    """

    record = models.ForeignKey("households.AssistanceRecord", on_delete=models.PROTECT, related_name="absences", verbose_name="救助记录")
    as_of = models.DateField("名册截止日")
    batch = models.ForeignKey("spreadsheets.Batch", on_delete=models.PROTECT, related_name="+", verbose_name="导入批次")
    noted_at = models.DateTimeField("登记时间")
    noted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人")

    objects = CoverageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册缺席"
        ordering = ["-as_of", "id"]
        constraints = [
            models.UniqueConstraint(name="a_record_is_absent_once_from_the_rolls_of_a_day", fields=["record", "as_of"]),
        ]

    def __str__(self) -> str:
        return f"{self.record}（{self.as_of:%Y-%m-%d}）"
