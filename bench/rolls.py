"""A department's roll from .xlsx to rows that stand (PERFORMANCE 4): `python -m bench.rolls [--rows 20000] [--peer-rows 2000]`.

Grants of YB01, new ones and corrections, go the whole road of the house: handed in, read in a process apart, checked, sealed, staged,
compared, confirmed by a second person, entered with their events, what they cover and who may look. Beside it django-import-export
(`roll_peer`), as it comes and tuned, brings the same file into the same table and nothing else, by its own road: a dry run, which its
preview shows, and the import that somebody confirms; and once more with what the house writes beside each grant (whom it covers, who may
look, the line of the record), as its hooks are meant for. Its rows cost alike, so it is timed on fewer and extrapolated, but for what it
reads once; its import alone, which nobody has seen a preview of, stands beside it. Each tells how many rows it found wrong.

The house's road is gone in several rounds, each on a copy of one database, in a session that has read another file before as the worker's
has, and calamine reads in turn with it: of both the median counts. What the worker holds is measured in a process that does nothing else.
"""

import argparse
import io
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple
from unittest.mock import patch

from bench.county import county
from bench.harness import Row, at_least, at_most, begin_to_hold, copied_database, held_besides, machine, saved, table
from bench.roll_peer import DEPARTMENT, HEADS, PROGRAM, Peer, by_peers, of_grants

ROWS = int(os.environ.get("BENCH_ROLL_ROWS", "20000"))
PEER_ROWS, ROUNDS = 2_000, 9
SHARE_WRONG = 0.019  # 380 of 20,000


class Person(NamedTuple):
    number: str
    name: str
    township: str


def people(count: int) -> list[Person]:
    """Residents of the county with their numbers in plain, as a department knows them."""
    from config.protection.sealing import unseal
    from households.models import Resident
    from organization.models import Region

    townships = {region.pk: region.name for region in Region.objects.townships()}
    rows = Resident.objects.order_by("pk").values_list("pk", "id_number_sealed", "name", "region_id")[:count]
    return [Person(unseal(Resident, "id_number", pk, token), name, townships[place[:9]]) for pk, token, name, place in rows]


def sheet(who: list[Person], since: date, *, spoil: bool, raised: int = 0, heads: Sequence[str] = HEADS) -> bytes:
    """A workbook as a department saves it; where spoilt, some numbers, places and sums are wrong."""
    rng = random.Random(7)
    rows: list[Sequence[str]] = [heads]
    wrong = set(rng.sample(range(len(who)), int(len(who) * SHARE_WRONG))) if spoil else set()
    for place, person in enumerate(who):
        number, township, amount = person.number, person.township, str(80 + place % 40 + raised)
        if place in wrong:
            number, township, amount = _spoilt(place % 3, number, township, amount)
        rows.append([number, person.name, township, amount, since.isoformat(), "", "农商行", "二级", "经办员"])
    return saved("名册", rows)


def _spoilt(how: int, number: str, township: str, amount: str) -> tuple[str, str, str]:
    if how == 0:
        return number[:-1] + ("1" if number[-1] != "1" else "2"), township, amount
    return (number, "没有的镇", amount) if how == 1 else (number, township, f"-{amount}")


class Desk:
    """The department's officer and approver, and the runner of the house's jobs."""

    template = f"households.roll:{PROGRAM}"

    def __init__(self) -> None:
        from config import clock
        from organization.models import Post
        from tests.cast import unit_of

        here = (
            Post.objects.effective(clock.today()).filter(unit=unit_of("department", DEPARTMENT)).select_related("unit__department", "staff")
        )
        self.approver = here.filter(rank=Post.Rank.APPROVER)[0]
        self.officer = here.filter(rank=Post.Rank.HANDLER).exclude(staff=self.approver.staff)[0]

    def read(self, octets: bytes, as_of: date) -> Any:
        from spreadsheets import transitions

        batch = transitions.hand_in(template=self.template, file_name="名册.xlsx", octets=octets, as_of=as_of, by=self.officer)
        return self._done(batch, "ready")

    def enter(self, batch: Any) -> Any:
        from spreadsheets import transitions

        transitions.propose(batch_id=batch.pk, jump_reason="已与科室核对", by=self.officer)
        batch.refresh_from_db()
        if batch.status == "proposed":
            transitions.confirm(batch_id=batch.pk, by=self.approver)
        return self._done(batch, "applied")

    @staticmethod
    def _done(batch: Any, status: str) -> Any:
        from deadlines import running

        while running.run_next():
            pass
        batch.refresh_from_db()
        if batch.status != status:
            raise RuntimeError(f"{batch.status}: {batch.refusal} {batch.remarks}")
        return batch


