"""Which programs nobody may have beside each other: read from the rules in force, where they stand (C-42, C-43).

A rule names programs that it excludes; and what it demands not to hold of somebody (“不是特困人员”) excludes the program that proves it.
"""

from datetime import date

from households.rules import PROVEN_BY_RECORD
from programs.facts import catalogue_of_facts
from programs.models import ProgramVersion
from programs.screening.language import All, Condition, Each, Node, Not, Op, Rule, read

_PROVES = {fact: code for code, fact in PROVEN_BY_RECORD.items()}


def exclusive_pairs(on: date) -> list[tuple[str, str]]:
    """(program, the one it excludes), by the versions in force that day; each pair once."""
    catalogue = catalogue_of_facts(on)
    found: dict[frozenset[str], tuple[str, str]] = {}
    for version in ProgramVersion.objects.in_force(on).exclude(screening_rule=None).select_related("program").order_by("program_id"):
        rule = read(version.screening_rule, catalogue, beneficiary=version.program.beneficiary)
        for other in excluded_by(rule):
            if other != version.program_id:
                found.setdefault(frozenset({version.program_id, other}), (version.program_id, other))
    return sorted(found.values())


def excluded_by(rule: Rule) -> set[str]:
    """Codes that the rule excludes, in words or by a demand."""
    return set(rule.excludes) | {_PROVES[fact] for fact in _barred(rule.eligible) if fact in _PROVES}


def _barred(node: Node | None) -> set[str]:
    """Facts that must not hold of anybody it is asked of: of a demand itself, not of one of several ways to meet it."""
    match node:
        case All(nodes=nodes):
            return {fact for child in nodes for fact in _barred(child)}
        case Not(node=Condition(fact=fact, op=Op.IS, value=True)):
            return {fact.key}
        case Not(node=Each(node=Condition(fact=fact, op=Op.IS, value=True))):
            return {fact.key}
        case Condition(fact=fact, op=Op.IS, value=False):
            return {fact.key}
    return set()
