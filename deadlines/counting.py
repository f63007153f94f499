"""From rows to the pure rules and back: what limit is in force, what it comes to, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from organization.figures import figure

from . import lamps, rules
from .explanation import Explanation
from .explanation import explain as explain_count
from .rules import Count, Early, Limit, Pause, Rule
from .working_calendar import WorkingCalendar

if TYPE_CHECKING:
    from .models import Duty

# Amber looks back over at most this much calendar before the start: three working days around the longest holiday.
MARGIN = rules.ONE_DAY * 31


def calendar_since(day: date) -> WorkingCalendar:
    """The calendar of the house, good for every count that starts on that day or later."""
    from .models import CalendarDay

    return CalendarDay.objects.as_calendar(day - MARGIN)


def calendar_for(*duties: "Duty") -> WorkingCalendar:
    """One calendar that serves all of them. A fixed date may lie before its duty was opened (after an outage)."""
    return calendar_since(min(day for duty in duties for day in (rules.date_of(duty.starts_at), duty.until or date.max)))


def limit_of(duty: "Duty") -> Limit:
    """The limit in force: the last extension's, else the one it was opened with."""
    if duty._state.adding:
        return duty.original_limit
    extensions = sorted(duty.extensions.all(), key=lambda row: (row.extended_at, row.pk))
    if not extensions:
        return duty.original_limit
    return Limit(Rule(duty.rule), extensions[-1].limit, extensions[-1].until, duty.shifts)


def count_of(duty: "Duty", calendar: WorkingCalendar) -> Count:
    """Where the rules put its end; a duty that is being opened has neither pauses nor extensions yet."""
    return _counted(duty, limit_of(duty), calendar)


def _counted(duty: "Duty", limit: Limit, calendar: WorkingCalendar) -> Count:
    rows = [] if duty._state.adding else duty.pauses.all()
    return rules.count(duty.starts_at, limit, [Pause(row.began_at, row.ended_at, row.reason) for row in rows], calendar)


def early() -> Early:
    """The county's figures for the amber lamp. A change holds for dates counted from then on."""
    return Early(int(figure("amber_before_due")), int(figure("amber_divisor")))


def apply(duty: "Duty", calendar: WorkingCalendar) -> None:
    """Write the computed dates on the row; the caller saves `DATES`."""
    limit = limit_of(duty)
    counted = _counted(duty, limit, calendar)
    duty.due_at = counted.due_at
    duty.amber_at = rules.amber_at(duty.starts_at, limit, counted.due_at, calendar, early()) if counted.due_at else None
    duty.calendar_version = calendar.version
    duty.falls_back = counted.falls_back


def lamp_of(duty: "Duty", now: datetime, calendar: WorkingCalendar) -> lamps.Lamp:
    """Colour, word, shape, and where the date is explained."""
    colour = lamps.colour(now=now, due_at=duty.due_at, amber_at=duty.amber_at, is_closed=not duty.is_open)
    if duty.closed_at:
        label = duty.get_outcome_display()
        word = lamps.closed_word(closed_at=duty.closed_at, due_at=duty.due_at, outcome=duty.outcome, outcome_label=label)
    else:
        word = lamps.word(now=now, due_at=duty.due_at, rule=duty.rule, calendar=calendar)
        word = lamps.tentative(word, falls_back=duty.falls_back and duty.due_at is not None)
    return lamps.lamp(colour, word, duty.get_absolute_url())


@dataclass(frozen=True, slots=True)
class Row:
    """A duty as a small list shows it."""

    duty: "Duty"
    lamp: lamps.Lamp
    due: str
    taker: str


def listed(duties: Sequence["Duty"], now: datetime) -> list[Row]:
    """The rows of a list, over one calendar."""
    if not duties:
        return []
    calendar = calendar_since(rules.date_of(now))
    return [Row(duty, lamp_of(duty, now, calendar), due_text(duty), duty.taken_by.staff.name if duty.taken_by else "") for duty in duties]


def due_text(duty: "Duty") -> str:
    """The last day in time; the minute, for a limit of hours."""
    if duty.due_at is None:
        return "暂停计时"
    return _minute(duty.due_at) if duty.rule == Rule.HOURS else f"{rules.due_on(duty.due_at):%Y-%m-%d}"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(rules.SHANGHAI):%Y-%m-%d %H:%M}"


def facts_of(duty: "Duty") -> list[tuple[str, str]]:
    """What stands beside the reasons: terms and texts."""
    facts = [
        ("承办单位", duty.unit.name),
        ("起算时间", _minute(duty.starts_at)),
        ("时限依据", duty.basis),
        ("领办人", duty.taken_by.label if duty.taken_by else "尚未领办"),
    ]
    if duty.closed_at and duty.closed_by:
        closed = f"{_minute(duty.closed_at)} {duty.closed_by.label}（{duty.get_outcome_display()}）"
        facts.append(("办结", closed))
    return facts


DATES = ["due_at", "amber_at", "calendar_version", "falls_back"]


def explain(duty: "Duty", *, is_told: bool = True) -> Explanation:
    """Day by day, in Chinese: which days counted, which did not, and why (DESIGN 6). Who asked for more time, and his words, where told."""
    calendar, limit = calendar_for(duty), limit_of(duty)
    extended_from = str(duty.original_limit) if limit != duty.original_limit else ""
    extended = _extended(duty) if extended_from and is_told else []
    return explain_count(duty.starts_at, limit, count_of(duty, calendar), calendar, extended_from=extended_from, extended=extended)


def _extended(duty: "Duty") -> list[str]:
    """Who asked for each longer limit, who approved it, when and why."""
    people = ("extended_by__unit", "extended_by__staff", "approved_by__unit", "approved_by__staff")
    found = []
    for row in duty.extensions.select_related(*people).order_by("extended_at", "pk"):
        approved = f"，{row.approved_by.label}批准" if row.approved_by else ""
        found.append(f"{_minute(row.extended_at)} {row.extended_by.label}申请{approved}：{row.reason}")
    return found
