"""Every program in force asked of one household, for each of its beneficiaries (issue 5): a fixed number of queries, no writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from programs.facts import catalogue_of_facts
from programs.models import Program, ProgramVersion
from programs.screening.evaluation import OUTCOME_WORDS, Answer, Outcome, answer
from programs.screening.language import Rule

from ..models import Household, Membership, Screening
from ..rules import OWN_FACT
from .gathering import gather
from .inputs import Inputs, rule_of

Key = tuple[str, str]
HELPFUL = frozenset({Outcome.ELIGIBLE, Outcome.LIKELY})
WORDS: dict[str, str] = {outcome.value: word for outcome, word in OUTCOME_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """One program for one beneficiary; `person` is empty where it is the household's. `has_already`: in force, as aid or identity."""

    version: ProgramVersion
    department_id: int
    person: str
    rule: Rule
    answer: Answer
    has_already: bool = False

    @property
    def program(self) -> Program:
        return self.version.program

    @property
    def key(self) -> Key:
        return self.version.program_id, self.person

    @property
    def outcome(self) -> Outcome:
        return self.answer.outcome


@dataclass(frozen=True, slots=True)
class Screened:
    inputs: Inputs
    rows: tuple[Row, ...]

    @property
    def by_key(self) -> dict[Key, Row]:
        return {row.key: row for row in self.rows}

    @property
    def programs(self) -> dict[str, str]:
        return {row.version.program_id: row.program.seed_name for row in self.rows}


def screen(household: Household, on: date, *, without: Any = None) -> Screened:
    """All rules in force that day. The caller fetched the household through its gate. `without`: as if that decision had not been."""
    versions = [(version, version.program.department_id) for version in rules_in_force(on)]
    catalogue = catalogue_of_facts(on)
    inputs = Inputs.of(gather(household, on, catalogue, without=without), catalogue)
    return Screened(inputs, ask(inputs, versions))


def rules_in_force(on: date) -> list[ProgramVersion]:
    """One version of each program, in the order of the county's list."""
    rows = ProgramVersion.objects.in_force(on).filter(screening_rule__isnull=False, program__is_placeholder=False)
    return list(rows.select_related("program__department").order_by("program__department__number", "program_id"))


def ask(inputs: Inputs, versions: Iterable[tuple[ProgramVersion, int]]) -> tuple[Row, ...]:
    """The answers to these versions, by department of the day: the one way to an answer, of today or of a stored day."""
    versions = list(versions)
    names = {version.program_id: version.program.seed_name for version, _ in versions}
    found: list[Row] = []
    for version, department_id in versions:
        rule = rule_of(version.pk, version.screening_rule, version.program.beneficiary, inputs.catalogue)
        situation = inputs.for_department(department_id)
        for person in _beneficiaries(version.program, rule, inputs):
            said = answer(rule, situation, inputs.catalogue, person=person, programs=names)
            found.append(Row(version, department_id, person, rule, said, _has_already(version.program_id, person, inputs)))
    return tuple(found)


def _beneficiaries(program: Program, rule: Rule, inputs: Inputs) -> list[str]:
    """The household, or each of its people; the dead where the program is for them, and only they there (MZ11)."""
    if program.beneficiary == Program.Beneficiary.HOUSEHOLD:
        return [""]
    return [key for key, person in inputs.situation.people.items() if person.is_dead is rule.for_the_dead]


def _has_already(code: str, person: str, inputs: Inputs) -> bool:
    """Aid in force, or the very identity that the program gives, by a tag or by a fact that this identity alone proves."""
    situation = inputs.situation
    if code in (situation.people[person].receives if person else situation.receives):
        return True
    people = [situation.people[person]] if person else [situation.people[key] for key in situation.members]
    known = [one.facts.get(OWN_FACT[code]) for one in people] if code in OWN_FACT else []
    return any(code in one.holds for one in people) or any(
        one is not None and one.value is True and not one.is_declared and not one.expired_on for one in known
    )


# ── stored, and asked again ─────────────────────────────────────────────────────────────────────────────────────────


def compact(rows: Iterable[Row]) -> list[list[Any]]:
    return [[row.version.program_id, row.version.pk, row.person, row.outcome.value] for row in rows]


def outcomes(screening: Screening) -> dict[Key, str]:
    """What a stored screening said, by program and person."""
    return {(code, person): outcome for code, _, person, outcome in screening.answers}


def replay(screening: Screening, names: Mapping[str, str] | None = None) -> Screened:
    """The same answers again, from what was stored and the versions, which nobody changes. `names` of residents, for the page."""
    pairs: dict[int, int] = dict(screening.versions)
    rows = ProgramVersion.objects.filter(pk__in=list(pairs)).select_related("program__department")
    versions = [(version, pairs[version.pk]) for version in rows.order_by("program__department__number", "program_id")]
    inputs = Inputs.read(screening.inputs, catalogue_of_facts(screening.on), names or {})
    return Screened(inputs, ask(inputs, versions))


def names_of(household: Household) -> dict[str, str]:
    """Of everybody who belongs or belonged to it: a stored screening may speak of somebody who has left."""
    rows = Membership.objects.filter(household=household).select_related("resident")
    return {str(row.resident_id): row.resident.name for row in rows}
