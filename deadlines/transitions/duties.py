"""Clocks opened, stopped, lengthened and closed. Called by the verbs of the upper rooms, inside their transactions, after their gates.

A duty is found by its subject and kind: the upper rooms never keep its id. `take` and `put_back` come from a page and gate themselves.
"""

from collections.abc import Callable, Container, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit.transitions import record, record_many
from config import clock
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from organization.desks import still
from organization.models import Absence, Post, Unit

from .. import counting
from ..calendar_lock import hold_calendar
from ..models import Duty, DutyExtension, DutyPause
from ..permissions import can_take, can_take_over
from ..rules import SHANGHAI, Limit, Rule


@transaction.atomic
def open_duty(
    *,
    subject: models.Model,
    kind: str,
    kind_name: str,
    unit: Unit,
    title: str,
    limit: Limit,
    by: Post,
    starts_at: datetime | None = None,
    url: str = "",
    region_code: str = "",
    topic_code: str = "",
    basis: str = "",
    is_promise: bool = False,
    is_return: bool = False,
) -> Duty:
    """Start the clock of a unit on a subject. `title` holds masked text only; `starts_at` (default: now) is never in the future.

    A unit that has ended owes nothing any more: who took it over does (RULES F7).

    `is_promise`: what the unit watches for somebody outside while others work (ZX-51); it stays out of the to-do list.
    `is_return`: somebody gave the work back to this unit.

    Raises:
        AlreadyHandled: the subject has an open duty of this kind.
    """
    hold_calendar()
    now = clock.now()
    unit = still(unit, clock.today())
    duty = Duty(
        unit=unit, kind=kind, kind_name=kind_name, title=title, url=url, region_code=region_code, topic_code=topic_code, basis=basis,
        is_promise=is_promise, is_return=is_return,
        subject_label=subject._meta.label_lower, subject_id=str(subject.pk),
        rule=limit.rule, limit=limit.amount, until=limit.until, shifts=limit.shifts,
        opened_at=now, opened_by=by, starts_at=starts_at or now,
    )  # fmt: skip
    counting.apply(duty, counting.calendar_for(duty))
    try:
        save(duty)
    except ConstraintBroken as clash:
        if clash.name == "one_open_duty_per_subject_and_kind":
            raise AlreadyHandled(f"“{title}”的{kind_name}已经在办，不能重复交办。") from clash
        raise
    record(
        "duty.opened",
        duty,
        by=by,
        new=counting.due_text(duty),
        data={
            "kind": kind,
            "limit": str(limit),
            "unit": unit.pk,
            **_terms(limit),
            "starts_at": duty.starts_at.isoformat(),
            **due_data(duty),
        },
    )
    return duty


@transaction.atomic
def close_duty(*, subject: models.Model, kind: str, by: Post, outcome: str = Duty.Outcome.DONE) -> Duty:
    """Stop the clock for good; a pause that stands ends with it. On time or late is read, never written.

    Raises:
        AlreadyHandled: no such duty is open; the sentence says who closed it and when.
    """
    duty = _locked(subject, kind)
    _close(duty, outcome, by)
    return duty


@transaction.atomic
def close_all(*, subject: models.Model, by: Post, outcome: str = Duty.Outcome.CANCELLED) -> list[Duty]:
    """Every clock of a subject that ended otherwise (withdrawn, terminated). None is fine."""
    hold_calendar()
    rows = Duty.objects.open().about(subject).order_by("pk").select_for_update(of=("self",), no_key=True)
    duties = list(rows)
    for duty in duties:
        _close(duty, outcome, by)
    return duties


