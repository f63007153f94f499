"""Items that wait for their program to open (待开放): outside its open months, or beyond the year's quota (DESIGN 4).

Inner: called by dispatch and by the ends of an application, under the application's lock.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from audit.transitions import record
from config import clock
from config.verbs import lock, save
from deadlines.models import Duty
from deadlines.rules import Limit, Rule, start_of
from deadlines.transitions import close_duty, open_duty
from intake.models import Application, ApplicationItem
from organization.models import Post
from programs.models import Program, Track
from programs.rules import opening_on
from verification.transitions import let_go

from ..models import Referral, WaitingItem

OPENING = "opening"
Outcome = WaitingItem.Outcome
Opening = tuple[date, str]


def of(application: Application) -> list[WaitingItem]:
    """What of it waits, in the order in which it began to."""
    rows = WaitingItem.objects.open().filter(item__application=application)
    return list(rows.select_related("item__application__household", "item__program", "item__version", "item__track").in_turn())


def is_looked_at(row: WaitingItem, today: date) -> bool:
    """Its day has come; or it waits for a place of a later year, and would take one that is given back this year."""
    return row.opens_on <= today or (row.cause == WaitingItem.Cause.QUOTA and row.opens_on.year > today.year)


def ready(rows: Iterable[WaitingItem], today: date) -> list[WaitingItem]:
    """What may go, of rows in the order in which they began to wait: its day has come, or a place of this year is free for it. Where one
    waits on for a place, so do all behind it: each program is asked once more than it has places to give."""
    found, full = [], set()
    for row in rows:
        places = row.item.program_id, row.item.version.quota_per_year
        if not is_looked_at(row, today) or (row.opens_on > today and places in full):
            continue
        if row.opens_on > today and _is_used_up(row.item, row, today):
            full.add(places)
        else:
            found.append(row)
    return found


def opening_of(item: ApplicationItem, row: WaitingItem | None, accepted_on: date, today: date) -> Opening | None:
    """Until when an item waits, and why; None when it goes now: accepted or looked at in an open month, and with a place left."""
    months = item.version.open_months
    if row is None and opening_on(months, accepted_on) and (opening := opening_on(months, today)):
        return opening, WaitingItem.Cause.MONTHS
    if _is_used_up(item, row, today):
        following = date(today.year + 1, 1, 1)
        return opening_on(months, following) or following, WaitingItem.Cause.QUOTA
    return None


def hold_places(items: Iterable[ApplicationItem]) -> None:
    """Two windows at the last place wait for each other, whichever version of the program each goes by. All programs before anything is
    numbered or sent, in one order: who holds one never waits for who waits for it."""
    limited = {item.program_id for item in items if item.version.has_quota and item.version.quota_per_year is not None}
    for code in sorted(limited):
        lock(Program(pk=code))


def _is_used_up(item: ApplicationItem, row: WaitingItem | None, today: date) -> bool:
    """Whether this year's places are taken, by who has one or may still get it: who has waited longer goes first, and whoever is accepted
    now stands behind them all. Under `hold_places` where it is acted upon."""
    version = item.version
    if not version.has_quota or version.quota_per_year is None:
        return False
    since = start_of(date(today.year, 1, 1))
    rows = Referral.objects.filter(program_id=item.program_id, purpose=Referral.Purpose.GRANT, dispatched_at__gte=since)
    taken = rows.exclude(status__in=[Referral.Status.WITHDRAWN, Referral.Status.TERMINATED]).exclude(outcome=Referral.Outcome.REFUSED)
    waits = WaitingItem.objects.for_places(item.program_id, today)
    return bool(taken.count() + (waits.before(row) if row else waits).count() >= version.quota_per_year)


def put_aside(item: ApplicationItem, row: WaitingItem | None, opening: Opening, title: str, by: Post) -> WaitingItem:
    """It waits, or waits again where the quota was used up on the opening day. The duty is the fixed date."""
    opens_on, cause = opening
    if row is None:
        row = WaitingItem(item=item, title=title, cause=cause, opens_on=opens_on, began_at=clock.now(), began_by=by)
        save(row)
    else:
        row.cause, row.opens_on = cause, opens_on
        save(row, "cause", "opens_on")
        close_duty(subject=row, kind=OPENING, by=by, outcome=Duty.Outcome.RETURNED)
    application = item.application
    open_duty(
        subject=row, kind=OPENING, kind_name="到期派单", unit=application.unit, title=row.title,
        limit=Limit(Rule.FIXED_DATE, until=opens_on), url=application.get_absolute_url(), region_code=application.township_code,
        topic_code=item.program_id, basis="项目受理月份和名额", is_promise=True, by=by,
    )  # fmt: skip
    _note("item.put_aside", row, by, new=f"{opens_on:%Y-%m-%d}", note=WaitingItem.Cause(cause).label)
    return row


def sent(row: WaitingItem, by: Post) -> None:
    """It has its referral."""
    _end(row, Outcome.SENT, "", by)
    _note("item.opened", row, by)


def give_up(row: WaitingItem, outcome: str, reason: str, by: Post) -> None:
    """Withdrawn by the applicant, or terminated, before it was sent."""
    _end(row, outcome, reason, by)
    _note("item.given_up", row, by, new=row.get_outcome_display(), note=reason)
    application, track = row.item.application, row.item.track
    if track.verification == Track.Verification.BEFORE:
        ended = f"申请{application.number}等待开放的事项{row.get_outcome_display()}"
        let_go(household=application.household, ended=ended, application_id=application.pk, by=by)


def _end(row: WaitingItem, outcome: str, reason: str, by: Post) -> None:
    row.outcome, row.reason = outcome, reason
    row.ended_at, row.ended_by = clock.now(), by
    save(row, "outcome", "reason", "ended_at", "ended_by")
    close_duty(subject=row, kind=OPENING, by=by, outcome=Duty.Outcome.DONE if outcome == Outcome.SENT else Duty.Outcome.CANCELLED)


def _note(verb: str, row: WaitingItem, by: Post, **about: Any) -> None:
    application = row.item.application
    data = {"program": row.item.program_id}
    record(verb, row, by=by, application_id=application.pk, household_id=application.household_id, data=data, **about)
