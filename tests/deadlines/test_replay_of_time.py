"""R6: whatever happens to a clock, its date can be told again from the record alone, and its explanation counts up to the same day.

The replay reads nothing but events and counts with `oracle.Days`, which shares no line with the application's arithmetic.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from audit.models import Event
from config.verbs import TransitionError
from deadlines import counting, transitions
from deadlines.models import Duty
from deadlines.rules import Limit
from tests.cast import member
from tests.conftest import NOW

from . import factories
from .oracle import ONE, Days, day_of, midnight

pytestmark = pytest.mark.django_db
ALONE = settings(
    max_examples=30, phases=[Phase.generate], deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)

limits = st.one_of(
    st.tuples(st.just("hours"), st.sampled_from([1, 24, 72]), st.just(None), st.just(False)),
    st.tuples(st.just("working_days"), st.integers(0, 25), st.just(None), st.booleans()),
    st.tuples(st.just("calendar_days"), st.integers(0, 40), st.just(None), st.booleans()),
    st.tuples(st.just("months"), st.integers(1, 2), st.just(None), st.booleans()),
    st.tuples(st.just("fixed_date"), st.just(None), st.integers(0, 40).map(lambda n: NOW.date() + timedelta(n)), st.booleans()),
)
# How many minutes later what is tried; a verb may refuse it: what is refused leaves no line.
happenings = st.lists(
    st.tuples(
        st.integers(0, 60 * 24 * 6), st.sampled_from(["pause", "resume", "pause", "resume", "extend", "holiday", "workday", "close"]),
        st.integers(1, 30),
    ),
    min_size=2, max_size=9,
)  # fmt: skip


def happen(about: Any, duty: Duty, what: str, number: int, now: datetime) -> None:
    """One step, which the house may refuse."""
    named = {"subject": about, "kind": "decide", "by": member("clerk")}
    if what == "pause":
        transitions.pause(reason="等待补正", **named)
    elif what == "resume":
        transitions.resume(**named)
    elif what == "close":
        transitions.close_duty(**named)
    elif what == "extend":
        current = counting.limit_of(Duty.objects.get(pk=duty.pk))
        longer = (
            {"amount": current.amount + (1 if current.rule == "months" else number)}
            if current.until is None
            else {"until": current.until + timedelta(number)}
        )
        transitions.extend(limit=Limit(current.rule, shifts=current.shifts, **longer), reason="情况复杂", **named)
    else:
        day = day_of(now) + timedelta(number)
        by = member("system_administrator")
        transitions.change_day(day=day, is_workday=what == "workday", name="县里安排", source="县府办通知", by=by)


def live(limit: tuple[Any, ...], steps: list[tuple[int, str, int]], clock: Any) -> Duty:
    about, now = factories.subject(), NOW
    clock.set(now)
    duty = factories.open_duty(member("clerk"), about, limit=Limit(*limit))
    for minutes, what, number in steps:
        now += timedelta(minutes=minutes)
        clock.set(now)
        try:
            with transaction.atomic():
                happen(about, duty, what, number, now)
        except TransitionError:
            continue
    return Duty.objects.get(pk=duty.pk)


def replay(duty: Duty) -> tuple[datetime | None, dict[str, Any], Days]:
    """From the events alone: the date, what it hangs on, and the calendar; each line's own date is compared on the way."""
    days, known, due, moved = Days(), {}, None, None
    pauses: list[tuple[datetime, datetime | None]] = []
    lines = Event.objects.filter(subject_id=str(duty.pk)) | Event.objects.filter(verb="calendar.day_changed")
    for event in lines.order_by("pk"):
        data = event.data
        if event.verb == "calendar.day_changed":
            days.change(date.fromisoformat(event.new[:10]), is_workday=data["is_workday"])
        elif event.verb == "duty.moved":
            moved = data["due_at"]  # its line comes before that of the change, whose days are not known yet
            continue
        elif event.verb in {"duty.opened", "duty.extended"}:
            known |= {name: data[name] for name in ("rule", "amount", "until", "shifts", "starts_at") if name in data}
        elif event.verb == "duty.paused":
            pauses.append((event.at, None))
        elif pauses and pauses[-1][1] is None:  # resumed, or closed while it stood
            pauses[-1] = (pauses[-1][0], event.at)
        until = date.fromisoformat(known["until"]) if known["until"] else None
        due = days.due(datetime.fromisoformat(known["starts_at"]), known["rule"], known["amount"], until, pauses, shifts=known["shifts"])
        written = moved if event.verb == "calendar.day_changed" else data["due_at"]
        if event.verb != "calendar.day_changed" or moved:
            assert written == (due.isoformat() if due else None) or datetime.fromisoformat(written) == due, (event.verb, event.at)
        moved = None
        if event.verb == "duty.closed":
            break
    return due, {**known, "pauses": pauses}, days


