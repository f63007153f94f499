"""Arithmetic and wording of the catalogue on plain values: no database, no clock."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from config.dates import add_months

UNIT_WORDS = {"working_days": "个工作日", "calendar_days": "日", "hours": "小时"}
# Assistance in force -> key of the fact that it proves of those whom it reaches (fixtures/facts.csv).
PROVEN_BY_RECORD = {
    "MZ01": "dibao",
    "MZ06": "insured_this_year",
    "MZ07": "tekun",
    "MZ09": "orphan",
    "XC01": "insured_against_poverty",
}


class Step(Protocol):
    is_counted: bool
    counts_for: int


def counted_total(steps: Iterable[Step]) -> int:
    """What the counted stages of a track take of its whole limit, in the track's unit."""
    return sum(step.counts_for for step in steps if step.is_counted)


def promise(limit: int, unit: str) -> str:
    """The 承诺时限 in office words (ZX-51); a limit of no days is done on the day it is asked for."""
    return f"{limit}{UNIT_WORDS[unit]}" if limit else "当日办结"


def opening_on(open_months: Sequence[int], on: date) -> date | None:
    """The first day of the next month in which a program takes applications; None while it is open, and where it always is (DESIGN 4)."""
    if not open_months or on.month in open_months:
        return None
    firsts = (add_months(on.replace(day=1), later) for later in range(1, 13))
    return next(first for first in firsts if first.month in open_months)


def initials(*names: str) -> str:
    """Lower-case pinyin initials of each name's Chinese characters, letters and digits, the names parted by a space."""
    return " ".join(filter(None, (_initials(name) for name in names)))


def _initials(name: str) -> str:
    from pypinyin import Style, lazy_pinyin  # a second and 56 MiB: only where names are written

    kept = "".join(mark for mark in name if mark.isalnum())
    return "".join(part if part.isascii() else "" for part in lazy_pinyin(kept, style=Style.FIRST_LETTER)).lower()


def normalised(text: str) -> str:
    """What somebody typed, as the catalogue is searched: full width to half, no outer blanks."""
    return unicodedata.normalize("NFKC", text).strip()
