"""The three sheets of the ledger and the cells of their rows."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import count, islice
from types import SimpleNamespace
from typing import Any

from config.protection.masks import mask_name
from config.protection.sealing import unseal
from households.models import FormerNumber, Resident
from organization.lineage import departments
from organization.models import Post
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.held import Columns, Turned, turned_rows

from . import corrections, live, names
from .book import Book
from .permissions import reads_doubts

TITLE, HOMES_TITLE, CORRECTIONS_TITLE = "按户统计台账", "按户汇总", "对上月的更正"
DOUBT = Column("疑点", width=24)
COLUMNS = (
    Column("序号", Kind.NUMBER, 8), Column("户编号", width=20), Column("户主", width=10), Column("户主证件号码", width=21),
    Column("乡镇（街道）", width=14), Column("村（社区）", width=16), Column("户籍类别", width=10), Column("家庭人口", Kind.NUMBER, 10),
    Column("家庭身份标签", width=22), Column("成员姓名", width=10), Column("成员证件号码", width=21), Column("与户主关系", width=12),
    Column("个人身份标签", width=22), Column("主管部门", width=16), Column("救助项目", width=22), Column("救助单位", width=16),
    Column("救助对象", width=10), Column("定期/一次性", width=12), Column("标准/金额（元）", Kind.NUMBER, 16),
    Column("计入合计（元）", Kind.NUMBER, 16), Column("实物或服务", width=18), Column("起始日期", Kind.DATE, 12),
    Column("终止日期", Kind.DATE, 12), Column("数据来源", width=16), Column("更新日期", Kind.DATE, 12), DOUBT,
)  # fmt: skip
HOME_COLUMNS = (
    Column("序号", Kind.NUMBER, 8), Column("户编号", width=20), Column("户主", width=10), Column("户主证件号码", width=21),
    Column("乡镇（街道）", width=14), Column("村（社区）", width=16), Column("户籍类别", width=10), Column("家庭人口", Kind.NUMBER, 10),
    Column("家庭身份标签", width=22), Column("享受救助人数", Kind.NUMBER, 14), Column("救助笔数", Kind.NUMBER, 10),
)  # fmt: skip
SUMS = (Column("按月合计（元）", Kind.NUMBER, 16), Column("按年合计（元）", Kind.NUMBER, 16), Column("一次性合计（元）", Kind.NUMBER, 16))
CORRECTION_COLUMNS = (
    Column("序号", Kind.NUMBER, 8), Column("更正", width=8), Column("户编号", width=20), Column("成员姓名", width=10),
    Column("成员证件号码", width=21), Column("乡镇（街道）", width=14), Column("村（社区）", width=16), Column("主管部门", width=16),
    Column("救助项目", width=22), Column("救助单位", width=16), Column("定期/一次性", width=12), Column("原金额（元）", Kind.NUMBER, 14),
    Column("现金额（元）", Kind.NUMBER, 14), Column("原实物或服务", width=16), Column("现实物或服务", width=16),
    Column("原起始日期", Kind.DATE, 12), Column("现起始日期", Kind.DATE, 12), Column("现终止日期", Kind.DATE, 12),
    Column("合计差额（元）", Kind.NUMBER, 14),
)  # fmt: skip
LOOSE = "未归户"  # in the place of a household's number; such a person is counted among no households
PER = {"monthly": "/月", "yearly": "/年", "once": "（一次性）"}


def parts(book: Book, *, in_clear: bool = False) -> list[Part]:
    """Sheet 1 a row for each person and assistance, sheet 2 one for each household, sheet 3 what the month before would say otherwise."""
    rows = book.corrections(in_clear=in_clear)
    word = f"{book.month.year}年{book.month.month}月"
    return [
        Part(
            f"{word}{TITLE}",
            columns_for(book.post),
            book.lines(in_clear=in_clear, for_file=not in_clear),
            turn=line_turn(book, in_clear=in_clear),
        ),
        Part(HOMES_TITLE, home_columns(book), book.homes(in_clear=in_clear), shape=home_shape(book, in_clear=in_clear)),
        Part(CORRECTIONS_TITLE, CORRECTION_COLUMNS, rows or [], shape=correction_shape(book, in_clear=in_clear)),
    ]


def columns_for(post: Post) -> tuple[Column, ...]:
    return COLUMNS if reads_doubts(post) else COLUMNS[:-1]


def line_turn(book: Book, *, in_clear: bool = False) -> Turned:
    """Column by column: most hold few values, each of which is put into words once."""
    word, number, width = book.names, count(1), len(columns_for(book.post))
    masked = lru_cache(8_192)(mask_name)
    township, village, department, unit = Said(word.township), Said(word.village), Said(word.department), Said(word.unit)
    programs, sources = Said(lambda code: word.programs.get(code, code)), Said(lambda code: names.SOURCES.get(code, code))
    settings, relations, holders, cadences = map(_label, (names.SETTINGS, names.RELATIONS, names.HOLDERS, names.CADENCES))
    tags, doubts = _listed(names.TAGS), _listed(names.DOUBTS)
    days, sums = Said(_day), lru_cache(8_192)(_sum)

    def turn(rows: Sequence[Any]) -> Columns:
        given = turned_rows(rows)
        of = dict(zip(live.COLUMNS, given, strict=False))
        name, own_number, head_name, head_number = of["name"], of["number"], of["head_name"], of["head_number"]
        if in_clear:
            own_number = list(map(_clear, of["resident_id"], *given[-4:-2], own_number))
            head_number = list(map(_clear, of["head_id"], *given[-2:], head_number))
        else:
            name, head_name = list(map(masked, name)), list(map(masked, head_name))
        region, homes, sizes = of["region_code"], of["household_number"], of["size"]
        if "" in homes:
            sizes = [size if home else None for home, size in zip(homes, sizes, strict=True)]
            homes = [home or LOOSE for home in homes]
        return [
            list(islice(number, len(rows))), homes, head_name, head_number, township.column(region),
            village.column(region), settings.column(of["setting"]), sizes, tags(of["household_tags"]), name, own_number,
            relations.column(of["relation"]), tags(of["tags"]), department.column(of["department_id"]),
            programs.column(of["program_code"]), unit.column(of["unit_id"]), holders.column(of["holder"]),
            cadences.column(of["cadence"]), list(map(sums, of["amount"])), list(map(sums, of["counted"])), of["in_kind"],
            days.column(of["since"]), days.column(of["until"]), sources.column(of["source"]), days.column(of["updated_on"]),
            doubts(of["doubts"]),
        ][:width]  # fmt: skip

    return turn


def home_columns(book: Book) -> tuple[Column, ...]:
    of_departments = tuple(Column(book.names.department(pk), width=26) for pk in offices(book))
    return HOME_COLUMNS + of_departments + SUMS + ((DOUBT,) if reads_doubts(book.post) else ())


def offices(book: Book) -> list[int]:
    """The departments that have a column: a department has its own alone."""
    if book.post.unit.kind != "department":
        return book.names.offices
    own = departments(book.post)
    return [pk for pk in book.names.offices if pk in own] or list(own)


def home_shape(book: Book, *, in_clear: bool = False) -> Callable[[Sequence[Any]], Sequence[Any]]:
    word, number, shown = book.names, count(1), offices(book)
    tags, doubts, sees_doubts = _listed(names.TAGS), _listed(names.DOUBTS), reads_doubts(book.post)

    def cells(given: Sequence[Any]) -> Sequence[Any]:
        home, head, head_number, region, setting, size, home_tags, people, records, aid, monthly, yearly, once, doubted, is_loose = given[
            :15
        ]
        if in_clear:
            head_number = _clear(given[15], given[16], given[17], head_number)
        else:
            head = mask_name(head)
        said: dict[int, list[str]] = {}
        for department, program, cadence, total, reached in json.loads(aid):
            said.setdefault(department, []).append(_told(word.programs.get(program, program), cadence, Decimal(total), reached))
        fixed = (
            None if is_loose else next(number), LOOSE if is_loose else home, head, head_number, word.township(region),
            word.village(region), names.SETTINGS.get(setting, ""), None if is_loose else size, tags([home_tags])[0], people, records,
        )  # fmt: skip
        of_departments = ("；".join(said.get(pk, ())) for pk in shown)
        return (*fixed, *of_departments, monthly, yearly, once, *(doubts([doubted]) if sees_doubts else ()))

    return cells


def _told(program: str, cadence: str, total: Decimal, people: int) -> str:
    much = f"{total:,.2f}".removesuffix(".00") + f"元{PER.get(cadence, '')}" if total else ""
    return f"{program}{much}，{people}人"


def correction_shape(book: Book, *, in_clear: bool = False) -> Callable[[Sequence[Any]], Sequence[Any]]:
    word, number, plain = book.names, count(1), len(corrections.COLUMNS)

    def cells(given: Sequence[Any]) -> Sequence[Any]:
        row: Any = SimpleNamespace(**dict(zip(corrections.COLUMNS, given[:plain], strict=True)))
        name, own_number = (
            (row.name, _clear(row.resident_id, given[-4], given[-3], row.number)) if in_clear else (mask_name(row.name), row.number)
        )
        return (
            next(number), names.CORRECTIONS[row.kind], row.household_number or LOOSE, name, own_number, word.township(row.region_code),
            word.village(row.region_code), word.department(row.department_id), word.programs.get(row.program_code, row.program_code),
            word.unit(row.unit_id), names.CADENCES.get(row.cadence, ""), row.former_amount, row.amount, row.former_in_kind, row.in_kind,
            row.former_since, row.since, row.until, row.difference,
        )  # fmt: skip

    return cells


def _clear(pk: Any, former: Any, token: str, masked: str) -> str:
    """`former`: the row that the number lies in since the person's file holds another."""
    if not token:
        return masked
    return unseal(Resident, "id_number", pk, token) if former is None else unseal(FormerNumber, "id_number", former, token)


class Said(dict[Any, Any]):
    """What values are called, each asked once: of what has few values."""

    def __init__(self, say: Callable[[Any], Any]) -> None:
        self._say = say

    def __missing__(self, value: Any) -> Any:
        said = self[value] = self._say(value)
        return said

    def column(self, values: Sequence[Any]) -> list[Any]:
        return list(map(self.__getitem__, values))


def _day(value: Any) -> Any:
    """Of a text as of itself."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _sum(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def _label(labels: dict[str, str]) -> Said:
    return Said(lambda code: labels.get(code, ""))


def _listed(labels: dict[str, str]) -> Callable[[Sequence[Any]], list[str]]:
    """Labels of codes in one cell, which come as a list or as one text. There are few combinations, met again and again."""
    said = Said(lambda codes: "、".join(labels.get(code, code) for code in codes.split(",") if code))

    def words(column: Sequence[Any]) -> list[str]:
        return said.column([codes if type(codes) is str else ",".join(codes) for codes in column])

    return words
