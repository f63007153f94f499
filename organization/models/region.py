from django.db import models

from ..querysets import RegionQuerySet


class Region(models.Model):
    """An administrative division, keyed by its GB/T 2260 code: county 6, township 9, village 12 digits (RULES C4, E)."""

    class Level(models.TextChoices):
        COUNTY = "county", "县"
        TOWNSHIP = "township", "乡镇（街道）"
        VILLAGE = "village", "村（社区）"

    class Setting(models.TextChoices):
        URBAN = "urban", "城镇"
        RURAL = "rural", "农村"

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=40)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级")
    setting = models.CharField("城乡属性", max_length=5, choices=Setting.choices, blank=True)
    population = models.PositiveIntegerField("户籍人口", null=True, blank=True)
    population_source = models.CharField("人口来源", max_length=100, blank=True)
    is_fictional = models.BooleanField("演示用虚构", default=False)
    valid_from = models.DateField("启用日期")
    valid_until = models.DateField("停用日期", null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="region_code_length_fits_level",
                condition=models.Q(level="county", code__regex=r"^\d{6}$")
                | models.Q(level="township", code__regex=r"^\d{9}$")
                | models.Q(level="village", code__regex=r"^\d{12}$"),
                violation_error_message="区划代码的位数与级别不符：县6位、乡镇9位、村12位。",
            ),
            models.CheckConstraint(
                name="region_below_county_has_parent",
                condition=models.Q(level="county", parent=None) | (~models.Q(level="county") & models.Q(parent__isnull=False)),
                violation_error_message="乡镇和村必须有上级区划。",
            ),
            models.CheckConstraint(
                name="region_ends_after_it_begins",
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")),
                violation_error_message="停用日期不能早于启用日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """`忠州街道虚构一村`: a village with its township, which is to be fetched along; others by their own name."""
        return f"{self.parent.name}{self.name}" if self.level == self.Level.VILLAGE and self.parent else self.name

    @property
    def township_code(self) -> str:
        """The 9-digit code of the township this region is or lies in; empty for the county."""
        return self.code[:9] if len(self.code) >= 9 else ""
