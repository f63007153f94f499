"""The county's figures of one day, by department and place, as the check of a rule and rules in SQL need them: one query for all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from organization.models import Parameter

from .screening.situation import Figure

Figures = dict[str, Figure]
PLACES = (6, 9, 12)  # digits of a county, a township, a village


@dataclass(frozen=True, slots=True)
class CountyFigures:
    """By department (None: of all) and region code ("" is the county)."""

    rows: Mapping[int | None, Mapping[str, Figures]]

    def of_department(self, department_id: int | None) -> dict[str, Figures]:
        """For each place with figures of its own all that hold there: the nearer place before the wider, the department's own over all."""
        general, own = self.rows.get(None, {}), self.rows.get(department_id, {}) if department_id else {}
        return {code: {**_at(general, code), **_at(own, code)} for code in {"", *general, *own}}


def _at(rows: Mapping[str, Figures], code: str) -> Figures:
    found = dict(rows.get("", {}))
    for length in PLACES:
        if len(code) >= length:
            found.update(rows.get(code[:length], {}))
    return found


def figures_on(on: date, *, instead: Iterable[Parameter] = ()) -> CountyFigures:
    """`instead` are parameters as they may become: each stands for the one of its key, place and department (a dry run of a limit)."""
    found: defaultdict[int | None, defaultdict[str, Figures]] = defaultdict(lambda: defaultdict(dict))
    for row in (*Parameter.objects.in_force_on(on), *instead):
        found[row.department_id][str(row.region_id or "")][row.key] = Figure(row.value, row.name, row.measure)
    return CountyFigures(found)
