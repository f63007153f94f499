"""明天会超期: open referral duties that will be late at the present speed of their unit's queue, and whom to ask.

One statement reads queues, speeds and the calendar's ordinals together; how it is computed stands in `forecast_rules` and on the page.

Whoever may not know which unit has a sensitive matter is told nothing of it but that it will be late. What the page says of a queue is of
the others in it, at their speed: a place that nobody holds, or one late thing more than are listed, would be the one without a unit. And
each part of the list is cut for itself, the kept ones by key: cut by day together, what is listed of them would tell theirs (ADR 0041).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Max, Min

from config import clock
from deadlines.counting import calendar_since
from deadlines.lamps import tentative
from deadlines.models import CalendarDay
from deadlines.rules import date_of, due_on, end_of, start_of
from deadlines.working_calendar import ONE_DAY
from organization.figures import figure
from organization.lineage import desks
from organization.models import Post, Unit
from referrals.inbox import LABEL
from referrals.models import Referral
from referrals.names import UNNAMED, names

from . import forecast_rules, matters
from .ledger import NOTHING

# Steps that a unit does; what waits for the applicant, and what is only watched, has no queue.
KINDS = ["receive", "stage", "feedback", "tell", "settle", "rule"]
MOST = 200

# Speeds are read unit by unit from the index of closed duties: a county's closed duties of a month are a small part of all of them.
STATEMENT = """
WITH speed AS MATERIALIZED (
    SELECT unit.id AS unit_id, done.kind, done.kind_name, done.closed, done.told
    FROM organization_unit AS unit
    CROSS JOIN LATERAL (
        SELECT kind, kind_name, count(*) AS closed, count(*) FILTER (WHERE topic_code <> ALL(%(kept)s)) AS told FROM deadlines_duty
        WHERE unit_id = unit.id AND closed_at >= %(since)s AND closed_at <= %(now)s AND closed_at IS NOT NULL
          AND subject_label = %(label)s AND kind = ANY(%(kinds)s) AND outcome <> 'cancelled'
        GROUP BY kind, kind_name
    ) AS done
    WHERE %(units)s::bigint[] IS NULL OR unit.id = ANY(%(units)s::bigint[])
), queue AS (
    SELECT id, unit_id, kind, kind_name, subject_id, due_at, falls_back, topic_code = ANY(%(kept)s) AS is_kept,
           row_number() OVER (PARTITION BY unit_id, kind, kind_name ORDER BY due_at, id) AS place_of_all,
           row_number() OVER (PARTITION BY unit_id, kind, kind_name, topic_code = ANY(%(kept)s) ORDER BY due_at, id) AS place_told,
           count(*) OVER (PARTITION BY unit_id, kind, kind_name, topic_code = ANY(%(kept)s)) AS length
    FROM deadlines_duty
    WHERE closed_at IS NULL AND subject_label = %(label)s AND kind = ANY(%(kinds)s) AND due_at IS NOT NULL
      AND (%(units)s::bigint[] IS NULL OR unit_id = ANY(%(units)s::bigint[]))
), at_speed AS (
    SELECT queue.*, CASE WHEN is_kept THEN place_of_all ELSE place_told END AS place,
           coalesce(CASE WHEN is_kept THEN speed.closed ELSE speed.told END, 0) AS closed
    FROM queue LEFT JOIN speed USING (unit_id, kind, kind_name)
), late AS (
    SELECT at_speed.*, count(*) OVER () AS total, count(*) OVER (PARTITION BY unit_id, kind, kind_name, is_kept) AS late,
           row_number() OVER (PARTITION BY is_kept ORDER BY CASE WHEN is_kept THEN subject_id END, due_at, id) AS line
    FROM at_speed
    JOIN deadlines_calendarday AS last ON last.date = ((due_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date
    WHERE due_at > %(now)s
      AND CASE WHEN closed = 0 THEN due_at <= %(tomorrow)s
               ELSE (place * %(days)s + closed - 1) / closed > last.ordinal - %(done)s END
)
SELECT id, unit_id, kind, kind_name, subject_id, due_at, falls_back, place, length, closed, total, late, is_kept
FROM late WHERE line <= %(most)s ORDER BY is_kept, line
"""


class Found(NamedTuple):
    """A row of the statement. `total` and `late` (of its own queue) count beyond the rows that are listed; `is_kept`: of which the reader
    is not told where it waits.
    """

    id: UUID
    unit_id: int
    kind: str
    kind_name: str
    subject_id: str
    due_at: datetime
    falls_back: bool
    place: int
    length: int
    closed: int
    total: int
    late: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One referral that will be late. `expected`: when it is done at this speed; empty without a speed."""

    key: str
    number: str
    url: str
    program: str
    unit: str
    step: str
    due: str
    expected: str
    why: str


@dataclass(frozen=True, slots=True)
class Queue:
    """One unit's queue of one kind of step, and whom to ask."""

    unit: str
    step: str
    length: int
    late: int
    speed: str
    people: str
    phone: str


@dataclass(frozen=True)
class Forecast:
    days: int
    total: int
    lines: list[Line]
    queues: list[Queue]

    @property
    def hidden(self) -> int:
        return self.total - len(self.lines)


def forecast(post: Post, now: datetime) -> Forecast:
    """Over the county for the platform, else the own unit's."""
    days = int(figure("forecast_days"))
    units = None if post.unit.kind == Unit.Kind.PLATFORM else list(desks(post))
    found = read(units, now, days, kept=names().sensitive if units is None else ())
    rows = Referral.objects.visible_to(post).filter(pk__in=[row.subject_id for row in found]).select_related("program")
    referrals, expected = {str(row.pk): row for row in rows}, _expected(found, now, days)
    lines = [_line(row, referrals[row.subject_id], expected.get(row.id)) for row in found if row.subject_id in referrals]
    return Forecast(days, found[0].total if found else 0, lines, _queues([row for row in found if not row.is_kept], days))


def read(units: list[int] | None, now: datetime, days: int, *, kept: Collection[str] = ()) -> list[Found]:
    """By day, up to `MOST`; then as many of the programs that are `kept`, by key."""
    today = date_of(now)
    calendar = calendar_since(today - ONE_DAY * (days * 3 + 31))
    since = start_of(calendar.workday_before(today, days))
    tomorrow = today + ONE_DAY
    while not calendar.is_workday(tomorrow):
        tomorrow += ONE_DAY
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT,
            {
                "since": since, "now": now, "label": LABEL, "kinds": KINDS, "units": units, "days": days, "tomorrow": end_of(tomorrow),
                "done": _done(today), "most": MOST, "kept": sorted(kept),
            },
        )  # fmt: skip
        return [Found(*row) for row in cursor.fetchall()]


def _done(today: date) -> int:
    """The ordinal of the last working day before today: today's own is still to be worked."""
    return CalendarDay.objects.filter(date__lt=today).aggregate(done=Max("ordinal"))["done"] or 0


def _expected(found: Sequence[Found], now: datetime, days: int) -> dict[UUID, date]:
    """The days on which they are done, in one statement."""
    done = _done(date_of(now))
    numbers = {row.id: forecast_rules.day_number(row.place, closed=row.closed, days=days) for row in found}
    ordinals = {done + number for number in numbers.values() if number}
    rows = CalendarDay.objects.filter(ordinal__in=ordinals, is_workday=True).values_list("ordinal").annotate(day=Min("date"))
    by_ordinal: dict[int, date] = dict(rows.order_by())
    return {key: by_ordinal[done + number] for key, number in numbers.items() if number and done + number in by_ordinal}


def _line(row: Found, referral: Any, expected: date | None) -> Line:
    key, number, url = row.subject_id, referral.number, referral.get_absolute_url()
    if row.is_kept:
        # Its unit would tell the program; once it is late, its day stands beside the unit in the list of late matters; the day on which it
        # is done is that of a place in some unit's queue, or of none, which is due tomorrow.
        return Line(key, number, url, UNNAMED, NOTHING, matters.UNNAMED_STEP, NOTHING, NOTHING, "按承办单位现在的速度推算")
    due = tentative(f"{due_on(row.due_at):%Y-%m-%d}", falls_back=row.falls_back)
    why = f"排在第{row.place}件（共{row.length}件）" if row.closed else "本单位这一环节没有近期办结，无法推算；明天（下一工作日）前到期"
    unit = names().units.get(row.unit_id, "")
    return Line(key, number, url, str(referral.program), unit, row.kind_name, due, f"{expected:%Y-%m-%d}" if expected else "", why)


def _queues(found: Sequence[Found], days: int) -> list[Queue]:
    """Each queue with something late in it, the most first, with its approvers and liaison."""
    groups: dict[tuple[int, str, str], list[Found]] = {}
    for row in found:
        groups.setdefault((row.unit_id, row.kind, row.kind_name), []).append(row)
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in={key[0] for key in groups})}
    people = _people(units)
    queues = []
    for (unit_id, _, step), rows in groups.items():
        unit = units[unit_id]
        speed = forecast_rules.speed_text(rows[0].closed, days)
        queues.append(Queue(unit.short_name, step, rows[0].length, rows[0].late, speed, people.get(unit_id, ""), unit.phone))
    return sorted(queues, key=lambda queue: -queue.late)


def _people(units: dict[int, Unit]) -> dict[int, str]:
    """By unit: who approves, and who is its liaison. Colleagues of the house, by name."""
    found: dict[int, list[str]] = {}
    rows = Post.objects.effective(clock.today()).filter(unit_id__in=list(units)).select_related("staff").order_by("-rank", "pk")
    for post in rows:
        if post.is_liaison or post.rank == Post.Rank.APPROVER:
            word = "联络员" if post.is_liaison else "审批"
            found.setdefault(post.unit_id, []).append(f"{post.staff.name}（{word}）")
    return {unit: "、".join(people) for unit, people in found.items()}
