"""What one cell of an exported sheet holds: pure functions from a value to the inside of its XML.

A text is an inline string in a cell of the text format: it is never read as a formula, not when it begins with = + - @ and not when
somebody opens the cell and leaves it again. So data can bring forth no formula, link or macro (SECURITY R11): there is no way to write one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST = 32_767  # characters a cell holds, a character outside the first plane counted twice
DIGITS = 15  # that a number keeps; a longer one is written as text
DAY_ZERO = date(1899, 12, 30).toordinal()
FIRST_DAY = date(1900, 3, 1)  # before it Excel counts a day that never was

_MARKUP = re.compile("[&<>]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold, lone surrogates among it
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A


class Kind(StrEnum):
    """Numbers that are names (an ID number, a number of a referral) are text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"


STYLES = {Kind.TEXT: 4, Kind.NUMBER: 5, Kind.DATE: 6, Kind.MOMENT: 7}  # places in cellXfs of the workbook


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in characters of the screen, a Chinese one counted twice."""

    label: str
    kind: Kind = Kind.TEXT
    width: int = 14


def content(text: str) -> str:
    """The inside of a text cell: its kind, then the string.

    Characters that XML cannot hold become the replacement character; a text too long for a cell is cut and says so by its last character.
    """
    if _are_plain([text]):
        return f' t="inlineStr"><is><t>{text}</t></is></c>'
    return f' t="inlineStr"><is><t xml:space="preserve">{clean(text)}</t></is></c>'


def _are_plain(texts: Sequence[str]) -> bool:
    return max(map(len, texts), default=0) <= LONGEST // 2 and _is_plain("|".join(texts))


def _is_plain(text: str) -> bool:
    """Nothing in it is to be escaped or kept, nor in any of several joined by |.

    `isprintable` knows controls, surrogates, line ends and wide spaces, and is quick.
    """
    return (
        text.isprintable() and not any(mark in text for mark in ("&", "<", ">", "_x", " |", "| ")) and text[:1] != " " and text[-1:] != " "
    )


def clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _FORBIDDEN.sub("\ufffd", text)
    if len(text) * 2 > LONGEST and len(text.encode("utf-16-le")) > LONGEST * 2:
        text = text.encode("utf-16-le")[: (LONGEST - 1) * 2].decode("utf-16-le", errors="ignore") + "…"
    return _ESCAPE.sub("_x005F_", _MARKUP.sub(lambda found: _ENTITIES[found[0]], text))


def text_cell(value: Any) -> str:
    if value is None or value == "":
        return ""
    return content(value if type(value) is str else str(value))


def number_cell(value: Any) -> str:
    """What is no number, or would lose digits, is written as text."""
    if value is None or value == "":
        return ""
    kind = type(value)
    if (kind is int and abs(value) < 10**DIGITS) or (kind is float and isfinite(value)) or (kind is Decimal and _fits(value)):
        return f"><v>{value}</v></c>"
    return f"><v>{int(value)}</v></c>" if kind is bool else content(str(value))


def _fits(value: Decimal) -> bool:
    return value.is_finite() and len(value.as_tuple().digits) <= DIGITS


def date_cell(value: Any) -> str:
    """A moment stands for its day in Asia/Shanghai."""
    if isinstance(value, datetime):
        value = _local(value).date()
    if isinstance(value, date) and value >= FIRST_DAY:
        return f"><v>{value.toordinal() - DAY_ZERO}</v></c>"
    return text_cell(value)


def moment_cell(value: Any) -> str:
    """To the minute, in Asia/Shanghai: a day and a fraction of it."""
    if not isinstance(value, datetime):
        return date_cell(value)
    here = _local(value)
    if here.date() < FIRST_DAY:
        return content(f"{here:%Y-%m-%d %H:%M}")
    return f"><v>{here.toordinal() - DAY_ZERO + (here.hour * 60 + here.minute) / 1440:.8f}</v></c>"


def _local(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(SHANGHAI)


WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: text_cell,
    Kind.NUMBER: number_cell,
    Kind.DATE: date_cell,
    Kind.MOMENT: moment_cell,
}


def cells(values: Sequence[Any], column: Column, name: str, rows: Sequence[str]) -> list[str]:
    """The cells of one column in these rows. What is the same in most columns of a ledger is looked at once for all rows together."""
    head, kinds = f'<c r="{name}', set(map(type, values))
    style = f'" s="{STYLES[column.kind]}"'
    if column.kind == Kind.TEXT and kinds <= {str, NoneType} and _are_plain(list(filter(None, values))):
        open_, close = f'{style} t="inlineStr"><is><t>', "</t></is></c>"
        return [f"{head}{row}{open_}{value}{close}" if value else "" for row, value in zip(rows, values, strict=True)]
    open_, close = f"{style}><v>", "</v></c>"
    if column.kind == Kind.NUMBER and kinds == {int} and max(values) < 10**DIGITS and min(values) > -(10**DIGITS):
        return [f"{head}{row}{open_}{value}{close}" for row, value in zip(rows, values, strict=True)]
    if column.kind == Kind.DATE and kinds == {date} and min(values) >= FIRST_DAY:
        return [f"{head}{row}{open_}{value.toordinal() - DAY_ZERO}{close}" for row, value in zip(rows, values, strict=True)]
    write = WRITERS[column.kind]
    return [f"{head}{row}{style}{inside}" if (inside := write(value)) else "" for row, value in zip(rows, values, strict=True)]


def letter(number: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