class Took(NamedTuple):
    looked_at: float  # seconds until the preview stands
    entered: float
    counts: dict[str, int]
    limit: float  # seconds that calamine alone took before, between and after, the median of nine

    @property
    def whole(self) -> float:
        return self.looked_at + self.entered


def by_the_house(desk: Desk, octets: bytes, as_of: date) -> Took:
    """Calamine reads before, between the two halves and after: what slows the machine for a while slows both sides."""
    limits = thrice(octets)
    started = time.perf_counter()
    batch = desk.read(octets, as_of)
    looked_at = time.perf_counter() - started
    limits += thrice(octets)
    started = time.perf_counter()
    batch = desk.enter(batch)
    entered = time.perf_counter() - started
    return Took(looked_at, entered, batch.counts, statistics.median([*limits, *thrice(octets)]))


def thrice(octets: bytes) -> list[float]:
    return [by_calamine(octets) for _ in range(3)]


def by_calamine(octets: bytes) -> float:
    """The limit: every row read and thrown away."""
    import python_calamine

    started = time.perf_counter()
    for _ in python_calamine.load_workbook(io.BytesIO(octets)).get_sheet_by_index(0).iter_rows():
        pass
    return time.perf_counter() - started


def rounds(desk: Desk, other: bytes, octets: bytes, then: date) -> tuple[list[Took], list[Took]]:
    """What stands after each round is the next one's beginning: of the file, and of the same file a day later."""
    from spreadsheets import transitions

    fresh, same = [], []
    for _ in range(ROUNDS):
        with copied_database():
            transitions.drop(batch_id=desk.read(other, then).pk, reason="", by=desk.officer)
            fresh.append(by_the_house(desk, octets, then))
            same.append(by_the_house(desk, octets, then + timedelta(days=1)))
    return fresh, same


