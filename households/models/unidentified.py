from django.db import models
from django.db.models import F, Q

from ..querysets import UnidentifiedQuerySet


class Unidentified(models.Model):
    """身份待查: what is known of somebody without papers, until it is known who it is (RULES C4: 流浪乞讨, 黑户儿童; MZ12).

    The person has a temporary number, which finds nobody. Known at last: the number is entered, or the row is merged with the person's.
    """

    resident = models.OneToOneField(
        "households.Resident", on_delete=models.PROTECT, related_name="unidentified", verbose_name="人员", primary_key=True
    )
    born_about = models.PositiveSmallIntegerField("估计出生年份", null=True, blank=True)
    description = models.CharField("体貌和随身情况", max_length=200)
    found_at_place = models.CharField("发现地点", max_length=120, blank=True)
    found_on = models.DateField("发现日期")
    noted_at = models.DateTimeField("登记时间")
    noted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人")
    identified_at = models.DateTimeField("查明时间", null=True, blank=True)
    identified_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="查明登记人"
    )

    objects = UnidentifiedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "身份待查人员"
        ordering = ["-noted_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="somebody_unknown_is_described",
                condition=~Q(description=""),
                violation_error_message="请写明体貌、随身物品等能辨认的情况。",
            ),
            models.CheckConstraint(
                name="estimated_birth_is_possible",
                condition=Q(born_about=None) | Q(born_about__gte=1900, born_about__lte=F("found_on__year")),
                violation_error_message="估计的出生年份有误，请核对。",
            ),
            models.CheckConstraint(
                name="identification_says_who_and_when",
                condition=Q(identified_at=None, identified_by=None) | Q(identified_at__isnull=False, identified_by__isnull=False),
                violation_error_message="查明身份必须记明时间和登记人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident}（身份待查）"
