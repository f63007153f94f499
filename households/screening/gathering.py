"""What is known of one household on a day, as the rule language takes it: five queries, whatever the number of programs.

Of several valid records of one fact the most trustworthy way counts (`Fact.How`, in its order), and among those the newest. What the
platform holds itself, an identity or aid in force, goes before a record (`PROVEN_BY_TAG`, `PROVEN_BY_RECORD`). A fact past its validity is
handed on as expired. Nothing that is not valid that day speaks. The SQL snapshot follows the same order.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q

from config import clock
from config.dates import age_on
from organization.models import Parameter
from programs.screening.language import Catalogue
from programs.screening.situation import Figure, Known, Person, Situation, typed

from ..models import AssistanceRecord, Coverage, Fact, Household, IdentityTag, Membership
from ..rules import NOT_PROVEN_BESIDE, PROVEN_BY_RECORD, PROVEN_BY_TAG, TAG_OF_PROGRAM
from .home import county_names, place_pattern
from .kin import kin_of

TRUST = tuple(Fact.How.values)
Facts = dict[str, Known]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The situation without figures, and the figures by department: a department may have its own (LY-15)."""

    situation: Situation
    memberships: tuple[Membership, ...]
    _figures: Mapping[int | None, Mapping[str, Figure]] = field(default_factory=dict)

    @property
    def figures(self) -> Mapping[int | None, Mapping[str, Figure]]:
        """By department; None are the general ones."""
        return self._figures

    def for_department(self, department_id: int) -> Situation:
        """The situation with the figures that this department's programs go by."""
        return replace(self.situation, figures={**self._figures.get(None, {}), **self._figures.get(department_id, {})})


def gather(household: Household, on: date, catalogue: Catalogue, *, without: Any = None) -> Gathered:
    """The caller fetched the household through its gate. Everybody who belongs to it, the dead of it too.

    `without`: id of a decision whose facts, identities and aid are left out.
    """
    rows = household.memberships.open().select_related("resident").annotate(county_names=ArraySubquery(county_names(on)))
    memberships = tuple(rows.order_by("relation", "pk"))
    people = [m.resident_id for m in memberships]
    mine = Q(household=household) | Q(resident__in=people)
    kept = Q() if without is None else ~Q(decision_id=without)
    facts = _facts(mine & kept, on, catalogue)
    records = list(_records(mine, people).filter(kept).select_related("unit").order_by("-since", "pk"))
    tags = list(IdentityTag.objects.filter(mine & kept).select_related("unit").order_by("-since", "pk"))
    for holder, found in _identities(tags, records, memberships, facts, on).items():
        facts[holder] = {**facts[holder], **found}
    holds = _holds(tags, people, on)
    receives = _receives(records, people, on)
    counted = {str(m.resident_id): m.relation for m in memberships if m.is_counted and not m.resident.is_dead}
    situation = Situation(
        on=on,
        household=_of_household(household, facts[household.pk], len(counted)),
        people={
            str(m.resident_id): _person(m, facts[m.resident_id], receives[m.resident_id], holds[m.resident_id], counted, on)
            for m in memberships
        },
        receives=frozenset(receives[household.pk]),
    )
    return Gathered(situation, memberships, _figures_of(household, on))


def _person(membership: Membership, facts: Facts, receives: set[str], holds: set[str], counted: Mapping[str, str], on: date) -> Person:
    resident, key = membership.resident, str(membership.resident_id)
    others = {other: relation for other, relation in counted.items() if other != key}
    return Person(
        key, resident.name, _of_register(resident, on) | facts, frozenset(receives), kin_of(membership.relation, others),
        is_dead=resident.is_dead, is_counted=membership.is_counted, listed_since=_listed_since(membership),
        holds=frozenset(holds),
    )  # fmt: skip


def _listed_since(membership: Any) -> date | None:
    """From when on a holder's list could name him: found by his number, at home in this county, and registered here by then."""
    resident = membership.resident
    place = resident.registered_place
    if resident.id_number_digest is None or (place and not re.search(place_pattern(membership.county_names), place)):
        return None
    return clock.local(resident.entered_at).date()


def _of_register(resident: Any, on: date) -> Facts:
    found: Facts = {}
    if resident.birth_on:
        found["birth_date"] = Known(resident.birth_on, "户籍登记")
        found["age"] = Known(Decimal(age_on(resident.birth_on, resident.died_on or on)), "户籍登记")
    if resident.sex in {resident.Sex.MALE, resident.Sex.FEMALE}:
        found["sex"] = Known(str(resident.sex), "户籍登记")
    if resident.died_on:
        found["death_date"] = Known(resident.died_on, "户籍登记")
    return found


def _of_household(household: Household, facts: Facts, counted: int) -> Facts:
    """With what is computed: nobody to divide by gives nothing."""
    found = {**facts, "urban_rural": Known(household.setting, "户籍登记"), "members": Known(Decimal(counted), "家庭成员登记")}
    income = facts.get("income_12_months")
    if income is not None and counted and isinstance(income.value, Decimal):
        per_head = (income.value / counted).quantize(Decimal("0.01"), ROUND_HALF_UP)
        found["income_12_months_per_head"] = replace(income, value=per_head)
    return found


