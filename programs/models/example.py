from typing import ClassVar

from django.db import models
from django.db.models import Q

from ..querysets import RuleExampleQuerySet
from ..screening.evaluation import OUTCOME_WORDS, Outcome
from ..screening.schema import Group
from .program import Program


class RuleExample(models.Model):
    """A worked household of made-up people: what is known of it, and how a program's rule must answer (issue 5).

    Asked of every draft on its check and before it is published. `situation` is JSON as `Situation.stored` writes it, without figures:
    those of the day count. Besides the person whom it is about (`PERSON`) there may be members, each with the relation to that person.
    The lists of all holders are taken as delivered, so that what the example leaves out is known to be absent.
    """

    class Expected(models.TextChoices):
        ELIGIBLE = Outcome.ELIGIBLE.value, OUTCOME_WORDS[Outcome.ELIGIBLE]
        LIKELY = Outcome.LIKELY.value, OUTCOME_WORDS[Outcome.LIKELY]
        INELIGIBLE = Outcome.INELIGIBLE.value, OUTCOME_WORDS[Outcome.INELIGIBLE]
        UNKNOWN = Outcome.UNKNOWN.value, OUTCOME_WORDS[Outcome.UNKNOWN]
        ANYONE = Outcome.ANYONE.value, OUTCOME_WORDS[Outcome.ANYONE]

    PERSON: ClassVar[str] = "p"
    OTHER: ClassVar[str] = "other"
    RELATIONS: ClassVar[dict[str, str]] = {
        Group.SPOUSE.value: "配偶", Group.CHILD.value: "子女", Group.PARENT.value: "父母", OTHER: "其他成员",
    }  # fmt: skip

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="examples", verbose_name="救助项目")
    name = models.CharField("样例名称", max_length=60)
    situation = models.JSONField("家庭情况")
    expected = models.CharField("应得结果", max_length=10, choices=Expected.choices)
    why = models.CharField("理由", max_length=200)
    revision = models.PositiveIntegerField("修改次数", default=0, editable=False)
    written_at = models.DateTimeField("填写时间")
    written_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="填写人")
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)
    retired_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="停用人"
    )
    retire_reason = models.CharField("停用原因", max_length=200, blank=True)

    objects = RuleExampleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规则样例"
        ordering = ["program", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_example_in_use_per_name_and_program",
                fields=["program", "name"],
                condition=Q(retired_at=None),
                violation_error_message="这个项目已有同名的样例，请换一个名称。",
            ),
            models.CheckConstraint(
                name="retired_example_says_who_and_why",
                condition=Q(retired_at=None, retired_by=None, retire_reason="")
                | (Q(retired_at__isnull=False, retired_by__isnull=False) & ~Q(retire_reason="")),
                violation_error_message="停用样例必须记录时间、人员和原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def who(self, key: str) -> str:
        """Whom a line of it is about: 本人, 子女（不计入家庭）."""
        person = self.situation["people"][key]
        word = "本人" if key == self.PERSON else self.RELATIONS.get(person.get("relation", ""), self.RELATIONS[self.OTHER])
        notes = ["已去世"] * bool(person["dead"]) + ["不计入家庭"] * (not person["counted"])
        return f"{word}（{'，'.join(notes)}）" if notes else word
