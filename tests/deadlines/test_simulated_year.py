"""A year of the house, from event to event: ninety duties, sweeps at every minute that matters, the house twice out of order.

Every reminder once, on the right working day, and every digest once for each person and day, held against `oracle.py`.
`YEARS=5 YEAR_FROM=20 YEAR_DUTIES=600 make test ARGS=tests/deadlines/test_simulated_year.py` lives through further and fuller years.
"""

import heapq
import itertools
import os
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from deadlines import transitions
from deadlines.models import Duty, Notice, OutboxMessage, Reminder, ReminderRule
from deadlines.rules import Limit
from deadlines.working_calendar import Entry
from tests.cast import member

from . import factories
from .oracle import SHANGHAI, Oracle, Reader, Task, day_of, midnight, moments

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 8, 3), date(2027, 7, 30)
SEEDS = range(int(os.environ.get("YEAR_FROM", "1")), int(os.environ.get("YEAR_FROM", "1")) + int(os.environ.get("YEARS", "1")))
DUTIES = int(os.environ.get("YEAR_DUTIES", "90"))
# The house stands still, people and all, for two days; the sweeps alone for a long weekend with the National Day before it.
OUTAGES = [(datetime(2026, 11, 17, 11, 0, tzinfo=SHANGHAI), datetime(2026, 11, 19, 11, 0, tzinfo=SHANGHAI), False),
           (datetime(2026, 9, 24, 18, 0, tzinfo=SHANGHAI), datetime(2026, 9, 28, 9, 15, tzinfo=SHANGHAI), True)]  # fmt: skip
END = midnight(LAST) + timedelta(hours=20)
LOOK = "look"  # a sweep whether or not anything should come of it
# What the county orders in the course of the year: (when it says so, the day, worked or not).
ORDERS = [
    (date(2026, 8, 20), date(2026, 8, 28), False), (date(2026, 8, 21), date(2026, 8, 29), True),
    (date(2026, 10, 15), date(2026, 10, 16), False), (date(2026, 12, 7), date(2026, 12, 12), True),
    (date(2027, 3, 2), date(2027, 3, 3), False), (date(2027, 6, 1), date(2027, 6, 30), False),
]  # fmt: skip
# The notice of 2027, as it might come: until it does, its days are guessed. First day and how many are off; weekend days worked instead.
NOTICE_ON = date(2026, 11, 10)
OFF = [(date(2027, 1, 1), 3), (date(2027, 2, 5), 8), (date(2027, 4, 3), 3), (date(2027, 5, 1), 5), (date(2027, 6, 9), 3)]
NOTICE = {first + timedelta(n): False for first, number in OFF for n in range(number)}
NOTICE |= {date(2027, 2, 14): True, date(2027, 5, 8): True}
TAKERS = [
    "officer",
    "neighbour_officer",
    "civil_officer",
]  # each alone takes what his unit owes here; what `reviewer`'s office owes nobody takes
OTHERS = ["reviewer"]


