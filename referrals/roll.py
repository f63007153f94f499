"""Whom a program without application is for (RULES D2), from identities alone; screening's rules take this over once they stand (DESIGN 4).

An identity is a tag in force, or the aid in force that proves it. A household has its members' identities, a member the household's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from households.models import AssistanceRecord, Fact, IdentityTag, Membership
from households.rules import TAGS_OF_RECORD
from programs.models import Program

Kind = IdentityTag.Kind
# Aid that is itself an identity: the first of those that end with it. Nobody waits for a tag to be set beside it.
PROVEN_BY = {program: kinds[0] for program, kinds in TAGS_OF_RECORD.items()}


@dataclass(frozen=True, slots=True)
class Choice:
    """Any of these identities; in towns alone; unless this fact says that somebody has it already."""

    identities: frozenset[str]
    is_urban: bool = False
    unless: str = ""


CHOICES = {
    "CG01": Choice(frozenset({Kind.SUBSISTENCE, Kind.EXTREME_POVERTY}), is_urban=True),
    "MZ06": Choice(frozenset({Kind.SUBSISTENCE, Kind.EXTREME_POVERTY, Kind.ORPHAN, Kind.CIVIL_AFFAIRS_FILE}), unless="insured_this_year"),
    "XC01": Choice(
        frozenset({Kind.POVERTY_EXITED, Kind.UNSTABLE_EXIT, Kind.EDGE_OF_POVERTY, Kind.SUDDEN_HARDSHIP}), unless="insured_against_poverty"
    ),
}


@dataclass(slots=True)
class Entitled:
    """Where somebody lives, and by which identities the program is for them."""

    region_code: str
    identities: set[str] = field(default_factory=set)


def holder(program: Program) -> str:
    """Who the program is for, as the column of a record, an entry and a membership."""
    return "household" if program.beneficiary == Program.Beneficiary.HOUSEHOLD else "resident"


def entitled(program: Program, on: date, *, among: Iterable[Any] | None = None) -> dict[UUID, Entitled]:
    """Household or resident -> why, whether they have it already or not. `among`: of these alone. Three statements for any number."""
    choice, column = CHOICES[program.pk], holder(program)
    people = Membership.objects.open().filter(resident__died_on=None).order_by()
    if choice.is_urban:
        people = people.filter(household__setting="urban")
    if among is not None:
        people = people.filter(**{f"{column}__in": list(among)})
    found: dict[UUID, Entitled] = {}
    for path, rows in _sources(people, choice, on):
        for pk, place, value in rows.values_list(column, "household__region", path):
            found.setdefault(pk, Entitled(place)).identities.add(PROVEN_BY.get(value, value))
    return found


def _sources(people: "QuerySet[Membership]", choice: Choice, on: date) -> "list[tuple[str, QuerySet[Membership]]]":
    """Own tags, the household's tags (for those who count in it), and aid that proves one; each with the path of what it says."""
    proving = [program for program, kind in PROVEN_BY.items() if kind in choice.identities]
    own = people.filter(_standing("resident__tags", on), resident__tags__kind__in=choice.identities)
    theirs = people.filter(_standing("household__tags", on), household__tags__kind__in=choice.identities, is_counted=True)
    aided = people.filter(_standing("resident__coverage", on), resident__coverage__record__program__in=proving)
    return [("resident__tags__kind", own), ("household__tags__kind", theirs), ("resident__coverage__record__program", aided)]


def _standing(path: str, on: date) -> Q:
    return Q(**{f"{path}__since__lte": on}) & (Q(**{f"{path}__until": None}) | Q(**{f"{path}__until__gte": on}))


def records(program: Program, on: date) -> "QuerySet[AssistanceRecord]":
    """Regular aid of the program that has not ended; one that begins next month counts as given."""
    going_on = Q(until=None) | Q(until__gte=on)
    return AssistanceRecord.objects.regular().filter(going_on, program=program, **{f"{holder(program)}__isnull": False}).order_by()


def having(program: Program, on: date, *, among: Iterable[Any] | None = None) -> set[UUID]:
    """Who has it by a record, or is known to have it by a fact."""
    column, unless = holder(program), CHOICES[program.pk].unless
    rows = records(program, on)
    facts = Fact.objects.valid(on).filter(kind__key=unless, value=True, resident__memberships__until=None).order_by()
    if among is not None:
        among = list(among)
        rows, facts = rows.filter(**{f"{column}__in": among}), facts.filter(**{_FACT[column] + "__in": among})
    known = facts.values_list(_FACT[column], flat=True) if unless else []
    return {*rows.values_list(column, flat=True), *known}


_FACT = {"resident": "resident", "household": "resident__memberships__household"}
