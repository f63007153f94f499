import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..screening.querysets import FactRequestQuerySet, ScreeningQuerySet

_TONES = {"open": "amber", "answered": "green", "unable": "grey", "withdrawn": "grey"}


class Screening(models.Model):
    """What all rules said of a household on a day, with all they were asked by: it answers the same on any later day (issue 5).

    `inputs` are `Inputs.stored()`: facts, dated figures, lists; names are not kept. `versions` are [version, department] pairs. `answers`
    are [program, version, resident or "", outcome]. Written once, never changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="screenings", verbose_name="家庭")
    on = models.DateField("筛查日期")
    inputs = models.JSONField("筛查依据")
    versions = models.JSONField("规则版本")
    answers = models.JSONField("筛查结果")
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上一次筛查")
    asked_at = models.DateTimeField("筛查时间")
    asked_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="筛查人")

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助筛查"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="screenings_follow_one_another",
                fields=["household", "previous"],
                nulls_distinct=False,
                violation_error_message="这个家庭刚刚由他人筛查过，请看最新的筛查结果。",
            ),
            models.CheckConstraint(
                name="screening_is_not_its_own_predecessor",
                condition=Q(previous=None) | ~Q(previous=F("id")),
                violation_error_message="上一次筛查不能是本次筛查。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on}的筛查"

    def get_absolute_url(self) -> str:
        return reverse("households:screening", args=[self.household_id])


class FactRequest(models.Model):
    """请单位核实: the unit that holds a fact is asked for it, within working days, and is let in for that fact (DESIGN 2).

    The answer is the fact itself, whichever way it arrives, or why there is none. `unit`: the holder's desk.
    """

    class Status(models.TextChoices):
        OPEN = "open", "待核实"
        ANSWERED = "answered", "已核实"
        UNABLE = "unable", "无法提供"
        WITHDRAWN = "withdrawn", "已撤回"

    class Cause(models.TextChoices):
        """Why there is no value."""

        NOBODY = "nobody", "查无此人"
        NOT_HELD = "not_held", "暂不掌握"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.OPEN)
    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="fact_requests", verbose_name="家庭")
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="fact_requests", verbose_name="人员"
    )
    kind = models.ForeignKey("programs.FactKind", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="事项")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="核实单位")
    reason = models.CharField("说明", max_length=200, blank=True)
    asked_at = models.DateTimeField("提出时间")
    asked_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="答复人"
    )
    fact = models.ForeignKey(
        "households.Fact", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="核实所得"
    )
    cause = models.CharField("无法提供的情形", max_length=10, choices=Cause.choices, blank=True)
    answer_note = models.CharField("答复说明", max_length=200, blank=True)

    objects = FactRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核实请求"
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(name="fact_request_of_unit", fields=["unit", "status", "asked_at"]),
            # The order of the lists: of all that a township or the county sees, a page is taken from the front.
            models.Index(name="fact_request_newest", fields=["-asked_at", "-id"]),
            models.Index(name="fact_request_answered_newest", fields=["-answered_at", "-id"], condition=~Q(status="open")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_open_request_per_fact",
                fields=["household", "resident", "kind"],
                condition=Q(status="open"),
                nulls_distinct=False,
                violation_error_message="这一事项已经请单位核实，尚未答复。",
            ),
            models.CheckConstraint(
                name="closed_fact_request_has_its_answerer",
                condition=Q(status="open", answered_at=None, answered_by=None)
                | (~Q(status="open") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                violation_error_message="核实请求办结时必须记明时间和人员。",
            ),
            models.CheckConstraint(
                name="answered_fact_request_has_its_fact",
                condition=Q(status="answered", fact__isnull=False) | (~Q(status="answered") & Q(fact=None)),
                violation_error_message="已核实的请求必须有核实所得的事项。",
            ),
            models.CheckConstraint(
                name="no_answer_to_a_fact_request_has_its_cause",
                condition=(Q(status="unable") & ~Q(cause="") & ~Q(answer_note="")) | (~Q(status="unable") & Q(cause="")),
                violation_error_message="不能提供的，请选择情形并写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}"

    def get_absolute_url(self) -> str:
        return reverse("households:fact_request_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return _TONES[self.status]