@dataclass
class Year:
    """The driver: a heap of what happens and of when to sweep."""

    seed: int
    clock: Any
    oracle: Oracle = field(default_factory=Oracle)
    readers: dict[str, Reader] = field(default_factory=lambda: {name: Reader() for name in TAKERS})
    sweeps: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.order = itertools.count()
        self.heap: list[tuple[datetime, int, Any]] = []
        self.posts = {name: member(name) for name in [*TAKERS, *OTHERS]}
        self.administrator = member("system_administrator")
        self.abouts: dict[Any, tuple[Any, str]] = {}

    # ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────
    def plan(self, moment: datetime, act: Any = None) -> None:
        heapq.heappush(self.heap, (moment, next(self.order), act))

    def some_time_on(self, day: date) -> datetime:
        return midnight(day) + timedelta(minutes=self.chance.randrange(8 * 60, 19 * 60))

    def live(self) -> None:
        for _ in range(DUTIES):
            day = FIRST + timedelta(self.chance.randrange((LAST - FIRST).days - 10))
            if self.chance.random() < 0.2:  # the ends of months, where months and years differ
                day = (day.replace(day=1) + timedelta(32)).replace(day=1) - timedelta(self.chance.randrange(1, 3))
            self.plan(self.some_time_on(min(day, LAST)), self.open)
        for start, *_ in OUTAGES:  # one that turns late meanwhile
            until = Limit("fixed_date", until=day_of(start))
            self.plan(self.some_time_on(day_of(start) - timedelta(10)), lambda now, limit=until: self.add(now, "officer", limit))
        for said, day, is_workday in ORDERS:
            self.plan(self.some_time_on(said), lambda now, d=day, w=is_workday: self.order_a_day(d, is_workday=w))
        self.plan(self.some_time_on(NOTICE_ON), self.load_the_notice)
        self.plan(self.some_time_on(date(2027, 1, 18)), self.climb_faster)
        for _ in range(DUTIES // 3):
            self.plan(midnight(FIRST) + timedelta(minutes=self.chance.randrange((LAST - FIRST).days * 24 * 60)), LOOK)
        self.plan(END, LOOK)
        while self.heap:
            self.step()

    def step(self) -> None:
        moment = self.heap[0][0]
        acts = []
        while self.heap and self.heap[0][0] == moment:
            acts.append(heapq.heappop(self.heap)[2])
        if moment > END:
            return
        out = next((outage for outage in OUTAGES if outage[0] <= moment < outage[1]), None)
        self.clock.set(moment)
        for act in acts:
            if act in (None, LOOK):
                continue
            if out and not out[2]:
                self.plan(out[1], act)  # whoever came meanwhile comes when the house is there again
            else:
                act(moment)
        if out:
            self.plan(out[1], LOOK)
        elif LOOK in acts or self.oracle.missing(moment) or self.chance.random() < 0.25:
            self.sweep(moment)

    def sweep(self, now: datetime) -> None:
        self.sweeps += 1
        new = self.oracle.swept(now)
        for key in new:
            reader = self.readers.get(self.abouts[key[0]][1])
            if reader and key[1] in {"amber", "due_today", "overdue"} and self.oracle.tasks[key[0]].rule != "hours":
                reader.waiting[key] = now
        for reader in self.readers.values():
            reader.swept(now, self.oracle)
        transitions.sweep()
        if new or not self.oracle.days.is_worked(day_of(now)):  # until the digest of a working day has had its time
            half_past_eight = midnight(day_of(now)) + timedelta(hours=8, minutes=30)
            self.plan(half_past_eight if half_past_eight > now else half_past_eight + timedelta(1), LOOK)

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────────────────
    def open(self, now: datetime) -> None:
        chance, name = self.chance, self.chance.choice([*TAKERS, *OTHERS])
        rule = chance.choice(["hours", "working_days", "working_days", "working_days", "calendar_days", "months", "fixed_date"])
        amount = {"hours": lambda: chance.choice([24, 48, 72]), "working_days": lambda: chance.randrange(0, 31),
                  "calendar_days": lambda: chance.randrange(1, 46), "months": lambda: chance.randrange(1, 4),
                  "fixed_date": lambda: None}[rule]()  # fmt: skip
        until = day_of(now) + timedelta(chance.randrange(0, 40)) if rule == "fixed_date" else None
        shifts, is_promise = chance.random() < 0.3 and rule != "hours", chance.random() < 0.1
        duty = self.add(now, name, Limit(rule, amount, until, shifts), is_promise=is_promise)
        for after in sorted(chance.randrange(1, 60 * 24 * 40) for _ in range(chance.randrange(0, 5))):
            self.plan(now + timedelta(minutes=after), lambda now, pk=duty.pk: self.touch(pk, now))

    def add(self, now: datetime, name: str, limit: Limit, *, is_promise: bool = False) -> Duty:
        about, post = factories.subject(), self.posts[name]
        duty = factories.open_duty(post, about, limit=limit, is_promise=is_promise)
        if name in TAKERS:
            transitions.put_in_hand(subject=about, kind="decide", taker=post)
        self.oracle.tasks[duty.pk] = Task(str(limit.rule), now, limit.amount, limit.until, limit.shifts, is_promise)
        self.abouts[duty.pk] = (about, name)
        self.read(duty)
        return duty

    def touch(self, pk: Any, now: datetime) -> None:
        task, (about, name) = self.oracle.tasks[pk], self.abouts[pk]
        if task.closed_at:
            return
        by, is_late, choice = self.posts[name], task.due_at is not None and task.due_at <= now, self.chance.random()
        if task.due_at is None and choice < 0.8:
            task.pauses[-1] = (task.pauses[-1][0], now)
            self.read(transitions.resume(subject=about, kind="decide", by=by))
        elif choice < 0.45 and not is_late and task.rule != "fixed_date" and task.due_at is not None:
            task.pauses.append((now, None))
            self.read(transitions.pause(subject=about, kind="decide", reason="等待补正", by=by))
        elif choice < 0.65 and not is_late:
            longer = {"amount": task.amount + self.chance.randrange(1, 15)} if task.until is None else {"until": task.until + timedelta(7)}
            for field_name, value in longer.items():
                setattr(task, field_name, value)
            limit = Limit(task.rule, task.amount, task.until, task.shifts)
            self.read(transitions.extend(subject=about, kind="decide", limit=limit, reason="情况复杂", by=by))
        else:
            if task.pauses and task.pauses[-1][1] is None:
                task.pauses[-1] = (task.pauses[-1][0], now)
            task.closed_at = now
            self.read(transitions.close_duty(subject=about, kind="decide", by=by))

    def order_a_day(self, day: date, *, is_workday: bool) -> None:
        transitions.change_day(day=day, is_workday=is_workday, name="县里安排", source="县府办通知", by=self.administrator)
        self.oracle.days.change(day, is_workday=is_workday)
        self.read(*Duty.objects.open())

    def load_the_notice(self, _now: datetime) -> None:
        days = {day: Entry(is_workday, "节日") for day, is_workday in NOTICE.items()}
        transitions.load_year(year=2027, days=days, source="国办发明电", by=self.administrator)
        for day, is_workday in NOTICE.items():
            self.oracle.days.change(day, is_workday=is_workday)
        self.read(*Duty.objects.open())

    def climb_faster(self, now: datetime) -> None:
        start = day_of(now) + timedelta(7)
        given = {"full_days": 1, "is_urgent": False, "holds_for_promises": False, "source": "会议纪要"}
        transitions.change_reminder_rule(stage="to_head", valid_from=start, working_days=2, by=self.administrator, **given)
        self.oracle.figures.head.append((start, 2))
        self.plan(midnight(start))

    def read(self, *rows: Duty) -> None:
        """The dates in force, each as it should be; and when to look at what they bring: then, and a minute before."""
        for row in rows:
            task = self.oracle.tasks[row.pk]
            assert row.due_at == task.due(self.oracle.days), (row.rule, row.limit, row.starts_at, task)
            task.due_at, task.amber_at = row.due_at, row.amber_at
            for _, moment in moments(task, self.oracle.days, self.oracle.figures.on(day_of(self.clock.moment))):
                if moment > self.clock.moment:
                    self.plan(moment)
                    if self.chance.random() < 0.15:
                        self.plan(moment - timedelta(minutes=1), LOOK)


def made() -> dict[Any, datetime]:
    return {(pk, stage, due_at): at for pk, stage, due_at, at in Reminder.objects.values_list("duty_id", "stage", "due_at", "made_at")}


def shown(keys: Any, oracle: Oracle) -> str:
    lines = [f"{stage} of {due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {oracle.tasks[pk]}" for pk, stage, due_at in keys]
    return "\n".join(["", *lines[:8]])


def assert_as_it_should_be(year: Year) -> None:
    found, expected = made(), year.oracle.made
    assert not (missing := expected.keys() - found.keys()), f"{len(missing)} never came: {shown(missing, year.oracle)}"
    assert not (extra := found.keys() - expected.keys()), f"{len(extra)} should not be: {shown(extra, year.oracle)}"
    assert Reminder.objects.count() == len(found), "one of them came twice"
    late = [key for key, moment in found.items() if moment != expected[key]]
    assert not late, f"{len(late)} at another time: {shown(late, year.oracle)}"


def assert_told_once(year: Year) -> None:
    told = {(pk, stage, due_at): at for pk, stage, due_at, at in
            Reminder.objects.exclude(told_at=None).values_list("duty_id", "stage", "due_at", "told_at")}  # fmt: skip
    for name, reader in year.readers.items():
        mine = {key: at for key, at in told.items() if year.abouts[key[0]][1] == name and year.oracle.tasks[key[0]].rule != "hours"}
        assert {key: at for key, at in mine.items() if key[1] in {"amber", "due_today", "overdue"}} == reader.told, name
        notices = Notice.objects.filter(kind="duty.digest", staff=year.posts[name].staff)
        assert sorted(day_of(notice.created_at) for notice in notices) == reader.digests, name
    for notice in Notice.objects.filter(kind="duty.digest"):
        moment = notice.created_at.astimezone(SHANGHAI)
        assert year.oracle.days.is_worked(moment.date()), moment
        assert (moment.hour, moment.minute) >= (8, 30), moment
    of_hours = Reminder.objects.filter(duty__rule="hours").exclude(told_at=None)
    assert {row.told_at - row.made_at for row in of_hours} == {timedelta(0)}, "what is urgent is told at once"
    keys = list(OutboxMessage.objects.filter(kind="duty.digest").values_list("dedupe_key", flat=True))
    assert len(keys) == len(set(keys)) > DUTIES // 2


@pytest.mark.parametrize("seed", SEEDS)
def test_every_reminder_once_and_on_its_day(seed, clock):
    year = Year(seed, clock)
    year.live()
    stages = {stage for _, stage, _ in year.oracle.made}
    assert stages == {"amber", "due_today", "overdue", "to_head", "to_platform"}
    assert len(year.oracle.made) > DUTIES
    assert {end for _, end, _ in OUTAGES} <= set(year.oracle.made.values()), "after each outage something was to be made up for"
    assert_as_it_should_be(year)
    assert_told_once(year)


# ── the oracle finds a wrong product out ────────────────────────────────────────────────────────────────────────────────
def three_weeks(clock: Any, *, wrong: Any = lambda duty: None) -> Year:
    """Two duties of five working days, one of them standing since the second day; swept twice a day, past every stage."""
    start = datetime(2026, 10, 12, 10, 0, tzinfo=SHANGHAI)
    clock.set(start)
    year = Year(1, clock)
    year.add(start, "officer", Limit("working_days", 5))
    standing = year.add(start, "officer", Limit("working_days", 5))
    clock.set(start + timedelta(1))
    year.oracle.tasks[standing.pk].pauses.append((clock.moment, None))
    year.read(transitions.pause(subject=year.abouts[standing.pk][0], kind="decide", reason="等待补正", by=year.posts["officer"]))
    wrong(standing)
    for number in range(1, 21):
        for hours in (24, 32.5):
            moment = midnight(start.date()) + timedelta(number - 1, hours=hours)
            clock.set(moment)
            year.sweep(moment)
    return year


def test_a_right_product_agrees(clock):
    year = three_weeks(clock)
    assert_as_it_should_be(year)
    assert sorted(stage for _, stage, _ in year.oracle.made) == ["amber", "due_today", "overdue", "to_head", "to_platform"]


def test_a_working_day_too_late_is_found_out(clock):
    ReminderRule.objects.filter(stage="to_head").update(working_days=4)
    with pytest.raises(AssertionError, match=r"1 at another time: \s*to_head of 2026-10-20"):
        assert_as_it_should_be(three_weeks(clock))


def test_a_reminder_of_a_standing_clock_is_found_out(clock):
    """A row that keeps its date although its clock stands, as a pause that forgot it would leave it."""
    due_at = datetime(2026, 10, 20, tzinfo=SHANGHAI)

    def forget(duty: Duty) -> None:
        Duty.objects.filter(pk=duty.pk).update(due_at=due_at, amber_at=due_at - timedelta(2))

    with pytest.raises(AssertionError, match="5 should not be"):
        assert_as_it_should_be(three_weeks(clock, wrong=forget))


def test_a_missing_key_is_found_out(clock):
    """Without the key of the table, what two sweeps at once would leave: the same reminder twice."""
    year = three_weeks(clock)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE deadlines_reminder DROP CONSTRAINT one_reminder_per_duty_stage_and_date")
    Reminder.objects.bulk_create([Reminder(duty_id=row.duty_id, stage=row.stage, due_at=row.due_at, is_urgent=row.is_urgent,
                                           made_at=row.made_at) for row in Reminder.objects.all()[:1]])  # fmt: skip
    with pytest.raises(AssertionError, match="came twice"):
        assert_as_it_should_be(year)
