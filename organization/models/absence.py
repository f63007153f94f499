from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from ..querysets import AbsenceQuerySet
from .post import DateRange


class Absence(models.Model):
    """外出: days on which somebody is away, so that the unit's deputies (AB岗) see it and may take over what waits for that person.

    Nothing passes by itself: a deputy takes over case by case, or an approver hands the whole post over.
    """

    staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="absences", verbose_name="人员")
    first_on = models.DateField("首日")
    last_on = models.DateField("末日")
    noted_at = models.DateTimeField("登记时间")
    noted_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    ended_at = models.DateTimeField("提前回岗时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回岗登记人"
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外出"
        ordering = ["-first_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins",
                condition=Q(last_on__gte=F("first_on")),
                violation_error_message="外出的末日不能早于首日。",
            ),
            models.CheckConstraint(
                name="return_from_absence_has_its_registrar",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            ExclusionConstraint(
                name="one_absence_per_person_at_a_time",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    (
                        DateRange("first_on", "last_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_at=None),
                violation_error_message="这段时间已经登记过外出，请先登记回岗，再重新登记。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_on}至{self.last_on}"
