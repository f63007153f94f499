"""The figures of aid as a post may read them: of its place, its programs, or the county (DESIGN 2, SECURITY: small counts).

    for cell in read.rolls(post, months, by="program"):
        cell.households                                  # None: kept back
    read.as_of(post, months)                             # 截至

- whoever reads the county: all of it; a township and its offices: their own; a department: its own programs, over the county and by
  township; a village: its own place, counted as asked from the rows
- a sensitive program is told by name over the county alone and stands in no sum; to its own department everywhere, and in its sums
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from config import clock
from config.dates import add_months
from organization.kinds import TOWNSHIP
from organization.lineage import departments
from organization.models import Post

from ..models import SummaryCell, SummaryMonth
from . import counting
from .keeping_back import kept_back
from .querysets import READS_THE_COUNTY

ALL, PROGRAM, DEPARTMENT, TOWNSHIPS, TOWNSHIP_PROGRAM = "all", "program", "department", "township", "township_program"
WAYS = (ALL, PROGRAM, DEPARTMENT, TOWNSHIPS, TOWNSHIP_PROGRAM)


@dataclass(frozen=True, slots=True)
class Cell:
    """Figures of `SummaryCell` of one month and place; `township_code` empty: the county. None: kept back, for it may be known to be
    somebody. Households and people are distinct in each cell and never add up; records and sums do. `with_sensitive`: of a sensitive
    program, or of a department with its sensitive ones."""

    month: date
    township_code: str
    department_id: int | None
    program_id: str | None
    with_sensitive: bool
    records: int | None
    households: int | None
    people: int | None
    amount: Decimal | None
    new_households: int | None
    new_people: int | None
    stopped_households: int | None
    stopped_people: int | None
    paid: Decimal | None
    once_records: int | None
    once_households: int | None
    once_people: int | None
    once_amount: Decimal | None


PLACES = ("month", "township_code", "department_id", "program_id")
KEYS = ("month", *counting.KEYS)
FIGURES = SummaryCell.FIGURES


def can_read(post: Post) -> bool:
    return post.unit.kind in READS_THE_COUNTY | TOWNSHIP | {"department", "village_window"}


def reads_townships(post: Post) -> bool:
    """Whether figures by township are there for it to choose from."""
    return post.unit.kind in READS_THE_COUNTY | {"department"}


def month_of(day: date) -> date:
    return day.replace(day=1)


def months_until(last: date, count: int) -> list[date]:
    """So many months, the last of them with that day."""
    return [add_months(month_of(last), -back) for back in reversed(range(count))]


def rolls(
    post: Post, months: Iterable[date], *, by: str = ALL, township: str = "", program: str = "", department: int | None = None
) -> list[Cell]:
    """Cells of these months, in the order of month, place, department and program; a month or a value without aid has none.

    by: one cell a month (`all`), or one for each program, department, township, or township and program. `township`, `program` and
    `department` narrow it: what is not the post's own gives nothing.
    """
    asked = sorted({month_of(month) for month in months})
    if not asked or not can_read(post):
        return []
    if post.unit.kind == "village_window":
        return _ordered(_of_village(post, asked, by, program, department))
    return kept_back(post, _ordered(_cells(post, asked, by, township, program, department).values_list(*KEYS, *FIGURES)))


def _ordered(rows: Iterable[Sequence[Any]]) -> list[Cell]:
    return sorted(
        (Cell(*row) for row in rows), key=lambda cell: (cell.month, cell.township_code, cell.department_id or 0, cell.program_id or "")
    )


def as_of(post: Post, months: Iterable[date]) -> datetime | None:
    """How fresh the oldest of these months is; a village's figures are counted as they are asked."""
    return min(counted_at(post, months).values(), default=None)


def counted_at(post: Post, months: Iterable[date]) -> dict[date, datetime]:
    """Which of these months have figures, and as of when: of the others nothing is known, which is not nought."""
    asked = [month_of(month) for month in months]
    if post.unit.kind == "village_window":
        return dict.fromkeys(asked, clock.now())
    return dict(SummaryMonth.objects.visible_to(post).filter(month__in=asked).values_list("month", "computed_at"))


def known_months(post: Post) -> list[date]:
    """Months that have been counted, the newest first."""
    return list(SummaryMonth.objects.visible_to(post).order_by("-month").values_list("month", flat=True))


def _cells(post: Post, months: Sequence[date], by: str, township: str, program: str, department: int | None) -> Any:
    rows = SummaryCell.objects.visible_to(post).filter(month__in=months)
    is_department = post.unit.kind == "department"
    if by in {TOWNSHIPS, TOWNSHIP_PROGRAM}:
        rows = rows.filter(township_code=township) if township else rows.exclude(township_code="")
    else:
        rows = rows.filter(township_code=township or (post.unit.region_id if post.unit.kind in TOWNSHIP else ""))
    own = departments(post)[0] if is_department else None
    rows = rows.filter(_of_level(by, program, department, own)).order_by()
    # its own with its sensitive programs, where it has such
    return rows.order_by(*PLACES, "-with_sensitive").distinct(*PLACES) if is_department else rows


def _of_level(by: str, program: str, department: int | None, own: int | None) -> Q:
    """`own`: of a department, whose all is its own cell."""
    if by in {PROGRAM, TOWNSHIP_PROGRAM} or program:
        level = Q(program=program) if program else Q(program__isnull=False)
        return level & Q(department=department) if department else level
    if by == DEPARTMENT or department or own:
        chosen = department or (own if by != DEPARTMENT else None)
        return Q(program=None, department=chosen) if chosen else Q(program=None, department__isnull=False)
    return Q(program=None, department=None)


def _of_village(post: Post, months: Sequence[date], by: str, program: str, department: int | None) -> list[tuple[Any, ...]]:
    """Counted from the rows, of which a village has some hundred; its numbers are small, so that nothing sensitive is told."""
    level = counting.OF_PLACES
    if by in {PROGRAM, TOWNSHIP_PROGRAM} or program:
        level = counting.BY_PROGRAM
    elif by == DEPARTMENT or department:
        level = counting.BY_DEPARTMENT
    found = []
    for month in months:
        for row in counting.counted(month, (level,), prefix=post.region_code):
            if row["with_sensitive"] or (program and row["program_id"] != program) or (department and row["department_id"] != department):
                continue
            found.append((month, *(row[name] for name in KEYS[1:]), *(_number(name, row[name]) for name in FIGURES)))
    return found


def _number(name: str, value: Any) -> int | Decimal:
    return Decimal(value) if name in {"amount", "paid", "once_amount"} else int(value)
