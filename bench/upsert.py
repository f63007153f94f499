"""A million rows put into a table by key, half of them standing (PERFORMANCE 3): `python -m bench.upsert [--rows 1000000]`.

COPY into a staging table, laid out in the order of the key as a sheet of facts is, analysed, merged by one statement that writes nothing
where nothing differs (the house's own imports come as far and then change and add by two, each of which keeps what it wrote), beside
`bulk_create(update_conflicts)` and a loop of `update_or_create`, both timed on fewer rows and extrapolated, said so, and beside the bare
COPY of the same text into a table without an index. The rows lie ready for all.
They take turns, and of each the median counts: the loop's milliseconds a row move by a half from one minute to the next.
"""

import argparse
import io
import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from bench.harness import Row, at_least, at_most, begin_to_hold, held_besides, machine, of_the_server, scratch_database, table

ROWS = int(os.environ.get("BENCH_UPSERT_ROWS", "1000000"))
FULL = 1_000_000
PEER_ROWS, LOOP_ROWS, ROUNDS = 100_000, 5_000, 3
COLUMNS = ("digest", "month", "department", "amount", "place", "kind", "note", "batch")
KEY, REST = COLUMNS[:3], COLUMNS[3:]
DEPARTMENTS, PLACES, KINDS = ("MZ", "CL", "YB", "JW", "RS"), [f"500233{n:03d}" for n in range(1, 30)], ("月度", "一次性")
SAME_KEY = " AND ".join(f"a.{name} = s.{name}" for name in KEY)
# Of rows that repeat no key, which the pipeline has refused by then; under a lock of the list, since two at once would insert both.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('bench_aid'))"
# Rows that lie and come in the order of the key meet the pages of its index one after another; a file's own order may be any.
LAY = "CREATE TEMP TABLE laid ON COMMIT DROP AS SELECT * FROM staged ORDER BY digest"
MERGE = f"""
    MERGE INTO bench_aid a USING laid s ON {SAME_KEY}
    WHEN MATCHED AND ({", ".join(f"a.{name}" for name in REST)}) IS DISTINCT FROM ({", ".join(f"s.{name}" for name in REST)})
        THEN UPDATE SET {", ".join(f"{name} = s.{name}" for name in REST)}
    WHEN NOT MATCHED THEN INSERT ({", ".join(COLUMNS)}) VALUES ({", ".join(f"s.{name}" for name in COLUMNS)})
"""
Made = Sequence[tuple[Any, ...]]


def given(count: int, raised: int) -> Iterator[tuple[Any, ...]]:
    """The same people each time; `raised` changes their sums."""
    rng, sums = random.Random(3), [Decimal(100 + n + raised) for n in range(900)]
    for n in range(count):
        yield (
            uuid.UUID(int=rng.getrandbits(128)),
            date(2026, 9, 1),
            DEPARTMENTS[n % 5],
            sums[n % 900],
            PLACES[n % 29],
            KINDS[n % 2],
            "按月发放",
            n // 1000,
        )


def model() -> Any:
    from django.db import connection, models

    class Aid(models.Model):
        digest = models.UUIDField()
        month = models.DateField()
        department = models.CharField(max_length=10)
        amount = models.DecimalField(max_digits=12, decimal_places=2)
        place = models.CharField(max_length=12)
        kind = models.CharField(max_length=10)
        note = models.CharField(max_length=100)
        batch = models.IntegerField()

        class Meta:
            app_label, db_table = "protection_app", "bench_aid"
            constraints = [models.UniqueConstraint(fields=KEY, name="one_aid_of_a_month")]

        def __str__(self) -> str:
            return f"{self.department} {self.digest}"

    with connection.schema_editor() as editor:
        editor.create_model(Aid)
    return Aid


