"""What the explanation of a date says of its reminders: those made, and while the clock runs those to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from config import clock

from . import counting, rules
from .models import Duty, Reminder, ReminderRule, Stage
from .reminding import Dates, moments


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: made or to_come."""

    when: str
    text: str
    kind: str


def reminders_of(duty: Duty) -> list[Line]:
    """In the order of time; a date that was moved is named with the reminders it had."""
    return [*_made(duty), *_to_come(duty)]


def _made(duty: Duty) -> Iterator[Line]:
    for row in Reminder.objects.filter(duty=duty):
        stage = Stage(row.stage).label
        moved = "" if row.due_at == duty.due_at else f"（原到期日{counting.due_text(_dated(duty, row.due_at))}）"
        yield Line(_minute(row.made_at), f"{stage}{moved}：{_told(row)}", "made")


def _told(row: Reminder) -> str:
    if row.told_at:
        return f"{_minute(row.told_at)}已告知"
    return "告知前已办结，不再告知" if row.lapsed_at else "已产生，待告知"


def _to_come(duty: Duty) -> Iterator[Line]:
    """By the rules in force today; what has come and was not made yet waits for the next sweep."""
    if not duty.is_open or duty.due_at is None or duty.amber_at is None:
        return
    now = clock.now()
    in_force = {rule.stage: rule for rule in ReminderRule.objects.in_force(clock.today())}
    made = set(Reminder.objects.filter(duty=duty, due_at=duty.due_at).values_list("stage", flat=True))
    dates = Dates(duty.rule, duty.due_at, duty.amber_at, duty.is_promise)
    for stage, when in moments(dates, in_force, counting.calendar_for(duty)).items():
        if stage not in made:
            yield Line(_at(when, duty), f"{stage.label}{'（待下一次巡检）' if when <= now else ''}", "to_come")


def _dated(duty: Duty, due_at: datetime) -> Duty:
    return Duty(rule=duty.rule, due_at=due_at)


def _at(moment: datetime, duty: Duty) -> str:
    """The day; for a limit of hours the minute."""
    return _minute(moment) if duty.rule == rules.Rule.HOURS else f"{rules.date_of(moment):%Y-%m-%d}"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(rules.SHANGHAI):%Y-%m-%d %H:%M}"
