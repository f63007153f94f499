"""The sheets by which units deliver facts: a line of `fixtures/fact_sheets.csv` each, its columns the catalogue's kinds (DESIGN 7, ZX-28).

`facts` of a line: `disability_card=true` is said by being listed and has no column; `device_need?` may stay empty; the others are owed.
All kinds of a sheet are of persons, or all of households: then the household is that of the person named, its head or any member.
"""

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from programs.models import FactKind
from spreadsheets.declaration import Field, Template, Type

from ..models import Resident

FAMILY = "households.facts"
FIXTURE = Path(settings.BASE_DIR) / "fixtures" / "fact_sheets.csv"
TYPE_OF = {
    FactKind.ValueType.YES_NO: Type.YES_NO,
    FactKind.ValueType.NUMBER: Type.NUMBER,
    FactKind.ValueType.MONEY: Type.MONEY,
    FactKind.ValueType.DATE: Type.DATE,
    FactKind.ValueType.CODE: Type.CODE,
    FactKind.ValueType.TEXT: Type.TEXT,
}
NAME = Field("name", "姓名", Type.NAME, required=True, example="张虚构")
NUMBER = Field(
    "id_number", "证件号码", Type.ID_NUMBER, required=True, aliases=("身份证号", "身份证号码", "公民身份号码", "居民身份证号码"),
    help="18位，单元格设为文本", sealed_in=(Resident, "id_number"),
)  # fmt: skip
TOWNSHIP = Field("township", "乡镇（街道）", Type.TOWNSHIP, aliases=("所属乡镇", "乡镇街道", "乡镇", "镇街"))
VILLAGE = Field("village", "村（社区）", Type.VILLAGE, aliases=("所属村", "村社区", "村居", "村"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """`is_listed`: a subject may have several lines, which are one fact together. `enters_strangers`: whom the register lacks is entered
    without household; else is not collected (个人信息保护法 6: no more than is needed)."""

    name: str
    title: str
    department: str
    kinds: tuple[str, ...]
    fixed: frozenset[str]
    optional: frozenset[str]
    is_listed: bool
    is_whole: bool
    validity: str
    enters_strangers: bool
    feeds: str
    note: str


@cache
def sheets() -> dict[str, Sheet]:
    with FIXTURE.open(encoding="utf-8", newline="") as lines:
        return {row["template"]: _sheet(row) for row in csv.DictReader(lines)}


def _sheet(row: dict[str, str]) -> Sheet:
    said = [text.strip() for text in row["facts"].split(";")]
    yes = {name: row[name] == "是" for name in ("is_listed", "is_whole", "enters_strangers")}
    return Sheet(
        name=row["template"], title=row["title"], department=row["department"], validity=row["validity"], feeds=row["feeds"],
        note=row["note"], kinds=tuple(text.removesuffix("=true").removesuffix("?") for text in said),
        fixed=frozenset(text.removesuffix("=true") for text in said if text.endswith("=true")),
        optional=frozenset(text.removesuffix("?") for text in said if text.endswith("?")), **yes,
    )  # fmt: skip


def template_of(sheet: Sheet, kinds: dict[str, FactKind]) -> Template:
    columns = tuple(_column(kinds[key], sheet) for key in sheet.kinds if key not in sheet.fixed)
    valid = (Field("valid_until", sheet.validity, Type.DATE, aliases=("有效期至", "有效期限")),) if sheet.validity else ()
    township = replace(TOWNSHIP, help="平台没有此人时必填") if sheet.enters_strangers else TOWNSHIP
    return Template(
        key=f"{FAMILY}:{sheet.name}", title=sheet.title, fields=(NAME, NUMBER, township, VILLAGE, *columns, *valid),
        key_fields=("id_number", sheet.kinds[0]) if sheet.is_listed else ("id_number",), is_whole=sheet.is_whole,
        notes=_notes(sheet, kinds), feeds=sheet.feeds, sensitive=any(kinds[key].is_sensitive for key in sheet.kinds),
        of_the_registered=True,
    )  # fmt: skip


def _column(kind: FactKind, sheet: Sheet) -> Field:
    codes: list[Any] = kind.codes
    return Field(
        kind.key, f"{kind.label}（{kind.measure}）" if kind.measure else kind.label, TYPE_OF[FactKind.ValueType(kind.value_type)],
        required=kind.key not in sheet.optional, codes=tuple((row["code"], row["label"]) for row in codes),
        aliases=(kind.label,) if kind.measure else (),
    )  # fmt: skip


def _notes(sheet: Sheet, kinds: dict[str, FactKind]) -> tuple[str, ...]:
    of_home = kinds[sheet.kinds[0]].scope == FactKind.Scope.HOUSEHOLD
    whole = "整份名单：平台已有而表中没有的，视为不再具备。" if sheet.is_whole else "只填新增和变化的；没有列出的保持原样。"
    lacking = "平台没有的人员先登记为未归户。" if sheet.enters_strangers else "平台没有的人员不收集。"
    home = ("登记为此人所在家庭的事项；没有归户的不能登记。",) if of_home else ()
    return (f"{sheet.note}。", whole, lacking, *home)
