"""The county's figures kept up: months whose aid changed are counted again, and each night all of them, held against what stands.

What the marks say is read and taken away in one statement, before anything is counted: what is committed later has its own mark.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
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
from ..summaries.counting import FIGURES, KEYS, OF_THE_COUNTY, OF_TOWNSHIPS, SUMS, Level, Month, cells_of

# One counts, the other waits.
LOCK = 0x5C311
EVERYWHERE = ""
# Townships counted beside the county, whose households are asked of all its records anyway; more of them take longer than everything.
FEW = 6
SECONDS = 20.0
# For sets of a whole county; to compile such a statement costs more than it saves.
ROOM = "SET LOCAL work_mem = '96MB'; SET LOCAL jit = off"
TAKEN = "DELETE FROM monitoring_summarymark RETURNING township_code, since, until, is_sums"
NAMES = ", ".join(FIGURES)
# What a month's cells are now, put in the place of what they were; what did not change is not written.
PUT = """
WITH fresh AS MATERIALIZED ({fresh}),
gone AS (
    DELETE FROM monitoring_summarycell t WHERE t.month = {month} AND {scope} AND NOT EXISTS (
        SELECT FROM fresh f WHERE f.township_code = t.township_code AND f.department_id IS NOT DISTINCT FROM t.department_id
            AND f.program_id IS NOT DISTINCT FROM t.program_id AND f.with_sensitive = t.with_sensitive)
    RETURNING t.township_code
), put AS (
    INSERT INTO monitoring_summarycell AS t (month, {keys}, {names})
    SELECT {month}, {keys}, {names} FROM fresh
    ON CONFLICT (month, {keys}) DO UPDATE SET ({names}) = ({new})
        WHERE ({old}) IS DISTINCT FROM ({new})
    RETURNING t.township_code
), changed AS (SELECT township_code FROM gone UNION ALL SELECT township_code FROM put)
SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM monitoring_summarymark k WHERE k.since <= {last} AND (k.until IS NULL OR k.until >= {eve})
        AND (k.township_code = c.township_code OR k.township_code = '' OR c.township_code = '')))
FROM changed c
"""
# Where other sums were written and nothing else: the same cells stand, and their other figures with them.
PUT_SUMS = """
WITH fresh AS MATERIALIZED ({fresh})
UPDATE monitoring_summarycell t SET ({names}) = ({new}) FROM fresh f
WHERE t.month = {month} AND f.township_code = t.township_code AND f.department_id IS NOT DISTINCT FROM t.department_id
    AND f.program_id IS NOT DISTINCT FROM t.program_id AND f.with_sensitive = t.with_sensitive AND ({old}) IS DISTINCT FROM ({new})
"""
# Sums add up over townships, as households and people do not. The county has a cell of all aid though nothing stands anywhere.
COUNTY_SUMS = f"""
SELECT '' AS township_code, department_id, program_id, with_sensitive, {", ".join(f"COALESCE(sum({name}), 0) AS {name}" for name in SUMS)}
FROM monitoring_summarycell WHERE month = {{month}}::date AND township_code <> '' AND department_id IS NOT NULL
GROUP BY department_id, program_id, with_sensitive
UNION ALL
SELECT '', NULL, NULL, false, {", ".join(f"COALESCE(sum({name}), 0)" for name in SUMS)}
FROM monitoring_summarycell WHERE month = {{month}}::date AND township_code <> '' AND department_id IS NULL
"""  # noqa: S608 - constants


@dataclass(slots=True)
class Changed:
    """The townships of a month that are to be counted again, and those whose sums alone are added up again."""

    counted: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)


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
        changed[month] = Changed({EVERYWHERE})
    left = sorted(changed)
    while left and time.monotonic() - started < seconds:
        month = left.pop()
        _recount(month, changed[month])
    SummaryMark.objects.bulk_create(
        [
            SummaryMark(township_code=town, since=month, until=month, is_sums=is_sums)
            for month in left
            for is_sums, towns in ((False, changed[month].counted), (True, changed[month].added))
            for town in sorted(towns)
        ]
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


def _changed(marks: Iterable[tuple[str, date, date | None, bool]], window: list[date]) -> dict[date, Changed]:
    """The townships of each month that a mark speaks of. What stood until a month's eve has stopped in it."""
    found: dict[date, Changed] = defaultdict(Changed)
    for township, since, until, is_sums in marks:
        for month in window:
            days = Month(month)
            if since <= days.last and (until is None or until >= days.eve):
                (found[month].added if is_sums else found[month].counted).add(township)
    return found


def _recount(month: date, changed: Changed) -> None:
    if EVERYWHERE in changed.counted or len(changed.counted) > FEW:
        _put(month, (*OF_TOWNSHIPS, *OF_THE_COUNTY), SQL("true"), None)
        return
    if codes := sorted(changed.counted):
        _put(month, OF_TOWNSHIPS, SQL("t.township_code = ANY ({}::text[])").format(Literal(codes)), codes)
        _put(month, OF_THE_COUNTY, SQL("t.township_code = ''"), None)
    if only := sorted(changed.added - changed.counted):
        _put_sums(month, cells_of(month, OF_TOWNSHIPS, townships=only, only_sums=True))
        if not codes:
            _put_sums(month, SQL(COUNTY_SUMS).format(month=Literal(month)))


def _put_sums(month: date, fresh: Composable) -> None:
    given = {name: SQL(", ".join(f"{row}.{one}" for one in SUMS)) for name, row in (("new", "f"), ("old", "t"))}
    run(SQL(PUT_SUMS).format(fresh=fresh, month=SQL("{}::date").format(Literal(month)), names=SQL(", ".join(SUMS)), **given))


def _put(month: date, levels: tuple[Level, ...], scope: Composable, townships: list[str] | None) -> Found:
    days = Month(month)
    dates: dict[str, Any] = {name: SQL("{}::date").format(Literal(getattr(days, name))) for name in ("last", "eve")}
    statement = SQL(PUT).format(
        fresh=cells_of(month, levels, townships=townships), month=SQL("{}::date").format(Literal(month)), scope=scope, names=SQL(NAMES),
        keys=SQL(", ".join(KEYS)),
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
