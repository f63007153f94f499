"""The sweep: whatever has fallen due and was not pointed out yet is pointed out, by one set-based statement per rule (ADR 0025).

Nothing is remembered between sweeps but the reminders themselves, and their key lets each exist once. So any number of sweeps may run at
once, one that dies leaves its finished batches, and after an outage whatever is missing is made. Time comes from the house's clock; one
that was set back makes nothing twice.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from config import clock, heartbeats

from ..calendar_lock import hold_calendar
from ..models import CalendarDay, ReminderRule, Stage
from ..rules import Rule, date_of, start_of
from . import telling

logger = logging.getLogger(__name__)
# So many reminders in a transaction, some seconds at most; another sweep that meets them waits for it longer than a page would.
BATCH = 50_000
PATIENCE = "60s"
FLOOD = 10_000  # after an outage: more than the database's own statistics know of

# Stages by the end of the limit. `days` is the first moment too late for “its stage has come” by the working calendar: W+n(L) <= today is
# the same as L before the working day whose ordinal is today's + 1 - n. So no row needs the calendar, and the index on due_at finds them.
_BY_DUE = """
    due_at <= greatest(%(days)s::timestamptz, %(hours)s::timestamptz)
    AND due_at <= CASE WHEN rule = %(in_hours)s THEN %(hours)s::timestamptz ELSE %(days)s::timestamptz END"""
# 临期: the lamp has turned; and in days, on an earlier working day than that of 当日到期, which only what is missing is asked.
_BY_AMBER = "amber_at < %(days)s AND (rule <> %(in_hours)s OR amber_at <= %(now)s)"
_BEFORE_THE_LAST_DAY = """
    rule = %(in_hours)s OR EXISTS (
        SELECT FROM deadlines_calendarday AS turned, deadlines_calendarday AS ends
        WHERE turned.date = (amber_at AT TIME ZONE 'Asia/Shanghai')::date
          AND ends.date = ((due_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date
          AND turned.ordinal < ends.ordinal)"""
# OFFSET 0 keeps the planner from joining: each duty that has come is looked up by the key, whatever the tables held when they were last
# counted. A join over tables that had just been filled compared each with each, and one over years of reminders would read them all.
_MAKE = """
    WITH missing AS (
        SELECT id, due_at, %(is_urgent)s OR rule = %(in_hours)s AS is_urgent
        FROM (
            SELECT id, due_at, amber_at, rule FROM deadlines_duty AS duty
            WHERE closed_at IS NULL AND due_at IS NOT NULL AND (%(holds_for_promises)s OR NOT is_promise) AND {has_come}
              AND NOT EXISTS (
                SELECT FROM deadlines_reminder AS made
                WHERE made.duty_id = duty.id AND made.stage = %(stage)s AND made.due_at = duty.due_at OFFSET 0)
            OFFSET 0
        ) AS come
        WHERE {is_told}
        ORDER BY due_at, id
        LIMIT %(limit)s
    ), made AS (
        INSERT INTO deadlines_reminder (duty_id, stage, due_at, is_urgent, made_at)
        SELECT id, %(stage)s, due_at, is_urgent, %(now)s FROM missing
        ON CONFLICT (duty_id, stage, due_at) DO NOTHING
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM missing), (SELECT count(*) FROM made)"""
NEVER = "-infinity"


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did: reminders made by stage, and how many reminders were told."""

    made: Mapping[Stage, int]
    told: int

    def __str__(self) -> str:
        made = "，".join(f"{stage.label}{count}件" for stage, count in self.made.items() if count)
        return f"新产生提醒：{made or '无'}；告知{self.told}件。"


def sweep() -> Swept:
    """Point out what has fallen due, tell it, and leave the sign of life. Its own transactions, a batch each.

    Raises:
        TransitionError: the working calendar is being changed; the next sweep makes up for this one.
    """
    now = clock.now()
    rules = {rule.stage: rule for rule in ReminderRule.objects.in_force(date_of(now))}
    made = {stage: _make(rules[stage], now) for stage in Stage if stage in rules}
    if sum(made.values()) >= FLOOD:
        _count_anew()
    told = telling.tell(now)
    heartbeats.write(heartbeats.SWEEP)
    swept = Swept(made, told)
    if told or any(made.values()):
        logger.info("sweep: %s made, %s told", sum(made.values()), told)
    return swept


def _count_anew() -> None:
    """So that the telling is planned for as many reminders as there are. Another sweep that does so already is not waited for."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE (SKIP_LOCKED) deadlines_reminder")


def _make(rule: ReminderRule, now: datetime) -> int:
    """Every reminder of a rule that is missing, batch by batch; how many this sweep made itself."""
    total = 0
    while True:
        found, made = _make_batch(rule, now)
        total += made
        if found < BATCH:
            return total


@transaction.atomic
def _make_batch(rule: ReminderRule, now: datetime) -> tuple[int, int]:
    """How many were missing, and how many of these no other sweep made meanwhile. The calendar stands still for as long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
    hold_calendar()
    has_come, is_told = (_BY_AMBER, _BEFORE_THE_LAST_DAY) if rule.stage == Stage.AMBER else (_BY_DUE, "true")
    statement = _MAKE.format(has_come=has_come, is_told=is_told)
    values = {
        "stage": rule.stage, "is_urgent": rule.is_urgent, "holds_for_promises": rule.holds_for_promises, "now": now,
        "in_hours": Rule.HOURS.value, "limit": BATCH, **_bounds(rule, now),
    }  # fmt: skip
    return _insert(statement, values)


def _insert(statement: str, values: dict[str, Any]) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found, made = cursor.fetchone()
    return found, made


def _bounds(rule: ReminderRule, now: datetime) -> dict[str, Any]:
    """Up to which dates the stage has come: by the working calendar, and for limits of hours."""
    workdays = {Stage.AMBER: 0, Stage.DUE_TODAY: 0, Stage.OVERDUE: 1}.get(Stage(rule.stage), rule.working_days)
    days = start_of(CalendarDay.objects.workday_from(date_of(now), 1 - (workdays or 0)))
    if rule.stage in {Stage.AMBER, Stage.DUE_TODAY}:
        return {"days": days, "hours": NEVER}
    return {"days": days, "hours": now - timedelta(days=rule.full_days or 0)}
