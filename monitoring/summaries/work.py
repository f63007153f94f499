"""How many working days steps took, as numbers by days: from the night's cells up to a midnight, from the rows since.

A step counts in the month in which it ended, and ends at the clock's present: a day that is over gets no further ones. So what a night
has counted stays, and beside it a page reads the rows of today alone. A median is read from the numbers by days.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat, Left

from config.dates import add_months
from deadlines.models import Duty
from deadlines.querysets import LATE
from deadlines.rules import start_of
from organization.kinds import TOWNSHIP
from organization.models import Post
from referrals.models import Referral, ReferralStage
from referrals.models.referral import LATEST
from spreadsheets.held import statement_of

from ..models import WorkCell, WorkMonth
from ..on_time import COLUMNS, TIMED, named
from .querysets import READS_THE_COUNTY

KEPT = "kept"
STEPS = ("0", "1", "2", "3", "4", "5")
BREAK = "|"
# Moments at which a step ends; signings stand with the stages.
ENDS = ("dispatched_at", "decided_at", "fed_back_at", "confirmed_at")
# The first signing of a referral counts; days are working days by the calendar, the day of the start not counted.
STEPS_OF = """
WITH touched (id) AS ({ended} UNION {signed}),
seen (id) AS (SELECT id FROM ({rows}) asked (id) WHERE id IN (SELECT id FROM touched)), measured AS (
  SELECT step.place::text AS measure, referral.township_code AS township, referral.program_id AS program,
    greatest(ended.ordinal - began.ordinal, 0) AS days, false AS is_late
  FROM seen
  JOIN referrals_referral referral ON referral.id = seen.id
  CROSS JOIN LATERAL (
    SELECT min(stay.received_at) AS received_at FROM referrals_referralstage stay WHERE stay.referral_id = referral.id
  ) signed
  CROSS JOIN LATERAL (VALUES
    (0, referral.accepted_at, referral.dispatched_at), (1, referral.dispatched_at, signed.received_at),
    (2, signed.received_at, referral.decided_at), (3, referral.decided_at, referral.fed_back_at),
    (4, referral.fed_back_at, referral.confirmed_at), (5, referral.accepted_at, referral.confirmed_at)
  ) step (place, began_at, ended_at)
  JOIN deadlines_calendarday began ON began.date = (step.began_at AT TIME ZONE 'Asia/Shanghai')::date
  JOIN deadlines_calendarday ended ON ended.date = (step.ended_at AT TIME ZONE 'Asia/Shanghai')::date
  WHERE step.ended_at >= %s AND step.ended_at < %s
)
"""
KEPT_OF = f"""
WITH shut AS ({{shut}}), {TIMED}, measured AS (
  SELECT '{KEPT}' AS measure, split_part(key, '{BREAK}', 1) AS township, split_part(key, '{BREAK}', 2) AS program, used AS days, is_late
  FROM timed
)
"""  # noqa: S608 - our constants
TOLD = "SELECT measure, {township} AS township, days, count(*), count(*) FILTER (WHERE is_late) FROM measured GROUP BY 1, 2, 3"
Statement = tuple[str, list[Any]]


@dataclass(slots=True)
class Days:
    """Numbers by working days, and how many of them were late."""

    counts: Counter[int] = field(default_factory=Counter)
    late: int = 0

    def add(self, days: int, times: int, late: int) -> None:
        self.counts[days] += times
        self.late += late

    @property
    def times(self) -> int:
        return self.counts.total()

    @property
    def longest(self) -> int | None:
        return max(self.counts, default=None)

    @property
    def median(self) -> float | None:
        """The one in the middle, or half way between the two there."""
        times = self.times
        return (self._nth((times - 1) // 2) + self._nth(times // 2)) / 2 if times else None

    def _nth(self, place: int) -> int:
        for days in sorted(self.counts):
            place -= self.counts[days]
            if place < 0:
                return days
        raise IndexError(place)


# By measure and township; "" is every township.
Found = dict[tuple[str, str], Days]


def steps(post: Post, rows: "QuerySet[Referral]", firsts: Sequence[date], *, township: str, programs: Sequence[str] | None) -> Found:
    """`rows`: those that the post counts, narrowed alike; `programs` None: all. Of a place and programs together there are no cells."""
    has_cells = post.unit.kind in READS_THE_COUNTY | TOWNSHIP and not (township and programs is not None)
    months, since = covered(post, firsts) if has_cells else ([], start_of(firsts[0]))
    found = _cells(post, months, STEPS, programs, township_code=township)
    if since < (end := _end(firsts)):
        for measure, _, *told in _rows(steps_statement(rows, since, end), "''"):
            found[measure, ""].add(*told)
    return found


def kept(post: Post, rows: "QuerySet[Duty]", firsts: Sequence[date], *, township: str, program: str) -> Found:
    """What was closed, and how much of it late, by township, and under "" in all. For whoever reads the county; `rows`: narrowed alike."""
    months, since = covered(post, firsts)
    narrowed = {"township_code": township} if township else {}
    found = _cells(post, months, (KEPT,), [program] if program else None, **narrowed)
    if township:
        found[KEPT, ""] = Days(Counter(found[KEPT, township].counts), found[KEPT, township].late)
    if since < (end := _end(firsts)):
        for _, place, *told in _rows(kept_statement(rows.ended_between(since, end)), "township"):  # type: ignore[attr-defined]
            for key in {place, ""}:
                found[KEPT, key].add(*told)
    return found


def covered(post: Post, firsts: Sequence[date]) -> tuple[list[date], datetime]:
    """The months, one after the other, that are in cells, and up to when: all that ended before."""
    known = dict(WorkMonth.objects.visible_to(post).filter(month__in=firsts).values_list("month", "counted_until"))
    months, until = [], start_of(firsts[0])
    for first in firsts:
        if first not in known:
            break
        months.append(first)
        until = known[first]
        if until < start_of(add_months(first, 1)):
            break
    return months, until


def steps_statement(rows: "QuerySet[Referral]", since: datetime, end: datetime) -> Statement:
    """`measured` of what ended in [since, end)."""
    ended = Q()
    for moment in ENDS:
        ended |= Q(**{f"{moment}__gte": since, f"{moment}__lt": end})
    # By the index of the latest of them, where the time reaches up to now.
    touched = Referral._base_manager.alias(latest=LATEST).filter(ended, latest__gte=since).order_by().values("pk")
    signed = ReferralStage._base_manager.filter(received_at__gte=since, received_at__lt=end).order_by().values("referral_id")
    asked = {"ended": touched, "signed": signed, "rows": rows.order_by().values("pk")}
    told = {name: statement_of(query) for name, query in asked.items()}
    values = [value for _, params in told.values() for value in params]
    return STEPS_OF.format(**{name: sql for name, (sql, _) in told.items()}), [*values, since, end]


def kept_statement(rows: "QuerySet[Duty]") -> Statement:
    """`measured` of closed steps; a promise stands beside them and is not counted with them."""
    key = Concat(Left("region_code", 9), Value(BREAK), F("topic_code"))
    sql, params = statement_of(rows.filter(is_promise=False).order_by().annotate(key=key, is_late=LATE).values_list(*COLUMNS))
    return KEPT_OF.format(shut=named(sql, COLUMNS)), list(params)


def _end(firsts: Sequence[date]) -> datetime:
    return start_of(add_months(firsts[-1], 1))


def _cells(post: Post, months: Sequence[date], measures: Sequence[str], programs: Sequence[str] | None, **narrowed: str) -> Found:
    found: Found = defaultdict(Days)
    if not months:
        return found
    told = [""] if programs is None else list(programs)
    rows = WorkCell.objects.visible_to(post).filter(month__in=months, measure__in=measures, program_code__in=told, **narrowed)
    for measure, place, *numbers in rows.order_by().values_list("measure", "township_code", "days").annotate(Sum("times"), Sum("late")):
        found[measure, "" if measures is STEPS else place].add(*numbers)
    return found


def _rows(statement: Statement, township: str) -> list[Any]:
    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(sql + TOLD.format(township=township), params)
        rows: list[Any] = cursor.fetchall()
        return rows
