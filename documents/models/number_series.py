from django.db import models


class NumberSeries(models.Model):
    """The last number given in one series: kind of paper x scope x year. Only `numbering.next_number` writes it, under the row's lock.

    Numbers run on without a gap: a verb that fails gives its number back with its transaction.
    """

    kind = models.SlugField("文书种类", max_length=40, db_index=False)
    scope = models.CharField("范围", max_length=20)
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("最后编号")

    class Meta:
        verbose_name = verbose_name_plural = "编号序列"
        ordering = ["kind", "scope", "year"]
        constraints = [
            models.UniqueConstraint(
                name="one_series_per_kind_scope_and_year",
                fields=["kind", "scope", "year"],
                violation_error_message="该文书在此范围和年份已有编号序列。",
            ),
            models.CheckConstraint(name="numbers_begin_at_one", condition=models.Q(last__gte=1), violation_error_message="编号从1开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.scope} {self.year}：{self.last}"
