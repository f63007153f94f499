"""All that the answers of a household's screening depend on, from the register or from what was stored: one form for both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from programs.screening.language import Catalogue, FactType, Rule, read
from programs.screening.situation import Figure, Situation

from ..rules import OWN_FACT
from .gathering import Gathered

Figures = Mapping[str, Mapping[str, Figure]]


@dataclass(frozen=True, slots=True)
class Inputs:
    """`figures` by department id as text, "" the general ones: a department may have its own (LY-15). Whether absence from a list
    means no is in the catalogue, and is stored, since a list may be confirmed later for an earlier day."""

    situation: Situation
    figures: Figures
    catalogue: Catalogue

    @classmethod
    def of(cls, gathered: Gathered, catalogue: Catalogue) -> Self:
        figures = {str(key or ""): found for key, found in gathered.figures.items()}
        return cls(gathered.situation, figures, catalogue)

    @classmethod
    def read(cls, row: Mapping[str, Any], catalogue: Catalogue, names: Mapping[str, str]) -> Self:
        """What was stored; names, which are not stored, are those of today."""
        lists: dict[str, str] = row["lists"] if isinstance(row["lists"], dict) else dict.fromkeys(row["lists"], "")
        as_then = {
            key: replace(fact, is_list=key in lists, listed_on=date.fromisoformat(lists[key]) if lists.get(key) else None)
            for key, fact in catalogue.items()
        }
        figures = {
            department: {key: Figure(f["value"], f["name"], f["measure"]) for key, f in found.items()}
            for department, found in row["figures"].items()
        }
        situation = Situation.read(row["situation"], as_then, names)
        people = {key: situation.people[key] for key in row["order"]}  # a jsonb column keeps no order of its keys
        return cls(replace(situation, people=people), figures, as_then)

    @property
    def on(self) -> date:
        return self.situation.on

    def for_department(self, department_id: int) -> Situation:
        return replace(self.situation, figures={**self.figures.get("", {}), **self.figures.get(str(department_id), {})})

    def asked_by(self, rules: Mapping[str, Rule]) -> "Inputs":
        """What these rules of programs ask and no more: nothing else is kept of a family."""
        facts = {key for rule in rules.values() for key in rule.facts()} | set(OWN_FACT.values())
        parameters = {key for rule in rules.values() for key in rule.parameters()}
        programs = {code for rule in rules.values() for code in (*rule.requires, *rule.excludes)} | set(rules)
        own = self.situation
        people = {
            key: replace(one, facts=_only(one.facts, facts), receives=one.receives & programs, holds=one.holds & programs)
            for key, one in own.people.items()
        }
        situation = replace(own, household=_only(own.household, facts), people=people, receives=own.receives & programs, figures={})
        figures = {department: _only(found, parameters) for department, found in self.figures.items()}
        return Inputs(situation, {key: found for key, found in figures.items() if found}, self.catalogue)

    def stored(self) -> dict[str, Any]:
        return {
            "situation": self.situation.stored(),
            "figures": {
                department: {key: {"value": f.value, "name": f.name, "measure": f.measure} for key, f in found.items()}
                for department, found in self.figures.items()
            },
            "order": list(self.situation.people),
            "lists": {key: str(fact.listed_on or "") for key, fact in sorted(self.catalogue.items()) if fact.is_list},
        }


def _only(found: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key in keys}


# ── rules read once ─────────────────────────────────────────────────────────────────────────────────────────────────

HELD = 400
_held: dict[tuple[int, str], tuple[Any, tuple[FactType, ...], Rule]] = {}


def rule_of(version_id: int, stored: Any, beneficiary: str, catalogue: Catalogue) -> Rule:
    """The rule of a version as a tree, read once in a process while rule and catalogue stay as they are: reading checks the whole schema.

    Raises:
        RuleError: it names what the catalogue does not have.
    """
    whole = "household" if beneficiary == "household" else "resident"
    held = _held.get((version_id, whole))
    if held is not None and held[0] == stored and all(catalogue.get(fact.key) == fact for fact in held[1]):
        return held[2]
    rule = read(stored, catalogue, beneficiary=whole)
    if len(_held) >= HELD:
        _held.clear()
    _held[version_id, whole] = (stored, tuple(catalogue[key] for key in sorted(rule.facts())), rule)
    return rule
