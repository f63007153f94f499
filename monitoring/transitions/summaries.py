"""The county's figures kept up: months whose aid changed are counted again, and each night all of them, held against what stands.

What the marks say is read and taken away in one statement, before anything is counted: what is committed later has its own mark.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse
from psycopg2.sql import SQL, Composable, Literal

from audit.transitions import record
from config import clock, heartbeats
from config.dates import add_months
from deadlines.transitions import announce
from organization.figures import figure
from organization.models import Post, Unit

from ..doubts.rules import asked, run
from ..models import SummaryMark, SummaryMonth
from ..summaries.counting import FIGURES, OF_THE_COUNTY, OF_TOWNSHIPS, Level, Month, cells_of

# One counts, the other waits.
LOCK = 0x5C311
EVERYWHERE = ""
SECONDS = 20.0
# For sets of a whole county; to compile such a statement costs more than it saves.
ROOM = "SET LOCAL work_mem = '96MB'; SET LOCAL jit = off"
TAKEN = "DELETE FROM monitoring_summarymark RETURNING township_code, since, until"
NAMES = ", ".join(FIGURES)
# What a month's cells are now, put in the place of what they were; what did not change is not written.
PUT = """
WITH fresh AS MATERIALIZED ({fresh}),
gone AS (
    DELETE FROM monitoring_summarycell t WHERE t.month = {month} AND {scope} AND NOT EXISTS (
        SELECT FROM fresh f WHERE f.township_code = t.township_code AND f.department_id IS NOT DISTINCT FROM t.department_id
            AND f.program_id IS NOT DISTINCT FROM t.program_id)
    RETURNING t.township_code
), put AS (
    INSERT INTO monitoring_summarycell AS t (month, township_code, department_id, program_id, {names})
    SELECT {month}, township_code, department_id, program_id, {names} FROM fresh
    ON CONFLICT (month, township_code, department_id, program_id) DO UPDATE SET ({names}) = ({new})
        WHERE ({old}) IS DISTINCT FROM ({new})
    RETURNING t.township_code
), changed AS (SELECT township_code FROM gone UNION ALL SELECT township_code FROM put)
SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM monitoring_summarymark k WHERE k.since <= {last} AND (k.until IS NULL OR k.until >= {eve})
        AND (k.township_code = c.township_code OR k.township_code = '' OR c.township_code = '')))
FROM changed c
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Cells written, and those of them that no mark had told."""

    written: int = 0
    untold: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(self.written + other.written, self.untold + other.untold)


@transaction.atomic
def count_changed() -> int:
    """Count again what changed since the last time; how many months were touched. Inner: for the minute's work.

    A month that was never counted is counted whole: the first time, and when a new one has begun. The newest come first; what does not
    fit into the time is marked for the next minute. While somebody else counts, nothing is done.
    """
    if not asked(SQL("SELECT pg_try_advisory_xact_lock({})").format(Literal(LOCK)))[0][0]:
        return 0
    return _count_changed(SECONDS)


def _count_changed(seconds: float) -> int:
    now, started = clock.now(), time.monotonic()
    run(ROOM)
    counted = set(SummaryMonth.objects.values_list("month", flat=True))
    window = sorted(counted.union(counted_months()))  # an older one that still has cells is kept true as well
    changed = _changed(asked(TAKEN), window)
    for month in set(window) - counted:
        changed[month] = {EVERYWHERE}
    left = sorted(changed)
    while left and time.monotonic() - started < seconds:
        month = left.pop()
        _recount(month, changed[month])
    SummaryMark.objects.bulk_create(
        [SummaryMark(township_code=town, since=month, until=month) for month in left for town in sorted(changed[month])]
    )
    SummaryMonth.objects.bulk_create(
        [SummaryMonth(month=month, computed_at=now) for month in window if month not in left],
        update_conflicts=True, unique_fields=["month"], update_fields=["computed_at"],
    )  # fmt: skip
    if not left:
        heartbeats.write(heartbeats.SUMMARIES)
    return len(changed) - len(left)


@transaction.atomic
def check_all(*, by: Post) -> Found:
    """Everything counted anew and held against what stands: what no mark had told is mended, written down and told to the platform."""
    run("SET LOCAL lock_timeout = 0")  # a minute's count takes longer than anybody waits for a row
    run(SQL("SELECT pg_advisory_xact_lock({})").format(Literal(LOCK)))
    run("RESET lock_timeout")
    _count_changed(float("inf"))
    total = Found()
    for month in counted_months():
        now = clock.now()
        found = _put(month, (*OF_TOWNSHIPS, *OF_THE_COUNTY), SQL("true"), None)
        SummaryMonth.objects.filter(month=month).update(computed_at=now, checked_at=now, mended=found.untold)
        if found.untold:
            _alarm(SummaryMonth.objects.get(month=month), found, by)
        total += found
    heartbeats.write(heartbeats.COMPARISON)
    return total


def counted_months() -> list[date]:
    """The months that have cells, the oldest first: this one and those before it."""
    this = clock.today().replace(day=1)
    return [add_months(this, -back) for back in reversed(range(int(figure("summary_months"))))]


def _changed(marks: Iterable[tuple[str, date, date | None]], window: list[date]) -> dict[date, set[str]]:
    """The townships of each month that a mark speaks of. What stood until a month's eve has stopped in it."""
    found: dict[date, set[str]] = defaultdict(set)
    for township, since, until in marks:
        for month in window:
            days = Month(month)
            if since <= days.last and (until is None or until >= days.eve):
                found[month].add(township)
    return found


def _recount(month: date, townships: set[str]) -> None:
    if EVERYWHERE in townships:
        _put(month, (*OF_TOWNSHIPS, *OF_THE_COUNTY), SQL("true"), None)
        return
    codes = sorted(townships)
    _put(month, OF_TOWNSHIPS, SQL("t.township_code = ANY ({}::text[])").format(Literal(codes)), codes)
    _put(month, OF_THE_COUNTY, SQL("t.township_code = ''"), None)


def _put(month: date, levels: tuple[Level, ...], scope: Composable, townships: list[str] | None) -> Found:
    days = Month(month)
    dates: dict[str, Any] = {name: SQL("{}::date").format(Literal(getattr(days, name))) for name in ("last", "eve")}
    statement = SQL(PUT).format(
        fresh=cells_of(month, levels, townships=townships), month=SQL("{}::date").format(Literal(month)), scope=scope, names=SQL(NAMES),
        new=SQL(", ".join(f"excluded.{name}" for name in FIGURES)), old=SQL(", ".join(f"t.{name}" for name in FIGURES)), **dates,
    )  # fmt: skip
    [(written, untold)] = asked(statement)
    return Found(written, untold)


def _alarm(month: SummaryMonth, found: Found, by: Post) -> None:
    record("summary.mended", month, by=by, new=str(found.untold), note=f"{month.month:%Y-%m}")
    announce(
        "summary.mended", month, to=list(Unit.objects.filter(kind=Unit.Kind.PLATFORM)),
        title=f"{month.month:%Y-%m}的汇总有{found.untold}处与明细不符，已更正",
        body="夜间全量核对发现。请告知运维人员查明原因：哪里改动了救助记录而没有登记变动。", url=reverse("organization:home"),
    )  # fmt: skip
