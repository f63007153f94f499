"""Round after round: some referrals may be decided, something is killed, it is started again, and the clients have gone on.

A round ends by what has happened, never by a time: its referrals are decided and its clients have been told of more effects. The seed says
which fault comes when and what each client does next; how the kernel interleaves them is its own affair.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from . import ledger
from .checks import CHECKS, Evidence, Found, served_without_the_broker
from .house import FAULTS, PLAYING, House
from .servers import DURABLE, wait_until

TRIES = 12  # of what waits at the end: the gateway says now and then that it cannot
UNFINISHED = """
    SELECT (SELECT count(*) FROM deadlines_outboxmessage WHERE delivered_at IS NULL)
         + (SELECT count(*) FROM deadlines_job WHERE status IN ('queued', 'running'))
         + (SELECT count(*) FROM deadlines_periodrun WHERE finished_at IS NULL AND key LIKE 'faults.round%')"""
ANSWERS = 5  # pages answered while the broker is away


@dataclass
class Round:
    number: int
    fault: str
    seconds: float = 0.0
    acknowledged: int = 0
    away: dict[str, Any] = field(default_factory=dict)


@dataclass
class Drill:
    house: House
    seed: int
    rounds: int
    until: float  # monotonic: no round begins later
    effects: int = 10  # acknowledged between a recovery and the next fault
    decisions: int = 1  # of a round
    say: Any = print
    done: list[Round] = field(default_factory=list)
    permitted: int = 0

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)

    @staticmethod
    def order(seed: int, rounds: int) -> list[str]:
        """Every fault once before any comes again, in an order of the seed."""
        rng, drawn = Random(f"{seed}-order"), []
        while len(drawn) < rounds:
            bag = sorted(FAULTS)
            rng.shuffle(bag)
            drawn += bag
        return drawn[:rounds]

    def run(self) -> None:
        assert self.house.postgres.settings() == DURABLE
        self._wait_for(self.effects, "the clients are at work")
        for number, name in enumerate(self.order(self.seed, self.rounds), 1):
            if time.monotonic() > self.until:
                break
            self.done.append(self._round(Round(number, name)))
        assert self.house.postgres.settings() == DURABLE

    def _round(self, now: Round) -> Round:
        started, before = time.monotonic(), self._effects()
        self._permit(self.decisions)
        time.sleep(self.rng.uniform(0, 0.4))  # somewhere in what they do
        recover = FAULTS[now.fault](self.house, self.rng)
        if now.fault == "broker":
            now.away = self._without_the_broker()
        if now.fault == "gateway":
            self._wait_for(self.effects, "the clients go on while the gateway hangs")
        recover()
        self._wait_for(self.effects, f"the clients go on after {now.fault}")
        wait_until(lambda: len(self._decided()) >= self.permitted, f"every permitted referral is decided after {now.fault}")
        now.seconds, now.acknowledged = round(time.monotonic() - started, 1), self._effects() - before
        self.say(f"{now.number:3} {now.fault:10} {now.seconds:5.1f} s  {now.acknowledged:4} effects  {now.away or ''}")
        return now

    def _without_the_broker(self) -> dict[str, Any]:
        """The application serves and decides; /readyz says what is missing."""
        began = time.monotonic()
        self._permit(1)
        wait_until(lambda: len(self._decided()) >= self.permitted, "a referral is decided while the broker is away")
        wait_until(lambda: len(self._answers(began)) >= ANSWERS, "pages are answered while the broker is away")
        told = self.house.readiness()
        ended = time.monotonic()
        answered, effects = self._answers(began), ledger.between(ledger.effects(self.lines()), began, ended)
        return {
            "seconds": round(ended - began, 1),
            "answered": len(answered),
            "effects": len(effects),
            "decided": len(ledger.of(effects, "referral.decided")),
            "readyz": told["status"],
            "broker_ok": told["broker"],
            "database_ok": told["database"],
        }

    def _permit(self, times: int) -> None:
        """So many more referrals may be decided."""
        with open(self.house.desk / "permits", "ab") as permits:
            permits.write(b"." * times)
        self.permitted += times

    def lines(self) -> list[ledger.Line]:
        return ledger.read(self.house.desk)

    def _answers(self, since: float) -> list[ledger.Line]:
        """Pages that were answered, and not with a fault."""
        return [line for line in ledger.read(self.house.desk, "answers.log") if line["t"] >= since and line["status"] < 500]

    def _decided(self) -> set[str]:
        """Referrals of which both approvers have been told how it ended."""
        lines = self.lines()
        told = [line["referral"] for line in lines if line["what"] in {"referral.decided", "referral.told"}]
        return {key for key in told if told.count(key) == 2}

    def _wait_for(self, effects: int, what: str) -> None:
        since = self._effects()
        wait_until(lambda: self._effects() >= since + effects, what)

    def _effects(self) -> int:
        return len(ledger.effects(self.lines()))

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def settle(self) -> list[Found]:
        """The clients stop, everybody is at work again, time passes, and what waits is done; then the checks."""
        house = self.house
        (house.desk / "stop").touch()
        wait_until(lambda: not any(house.is_playing(name) for name in PLAYING), "the clients stop")
        failed = house.desk / "failed"
        assert not failed.exists(), failed.read_text()
        for part in (house.beat, house.second_beat, house.worker):
            part.kill()
        for _ in range(TRIES):
            self._let_time_pass()
            house.play("finish")
            wait_until(lambda: not house.is_playing("finish"), "what waits is done")
            if house.postgres.ask(UNFINISHED) == [(0,)]:
                break
        connection = house.postgres.connect()
        try:
            found = [check(Evidence(self.lines(), connection, house.desk / "sms")) for check in CHECKS]
            return [*found, served_without_the_broker([one.away for one in self.done if one.away])]
        finally:
            connection.close()

    def _let_time_pass(self) -> None:
        """The hours have gone that backing off and holds would take: what a killed one held is free, what failed may be tried again."""
        for sql in (
            "UPDATE deadlines_outboxmessage SET next_try_at = now(), leased_until = now() - interval '1 second' WHERE delivered_at IS NULL",
            "UPDATE deadlines_job SET leased_until = now() - interval '1 second' WHERE status = 'running'",
            "UPDATE deadlines_periodrun SET next_try_at = tried_at WHERE finished_at IS NULL AND tried_at IS NOT NULL",
        ):
            self.house.postgres.ask(sql)

    def has_met(self, fault: str) -> bool:
        return any(one.fault == fault for one in self.done)

    def evidence(self, found: list[Found]) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "rounds": [asdict(one) for one in self.done],
            "faults": {name: sum(one.fault == name for one in self.done) for name in sorted(FAULTS)},
            "acknowledged": ledger.counts(ledger.effects(self.lines())),
            "effects": self._effects(),
            "told_that_another_was_first": len(ledger.of(self.lines(), "referral.told")),
            "forms_sent_twice_on_purpose": len(ledger.of(self.lines(), "form.repeated")),
            "answers": len(self._answers(0)),
            "texts": len(Evidence([], None, self.house.desk / "sms").sent()),
            "texts_sent_again_under_their_key": self._repeated_texts(),
            "sent_again": len(ledger.of([*self.lines(), *ledger.read(self.house.desk, "answers.log")], "doubt")),
            "cpu_seconds": round(sum(os.times()[:4])),
            "postgresql": self.house.postgres.settings(),
            "checks": {one.name: {"looked_at": one.looked_at, "wrong": one.wrong} for one in found},
        }

    def _repeated_texts(self) -> int:
        path = self.house.desk / "sms" / "again.log"
        return len(path.read_text().split()) if path.exists() else 0

    def report(self, found: list[Found], path: Path) -> dict[str, Any]:
        told = self.evidence(found)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        self.say(f"seed {self.seed}, {len(self.done)} rounds, faults {told['faults']}")
        self.say(f"acknowledged {told['effects']} effects: {told['acknowledged']}")
        self.say(f"pages answered {told['answers']}, sent again in doubt {told['sent_again']}, texts {told['texts']}")
        for one in found:
            self.say(f"{one.name}: {one.looked_at} looked at, {len(one.wrong)} wrong")
        return told
