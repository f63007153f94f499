"""The business done under faults, by the real verbs, each effect noted once it is acknowledged.

A call that broke off (the database went, a lock was held too long) is made again until it is answered: whether the first one was done
nobody knows, and that it is done once alone is what the drill asks. So "already handled" answers a repeated call, and counts.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.db import Error, connections, transaction

from config import clock
from config.verbs import AlreadyHandled
from deadlines import jobs, periods
from deadlines import transitions as deadlines
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from organization.models import Department, Post
from referrals import transitions as referrals
from tests import cast

from .ledger import Ledger

JOB, ROUND = "faults.work", "faults.round"
ROUNDS = 6  # works that come round each minute
JOB_DUTY = 900_000_000  # a job's effect is a duty about this number and the one it was given
PATIENCE = 120


class Stopped(Exception):
    """The drill is over."""


def subject(number: int) -> Department:
    """Something a duty or a notice can be about. Never saved: both know label and id alone."""
    return Department(pk=number, name="演练对象")


def long_work(context: jobs.Context) -> jobs.Result:
    """Opens a duty, reports how far it is, and takes a moment: a runner may die anywhere in it."""
    number = int(context.arguments["number"])
    for step in range(4):
        context.progress(step, 4, "演练")
        time.sleep(0.02)
    by = context.asked_by
    deadlines.open_duty(
        subject=subject(JOB_DUTY + number), kind="job", kind_name="演练任务", unit=by.unit, title="演练任务所开",
        limit=Limit(Rule.WORKING_DAYS, 10), by=by,
    )  # fmt: skip
    return jobs.Result(text="已办")


def come_round(number: int) -> Callable[[periods.Period], str]:
    """A work of each minute: one notice for each of its periods, named by both."""

    def work(period: periods.Period) -> str:
        unit = cast.member("clerk").unit
        named = number * 10_000_000_000 + int(period.starts_at.timestamp())
        deadlines.announce("faults.round", subject(named), to=unit, title=f"演练定期工作{number}")
        time.sleep(0.05)
        return "已告知"

    return work


def insist(act: Callable[[], Any], is_dead: Callable[[], bool] = lambda: False) -> tuple[Any, bool]:
    """Until it is answered, whatever dies meanwhile: what it gave (or the refusal), and whether it was made more than once."""
    is_repeated, until = False, time.monotonic() + PATIENCE
    while True:
        try:
            return act(), is_repeated
        except AlreadyHandled as done:
            return done, is_repeated
        except Error:
            connections.close_all()
            if is_dead() or time.monotonic() > until:
                raise Stopped from None
            is_repeated = True
            time.sleep(0.1)


class Trader:
    """One client that calls verbs. `turns` is what it goes round in; the seed says in which order."""

    def __init__(self, name: str, folder: Path, state: dict[str, Any], seed: int, number_from: int) -> None:
        self.rng = Random(f"{seed}-{name}")
        self.ledger = Ledger(folder / f"{name}.ledger")
        self.folder, self.state = folder, state
        self.numbers = iter(range(number_from, number_from + 1_000_000))
        self.dispatched: Iterator[str] = iter(state["dispatched"])
        self.clerk, self.reviewer = cast.member("clerk"), cast.member("reviewer")
        self.second_clerk = cast.member("second_clerk")
        self.turns: list[Callable[[], None]] = [self.keep_a_clock, self.keep_a_clock, self.tell, self.tell_urgently, self.ask_for_work]

    def run(self, pace: float) -> None:
        while not self.is_over():
            try:
                self.rng.choice(self.turns)()
                if self.rng.random() < 0.2:
                    self.handle_a_referral()
            except Stopped:
                return
            time.sleep(pace * self.rng.uniform(0.5, 1.5))

    def is_over(self) -> bool:
        return (self.folder / "stop").exists()

    def call(self, act: Callable[[], Any]) -> tuple[Any, bool]:
        given, is_repeated = insist(act, self.is_dead)
        if is_repeated:
            self.ledger.write("doubt")
        return given, is_repeated

    def is_dead(self) -> bool:
        """Nobody will start the database again: the drill has given up."""
        return (self.folder / "dead").exists()

    # ── clocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    def keep_a_clock(self) -> None:
        """Open, perhaps take, perhaps close. Some are late from the beginning and stay open: the sweep has something to say of them."""
        number, about = next(self.numbers), Duty.objects.open()
        row, is_late = subject(number), self.rng.random() < 0.25
        given: dict[str, Any] = {"limit": Limit(Rule.WORKING_DAYS, 10)}
        if is_late:
            given = {"limit": Limit(Rule.HOURS, 2), "starts_at": clock.now() - timedelta(hours=3)}
        duty, _ = self.call(
            lambda: deadlines.open_duty(
                subject=row, kind="drill", kind_name="演练", unit=self.clerk.unit, title=f"演练{number}", by=self.clerk, **given
            )
        )
        if isinstance(duty, AlreadyHandled):
            duty, _ = self.call(lambda: about.get(subject_label="organization.department", subject_id=str(number), kind="drill"))
        self.ledger.write("duty.opened", duty=str(duty.pk), subject=number, is_late=is_late)
        if self.rng.random() < 0.6:
            by = self.rng.choice([self.clerk, self.second_clerk])
            self.call(lambda: deadlines.take(duty_id=duty.pk, by=by))
            self.ledger.write("duty.taken", duty=str(duty.pk))
        if not is_late and self.rng.random() < 0.7:
            self.call(lambda: deadlines.close_duty(subject=row, kind="drill", by=self.clerk))
            self.ledger.write("duty.closed", duty=str(duty.pk))

    # ── news ────────────────────────────────────────────────────────────────────────────────────────────────────────────
    def tell(self) -> None:
        self._announce(self.clerk.unit, is_urgent=False)

    def tell_urgently(self) -> None:
        """To a person with a telephone: in the house and by short message."""
        self._announce(self.reviewer.staff, is_urgent=True)

    def _announce(self, to: Any, *, is_urgent: bool) -> None:
        number = next(self.numbers)
        self.call(
            lambda: deadlines.announce(
                "faults.said", subject(number), to=to, title=f"演练消息{number}", is_urgent=is_urgent, dedupe=f"faults:{number}"
            )
        )
        self.ledger.write("announced", subject=number, is_urgent=is_urgent)

    # ── long work ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def ask_for_work(self) -> None:
        """Asked again after a break-off it may be a second job by then: only an answer of the first asking is held to its promise."""
        number = next(self.numbers)
        job, is_repeated = self.call(lambda: deadlines.ask_job(JOB, arguments={"number": number}, by=self.clerk))
        if not is_repeated:
            self.ledger.write("job.asked", job=str(job.pk), number=number)

    # ── referrals ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def handle_a_referral(self) -> None:
        """Sign for it, take it in hand, send it back for a supplement: three verbs, three acknowledged effects."""
        key = next(self.dispatched, None)
        if key is None:
            return
        by: Post = self.reviewer
        self.call(lambda: referrals.receive(referral_id=key, by=by))
        self.ledger.write("referral.received", referral=key)
        self.call(lambda: referrals.take(referral_id=key, by=by))
        self.ledger.write("referral.taken", referral=key)
        if self.rng.random() < 0.7:
            self.call(lambda: referrals.return_for_supplement(referral_id=key, lines=["诊断证明"], by=by))
            self.ledger.write("referral.returned", referral=key)


def finish() -> None:
    """Everything that waits is done, as any process of the house would do it. Called again until nothing waits."""
    from deadlines import running

    with transaction.atomic():
        pass  # the connection is good
    deadlines.sweep()
    deadlines.run_due()
    while running.run_next():
        pass
    deadlines.drain()
