"""What is known of one household on one day, as plain values: all that an answer depends on, so that it can be stored and replayed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from .language import Catalogue, FactType, Group

Plain = bool | Decimal | date | str
Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact as it was found. `expired_on`: it was valid until that day and counts as not known. `fact_id` of a stored one."""

    value: Plain
    source: str = ""
    found_on: date | None = None
    is_declared: bool = False
    expired_on: date | None = None
    fact_id: str = ""

    def stored(self) -> Stored:
        plain: Any = self.value if isinstance(self.value, bool) else str(self.value)
        row = {"value": plain, "source": self.source, "found_on": _text(self.found_on), "expired_on": _text(self.expired_on)}
        return {key: part for key, part in {**row, "declared": self.is_declared, "fact": self.fact_id}.items() if part not in (None, "")}

    @classmethod
    def read(cls, row: Stored, fact: FactType) -> Self:
        return cls(
            typed(fact, row["value"]), row.get("source", ""), _day(row.get("found_on")), row.get("declared", False),
            _day(row.get("expired_on")), row.get("fact", ""),
        )  # fmt: skip


def typed(fact: FactType, stored: Any) -> Plain:
    """A value as `Fact.value` keeps it, in the type that the language compares."""
    if fact.value_type in {"number", "money"}:
        return Decimal(str(stored))
    if fact.value_type == "date":
        return date.fromisoformat(str(stored))
    return bool(stored) if fact.value_type == "yes_no" else str(stored)


def number_of(stored: Any) -> Decimal | None:
    """A parameter's value as a number; None where it is something else."""
    if isinstance(stored, bool) or not isinstance(stored, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(stored))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@dataclass(frozen=True, slots=True)
class Person:
    """`kin` are keys of the household's counted living members who stand in that relation to this one.

    `listed_since`: a whole list of that day or later says of this one whether he is on it; None where no list can: no number to find him
    by, or at home in another county. `holds`: codes of programs whose very identity this one has, which is no aid.
    """

    key: str
    name: str
    facts: Mapping[str, Known] = field(default_factory=dict)
    receives: frozenset[str] = frozenset()
    kin: Mapping[Group, tuple[str, ...]] = field(default_factory=dict)
    is_dead: bool = False
    is_counted: bool = True
    listed_since: date | None = date.min
    holds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Figure:
    """A parameter in force on the day for that place; `value` is JSON as the parameter keeps it."""

    value: Any
    name: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """`receives` are codes of programs in force for the household; those that reach a person stand with the person."""

    on: date
    household: Mapping[str, Known] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    receives: frozenset[str] = frozenset()
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def members(self) -> tuple[str, ...]:
        """Who counts as the household and lives."""
        return tuple(key for key, person in self.people.items() if person.is_counted and not person.is_dead)

    def group(self, group: Group, of: Person | None) -> tuple[Person, ...]:
        keys = self.members if group is Group.MEMBER else of.kin.get(group, ()) if of else ()
        return tuple(self.people[key] for key in keys)

    def stored(self) -> Stored:
        """As JSON, names left out: a stored answer must not keep what the register may correct."""
        return {
            "on": self.on.isoformat(),
            "household": {key: known.stored() for key, known in self.household.items()},
            "receives": sorted(self.receives),
            "figures": {key: {"value": f.value, "name": f.name, "measure": f.measure} for key, f in self.figures.items()},
            "people": {
                key: {
                    "facts": {fact: known.stored() for fact, known in person.facts.items()},
                    "receives": sorted(person.receives),
                    "kin": {group.value: list(keys) for group, keys in person.kin.items() if keys},
                    "dead": person.is_dead,
                    "counted": person.is_counted,
                    "listed": _text(person.listed_since),
                    "holds": sorted(person.holds),
                }
                for key, person in self.people.items()
            },
        }

    @classmethod
    def read(cls, row: Stored, catalogue: Catalogue, names: Mapping[str, str] | None = None) -> Self:
        """From JSON again; a fact that the catalogue no longer has is left out."""
        names = names or {}
        return cls(
            on=date.fromisoformat(row["on"]),
            household=_facts(row["household"], catalogue),
            receives=frozenset(row["receives"]),
            figures={key: Figure(f["value"], f["name"], f["measure"]) for key, f in row["figures"].items()},
            people={
                key: Person(
                    key, names.get(key, ""), _facts(person["facts"], catalogue), frozenset(person["receives"]),
                    {Group(group): tuple(keys) for group, keys in person["kin"].items()}, person["dead"], person["counted"],
                    _day(person["listed"]) if "listed" in person else date.min, frozenset(person.get("holds", ())),
                )
                for key, person in row["people"].items()
            },
        )  # fmt: skip


def _facts(rows: Stored, catalogue: Catalogue) -> dict[str, Known]:
    return {key: Known.read(row, catalogue[key]) for key, row in rows.items() if key in catalogue}


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
