"""What a version says otherwise than the one before it, field by field in office words, and the rule line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .facts import catalogue_of_facts
from .models import Program, ProgramVersion, Sourced
from .presenters import shown
from .proof import figures_known
from .screening.language import RuleError, read
from .screening.wording import rule_lines


@dataclass(frozen=True, slots=True)
class Change:
    part: str
    label: str
    before: str
    after: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """Lines of the rule in words that went and came."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    source: str

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


def differences(before: ProgramVersion | None, after: ProgramVersion) -> list[Change]:
    """Both with page data. Without one before, nothing is otherwise."""
    if before is None:
        return []
    found = _between("办理规定", before, after, leave_out={"screening_rule"})
    old, new = ({track.key: track for track in version.tracks.all()} for version in (before, after))
    for key, track in new.items():
        if key in old:
            found += _between(f"办理情形：{track.name}", old[key], track, leave_out={"above_ceiling"})
            found += _rows(f"环节：{track.name}", _by(old[key].stages.all(), "order"), _by(track.stages.all(), "order"))
        else:
            found.append(Change("办理情形", track.name, "—", "新增"))
    found += [Change("办理情形", track.name, "有", "不再有") for key, track in old.items() if key not in new]
    return found + _rows("材料", _papers(before), _papers(after))


def rule_change(before: ProgramVersion | None, after: ProgramVersion, on: date) -> RuleChange:
    old, new = (words_of(version, on) if version else [] for version in (before, after))
    source = after.origins.get("screening_rule", {}).get("source", "")
    return RuleChange(tuple(line for line in old if line not in new), tuple(line for line in new if line not in old), source)


def words_of(version: ProgramVersion, on: date) -> list[str]:
    """The rule of a version in words, one line per top condition; what cannot be read says so."""
    if version.screening_rule is None:
        return ["没有筛查规则"]
    catalogue = catalogue_of_facts(on)
    names = {key: figure.name for key, figure in figures_known(on, version.program.department_id).items()}
    return lines_and_parameters(version, catalogue, names, dict(Program.objects.values_list("code", "seed_name")))[0]


def lines_and_parameters(
    version: ProgramVersion, catalogue: Mapping[str, Any], names: Mapping[str, str], programs: Mapping[str, str]
) -> tuple[list[str], set[str]]:
    """The rule in words, and the keys of the parameters it goes by."""
    try:
        rule = read(version.screening_rule, catalogue, beneficiary=version.program.beneficiary)
    except RuleError as wrong:
        return [f"规则读不出来：{wrong.message}"], set()
    return rule_lines(rule, catalogue, names, programs), rule.parameters()


def _between(part: str, old: Sourced, new: Sourced, leave_out: Iterable[str] = ()) -> list[Change]:
    return [
        Change(part, new.label_of(name), shown(old, name), shown(new, name), new.origins.get(name, {}).get("source", ""))
        for name in new.sourced_fields()
        if name not in leave_out and getattr(old, name) != getattr(new, name) and name not in {"track", "material"}
    ]


def _rows(part: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> list[Change]:
    found = []
    for key, row in new.items():
        if key in old:
            found += _between(f"{part} · {row.name}", old[key], row)
        else:
            found.append(Change(part, row.name, "—", str(row)))
    return found + [Change(part, row.name, str(row), "—") for key, row in old.items() if key not in new]


def _by(rows: Iterable[Any], name: str) -> dict[Any, Any]:
    return {getattr(row, name): row for row in rows}


def _papers(version: ProgramVersion) -> dict[Any, Any]:
    return {(row.material_id, row.track.key if row.track else ""): row for row in version.requirements.all()}
