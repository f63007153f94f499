"""The reference files of the catalogue as plain values: `read()` gives one `ProgramSpec` per row of `fixtures/programs.csv`.

Knows the files, not the database. `programs.csv` is a byte copy of the county's table: its name cell is taken whole and never split
on "、" (ZX-57), "同上" is the row above, and its five origin letters stand for level, mode, limits, publicity and verification.
`program_details.csv` lays the rest over it, one line per field with its origin: selectors are `*`, a department (`JW`), a program
(`MZ01`), `kind=`, `mode=` or `route=`, each with `/track` for a field of a track; later lines win; an empty value keeps the one below,
"（无）" empties it.
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

FIXTURES: Path = settings.BASE_DIR / "fixtures"

_LETTERS = {"S": "seed", "N": "national", "A": "assumed", "—": "assumed"}
_ROUTES = {"TOWN": "town", "TOWN→COUNTY": "town_county", "COUNTY": "county"}
_MODES = {"REGULAR": "regular", "ONE_OFF": "one_off", "STATUS": "status"}
_UNITS = {"工作日": "working_days", "日": "calendar_days"}
_KINDS = {
    "现金": "cash",
    "实物": "service",
    "服务": "service",
    "费用减免": "waiver",
    "保险": "insurance",
    "身份": "identity",
    "证件": "registration",
    "登记": "registration",
    "—": "",
}
_BEFORE = ("是", "依申请者是", "困难认定", "困难职工档案", "实地核实", "诊断核实", "适配评估")
_NONE = ("否", "信息比对", "互认", "—")
_DASH = "—"
_SAME = "同上"
_NOTHING = "（无）"

PROGRAM_FIELDS = (
    *("department", "seed_name", "alias", "kind", "form_of_aid", "category", "tier"),
    *("beneficiary", "is_sensitive", "is_placeholder"),
)


class FixtureError(ValueError):
    """A reference file that cannot be read as the catalogue: names the file's row and what is wrong."""


@dataclass
class Value:
    value: str = ""
    origin: str = ""
    source: str = ""
    note: str = ""

    def lay(self, row: dict[str, str]) -> None:
        """Lay a line of the details over this value. A new value never keeps the source of the old one."""
        if row["value"]:
            self.value, self.source, self.note = row["value"].removeprefix(_NOTHING), "", ""
        if row["origin"]:
            self.origin, self.source, self.note = row["origin"], "", ""
        self.source, self.note = row["source"] or self.source, row["note"] or self.note


Fields = dict[str, Value]


@dataclass
class TrackSpec:
    key: str
    fields: Fields
    stages: list[dict[str, str]] = field(default_factory=list)


