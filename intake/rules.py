"""Rules of the window on plain values: no database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

# Read out on the telephone and typed by hand: no 0 and O, no 1, I and L.
QUERY_CODE_MARKS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
QUERY_CODE_LENGTH = 10

# Aid for a household that a member with a grave illness or a severe disability may ask for alone (XX-12, C-23): 低保.
SINGLE_PERSON_PROGRAMS = frozenset({"MZ01"})

_NUMERALS = "一二三四五六七八九十"


def listed(sentences: Sequence[str]) -> str:
    """Several reasons as one sentence: alone as it is, otherwise counted （一）（二）."""
    if len(sentences) == 1:
        return sentences[0]
    counted = (f"（{_NUMERALS[n] if n < len(_NUMERALS) else n + 1}）{text}" for n, text in enumerate(sentences))
    return "；".join(counted)


def obtained_elsewhere(name: str, obtained: str, place: str) -> str:
    """Why a program is not applied for at the window, and how it is obtained instead; "" when it is (DESIGN 4).

    School programs are asked for at the school, but the window registers and refers them on.
    """
    where = f"（{place}）" if place else ""
    if obtained == "employer":
        return f"“{name}”由用人单位申请{where}，窗口只提供咨询，请告知用人单位办理。"
    if obtained == "without_application":
        return f"“{name}”免申请，由主管部门按名单办理{where}，不必在窗口申请。"
    if obtained == "on_the_spot":
        return f"“{name}”在现场直接办理{where}，不必在窗口申请，请告知申请人前往。"
    return ""


def waits(opens_on: date | None) -> str:
    """What the clerk and the applicant are told of an item outside the open months (待开放); "" when it is sent on at once."""
    if opens_on is None:
        return ""
    return f"现在不在受理月份，{opens_on:%Y-%m-%d}开放。现在可以登记，开放日由系统自动转给承办单位，承诺时限从那天起算。"


@dataclass(frozen=True, slots=True)
class Demand:
    """What one version and track ask for of one item."""

    item: Any
    material: str
    name: str
    condition: str
    need: str
    basis: str = ""
    is_of_track: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paper for all items together (TZ-27): the strongest need of them, and for which items."""

    material: str
    name: str
    condition: str
    need: str
    basis: str
    items: tuple[Any, ...]

    @property
    def is_required(self) -> bool:
        """What is asked for in a certain case only does not hold up acceptance: whether the case is given, the clerk sees."""
        return not self.condition


_STRENGTH = {"required": 0, "unless_proven": 1, "exempt": 2}


def merged(demands: Iterable[Demand]) -> list[Wanted]:
    """The papers of an application, each once, in the order in which they are first asked for.

    Of one item what the track says stands before what the version says for all its tracks; between items the stronger need stands,
    and what one of them wants in every case is wanted in every case.
    """
    papers: dict[str, dict[Any, Demand]] = {}
    for demand in demands:
        of_items = papers.setdefault(demand.material, {})
        known = of_items.get(demand.item)
        if known is None or (demand.is_of_track and not known.is_of_track):
            of_items[demand.item] = demand
    return [_merged(material, list(of_items.values())) for material, of_items in papers.items()]


def _merged(material: str, demands: list[Demand]) -> Wanted:
    need = min((demand.need for demand in demands), key=_STRENGTH.__getitem__)
    strongest = [demand for demand in demands if demand.need == need]
    always = any(not demand.condition for demand in strongest)
    conditions = dict.fromkeys(demand.condition for demand in strongest)
    return Wanted(
        material=material,
        name=strongest[0].name,
        condition="" if always else "；".join(conditions),
        need=need,
        basis=next((demand.basis for demand in strongest if demand.basis), ""),
        items=tuple(demand.item for demand in demands),
    )
