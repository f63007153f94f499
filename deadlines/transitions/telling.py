"""Reminders told: urgent ones at once, each duty by itself; the others as one digest a day for each person, over all posts (DESIGN 6, UI).

What was told is marked in the transaction that writes the notice, so nothing is told twice and nothing is marked that was not told. A
reminder whose duty was closed meanwhile lapses; one whose clock stands, or whose date has moved, waits and is told if the date comes back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from config import clock
from config.navigation import address
from organization.figures import figure
from organization.models import Staff, Unit

from .. import counting
from ..audience import Audience, Key, people
from ..discretion import UNTOLD, is_sensitive
from ..models import ESCALATIONS, CalendarDay, OutboxMessage, Reminder, Stage
from ..rules import date_of
from .outbox import announce

BATCH = 100
SHOWN = 3  # titles of a digest: the most pressing ones; the workbench has them all
_DIGEST_LOCK = 0x0D16E57
# Most pressing first, as a digest names them.
ORDER = (Stage.TO_PLATFORM, Stage.TO_HEAD, Stage.OVERDUE, Stage.DUE_TODAY, Stage.AMBER)
WORDS = {
    Stage.TO_PLATFORM: "上报县级平台",
    Stage.TO_HEAD: "报单位负责人",
    Stage.OVERDUE: "超期",
    Stage.DUE_TODAY: "今日应办结",
    Stage.AMBER: "临期",
}
# OFFSET 0: each duty is looked up by its key (`sweeping`).
_LAPSE = """
    WITH lapsed AS (
        SELECT id FROM deadlines_reminder AS reminder
        WHERE told_at IS NULL AND lapsed_at IS NULL
          AND EXISTS (SELECT FROM deadlines_duty AS duty WHERE duty.id = reminder.duty_id AND duty.closed_at IS NOT NULL OFFSET 0)
        FOR UPDATE OF reminder SKIP LOCKED
    )
    UPDATE deadlines_reminder AS reminder SET lapsed_at = %s FROM lapsed WHERE reminder.id = lapsed.id"""
_WAITING = """
    reminder.told_at IS NULL AND reminder.lapsed_at IS NULL AND NOT reminder.is_urgent
    AND duty.id = reminder.duty_id AND duty.closed_at IS NULL AND duty.due_at = reminder.due_at"""
_GROUPS = """
    SELECT DISTINCT reminder.stage, duty.unit_id, duty.taken_by_id
    FROM deadlines_reminder AS reminder, deadlines_duty AS duty WHERE {waiting}"""
# Marked and read by one statement, so that what is counted is what is marked. Where several stages of a date come at once (after an
# outage), the unit hears of the most pressing one.
_TELL = """
    WITH told AS (
        UPDATE deadlines_reminder AS reminder SET told_at = %(now)s
        FROM deadlines_duty AS duty, unnest(%(stages)s::text[], %(units)s::bigint[], %(takers)s::bigint[]) AS chosen (stage, unit, taker)
        WHERE {waiting}
          AND reminder.stage = chosen.stage AND duty.unit_id = chosen.unit AND duty.taken_by_id IS NOT DISTINCT FROM chosen.taker
        RETURNING reminder.stage, reminder.duty_id, duty.unit_id, duty.taken_by_id, duty.due_at, duty.title
    ), pressing AS (
        SELECT DISTINCT ON (duty_id, over_heads) *
        FROM (SELECT *, CASE WHEN stage = ANY(%(escalations)s) THEN stage ELSE '' END AS over_heads FROM told) AS told
        ORDER BY duty_id, over_heads, array_position(%(order)s, stage)
    )
    SELECT stage, unit_id, taken_by_id, count(*), (SELECT count(*) FROM told),
           (array_agg(due_at ORDER BY due_at, title))[1:%(shown)s], (array_agg(title ORDER BY due_at, title))[1:%(shown)s]
    FROM pressing GROUP BY stage, unit_id, taken_by_id"""

Group = tuple[str, int, int | None]  # stage, unit, who took it
Told = tuple[str, int, int | None, int, int, list[datetime], list[str]]  # the group, its duties, all told, the most pressing of them


def tell(now: datetime) -> int:
    """Everything that can be told now; how many reminders were. Its own transactions: one for a batch of urgent ones, one for digests."""
    _lapse(now)
    total = 0
    while batch := _tell_urgent(now):
        total += batch
    return total + (_tell_digests(now) if is_time_of_digests(now) else 0)


def is_time_of_digests(now: datetime) -> bool:
    """On working days, from `digest_hour` on."""
    hour, minute = map(int, figure("digest_hour").split(":"))
    return clock.local(now).time() >= time(hour, minute) and CalendarDay.objects.filter(date=date_of(now), is_workday=True).exists()


@transaction.atomic
def _lapse(now: datetime) -> None:
    """Closed before anybody was told: there is nothing to tell any more."""
    with connection.cursor() as cursor:
        cursor.execute(_LAPSE, [now])


@transaction.atomic
def _tell_urgent(now: datetime) -> int:
    """A batch that no other sweep holds: a notice for each duty and each who is told of it.

    Whole duties are taken, and locked with their reminders, so that no second sweep tells of another stage of the same date meanwhile; one
    that somebody is working at just now waits for the next sweep. Where several stages come at once (after an outage), everybody hears of
    the most pressing one; all of them are told.
    """
    waiting = Reminder.objects.untold().filter(is_urgent=True, duty__closed_at=None, duty__due_at=F("due_at"))
    duties = set(waiting.order_by("id").values_list("duty_id", flat=True)[:BATCH])
    held = waiting.filter(duty_id__in=duties).select_for_update(of=("self", "duty"), no_key=True, skip_locked=True)
    batch = list(held.select_related("duty").order_by("duty_id", "id"))
    if not batch:
        return 0
    audience = Audience(date_of(now))
    heard: dict[tuple[UUID, Key], Reminder] = {}
    for reminder in sorted(batch, key=lambda row: ORDER.index(Stage(row.stage))):
        for key in audience.of(reminder.stage, reminder.duty.unit_id, reminder.duty.taken_by_id):
            heard.setdefault((reminder.duty_id, key), reminder)
    readers: dict[Reminder, list[Key]] = defaultdict(list)
    for (_, key), reminder in heard.items():
        readers[reminder].append(key)
    rows = people(key for _, key in heard)
    for reminder, keys in readers.items():
        _tell_of(reminder, [rows[key] for key in keys])
    Reminder.objects.filter(pk__in=[row.pk for row in batch]).update(told_at=now)
    return len(batch)


def _tell_of(reminder: Reminder, to: list[Staff | Unit]) -> None:
    """The platform is led to the clock, whose key stands beside its unit in the list of late matters: of others' sensitive ones it reads
    neither the person nor the step."""
    duty = reminder.duty
    is_told = reminder.stage != Stage.TO_PLATFORM or not is_sensitive(duty) or duty.unit.kind == Unit.Kind.PLATFORM
    announce(
        f"duty.{reminder.stage}",
        duty,
        to=to,
        title=f"{WORDS[Stage(reminder.stage)]}：{duty.title if is_told else UNTOLD}",
        body=f"{f'{duty.kind_name}，' if is_told else ''}到期时间{counting.due_text(duty)}。",
        url=duty.get_absolute_url(),
        is_urgent=True,
        dedupe=f"reminder:{reminder.pk}",
    )


@dataclass
class Digest:
    """What one reader is told today."""

    counts: Counter[str] = field(default_factory=Counter)
    titles: list[tuple[datetime, str]] = field(default_factory=list)

    def add(self, stage: str, count: int, dates: Iterable[datetime], titles: Iterable[str]) -> None:
        self.counts[stage] += count
        self.titles += [(due_at, f"{title}（{WORDS[Stage(stage)]}）") for due_at, title in zip(dates, titles, strict=True)]

    @property
    def title(self) -> str:
        return "今日提醒：" + "，".join(f"{WORDS[stage]}{self.counts[stage]}件" for stage in ORDER if self.counts[stage])

    @property
    def body(self) -> str:
        shown = list(dict.fromkeys(title for _, title in sorted(self.titles)))[:SHOWN]
        rest = sum(self.counts.values()) - len(shown)
        return "；".join(shown) + (f"；另有{rest}件" if rest > 0 else "")


@transaction.atomic
def _tell_digests(now: datetime) -> int:
    """One digest for everybody whom something waits for and who has had none today.

    A reminder is told when all who are to hear of it can: whoever has had today's digest hears of it with the next working day's, and so do
    the others. One sweep at a time; the second finds the lock taken and leaves it to the first.
    """
    if not _seize_digests():
        return 0
    today = date_of(now)
    groups = _groups()
    if not groups:
        return 0
    audience = Audience(today)
    readers = {group: audience.of(*group) for group in groups}
    had = _had_digest(today)
    chosen = [group for group in groups if had.isdisjoint(readers[group])]
    digests: dict[Key, Digest] = defaultdict(Digest)
    marked = _mark(chosen, now)
    for stage, unit_id, taken_by_id, count, _, dates, titles in marked:
        for key in readers[stage, unit_id, taken_by_id]:
            digests[key].add(stage, count, dates, titles)
    _write(digests, today)
    return marked[0][4] if marked else 0


def _write(digests: dict[Key, Digest], today: date) -> None:
    rows = people(digests)
    url = address("monitoring:workbench")
    for key, digest in digests.items():
        announce("duty.digest", rows[key], to=rows[key], title=digest.title, body=digest.body, url=url, dedupe=_dedupe(today))


def _dedupe(today: date) -> str:
    """With the reader, whom `announce` adds: one digest a day for each."""
    return f"digest:{today:%Y-%m-%d}"


def _had_digest(today: date) -> set[Key]:
    keys = OutboxMessage.objects.filter(dedupe_key__startswith=f"{_dedupe(today)}>").values_list("dedupe_key", flat=True)
    readers = (key.partition(">")[2].partition(":") for key in keys)
    return {(kind, int(pk)) for kind, _, pk in readers}


def _seize_digests() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_DIGEST_LOCK])
        return bool(cursor.fetchone()[0])


def _groups() -> list[Group]:
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS.format(waiting=_WAITING))
        return cursor.fetchall()


def _mark(groups: list[Group], now: datetime) -> list[Told]:
    """The reminders of these groups are told; what to say of each group."""
    if not groups:
        return []
    stages, units, takers = (list(column) for column in zip(*groups, strict=True))
    values: dict[str, Any] = {
        "now": now, "stages": stages, "units": units, "takers": takers, "escalations": list(map(str, ESCALATIONS)),
        "order": list(map(str, ORDER)), "shown": SHOWN,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(waiting=_WAITING), values)
        return cursor.fetchall()