@dataclass
class ProgramSpec:
    code: str
    fields: Fields
    version: Fields
    tracks: list[TrackSpec]
    materials: list[dict[str, str]]

    def version_digest(self) -> str:
        """What makes a version: another digest, another version. Names and classification belong to the program, not to its versions."""
        content = {"version": self.version, "tracks": self.tracks, "materials": self.materials}
        plain = json.dumps(content, default=asdict, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()


def verification_of(text: str) -> str:
    """The 核查 column read as before, after or none.

    Raises:
        FixtureError: for a value the reading rule does not know.
    """
    if text == "事后":
        return "after"
    if text.startswith(_NONE):
        return "none"
    if text.startswith(_BEFORE) or text == "支出型是；急难型事后":
        return "before"
    raise FixtureError(f"核查：无法识别“{text}”")


def read(folder: Path = FIXTURES) -> list[ProgramSpec]:
    """Every program of the list with its version, tracks, stages and materials, in the order of the file."""
    details, texts = _rows(folder, "program_details.csv"), {row["code"]: row for row in _rows(folder, "program_texts.csv")}
    stages, papers = _rows(folder, "program_stages.csv"), {row["key"]: row for row in read_materials(folder)}
    rules = json.loads((folder / "screening_rules.json").read_text(encoding="utf-8"))
    materials = [{**papers[row["material"]], **row} for row in _rows(folder, "program_materials.csv")]
    specs: list[ProgramSpec] = []
    above: dict[str, str] = {}
    for raw in _rows(folder, "programs.csv"):
        row = {name: above.get(name, "") if cell == _SAME else cell for name, cell in raw.items()}
        above = row
        own = [stage for stage in stages if stage["code"] == row["code"]]
        spec = _spec(row, texts[row["code"]], details, own, [m for m in materials if m["code"] == row["code"]])
        spec.version["screening_rule"] = _rule(rules.get(row["code"]))
        specs.append(spec)
    return specs


def _rule(row: dict[str, Any] | None) -> Value:
    """The screening rule as JSON text; the county's unnamed program has none."""
    if row is None:
        return Value("null", "assumed", "", "项目待明确，没有规则")
    return Value(json.dumps(row["rule"], ensure_ascii=False), row["origin"], row["source"], row["note"])


def read_facts(folder: Path = FIXTURES) -> list[dict[str, str]]:
    return _rows(folder, "facts.csv")


def read_materials(folder: Path = FIXTURES) -> list[dict[str, str]]:
    return _rows(folder, "materials.csv")


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _spec(
    row: dict[str, str], text: dict[str, str], details: list[dict[str, str]], stages: list[dict[str, str]], materials: list[dict[str, str]]
) -> ProgramSpec:
    code = row["code"]
    level, mode, limit, publicity, check = [_LETTERS[letter] for letter in _letters(row)]
    kind = _KINDS[row["kind"].split("/")[0].split("(")[0]]
    fields: Fields = {
        "department": Value(code[:2]),
        "seed_name": Value(row["项目"]),
        "kind": Value(kind),
        "form_of_aid": Value(_plain(row["kind"])),
        "category": Value(_plain(row["category"])),
        "benefit_mode": Value(_MODES[row["方式"].split()[0]], mode),
        "screening_text": Value(_plain(row["筛查规则(机器可查)"])),
        "materials_text": Value(_plain(row["典型材料"])),
        "exempt_text": Value(_plain(row["免提交(共享库可证明)"])),
        "summary": Value(text["summary"]),
        "conditions": Value("\n".join(text["conditions"].split("|")), text["conditions_origin"], text["conditions_source"]),
        "aid": Value(text["aid"]),
        "remark": Value(text["remark"]),
        "legal_basis": Value(_basis(text["legal_basis"]), text["basis_origin"]),
    }
    route = _ROUTES[row["审批层级"].split()[0]]
    track: Fields = {
        "route": Value(route, level),
        "whole_limit": Value(row["时限"], limit),
        "extended_limit": Value(row["可延至"], limit),
        "limit_unit": Value(_UNITS[row["单位"]], limit),
        "publicity_days": Value(row["公示(日)"], publicity),
        "verification": Value(verification_of(row["核查"]), check),
        "verification_text": Value(_how_checked(row["核查"]), check),
    }
    who = {"*", code, code[:2], f"kind={kind}", f"mode={fields['benefit_mode'].value}", f"route={route}"}
    _lay(fields, details, who, None)
    tracks = [
        TrackSpec(key, _track_fields(track, details, who, key), _stages_of(stages, key))
        for key in dict.fromkeys(stage["track"] for stage in stages)
    ]
    version = {name: value for name, value in fields.items() if name not in PROGRAM_FIELDS}
    return ProgramSpec(code, {name: fields[name] for name in PROGRAM_FIELDS}, version, tracks, materials)


def _track_fields(base: Fields, details: list[dict[str, str]], who: set[str], key: str) -> Fields:
    fields = _lay({name: Value(**asdict(value)) for name, value in base.items()}, details, who, key)
    fields["verification_text"].source = fields["verification_text"].source or fields["verification"].source
    return fields


def _letters(row: dict[str, str]) -> Iterator[str]:
    cell = row["来源 层级/方式/时限/公示/核查"]
    return iter([_DASH] * 5 if cell == _DASH else cell.split("/"))


def _plain(cell: str) -> str:
    return "" if cell == _DASH else cell


def _how_checked(cell: str) -> str:
    """What the column says beyond yes and no: “是(房屋鉴定)” is 房屋鉴定, a bare 是 nothing."""
    if cell == "依申请者是":
        return "依申请办理的先核查"
    bare = re.sub(r"^[是否]", "", _plain(cell))
    return bare.strip("()（）")


def _basis(cell: str) -> str:
    return "\n".join([*filter(None, cell.split("|")), "忠府办发〔2021〕53号附件《“一门受理、协同办理”社会救助项目清单》"])


def _lay(fields: Fields, details: list[dict[str, str]], who: set[str], track: str | None) -> Fields:
    for row in details:
        selector, _, of_track = row["selector"].partition("/")
        if selector in who and (of_track in {"*", track} if track else not of_track):
            fields.setdefault(row["field"], Value()).lay(row)
    return fields


def _stages_of(stages: list[dict[str, str]], track: str) -> list[dict[str, str]]:
    return [stage for stage in stages if stage["track"] == track]
