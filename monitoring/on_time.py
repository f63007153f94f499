"""按期率: what was done in a period, how much of it in time, and how long it took (ZX-35, ZX-51; LY-14 wants the late ones listed).

Everything is read from duties when it is asked: nobody stores a second copy of lateness (DESIGN 6). The same conditions give a figure and
the list behind it. A step is charged to the unit that held it; beside it stands the promise to the resident, which its window watches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Count, Expression, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Left

from deadlines.models import Duty
from deadlines.querysets import IN_TIME, LATE
from deadlines.rules import end_of, start_of
from intake.models import Application
from organization.kinds import TOWNSHIP
from organization.lineage import desks
from organization.models import Post
from referrals.models import Referral
from referrals.names import UNNAMED, names

WAYS = {"unit": "按单位", "program": "按救助项目", "township": "按乡镇（街道）"}
FIGURES = {"counted": "办结", "in_time": "按期", "late": "超期", "open_late": "超期未办"}
HALVES = {"stage": "环节时限", "promise": "对群众的承诺"}
SENSITIVE = "~"  # the sensitive programs as one: none of them is named here (DESIGN 2)
TOTAL = "合计"
# What a group is called whose duties name no unit, program or township.
NAMELESS = {"unit": "（单位不详）", "program": "（不属于救助项目）", "township": "（未写明乡镇）"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: by whom, of which days, narrowed to a unit, a program or a township ("" for all)."""

    post: Post
    since: date
    until: date
    unit: str = ""
    program: str = ""
    township: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group and one half. Days are working days; None where nothing was counted."""

    counted: int = 0
    late: int = 0
    median: float | None = None
    longest: int | None = None
    open_late: int = 0

    @property
    def in_time(self) -> int:
        return self.counted - self.late

    @property
    def rate(self) -> str:
        return rate_of(self.in_time, self.counted)


def rate_of(in_time: int, counted: int) -> str:
    """按期率, here, in bulletins and in files: cut down to a tenth of a per cent.

    100% stands only where nothing was late, and a dash where nothing was counted.
    """
    if not counted:
        return "—"
    tenths = in_time * 1000 // counted
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: str
    stage: Figures
    promise: Figures


def measures(post: Post) -> bool:
    """Whether the post's gate shows any duty to count."""
    return not Duty.objects.measured_for(post).query.is_empty()


def rows_of(question: Question, figure: str, now: datetime) -> "QuerySet[Duty]":
    """The duties that a figure counts, of both halves."""
    rows = narrowed(question)
    if figure == "open_late":
        return rows.overdue(now)  # type: ignore[attr-defined]
    ended = rows.ended_between(start_of(question.since), end_of(question.until))  # type: ignore[attr-defined]
    if figure == "late":
        return ended.filter(LATE)
    return ended.filter(IN_TIME) if figure == "in_time" else ended


def behind(question: Question, figure: str, *, by: str, key: str | None, half: str, now: datetime) -> "QuerySet[Duty]":
    """The list behind a figure: `key` None for the total."""
    rows = rows_of(question, figure, now).filter(is_promise=half == "promise")
    return rows if key is None else rows.annotate(key=_key(by, question)).filter(key=key)


def open_late(question: Question, by: str, now: datetime) -> dict[str, int]:
    """Steps that are late and not done, by group."""
    late = rows_of(question, "open_late", now).filter(is_promise=False).order_by().annotate(key=_key(by, question))
    return dict(late.values_list("key").annotate(Count("pk")))


def narrowed(question: Question) -> "QuerySet[Duty]":
    rows = Duty.objects.measured_for(question.post)
    if question.unit:
        rows = rows.filter(unit_id=question.unit).exclude(kept_apart(question.post, by_place=bool(question.township)))
    if question.township:
        rows = rows.filter(region_code__startswith=question.township)
    if question.program == SENSITIVE:
        return rows.filter(topic_code__in=names().sensitive)
    return rows.filter(topic_code=question.program).exclude(topic_code__in=names().sensitive) if question.program else rows


def reads_persons(post: Post) -> bool:
    """Whether the ledger of referrals tells whose each is: there a sensitive program's unit is not told, nor is it here (DESIGN 2)."""
    return post.unit.kind in TOWNSHIP | {"platform"}


def kept_apart(post: Post, *, by_place: bool = False) -> Q:
    """Steps of sensitive programs at others' units, one group beside the units where these would tell the program: to whoever reads whose
    each is, and where the township is told (`by_place`) to everybody, since the township leads to the number."""
    if not (by_place or reads_persons(post)):
        return Q(pk__in=[])
    return Q(topic_code__in=names().sensitive) & ~Q(unit_id__in=desks(post))


def unit_key(post: Post, *, by_place: bool = False) -> Expression:
    """The unit to which a step is charged, or that it is one kept apart."""
    apart = kept_apart(post, by_place=by_place)
    return Case(When(apart, then=Value(SENSITIVE)), default=Cast("unit_id", CharField()), output_field=CharField())


def _key(by: str, question: Question) -> Expression | Cast | Left:
    if by == "program":
        return Case(When(topic_code__in=names().sensitive, then=Value(SENSITIVE)), default=F("topic_code"), output_field=CharField())
    if by == "unit":
        return unit_key(question.post, by_place=bool(question.township))
    if not question.unit:
        return Left("region_code", 9)
    apart = kept_apart(question.post, by_place=True)
    return Case(When(apart, then=Value(SENSITIVE)), default=Left("region_code", 9), output_field=CharField())