@ALONE
@given(limit=limits, steps=happenings)
def test_the_record_alone_gives_the_date_again(clock, limit, steps):
    with transaction.atomic():
        duty = live(limit, steps, clock)
        due, _, _ = replay(duty)
        assert duty.due_at == due
        transaction.set_rollback(True)


FOLDED = re.compile(r"第(\d+)日至第(\d+)日")
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def counted_days(explanation: Any) -> set[date]:
    """Every day that the lines say has counted, folded ones spread out."""
    found: set[date] = set()
    for line in explanation.lines:
        if line.kind != "counted":
            continue
        first, last = (date.fromisoformat(text) for text in (ISO.findall(line.days) * 2)[:2])
        spread = {first + timedelta(n) for n in range((last - first).days + 1)}
        if folded := FOLDED.search(line.text):
            assert int(folded[2]) - int(folded[1]) + 1 == len(spread)
        found |= spread
    return found


@ALONE
@given(limit=limits.filter(lambda limit: limit[0] in {"working_days", "calendar_days", "months"}), steps=happenings)
def test_the_explanation_counts_up_to_the_same_day(clock, limit, steps):
    """Each counted day is one that counts, there are as many as the limit holds, and the last line is the last day in time."""
    with transaction.atomic():
        duty = live(limit, [step for step in steps if step[1] != "close"], clock)
        due, known, days = replay(duty)
        explanation = counting.explain(duty)
        counted = counted_days(explanation)
        stops = [(day_of(first), day_of(last) if last else date.max) for first, last in known["pauses"]]
        start = day_of(datetime.fromisoformat(known["starts_at"]))
        assert not [day for day in counted for first, last in stops if first <= day < last]
        assert all(day > start for day in counted)
        if known["rule"] == "working_days":
            assert all(days.is_worked(day) for day in counted)
        if due is None:
            assert "暂停计时" in explanation.summary
        else:
            last = day_of(due) - ONE
            assert max(date.fromisoformat(text) for line in explanation.lines for text in ISO.findall(line.days)) == last
            assert f"{last:%Y-%m-%d}" in explanation.summary
            whole = known["amount"] if known["rule"] != "months" else (_same_day(start, known["amount"]) - start).days
            assert len(counted) == whole
        transaction.set_rollback(True)


def _same_day(start: date, months: int) -> date:
    """The corresponding day some months on, or the last of that month."""
    first = start.replace(day=1)
    for _ in range(months):
        first = (first + timedelta(32)).replace(day=1)
    end = (first + timedelta(32)).replace(day=1) - ONE
    return min(end, first + timedelta(start.day - 1))


def test_a_date_written_past_the_verbs_is_found_out(clock):
    """What the property would catch: a row that says another day than its record."""
    duty = live(("working_days", 5, None, False), [(600, "pause", 1), (3000, "resume", 1)], clock)
    assert replay(duty)[0] == duty.due_at == midnight(date(2026, 10, 9) + ONE)
    Duty.objects.filter(pk=duty.pk).update(due_at=duty.due_at + ONE)
    assert Duty.objects.get(pk=duty.pk).due_at != replay(duty)[0]