def _facts(mine: Q, on: date, catalogue: Catalogue) -> defaultdict[UUID, Facts]:
    """By holder (household or resident) and kind: the valid one of the most trustworthy way, or the last one, expired."""
    rows = Fact.objects.filter(mine, found_on__lte=on).standing().select_related("kind__holder")
    found: defaultdict[UUID, Facts] = defaultdict(dict)
    for fact in sorted(rows, key=lambda row: _rank(row, on)):
        kind = catalogue.get(fact.kind_id)
        if kind is None or fact.kind.is_derived:
            continue
        expired = fact.valid_until if fact.valid_until and fact.valid_until < on else None
        source = fact.source or "·".join(filter(None, (kind.holder, fact.get_how_display())))
        known = Known(typed(kind, fact.value), source, fact.found_on, fact.how == Fact.How.DECLARATION, expired, str(fact.pk))
        found[fact.household_id or fact.resident_id].setdefault(fact.kind_id, known)
    return found


def _rank(fact: Fact, on: date) -> tuple[bool, int, int, str]:
    is_expired = fact.valid_until is not None and fact.valid_until < on
    return is_expired, TRUST.index(fact.how), -fact.found_on.toordinal(), str(fact.pk)


def _identities(
    tags: Iterable[IdentityTag], records: Iterable[AssistanceRecord], memberships: Iterable[Membership],
    stored: Mapping[UUID, Facts], on: date,
) -> dict[UUID, Facts]:  # fmt: skip
    """What identities and aid in force prove, of each person. The identities of the dead are those of the day of death (MZ11)."""
    found: defaultdict[UUID, Facts] = defaultdict(dict)
    died = {m.resident_id: m.resident.died_on for m in memberships if m.resident.died_on}
    people = [m.resident_id for m in memberships]
    for tag in tags:
        for holder in [tag.resident_id] if tag.resident_id else people:
            if _stands(tag, died.get(holder) or on):
                if kind := PROVEN_BY_TAG.get(tag.kind):
                    found[holder].setdefault(kind, Known(True, f"{tag.unit.short_name}认定", tag.since))
    for record in (row for row in records if row.program_id in PROVEN_BY_RECORD):
        for holder, dated in _reached(record, people):
            on_that_day = died.get(holder) or on
            other = NOT_PROVEN_BESIDE.get(record.program_id, "")
            if _is_known(found[holder].get(other) or stored.get(holder, {}).get(other)):
                continue
            if _stands(dated, on_that_day) and _stands(record, on_that_day):
                kind = PROVEN_BY_RECORD[record.program_id]
                found[holder].setdefault(kind, Known(True, f"{record.unit.short_name}在发", record.since))
    return found


def _is_known(fact: Known | None) -> bool:
    """Yes, valid, and not by declaration alone."""
    return fact is not None and fact.value is True and not fact.is_declared and fact.expired_on is None


def _holds(tags: Iterable[IdentityTag], people: Iterable[UUID], on: date) -> defaultdict[UUID, set[str]]:
    """Programs whose very identity each person has: two of one department's may prove the same fact (XC02 to XC04)."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for tag in tags:
        if tag.kind in _PROGRAM_OF_TAG and _stands(tag, on):
            for holder in [tag.resident_id] if tag.resident_id else people:
                found[holder].add(_PROGRAM_OF_TAG[tag.kind])
    return found


_PROGRAM_OF_TAG = {tag: code for code, tag in TAG_OF_PROGRAM.items()}


def _reached(record: AssistanceRecord, people: Iterable[UUID]) -> list[tuple[UUID, Any]]:
    """Whom aid reaches, with what says from when to when: whose own it is, whom its list names, and of a household without a list all."""
    own = [(record.resident_id, record)] if record.resident_id else []
    covers = [(cover.resident_id, cover) for cover in record.coverage.all()]
    return [*own, *covers] if own or covers else [(key, record) for key in people]


def _records(mine: Q, people: Iterable[UUID]) -> Any:
    """With those of another household that reach somebody who came from there."""
    reaching = Coverage._base_manager.filter(resident__in=people).order_by().values("record")
    return AssistanceRecord.objects.filter(mine | Q(pk__in=reaching)).prefetch_related("coverage")


def _stands(dated: Any, on: date) -> bool:
    return bool(dated.since <= on and (dated.until is None or dated.until >= on))


def _receives(records: Iterable[AssistanceRecord], people: Iterable[UUID], on: date) -> defaultdict[UUID, set[str]]:
    """Programs in force: of the household, and of each person whom a record reaches."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for record in records:
        if record.cadence == AssistanceRecord.Cadence.ONCE or not _stands(record, on):
            continue
        reached = [holder for holder, dated in _reached(record, people) if _stands(dated, on)]
        for holder in (record.household_id or record.resident_id, *reached):
            if holder is not None:
                found[holder].add(record.program_id)
    return found


def _figures_of(household: Household, on: date) -> dict[int | None, dict[str, Figure]]:
    """Figures in force that day for that place, the village before the township before the county; None are the general ones."""
    codes = [str(household.region_id)[:length] for length in (6, 9, 12) if len(str(household.region_id)) >= length]
    rows = Parameter.objects.filter(Q(region=None) | Q(region__in=codes)).in_force_on(on)
    found: defaultdict[int | None, dict[str, Figure]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: len(row.region_id or "")):
        found[row.department_id][row.key] = Figure(row.value, row.name, row.measure)
    return dict(found)