@transaction.atomic
def reopen_duty(*, subject: models.Model, kind: str, by: Post) -> Duty:
    """What closed it was taken back: the clock goes on as if it had never stopped, in the same hand, by the calendar as it is now. Inner.

    Raises:
        TransitionError: it never was closed.
    """
    hold_calendar()
    duty = (
        Duty.objects.about(subject, kind)
        .exclude(closed_at=None)
        .order_by("-closed_at")
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if duty is None:
        raise TransitionError("没有这样的已办结事项。")
    duty.closed_at, duty.closed_by, duty.outcome, duty.unit = None, None, "", still(duty.unit, clock.today())
    counting.apply(duty, counting.calendar_for(duty))
    duty.save(update_fields=["closed_at", "closed_by", "outcome", "unit", *counting.DATES])
    record("duty.reopened", duty, by=by, new=counting.due_text(duty), data=due_data(duty))
    return duty


def _close(duty: Duty, outcome: str, by: Post) -> None:
    now, shown = clock.now(), counting.due_text(duty)
    if duty.due_at is None:
        duty.pauses.filter(ended_at=None).update(ended_at=now, ended_by=by)
        counting.apply(duty, counting.calendar_for(duty))
    duty.closed_at, duty.closed_by, duty.outcome = now, by, outcome
    duty.save(update_fields=["closed_at", "closed_by", "outcome", *counting.DATES])
    record("duty.closed", duty, by=by, old=shown, new=duty.get_outcome_display(), data=due_data(duty))


@transaction.atomic
def pause(*, subject: models.Model, kind: str, reason: str, by: Post) -> Duty:
    """Stop the clock, for a cause that the caller's rules allow. After the due date it changes nothing: late stays late.

    Raises:
        TransitionError: a fixed date, which does not stand.
        AlreadyHandled: it stands already, or the duty is closed.
    """
    duty = _locked(subject, kind)
    if duty.rule == Rule.FIXED_DATE:
        raise TransitionError("固定日期的事项不能暂停计时。")
    if standing := duty.pauses.filter(ended_at=None).select_related("began_by__unit", "began_by__staff").first():
        raise AlreadyHandled(f"{standing.began_by.label}已于{_moment_text(standing.began_at)}暂停计时。")
    DutyPause.objects.create(duty=duty, reason=reason, began_at=clock.now(), began_by=by)
    _recount(duty, "duty.paused", by=by, note=reason)
    return duty


@transaction.atomic
def resume(*, subject: models.Model, kind: str, by: Post) -> Duty:
    """Start the clock again; the date is counted anew.

    Raises:
        AlreadyHandled: it is running, or the duty is closed.
    """
    duty = _locked(subject, kind)
    if not duty.pauses.filter(ended_at=None).update(ended_at=clock.now(), ended_by=by):
        raise AlreadyHandled("该事项没有暂停，或已恢复计时。")
    _recount(duty, "duty.resumed", by=by)
    return duty


@transaction.atomic
def extend(*, subject: models.Model, kind: str, limit: Limit, reason: str, by: Post, approved_by: Post | None = None) -> Duty:
    """Give a longer whole limit (not days on top), once or again, before the old one has run out (C-01).

    Raises:
        TransitionError: late already, not longer, another way of counting, or approved by the applicant.
    """
    duty = _locked(subject, kind)
    if duty.due_at is not None and duty.due_at <= clock.now():
        raise TransitionError("时限已过，不能再延期。")
    current = counting.limit_of(duty)
    if not limit.is_longer_than(current):
        raise TransitionError(f"延期后的全部时限必须长于现有时限（{current}），计时方式不变。")
    if approved_by and approved_by.staff_id == by.staff_id:
        raise TransitionError("延期的申请人和批准人不能是同一人。")
    DutyExtension.objects.create(
        duty=duty, limit=limit.amount, until=limit.until, reason=reason, extended_at=clock.now(), extended_by=by,
        extended_by_staff_id=by.staff_id, approved_by=approved_by, approved_by_staff_id=approved_by.staff_id if approved_by else None,
    )  # fmt: skip
    given = {"approved_by_post": approved_by.pk if approved_by else None, **_terms(limit)}
    _recount(duty, "duty.extended", by=by, note=reason, data=given)
    return duty


@transaction.atomic
def take(*, duty_id: UUID | str, by: Post) -> Duty:
    """Say “I am on it”, within the unit that holds the duty.

    Raises:
        AlreadyHandled: closed, or a colleague is on it; who and since when.
    """
    duty = _fetched(duty_id, by)
    if duty.taken_by:
        raise AlreadyHandled(f"{duty.taken_by.label}已于{_moment_text(duty.taken_at)}领办。")
    duty.taken_at, duty.taken_by = clock.now(), by
    duty.save(update_fields=["taken_at", "taken_by"])
    record("duty.taken", duty, by=by)
    return duty


@transaction.atomic
def put_in_hand(*, subject: models.Model, kind: str, taker: Post) -> None:
    """Whoever the verb above gave the work to has its duty in hand too; where none stands open, nothing. That verb's line says it."""
    hold_calendar()
    Duty.objects.open().about(subject, kind).update(taken_at=clock.now(), taken_by=taker)


@transaction.atomic
def put_back(*, duty_id: UUID | str, by: Post) -> Duty:
    """Put a duty back among those that wait for somebody of the unit: one's own, or an absent colleague's."""
    duty = _fetched(duty_id, by)
    if duty.taken_by is None:
        raise AlreadyHandled("该事项没有人领办，或已放回待办。")
    taker = duty.taken_by.label
    duty.taken_at, duty.taken_by = None, None
    duty.save(update_fields=["taken_at", "taken_by"])
    record("duty.put_back", duty, by=by, old=taker)
    return duty


@transaction.atomic
def take_over(*, duty_id: UUID | str, by: Post) -> Duty:
    """Take what an absent colleague of the unit has in hand (AB岗).

    Raises:
        AlreadyHandled: nobody has it in hand, or a colleague who is here.
    """
    duty = _fetched(duty_id, by)
    recheck(duty, can_take_over, by)
    if duty.taken_by is None:
        raise AlreadyHandled("该事项没有人领办，请直接领办。")
    if duty.taken_by.staff_id not in Absence.objects.away(clock.today()):
        raise AlreadyHandled(f"{duty.taken_by.label}没有登记外出，请由本人办理，或由本人放回待办。")
    taker = duty.taken_by.label
    duty.taken_at, duty.taken_by = clock.now(), by
    duty.save(update_fields=["taken_at", "taken_by"])
    record("duty.taken_over", duty, by=by, old=taker, new=by.label)
    return duty


@transaction.atomic
def pass_on(
    *, post: Post, to: Post, by: Post, unfit: Callable[[list[Duty]], Container[Any]] = lambda _: (), beside: Sequence[str] = ()
) -> tuple[int, int]:
    """Everything a post has in hand to a colleague of the unit, a line for each. Called by the verb that hands a post over.

    What is about the subjects `beside` (ids) stays: the caller has seen to them.

    What the colleague is `unfit` for waits for somebody of the unit again: the room above knows whom a duty is about. How many went, and
    how many wait.
    """
    hold_calendar()
    rows = (
        Duty.objects.open().filter(taken_by=post).exclude(subject_id__in=beside).order_by("pk").select_for_update(of=("self",), no_key=True)
    )
    duties = list(rows)
    excepted = unfit(duties)
    waiting = [duty for duty in duties if duty.pk in excepted]
    passed = [duty for duty in duties if duty.pk not in excepted]
    Duty.objects.filter(pk__in=[duty.pk for duty in waiting]).update(taken_at=None, taken_by=None)
    record_many("duty.put_back", ((duty, post.label, "") for duty in waiting), by=by)
    Duty.objects.filter(pk__in=[duty.pk for duty in passed]).update(taken_at=clock.now(), taken_by=to)
    return record_many("duty.passed_on", ((duty, post.label, to.label) for duty in passed), by=by), len(waiting)


@transaction.atomic
def succeed(*, unit: Unit, heir: Unit, by: Post, about: models.Model | None = None) -> int:
    """Whatever a unit that has ended still owes (`about` one subject) is owed by who took it over, in nobody's hand yet, a line for each.

    The dates stay: nobody outside waits longer because an office was dissolved (RULES F7). Done again it finds nothing. How many moved.
    """
    hold_calendar()
    rows = Duty.objects.open().about(about) if about is not None else Duty.objects.open()
    duties = list(rows.filter(unit=unit).order_by("pk").select_for_update(of=("self",), no_key=True))
    Duty.objects.filter(pk__in=[duty.pk for duty in duties]).update(unit=heir, taken_at=None, taken_by=None)
    return record_many("duty.succeeded", ((duty, unit.short_name, heir.short_name) for duty in duties), by=by)


@transaction.atomic
def relocate(*, subject: models.Model, kind: str, unit: Unit, region_code: str, by: Post) -> Unit | None:
    """Whom it is about lives elsewhere by now: the unit there owes it, in nobody's hand yet, with a line that says so. Inner.

    The date stays, and so does a pause that stands: nobody outside waits longer because a family moved. Reminders go to who owes it. The
    unit that owed it until now; None where nothing stands open or that unit owes it already.
    """
    hold_calendar()
    duty = Duty.objects.open().about(subject, kind).select_for_update(of=("self",), no_key=True).first()
    if duty is None or duty.unit_id == (heir := still(unit, clock.today())).pk:
        return None
    former = duty.unit
    duty.unit, duty.region_code, duty.taken_at, duty.taken_by = heir, region_code, None, None
    duty.save(update_fields=["unit", "region_code", "taken_at", "taken_by"])
    record("duty.relocated", duty, by=by, old=former.short_name, new=heir.short_name)
    return former


def _fetched(duty_id: UUID | str, by: Post) -> Duty:
    """The beats of a verb that a page calls: gate, lock, edge, gate and permission again."""
    duty: Duty = Duty.objects.visible_to(by).get_or_404(duty_id)
    hold_calendar()
    duty = lock(duty)
    if duty.closed_at:
        raise _closed(duty)
    recheck(duty, can_take, by)
    return duty


def _locked(subject: models.Model, kind: str) -> Duty:
    """The open duty of that kind on the subject, under its lock, with the calendar held."""
    hold_calendar()
    duty = Duty.objects.open().about(subject, kind).select_for_update(of=("self",), no_key=True).first()
    if duty is None:
        last = Duty.objects.about(subject, kind).order_by("-closed_at").select_related("closed_by__unit", "closed_by__staff").first()
        raise _closed(last) if last else TransitionError("没有这样的在办事项。")
    return duty


def _closed(duty: Duty) -> AlreadyHandled:
    who = duty.closed_by.label if duty.closed_by else "同事"
    return AlreadyHandled(f"“{duty.kind_name}”已由{who}于{_moment_text(duty.closed_at)}办结（{duty.get_outcome_display()}）。")


def _recount(duty: Duty, verb: str, *, by: Post, note: str = "", data: dict[str, Any] | None = None) -> None:
    old = counting.due_text(duty)
    counting.apply(duty, counting.calendar_for(duty))
    duty.save(update_fields=counting.DATES)
    record(verb, duty, by=by, old=old, new=counting.due_text(duty), note=note, data={**(data or {}), **due_data(duty)})


def due_data(duty: Duty) -> dict[str, str | None]:
    """What a change of the clock led to, in its line: with the terms, the record alone gives every date again (R6)."""
    return {"due_at": duty.due_at.isoformat() if duty.due_at else None}


def _terms(limit: Limit) -> dict[str, object]:
    return {
        "rule": str(limit.rule),
        "amount": limit.amount,
        "until": limit.until.isoformat() if limit.until else None,
        "shifts": limit.shifts,
    }


def _moment_text(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""
