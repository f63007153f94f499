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
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST = 32_767  # characters a cell holds, a character outside the first plane counted twice
DIGITS = 15  # that a number keeps; a longer one is written as text
DAY_ZERO = date(1899, 12, 30).toordinal()
FIRST_DAY = date(1900, 3, 1)  # before it Excel counts a day that never was

TEXT_OPEN, TEXT_CLOSE = b' t="inlineStr"><is><t>', b"</t></is></c>"

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


BLANK = frozenset({str, NoneType})  # kinds of which a value may be blank
FEW = 4  # times as many rows as different values
EXACT = frozenset({str, int, date, NoneType})  # kinds of which equal values are written alike
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
    if len(text) <= LONGEST // 2 and _is_plain(text):
        return f"{TEXT_OPEN.decode()}{text}{TEXT_CLOSE.decode()}"
    return f' t="inlineStr"><is><t xml:space="preserve">{clean(text)}</t></is></c>'


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


class Filled(NamedTuple):
    """Cells of one column, none of them blank, after their names: what each begins with, holds and ends with."""

    open: bytes
    inside: list[bytes]  # one where all hold the same
    close: bytes


def cells(values: Sequence[Any], column: Column) -> Filled | list[bytes]:
    """What follows the names of the cells of one column in some rows: as octets, nothing where the cell is blank.

    Most columns of a ledger hold few values, each of which is written once; what is the same in most is looked at for all together.
    """
    kinds = set(map(type, values))
    if kinds <= EXACT:
        different = list(set(values))
        if len(different) * FEW <= len(values):
            return _repeated(_cells(different, column, kinds), different, values)
    return _cells(values, column, kinds)


def _repeated(written: Filled | list[bytes], different: Sequence[Any], values: Sequence[Any]) -> Filled | list[bytes]:
    if not isinstance(written, Filled):
        return list(map(dict(zip(different, written, strict=True)).__getitem__, values))
    if len(different) == 1:
        return written
    return written._replace(inside=list(map(dict(zip(different, written.inside, strict=True)).__getitem__, values)))


def _cells(values: Sequence[Any], column: Column, kinds: set[type]) -> Filled | list[bytes]:
    style = b'" s="%d"' % STYLES[column.kind]
    may_be_blank = not kinds.isdisjoint(BLANK) and not all(values)
    filled = [value for value in values if value is not None and value != ""] if may_be_blank else values
    if not filled:
        return [b""] * len(values)
    inside = PLAIN[column.kind](filled, kinds - {NoneType})
    if inside is None:
        write = WRITERS[column.kind]
        return [b"%b%b" % (style, text.encode()) if (text := write(value)) else b"" for value in values]
    open_, close = (style + TEXT_OPEN, TEXT_CLOSE) if column.kind == Kind.TEXT else (style + b"><v>", b"</v></c>")
    if len(filled) == len(values):
        return Filled(open_, inside, close)
    following = iter(inside)
    return [b"" if value is None or value == "" else open_ + next(following) + close for value in values]


def plain_texts(values: Sequence[Any], kinds: set[type]) -> list[bytes] | None:
    """Texts that stand in XML as they are; None where one is something else."""
    if kinds != {str}:
        return None
    joined = "|".join(values)
    if len(joined) > LONGEST // 2 and max(map(len, values)) > LONGEST // 2:
        return None
    return _apart(joined, values) if _is_plain(joined) else None


def plain_numbers(values: Sequence[Any], kinds: set[type]) -> list[bytes] | None:
    if not kinds <= {int, Decimal}:
        return None
    texts = list(map(str, values))
    joined = "|".join(texts)
    if max(map(len, texts)) > DIGITS or joined.encode().translate(None, b"0123456789.-|"):
        return None
    return _apart(joined, texts)


def plain_days(values: Sequence[Any], kinds: set[type]) -> list[bytes] | None:
    if kinds != {date} or min(values) < FIRST_DAY:
        return None
    return [b"%d" % (value.toordinal() - DAY_ZERO) for value in values]


def _apart(joined: str, texts: Sequence[str]) -> list[bytes]:
    """Each as octets: together and cut, but where one holds the mark that parts them."""
    octets = joined.encode().split(b"|")
    return octets if len(octets) == len(texts) else [text.encode() for text in texts]


PLAIN: dict[Kind, Callable[[Sequence[Any], set[type]], list[bytes] | None]] = {
    Kind.TEXT: plain_texts,
    Kind.NUMBER: plain_numbers,
    Kind.DATE: plain_days,
    Kind.MOMENT: lambda _values, _kinds: None,
}


def letter(number: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