# ── one statement ───────────────────────────────────────────────────────────────────────────────────────────────────
def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'Asia/Shanghai')::date"


# A working day counts when the clock runs at its 24:00: neither the day of the start nor the days of a pause but its last (ADR 0008).
# Each count is a difference of two ordinals of the calendar. `shut`: COLUMNS.
TIMED = f"""
held AS (
  SELECT pause.duty_id, sum(greatest(after_.ordinal - before_.ordinal, 0)) AS days
  FROM shut JOIN deadlines_dutypause pause ON pause.duty_id = shut.id
  JOIN deadlines_calendarday before_
    ON before_.date = greatest({_day("pause.began_at")} - 1, {_day("shut.starts_at")})
  JOIN deadlines_calendarday after_
    ON after_.date = {_day("least(coalesce(pause.ended_at, shut.closed_at), shut.closed_at)")} - 1
  GROUP BY pause.duty_id
),
timed AS (
  SELECT shut.id, shut.key, shut.is_promise, shut.is_late,
         greatest(closed.ordinal - opened.ordinal - coalesce(held.days, 0), 0) AS used
  FROM shut
  LEFT JOIN deadlines_calendarday opened ON opened.date = {_day("shut.starts_at")}
  LEFT JOIN deadlines_calendarday closed ON closed.date = {_day("shut.closed_at")}
  LEFT JOIN held ON held.duty_id = shut.id
)
"""  # noqa: S608 - our constants
COLUMNS = ("id", "key", "is_promise", "starts_at", "closed_at", "is_late")
GROUPED = "GROUP BY GROUPING SETS ((key, is_promise), (is_promise))"


def groups(question: Question, by: str, now: datetime) -> list[Group]:
    """A row for each group that has any figure, by name, and the total last: one statement."""
    if not measures(question.post):
        return []
    shut = rows_of(question, "counted", now).order_by().annotate(key=_key(by, question), is_late=LATE).values_list(*COLUMNS)
    late = rows_of(question, "open_late", now).order_by().annotate(key=_key(by, question)).values_list("key", "is_promise")
    (shut_sql, shut_params), (late_sql, late_params) = shut.query.sql_with_params(), late.query.sql_with_params()
    # Django's own statements, whose values go apart, and our constants.
    sql = f"""
        WITH shut AS ({named(shut_sql, COLUMNS)}), {TIMED}, late AS ({named(late_sql, ("key", "is_promise"))})
        SELECT key, is_promise, count(*), count(*) FILTER (WHERE is_late), percentile_cont(0.5) WITHIN GROUP (ORDER BY used), max(used), 0
        FROM timed {GROUPED}
        UNION ALL
        SELECT key, is_promise, 0, 0, NULL, NULL, count(*) FROM late {GROUPED}
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*shut_params, *late_params])
        return _gathered(cursor.fetchall(), by)


def named(sql: str, columns: Sequence[str]) -> str:
    return f"SELECT * FROM ({sql}) AS asked ({', '.join(columns)})"  # noqa: S608


def _gathered(rows: Sequence[Any], by: str) -> list[Group]:
    found: dict[str | None, dict[bool, dict[str, Any]]] = {}
    for key, is_promise, counted, late, median, longest, open_late in rows:
        half = found.setdefault(key, {}).setdefault(is_promise, {"counted": 0, "late": 0, "open_late": 0})
        if open_late:
            half["open_late"] = open_late
        else:
            half |= {"counted": counted, "late": late, "median": median, "longest": longest}
    total = found.pop(None, {})
    listed = [_group(str(key), name_of(by, str(key)) or NAMELESS[by], halves) for key, halves in found.items()]
    return [*sorted(listed, key=lambda group: (group.key == "", group.key)), _group("", TOTAL, total)]


def _group(key: str, name: str, halves: dict[bool, dict[str, Any]]) -> Group:
    return Group(key, name, Figures(**halves.get(False, {})), Figures(**halves.get(True, {})))


def name_of(by: str, key: str) -> str:
    words = names()
    if by == "unit":
        return UNNAMED if key == SENSITIVE else words.units.get(int(key), key) if key.isdecimal() else key
    if by == "township" and key != SENSITIVE:
        return words.townships.get(key, "县级事项" if key else "")  # of the county itself: no total
    return UNNAMED if key == SENSITIVE else words.programs.get(key, key)


def used_days(ids: Sequence[Any]) -> dict[Any, int]:
    """Working days that closed duties took, by id."""
    if not ids:
        return {}
    shut = Duty.objects.filter(pk__in=ids).order_by().annotate(key=Value(""), is_late=LATE).values_list(*COLUMNS)
    sql, params = shut.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH shut AS ({named(sql, COLUMNS)}), {TIMED} SELECT id, used FROM timed", params)  # noqa: S608
        return dict(cursor.fetchall())


def subjects(duties: Sequence[Duty], post: Post) -> tuple[dict[str, str], set[str]]:
    """The numbers of referrals and applications, which name nobody, and which of them the post may open."""
    numbers: dict[str, str] = {}
    open_to: set[str] = set()
    for label, model in (("referrals.referral", Referral), ("intake.application", Application)):
        ids = [duty.subject_id for duty in duties if duty.subject_label == label]
        if not ids:
            continue
        numbers |= {str(pk): number for pk, number in model._base_manager.filter(pk__in=ids).order_by().values_list("pk", "number")}
        open_to |= {str(pk) for pk in model.objects.visible_to(post).filter(pk__in=ids).order_by().values_list("pk", flat=True)}
    return numbers, open_to
