"""How a day is written in a cell: in digits, with or without a time behind it, or as the number a spreadsheet keeps. Pure functions."""

import re
from datetime import date, timedelta

from config.protection.typed import tidy

_ZERO = date(1899, 12, 30)
_1904 = 1_462
_SERIALS = range(14_610, 73_051)  # 1940 to 2099
_TIME = r"\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[秒分]?"
_DATE = re.compile(rf"(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})(?:日?|(?:日T?|T){_TIME})")
_DATE_8 = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:T{_TIME})?")
_HAS_TIME = re.compile("[:：时]")
_BEFORE_TIME = re.compile(r"\s+(?=\d{1,2}\s*[:：时])")


def day_of(text: str, *, is_1904: bool = False) -> date | None:
    """The day; None where it is none, or none that there is. A time behind it is passed over."""
    word = _word(text)
    if found := _match(word):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return None
    if re.fullmatch(r"\d{5}(\.\d+)?", word) and int(float(word)) in _SERIALS:
        return _ZERO + timedelta(days=int(float(word)) + (_1904 if is_1904 else 0))
    return None


def is_written(text: str) -> bool:
    """It has the look of a day, also where there is no such day."""
    return _match(_word(text)) is not None


def _word(text: str) -> str:
    """Without white space, but for a mark before a time: 2026/9/1 10:30 is not the 11th."""
    return tidy(_BEFORE_TIME.sub("T", text, count=1) if _HAS_TIME.search(text) else text)


def _match(word: str) -> re.Match[str] | None:
    return _DATE.fullmatch(word) or _DATE_8.fullmatch(word)
