"""Periodic work, each once in its period, however many schedulers come round (ADR 0026).

Before a work is tried its hold is taken: a lock of the database's session, which a runner that dies lets go by dying. The try is written
down before it begins, so that one that kills its runner waits its turn like one that fails, and neither keeps the others from running.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.http import Http404

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.models import Post

from .. import periods
from ..models import PeriodRun
from ..periods import Every, Period, Periodic, wait_after
from ..permissions import can_ask_for_a_run
from .outbox import Wake

logger = logging.getLogger(__name__)
HOLDS = 0x9E21  # the class of these advisory locks
MOST = 36  # missed periods made up in one round: three years of months; the next round goes on

wake = Wake("run_due")


@dataclass(slots=True)
class Tally:
    """What one round did: works done in a period, and tries that failed."""

    done: int = 0
    failed: int = 0


class Superseded(Exception):
    """The hold was lost, and another runner has done the work or tried it since: what this one did is undone."""


def run_due() -> Tally:
    """Do every periodic work that is due. Any number of schedulers may do this at once; one failing work never keeps the others.

    Raises:
        SoftTimeLimitExceeded: the worker's time is over; the work at hand is undone, said to have failed, and tried again.
    """
    tally, latest = Tally(), PeriodRun.objects.last_of_each()
    for work in periods.works():
        if not _may_be_due(work, latest.get(work.key)):
            continue
        with _held(work) as is_ours:
            for run in _to_try(work) if is_ours else ():
                _try(work, run, tally)
    return tally


def _may_be_due(work: Periodic, last: PeriodRun | None) -> bool:
    """Asked without a lock, so that a quiet round costs one statement. Of a work that makes up, earlier periods may still be undone."""
    return last is None or work.makes_up or last.finished_at is None or last.starts_at < work.latest_due(clock.now()).starts_at


@contextmanager
def _held(work: Periodic) -> Iterator[bool]:
    """Whether the work is this runner's now. The lock ends with the session of a runner that dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [HOLDS, work.key])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            _let_go(work)


def _let_go(work: Periodic) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [HOLDS, work.key])
    except (InterfaceError, OperationalError) as broken:  # the lock went with its session
        logger.warning("the connection of %s is gone: %s", work.key, str(broken).partition("\n")[0])
        connection.close()


def _to_try(work: Periodic) -> list[PeriodRun]:
    """The rows to try now; those of periods that have come are made first. Under the work's hold."""
    now = clock.now()
    mine = PeriodRun.objects.filter(key=work.key)
    last = mine.order_by("-starts_at").first()
    if last is None:
        first = work.period_at(now)  # a new work begins with the period it came in
        if work.due_at(first) <= now:
            _open(work, first, now)
    elif work.makes_up:
        for period in work.missed(work.period_at(last.starts_at), now, MOST):
            _open(work, period, now)
    elif not last.waits(now):
        for period in work.missed(work.period_at(last.starts_at), now, MOST):
            _open(work, period, now, tries=0 if last.finished_at else last.tries)
    if work.makes_up:
        return list(mine.to_try(now))
    newest = mine.order_by("-starts_at").first()
    return [newest] if newest is not None and newest.finished_at is None and not newest.waits(now) else []


def _open(work: Periodic, period: Period, now: datetime, tries: int = 0) -> None:
    """The row of a period, to be tried in this very round; the unique key keeps it single.

    A round later a work of each minute would have its next period and never come to its turn. One that goes on failing waits longer over
    its periods, too.
    """
    run = PeriodRun(key=work.key, period=period.label, starts_at=period.starts_at, tries=tries, next_try_at=now)
    PeriodRun.objects.bulk_create([run], ignore_conflicts=True)


def _try(work: Periodic, run: PeriodRun, tally: Tally) -> None:
    """Whatever the work raises stands at the row, and the next one has its turn."""
    try:
        _begin(run)
        _do(work, run)
    except Superseded:
        logger.warning("%s %s went to another runner, this try is undone", work.key, run.period)
    except Exception as raised:  # whatever it is: the row says so, and the other works must have their turn
        tally.failed += 1
        _fail(run, raised)
        if isinstance(raised, SoftTimeLimitExceeded):
            raise
    else:
        tally.done += 1


@transaction.atomic
def _begin(run: PeriodRun) -> None:
    """Write the try down before it begins, with when the next one may come.

    Raises:
        Superseded: another runner tried it in between.
    """
    now, tries = clock.now(), run.tries + 1
    begun = PeriodRun.objects.unfinished().filter(pk=run.pk, tries=run.tries)
    if not begun.update(tries=tries, tried_at=now, next_try_at=now + wait_after(tries)):
        raise Superseded
    run.tries = tries