def middle(took: list[Took]) -> Took:
    """The one in the middle by the clock, with the median of what calamine took."""
    return sorted(took, key=lambda each: each.whole)[len(took) // 2]._replace(limit=statistics.median(each.limit for each in took))


def held(database: str, desk_of: type[Desk], octets: bytes, then: date) -> int:
    """MiB that a worker holds at most for the whole road beside what it held before: in a process that has done nothing else."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()
    from django.conf import settings

    from config.memory import settle

    settings.DATABASES["default"]["NAME"] = database
    settle()
    with nobody_else_runs_jobs():
        desk = desk_of()
        begin_to_hold()
        desk.enter(desk.read(octets, then))
        return held_besides()


def held_at_most(desk: Desk, octets: bytes, then: date) -> tuple[int, int]:
    """MiB of the worker, and of the process apart that opens the file."""
    from spreadsheets import reading

    with copied_database() as database, multiprocessing.get_context("spawn").Pool(1) as alone:
        worker = alone.apply(held, (database, type(desk), octets, then))
    found = reading.read(octets)
    for _ in found.rows:
        pass
    return worker, found.peak // 1024


@contextmanager
def nobody_else_runs_jobs() -> Any:
    """Whoever is woken is another process: here the desk runs the jobs itself, and what people are told waits until that one comes."""
    with patch("deadlines.transitions.jobs.wake"), patch("deadlines.transitions.outbox.wake"):
        yield


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS, help="20000 for the whole file")
    asked = parser.parse_args()
    with county("bench_rolls", asked.rows, referrals=0) as said, nobody_else_runs_jobs():
        from config import clock

        print(f"{machine()}\n{said}", flush=True)
        _empty_roll()
        first, then = clock.today().replace(day=1) - timedelta(days=40), clock.today() - timedelta(days=1)
        who, desk = people(asked.rows), Desk()
        half, since = asked.rows // 2, first.replace(day=1)
        desk.enter(desk.read(sheet(who[:half], since, spoil=False), first))
        octets = sheet(who, since, spoil=True, raised=5)
        smaller = sheet([*who[: asked.peer_rows // 2], *who[half : half + asked.peer_rows // 2]], since, spoil=True, raised=5)
        with copied_database():  # they take back what they write, and leave dead rows in every table and index that ours would meet
            peers = by_peers(smaller, of_grants)
        fresh, same = rounds(desk, sheet(who[:half], since, spoil=True, raised=3), octets, then)
        memory = held_at_most(desk, octets, then)
        return min(results("A roll", asked.rows, asked.peer_rows, fresh, middle(same), peers, memory), 1)


def _empty_roll() -> None:
    """What the county's seed put on this roll goes: the bench lays its own."""
    from django.db import connection, transaction

    from config.county import trusting_its_own_keys

    with transaction.atomic(), connection.cursor() as cursor:
        trusting_its_own_keys()
        mine = "SELECT id FROM households_assistancerecord WHERE program_id = %s"
        cursor.execute(f"DELETE FROM households_coverage WHERE record_id IN ({mine})", [PROGRAM])
        cursor.execute("DELETE FROM households_assistancerecord WHERE program_id = %s", [PROGRAM])


def results(what: str, rows: int, sample: int, fresh: list[Took], same: Took, peers: dict[str, Peer], memory: tuple[int, int]) -> int:
    ours, times = middle(fresh), rows / sample
    slow, quick = peers["default"], peers["tuned"]
    goal = at_least if rows >= 20_000 else (lambda what, said, ratio, _goal, of: Row(what, said, f"{ratio:.0f} x {of}"))
    dry_run = "its dry run, which its preview shows, and its import"
    return table(
        f"{what} of {rows:,} rows x {len(HEADS)} columns, half of them standing, from .xlsx to rows that stand; counts {ours.counts}",
        [
            goal("the whole road", f"{ours.whole:.2f} s", slow.road(times) / ours.whole, 50, f"django-import-export: {dry_run}"),
            goal("-", "", quick.road(times) / ours.whole, 25, "the same, bulk, cached"),
            Row("its import alone, without a preview", f"{slow.entry(times):.0f} s", _ratio(slow.entry(times), ours.whole, "as it comes")),
            Row("-", f"{quick.entry(times):.0f} s", _ratio(quick.entry(times), ours.whole, "bulk, cached")),
            *(
                Row(f"the same rows written by it, {name}", f"{peer.road(times):.0f} s", _ratio(peer.road(times), ours.whole, "its road"))
                for name, peer in ((name, peers[f"{name}, all"]) for name in ("default", "tuned"))
            ),
            Row("- rows found wrong", f"{ours.counts['error']}", f"{slow.wrong} and {quick.wrong} of {sample:,} by it"),
            at_most("- of the limit", "", ours.whole / ours.limit, 10, f"calamine reading alone ({ours.limit:.2f} s)"),
            Row("- in each round", ", ".join(f"{each.whole:.2f} of {each.limit:.2f} s" for each in fresh)),
            Row("- until the preview stands", f"{ours.looked_at:.2f} s", f"{ours.looked_at / ours.limit:.1f} x calamine"),
            Row("- entered", f"{ours.entered:.2f} s"),
            Row("the same file a day later", f"{same.whole:.2f} s", f"{same.whole / same.limit:.1f} x calamine; counts {same.counts}"),
            Row("peak memory beside the start", "worker {} MiB, process apart {} MiB in all".format(*memory),
                f"peers {slow.memory} and {quick.memory} MiB for {sample:,} rows"),
        ],
    )  # fmt: skip


def _ratio(theirs: float, ours: float, how: str) -> str:
    return f"{theirs / ours:.1f} x ({how})"


if __name__ == "__main__":
    sys.exit(main())