def execute(statement: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def stand(enter: Callable[[Iterable[tuple[Any, ...]]], object], count: int) -> None:
    """Half of the rows, with other sums, as they were entered: by the house in the order of the key, for the peers in the file's."""
    execute("TRUNCATE bench_aid")
    enter(given(count // 2, 7))
    execute("VACUUM ANALYZE bench_aid")


def by_the_house(rows: Iterable[tuple[Any, ...]]) -> int:
    """Rows written."""
    from django.db import connection, transaction

    from config.county import as_copied

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(LOCK)
        cursor.execute(f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {', '.join(COLUMNS)} FROM bench_aid WITH NO DATA")
        cursor.copy_expert(f"COPY staged ({', '.join(COLUMNS)}) FROM STDIN", as_copied(rows), 65_536)
        cursor.execute("SET LOCAL default_statistics_target = 20")
        cursor.execute(LAY)
        cursor.execute(f"ANALYZE laid ({', '.join(KEY)})")  # as the house does: how many there are, and of what the joins are made
        cursor.execute(MERGE)
        return int(cursor.rowcount)


def by_bulk_create(aid: Any, made: Made) -> None:
    from django.db import transaction

    rows = [aid(**dict(zip(COLUMNS, row, strict=True))) for row in made]
    with transaction.atomic():
        aid.objects.bulk_create(rows, batch_size=1000, update_conflicts=True, unique_fields=list(KEY), update_fields=list(REST))


def by_a_loop(aid: Any, made: Made) -> None:
    from django.db import transaction

    with transaction.atomic():
        for row in made:
            named = dict(zip(COLUMNS, row, strict=True))
            aid.objects.update_or_create(**{name: named[name] for name in KEY}, defaults={name: named[name] for name in REST})


def bare_copy(made: Made) -> float:
    """Seconds of COPY alone, of text that lies ready, into a table that no index keeps up."""
    from django.db import connection

    from config.county import as_copied

    text = io.StringIO("".join(iter(as_copied(made).read, "")))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE bench_bare AS SELECT {', '.join(COLUMNS)} FROM bench_aid WITH NO DATA")
        started = time.perf_counter()
        cursor.copy_expert(f"COPY bench_bare ({', '.join(COLUMNS)}) FROM STDIN", text)
        took = time.perf_counter() - started
        cursor.execute("DROP TABLE bench_bare")
    return took


class Taken(NamedTuple):
    seconds: float
    here: float  # processor time of this process
    server: float
    found: Any
    held: int

    def __str__(self) -> str:
        return f"{self.here:.1f} s here, {self.server:.1f} s in the server"


def timed(work: Callable[[], Any]) -> Taken:
    begin_to_hold()
    server, here, started = of_the_server(), time.process_time(), time.perf_counter()
    found = work()
    return Taken(time.perf_counter() - started, time.process_time() - here, of_the_server() - server, found, held_besides())


def median(taken: Sequence[Taken]) -> Taken:
    """The one in the middle by the clock."""
    return sorted(taken, key=lambda each: each.seconds)[len(taken) // 2]


def spread(taken: Sequence[Taken], rows: int) -> str:
    """Milliseconds a row of each round."""
    return ", ".join(f"{each.seconds / rows * 1000:.2f}" for each in taken)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--peer-rows", type=int, default=PEER_ROWS)
    asked = parser.parse_args()
    rows, peer_rows = asked.rows, min(asked.peer_rows, asked.rows)
    with scratch_database("bench_upsert", "contenttypes"):
        from config.county import copy_into
        from config.memory import settle

        print(machine(), flush=True)
        aid, made = model(), list(given(rows, 0))
        settle()
        some, few = made[:peer_rows], made[:LOOP_ROWS]

        def in_the_files_order(them: Iterable[tuple[Any, ...]]) -> None:
            copy_into(aid, COLUMNS, them)

        loops, bulks, ours_each, same_each, bares = [], [], [], [], []
        for _ in range(ROUNDS):
            stand(in_the_files_order, LOOP_ROWS)
            loops.append(timed(lambda: by_a_loop(aid, few)))
            stand(in_the_files_order, peer_rows)
            bulks.append(timed(lambda: by_bulk_create(aid, some)))
            stand(by_the_house, rows)
            ours_each.append(timed(lambda: by_the_house(made)))
            same_each.append(timed(lambda: by_the_house(made)))
            bares.append(bare_copy(made))
        stand(by_the_house, peer_rows)
        alike = timed(lambda: by_the_house(some))
    loop, bulk, ours, same, bare = median(loops), median(bulks), median(ours_each), median(same_each), statistics.median(bares)
    if {each.found for each in ours_each} != {rows} or {each.found for each in same_each} != {0}:
        raise RuntimeError(f"{ours.found} rows written of {rows}, then {same.found} of none")
    bulk_seconds, loop_seconds, full = bulk.seconds * rows / peer_rows, loop.seconds * rows / LOOP_ROWS, rows >= FULL
    by_processor = (loop.here + loop.server) * rows / LOOP_ROWS / (ours.here + ours.server)
    return min(
        table(
            f"{rows:,} rows of {len(COLUMNS)} columns by key, half of them standing with another sum",
            [
                at_least("staged, merged", f"{ours.seconds:.1f} s", bulk_seconds / ours.seconds, 3,
                         f"bulk_create(update_conflicts) ({bulk_seconds:.0f} s from {peer_rows:,} rows)"),
                Row(f"- {peer_rows:,} rows of each, once", f"{alike.seconds:.2f} s",
                    f"{bulk.seconds / alike.seconds:.1f} x bulk_create ({bulk.seconds:.1f} s)"),
                at_least("-", "", loop_seconds / ours.seconds, 120,
                         f"a loop of update_or_create ({loop_seconds:.0f} s from {LOOP_ROWS:,} rows; {spread(loops, LOOP_ROWS)} ms a row)"),
                at_most("- of the limit", "", ours.seconds / bare, 15, f"bare COPY of ready text ({bare:.1f} s)"),
                Row("- in all", f"{ours.seconds:.1f} s", "", "<= 15 s", ours.seconds <= 15 if full else None),
                Row("- in each round", ", ".join(f"{each.seconds:.1f}" for each in ours_each) + " s"),
                Row("- processor time", str(ours), f"{by_processor:.0f} x the loop's"),
                Row("the same once more, nothing written", f"{same.seconds:.1f} s, {same}",
                    f"{bulk_seconds / same.seconds:.1f} x bulk_create"),
                Row("peak memory beside the start", f"{ours.held} MiB for {rows:,} rows", f"bulk_create {bulk.held} MiB for {peer_rows:,}"),
            ],
        ),
        1,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