def _do(work: Periodic, run: PeriodRun) -> None:
    period = work.period_at(run.starts_at)
    if work.commits_itself:
        _finish(run, work.work(period))
        return
    with transaction.atomic():
        _still_ours(run)
        _finish(run, work.work(period))


def _still_ours(run: PeriodRun) -> PeriodRun:
    row = lock(run)
    if row.finished_at is not None or row.tries != run.tries:
        raise Superseded
    return row


@transaction.atomic
def _finish(run: PeriodRun, text: str | None) -> None:
    """In the work's own transaction, where it has one: its writes and this mark stand or fall together."""
    row = _still_ours(run)
    row.finished_at, row.text, row.error = clock.now(), (text or "")[:200], ""
    save(row, "finished_at", "text", "error")


def _fail(run: PeriodRun, raised: Exception) -> None:
    """Say at the row why. Where even that cannot be written the row stands as begun, and its next try comes anyway."""
    sentence = _sentence(run, raised)
    if isinstance(raised, InterfaceError | OperationalError) and not connection.in_atomic_block:
        connection.close()  # it may be dead; the next statement opens another
    try:
        PeriodRun.objects.unfinished().filter(pk=run.pk, tries=run.tries).update(error=sentence[:500])
    except Error as away:
        logger.warning("why %s failed could not be written down: %s", run, str(away).partition("\n")[0])


def _sentence(run: PeriodRun, raised: Exception) -> str:
    """Why, and what comes next. What nobody foresaw goes to the log under the row's number."""
    match raised:
        case TransitionError():
            return str(raised)
        case ValidationError():
            return "；".join(raised.messages)
        case Http404():
            return "要用的内容已不存在，请系统管理员核对。"
        case SoftTimeLimitExceeded():
            logger.error("%s: over its time", run)
            return "用时超过上限，本次改动已撤回，将自动再办。"
        case InterfaceError() | OperationalError():
            logger.warning("%s: the database broke off", run, exc_info=raised)
            return "数据库中断，本次改动已撤回，将自动再办。"
    logger.error("%s failed", run, exc_info=raised)
    return f"办理中出现故障，将自动再办。仍不成功，请系统管理员按编号{run.pk}查看后台日志。"


@transaction.atomic
def ask_for_run(*, key: str, by: Post) -> PeriodRun:
    """立即办理: what failed is tried now, and what is due later in its period is brought forward. A work is still done once in a period.

    Raises:
        Http404: no such work.
        AlreadyHandled: it was done in this period already.
        TransitionError: a work that is not brought forward is not due yet. One that was due and failed is tried whoever asks.
    """
    work = periods.work_of(key)
    if work is None:
        raise Http404("没有这项定期工作。")
    mine = PeriodRun.objects.visible_to(by).filter(key=key)
    latest: PeriodRun | None = mine.order_by("-starts_at").first()
    now_in = work.period_at(clock.now())
    begins = latest is None or (latest.starts_at < now_in.starts_at and (latest.finished_at or not work.makes_up))
    if begins and work.may_begin(clock.now()):
        _open(work, now_in, clock.now())
        latest = PeriodRun.objects.get(key=key, period=now_in.label)
    elif latest is None or (begins and latest.finished_at):
        due = clock.local(work.due_at(now_in))
        raise TransitionError(f"“{work.title}”本期（{now_in.label}）到{due:%Y-%m-%d %H:%M}自动办理，不能提前。")
    run = lock(latest)
    if run.finished_at is not None:
        raise AlreadyHandled(f"“{work.title}”本期（{run.period}）已于{clock.local(run.finished_at):%Y-%m-%d %H:%M}办成，不用再办。")
    recheck(run, can_ask_for_a_run, by)
    run.asked_at, run.asked_by, run.next_try_at = clock.now(), by, clock.now()
    save(run, "asked_at", "asked_by", "next_try_at")
    mine.unfinished().update(next_try_at=clock.now())  # what a work makes up is asked for together
    record("period.asked", run, by=by, subject_text=work.title, new=run.period)
    transaction.on_commit(wake)
    return run


def drop_runs(*, parts_before: datetime, before: datetime) -> int:
    """Forget periods that began before those moments, parts of a day sooner than others; how many. Inner, of a periodic work.

    The last of each work stays, and what is still to be made up.
    """
    parts = [work.key for work in periods.works() if not isinstance(work.every, Every)]
    owed = PeriodRun.objects.unfinished().filter(key__in=[work.key for work in periods.works() if work.makes_up])
    kept = [*(run.pk for run in PeriodRun.objects.last_of_each().values()), *owed.values_list("pk", flat=True)]
    old = Q(starts_at__lt=before) | Q(key__in=parts, starts_at__lt=parts_before)
    return PeriodRun.objects.exclude(pk__in=kept).filter(old).delete()[0]
