"""All rules of the county in words, as a page, on paper and as a Word file: by department, with origin, version, since when and figures.

One list for all three, through one gate: that of the catalogue. It names no person, so whoever has a post reads the rule of every program,
a sensitive one too (ZX-54: what is sensitive is who is helped by it); a draft is not in force and stands in none of them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from organization.models import Parameter, Post
from organization.unset import examples

from .differences import lines_and_parameters
from .facts import catalogue_of_facts
from .models import Origin, Program, ProgramVersion
from .presenters import Mark, mark

TITLE = "社会救助项目筛查规则"
ADVICE = "筛查结果只作提示，由人决定。"
# Numbers of the reference papers and codes of programs in brackets, which no official text carries: （C-42、C-43）, （YJ01）.
_CODES = re.compile(r"（(?:[A-Z]{1,2}-?\d{2}[、，]?)+）")


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """`figures` are the county's that the rule goes by, with their values on the day."""

    program: Program
    version: ProgramVersion
    lines: list[str]
    figures: list[str]
    mark: Mark


@dataclass(frozen=True, slots=True)
class RuleGroup:
    department: str
    rules: list[RuleInWords]


def rules_in_words(on: date, post: Post) -> list[RuleGroup]:
    """What `post` may read of the rules in force that day. Three queries, whatever their number."""
    catalogue, figures = catalogue_of_facts(on), _Figures(on, post)
    versions = list(
        ProgramVersion.objects.visible_to(post)
        .published()
        .in_force(on)
        .filter(program__in=Program.objects.visible_to(post))
        .exclude(screening_rule=None)
        .select_related("program__department")
        .order_by("program__department__number", "program_id")
    )
    programs = {version.program_id: version.program.seed_name for version in versions}
    found = []
    for version in versions:
        lines, keys = lines_and_parameters(version, catalogue, figures.names, programs)
        said = figures.said(keys, version.program.department_id)
        found.append(RuleInWords(version.program, version, lines, said, _mark(version)))
    return [RuleGroup(name, list(rules)) for name, rules in groupby(found, key=lambda rule: rule.program.department.name)]


def _mark(version: ProgramVersion) -> Mark:
    """Where the rule comes from. What the county wrote itself stays as written."""
    found = mark(version, "screening_rule")
    if version.origins["screening_rule"]["origin"] == Origin.COUNTY:
        return found
    return replace(found, source=_CODES.sub("", found.source), note=_CODES.sub("", found.note))


class _Figures:
    """The county's figures of a day. A department's own one is named like the general one, so one name serves all."""

    def __init__(self, on: date, post: Post) -> None:
        self._rows: defaultdict[str, list[Parameter]] = defaultdict(list)
        for row in Parameter.objects.visible_to(post).in_force_on(on).select_related("region", "department"):
            self._rows[row.key].append(row)
        self.names = {row.key: row.name for row in examples()} | {key: rows[-1].name for key, rows in self._rows.items()}

    def said(self, keys: Iterable[str], department_id: int) -> list[str]:
        """Each figure as the department goes by it: the county's value, and those of places that have their own."""
        found = []
        for name, key in sorted((self.names.get(key, key), key) for key in keys):
            found += [_said(row) for row in self._holding(key, department_id)] or [f"{name}：尚未设定"]
        return found

    def _holding(self, key: str, department_id: int) -> list[Parameter]:
        """The department's own before the general ones, in its place and all places within (as `figures.CountyFigures`)."""
        own = [row for row in self._rows[key] if row.department_id == department_id]
        places = [_place(row) for row in own]
        general = [row for row in self._rows[key] if row.department_id is None and not any(_place(row).startswith(p) for p in places)]
        return sorted([*own, *general], key=_place)


def _place(row: Parameter) -> str:
    return str(row.region_id or "")


def _said(row: Parameter) -> str:
    """最低生活保障标准：城镇750，农村620元/月（2026-09-01起）, with whom it holds for and whether it is settled where that is not plain."""
    settled = "演示值" if row.is_demo else str(row.get_origin_display()) if row.origin == Origin.ASSUMED else ""
    scope = row.scope if row.region_id or row.department_id else ""
    return f"{row}（{'，'.join(part for part in (scope, settled, f'{row.valid_from}起') if part)}）"
