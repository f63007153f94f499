"""What the codes of a ledger's lines are called: today, or in a closed month as they were called then."""

from dataclasses import dataclass
from typing import Any

from households.models import AssistanceRecord, IdentityTag
from households.models.household import Relation
from organization.models import Department, Region, Unit
from programs.models import Program

from ..models import Doubt, LedgerCorrection, LedgerLine, LedgerMonth


def _labels(choices: Any) -> dict[str, str]:
    return {str(value): str(label) for value, label in choices}


RELATIONS = _labels(Relation.choices)
TAGS = _labels(IdentityTag.Kind.choices)
CADENCES = _labels(AssistanceRecord.Cadence.choices)
SOURCES = _labels(AssistanceRecord.Source.choices)
SETTINGS = _labels(Region.Setting.choices)
HOLDERS = _labels(LedgerLine.Holder.choices)
DOUBTS = _labels(Doubt.Kind.choices)
CORRECTIONS = _labels(LedgerCorrection.Kind.choices)


@dataclass(frozen=True)
class Names:
    """By code or id; `offices` are the ids of the departments with programs, in their order."""

    places: dict[str, str]
    departments: dict[str, str]
    programs: dict[str, str]
    units: dict[str, str]
    offices: list[int]

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))

    def township(self, code: str) -> str:
        return self.places.get(code[:9], "")

    def village(self, code: str) -> str:
        return self.places.get(code, "") if len(code) > 9 else ""

    def department(self, pk: int) -> str:
        return self.departments.get(str(pk), "")

    def unit(self, pk: int) -> str:
        return self.units.get(str(pk), "")


def of_today() -> Names:
    return Names(
        places=dict(Region.objects.order_by().values_list("code", "name")),
        departments={str(pk): name for pk, name in Department.objects.order_by().values_list("pk", "name")},
        programs=dict(Program.objects.order_by().values_list("code", "seed_name")),
        units={str(pk): name for pk, name in Unit.objects.order_by().values_list("pk", "short_name")},
        offices=list(Department.objects.filter(programs__isnull=False).order_by("number", "pk").values_list("pk", flat=True).distinct()),
    )


def of_month(closed: LedgerMonth | None) -> Names:
    return Names(**closed.names) if closed and closed.names else of_today()
