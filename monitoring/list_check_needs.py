"""What a program needs to know, read from the version in force: the facts of its rule and those that prove its papers."""

from datetime import date

from programs.facts import catalogue_of_facts
from programs.models import FactKind, Program, ProgramVersion
from programs.screening import language

from . import list_check_rules


def needed(program: Program, on: date) -> list[str]:
    """Tags, in the order of the catalogue; none without a version in force."""
    version = ProgramVersion.objects.in_force(on).filter(program=program).first()
    facts: set[str] = set()
    programs: tuple[str, ...] = ()
    if version is not None:
        facts |= set(FactKind.objects.filter(materials__requirements__version=version).values_list("pk", flat=True))
        if version.screening_rule:
            rule = language.read(version.screening_rule, catalogue_of_facts(on), beneficiary=program.beneficiary)
            facts |= rule.facts()
            programs = (*rule.requires, *rule.excludes)
    return list_check_rules.tags_needed(program.pk, facts=facts, programs=programs)
