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
    name: str
    act: str
    unit_kind: str
    department_id: int | None
    limit: int
    limit_unit: str
    is_counted: bool
    counts_for: int


class Road(Protocol):
    """A track, as far as its stages must agree with it."""

    route: str
    purposes: list[str]
    whole_limit: int
    publicity_days: int
    publicity_unit: str
    publicity_in_whole: bool


def counted_total(steps: Iterable[Step]) -> int:
    """What the counted stages of a track take of its whole limit, in the track's unit."""
    return sum(step.counts_for for step in steps if step.is_counted)


def wrong_with_stages(track: Road, steps: Sequence[Step]) -> str:
    """Why stages in their order do not make the road that the track promises (ZX-32, ZX-33); empty where they do."""
    deciding = [step for step in steps if step.act == "decide"]
    if not steps or len(deciding) != 1 or steps[-1].act != "decide":
        return "须有且只有一个“决定”环节，并且排在最后。"
    at = "township_office" if track.route == "town" else "department"
    if deciding[0].unit_kind != at:
        return (
            f"审批层级与决定环节不符：应由{'乡镇（街道）' if at == 'township_office' else '县级部门'}决定，请改审批层级或决定环节由谁办理。"
        )
    if track.route == "town_county" and "grant" in track.purposes:
        if not any(step.act == "review" and step.unit_kind == "township_office" for step in steps):
            return "乡镇（街道）审核、县级审批的，须有乡镇（街道）的“审核”环节。"
    for place, step in enumerate(steps):
        if step.act == "register" and (place or step.unit_kind != "township_window"):
            return "“登记核件”由乡镇（街道）窗口在受理时完成，只能是第一个环节。"
        if (step.act == "co_review") is not bool(step.department_id):
            return f"“{step.name}”：协审环节须选协审部门，其他环节不选，由本项目的部门办理。"
    return _wrong_with_publicity(track, [step for step in steps if step.act == "publicise"]) or _wrong_with_limits(track, steps)


def _wrong_with_publicity(track: Road, posted: Sequence[Step]) -> str:
    if not posted:
        return f"公示{track.publicity_days}天没有“公示”环节，请添加环节，或把公示天数填0。" if track.publicity_days else ""
    if len(posted) > 1 or not track.publicity_days:
        return "“公示”环节只能有一个，公示天数为0的不设公示环节。"
    [step] = posted
    if (step.limit, step.limit_unit, step.is_counted) != (track.publicity_days, track.publicity_unit, track.publicity_in_whole):
        return "“公示”环节的时限、单位、是否计入全程，须与公示天数、公示天数单位、公示计入全程时限一致。"
    return ""


def _wrong_with_limits(track: Road, steps: Sequence[Step]) -> str:
    total = counted_total(steps)
    if total != track.whole_limit:
        return f"计入全程的各环节合计{total}，与全程时限{track.whole_limit}不符，请调整。"
    return ""


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


def cadence(*, mode: str, kind: str) -> str:
    """How often a record pays: a roll by the month, an insurance by the year, a grant once, a status while it lasts (ZX-23, ZX-24)."""
    if mode == "regular":
        return "yearly" if kind == "insurance" else "monthly"
    return "once" if mode == "one_off" else "standing"
