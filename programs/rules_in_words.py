"""All rules of the county in words, as one readable list: by department, with origin, version and since when."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from .differences import lines_of
from .facts import catalogue_of_facts
from .models import Program, ProgramVersion
from .presenters import Mark, mark
from .proof import figures_known


@dataclass(frozen=True, slots=True)
class RuleInWords:
    program: Program
    version: ProgramVersion
    lines: list[str]
    mark: Mark


@dataclass(frozen=True, slots=True)
class RuleGroup:
    department: str
    rules: list[RuleInWords]


def rules_in_words(on: date) -> list[RuleGroup]:
    """Three queries, whatever their number. A department's own figure is named like the general one, so the general names serve."""
    catalogue = catalogue_of_facts(on)
    names = {key: figure.name for key, figure in figures_known(on, None).items()}
    versions = list(
        ProgramVersion.objects.published()
        .in_force(on)
        .exclude(screening_rule=None)
        .select_related("program__department")
        .order_by("program__department__number", "program_id")
    )
    programs = {version.program_id: version.program.seed_name for version in versions}
    found = [
        RuleInWords(version.program, version, lines_of(version, catalogue, names, programs), mark(version, "screening_rule"))
        for version in versions
    ]
    return [RuleGroup(name, list(rules)) for name, rules in groupby(found, key=lambda rule: rule.program.department.name)]
