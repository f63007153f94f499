"""What a dashboard is asked: by whom, up to which month, over how many, narrowed to what. A link holds it; it never holds a person."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from config.dates import add_months
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import codes
from organization.models import Post
from referrals.names import names

OVERSEEING = COUNTY_WIDE | {"supervision", "convener"}


@dataclass(frozen=True, slots=True)
class Question:
    """`month` is its first day and the last of the `months` asked about. "" stands for all townships, departments, programs.

    `known`: what was read for it already: the figures of one page ask for the same cells.
    """

    post: Post
    month: date
    months: int = 12
    township: str = ""
    department: str = ""
    program: str = ""
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def since(self) -> date:
        return add_months(self.month, 1 - self.months)

    @property
    def until(self) -> date:
        """The last day."""
        return end_of_month(self.month)

    @property
    def firsts(self) -> list[date]:
        """The first days of the months asked about, the oldest first."""
        return [add_months(self.month, back) for back in range(1 - self.months, 1)]

    @property
    def words(self) -> str:
        """The period: 2026年11月, or 2025年12月至2026年11月."""
        last = month_word(self.month)
        return last if self.months == 1 else f"{month_word(self.since)}至{last}"

    def asked(self, **other: str) -> str:
        """The question as a query string, which any post may be asked; `other` narrows it anew."""
        given = {
            "month": f"{self.month:%Y-%m}", "months": str(self.months), "township": self.township, "department": self.department,
            "program": self.program,
        } | other  # fmt: skip
        return urlencode({name: value for name, value in given.items() if value})


def end_of_month(first: date) -> date:
    return add_months(first, 1) - timedelta(days=1)


def month_word(first: date) -> str:
    return f"{first.year}年{first.month}月"


# ── who sees what: one predicate for each kind of post ──────────────────────────────────────────────────────────────
def is_overseeing(post: Post) -> bool:
    """Numbers of the whole county: the platform, supervision and the convener."""
    return post.unit.kind in OVERSEEING


def is_of_township(post: Post) -> bool:
    return post.unit.kind in TOWNSHIP


def is_of_department(post: Post) -> bool:
    return post.unit.kind == "department"


def is_of_village(post: Post) -> bool:
    return post.unit.kind == "village_window"


def reads(post: Post) -> bool:
    """看板: - everybody who works on cases; - the convener and supervision, numbers alone (SECURITY)."""
    return is_overseeing(post) or is_of_township(post) or is_of_department(post) or is_of_village(post)


def reads_work(post: Post) -> bool:
    """How work goes: - all but villages, which hold no steps of it."""
    return reads(post) and not is_of_village(post)


def place_of(question: Question) -> str:
    """The beginning of the region codes it counts: the post's own place, or the township asked for; "" for the county."""
    post = question.post
    if is_of_village(post) or is_of_township(post):
        return post.region_code
    return question.township


def programs_of(question: Question) -> frozenset[str] | None:
    """The programs it counts, None for those that anybody is told of: a department's own, or what is narrowed to."""
    own = _of_departments(codes(question.post)) if is_of_department(question.post) else None
    if question.program:
        return frozenset({question.program}) & (own if own is not None else open_programs())
    if own is not None:
        return own
    return _of_departments({question.department}) & open_programs() if question.department else None


def open_programs() -> frozenset[str]:
    return frozenset(names().programs) - names().sensitive


def _of_departments(asked: "frozenset[str] | set[str]") -> frozenset[str]:
    return frozenset(code for code, department in names().departments.items() if department in asked)
