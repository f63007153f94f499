"""Lists held against people (PERFORMANCE 5): `python -m bench.matching [--list 1000000] [--roll 50000]`.

Eight lists lie in one narrow table under one index that holds all that is asked of them, each row a digest of 16 octets. A whole roll is
matched and its hits are written by one statement; one household is looked up by one. Beside them what one would write with the ORM, timed
on fewer people and extrapolated, said so, and the limits: reading the whole table once, and SELECT 1.
"""

import argparse
import os
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Any

from bench.harness import Row, at_least, at_most, begin_to_hold, held_besides, latencies, machine, scratch_database, table

LIST = int(os.environ.get("BENCH_LIST_ROWS", "1000000"))
LISTS = 8
FULL = 1_000_000
LOOP = 1_000
HOUSEHOLDS = 1_000
OF_HOUSEHOLD = "SELECT list, digest, since, until FROM bench_listed WHERE digest = ANY(%s::uuid[])"
OF_ROLL = """
    INSERT INTO bench_hit (digest, list, since, until)
    SELECT r.digest, l.list, l.since, l.until FROM bench_roll r JOIN bench_listed l USING (digest)
"""


def execute(statement: str, given: Sequence[Any] | None = None) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall()) if cursor.description else []


def lay(count: int, roll: int) -> Any:
    """Lists of people by chance from twice as many as stand on one: about half of any roll stands on each. The model of a row."""
    from django.db import connection, models

    class Listed(models.Model):
        list = models.SmallIntegerField()
        digest = models.UUIDField()
        since = models.DateField()
        until = models.DateField(null=True)
        batch = models.IntegerField()

        class Meta:
            app_label, db_table = "protection_app", "bench_listed"
            indexes = [models.Index(fields=["digest", "list"], include=["since", "until"], name="listed_by_digest")]

        def __str__(self) -> str:
            return f"{self.list} {self.digest}"

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_listed (id bigint GENERATED ALWAYS AS IDENTITY, list smallint NOT NULL, digest uuid NOT NULL, "
            "since date NOT NULL, until date, batch int NOT NULL)"
        )
        for number in range(LISTS):
            cursor.execute(
                "INSERT INTO bench_listed (list, digest, since, batch) SELECT %s, md5(n::text)::uuid, date '2026-09-01', 1 "
                "FROM (SELECT DISTINCT floor(random() * %s)::int AS n FROM generate_series(1, %s)) AS people ORDER BY random()",
                [number, count * 2, int(count * 1.4)],
            )
        cursor.execute("CREATE INDEX listed_by_digest ON bench_listed (digest, list) INCLUDE (since, until)")
        cursor.execute("CREATE TABLE bench_roll (digest uuid NOT NULL)")
        cursor.execute(
            "INSERT INTO bench_roll SELECT md5(n::text)::uuid FROM (SELECT DISTINCT floor(random() * %s)::int AS n "
            "FROM generate_series(1, %s)) AS people LIMIT %s",
            [count * 2, int(roll * 1.2), roll],
        )
        cursor.execute("CREATE TABLE bench_hit (digest uuid NOT NULL, list smallint NOT NULL, since date NOT NULL, until date)")
        cursor.execute("VACUUM ANALYZE bench_listed")
        cursor.execute("ANALYZE bench_roll")
    return Listed


def whole_roll() -> tuple[float, int, int]:
    """Seconds of the quicker of three, hits written, MiB of this process."""
    from django.db import transaction

    best, hits = float("inf"), 0
    begin_to_hold()
    for _ in range(3):
        execute("TRUNCATE bench_hit")
        started = time.perf_counter()
        with transaction.atomic():
            execute("SET LOCAL work_mem = '64MB'")
            execute(OF_ROLL)
        best = min(best, time.perf_counter() - started)
        [(hits,)] = execute("SELECT count(*) FROM bench_hit")
    return best, hits, held_besides()


def loop_over(listed: Any, people: Sequence[uuid.UUID]) -> tuple[float, int]:
    """Each person on each list, as one would write it; seconds and hits, which nobody writes."""
    started = time.perf_counter()
    hits = sum(listed.objects.filter(list=number, digest=person).exists() for person in people for number in range(LISTS))
    return time.perf_counter() - started, hits


def one_scan() -> float:
    best = float("inf")
    execute("SET max_parallel_workers_per_gather = 0")
    for _ in range(3):
        started = time.perf_counter()
        execute("SELECT count(*), max(since) FROM bench_listed")
        best = min(best, time.perf_counter() - started)
    execute("RESET max_parallel_workers_per_gather")
    return best


def households(listed: Any, people: Sequence[uuid.UUID]) -> dict[str, Any]:
    homes = [list(people[start : start + 5]) for start in range(0, HOUSEHOLDS * 5, 5)]

    def by_orm(home: Sequence[uuid.UUID]) -> None:
        for person in home:
            for number in range(LISTS):
                listed.objects.filter(list=number, digest=person).first()

    return latencies(
        {
            "SELECT 1": (lambda _: execute("SELECT 1"), homes),
            "one statement": (lambda home: execute(OF_HOUSEHOLD, [home]), homes),
            "40 look-ups": (by_orm, homes[:100]),
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", type=int, default=LIST, help="rows of each of the eight lists")
    parser.add_argument("--roll", type=int, default=50_000)
    asked = parser.parse_args()
    with scratch_database("bench_matching", "contenttypes"):
        print(machine(), flush=True)
        listed = lay(asked.list, asked.roll)
        [(rows,)] = execute("SELECT count(*) FROM bench_listed")
        people = [person for (person,) in execute("SELECT digest FROM bench_roll")]
        scan = one_scan()
        whole, hits, memory = whole_roll()
        loop, found = loop_over(listed, people[:LOOP])
        [(told,)] = execute("SELECT count(*) FROM bench_hit WHERE digest = ANY(%s::uuid[])", [people[:LOOP]])
        if told != found:
            raise RuntimeError(f"{told} hits by the statement, {found} by the loop")
        late = households(listed, people)
    one, select, orm = late["one statement"], late["SELECT 1"], late["40 look-ups"]
    on_all = loop * asked.roll / LOOP
    full = asked.list >= FULL
    return min(
        table(
            f"{LISTS} lists, {rows:,} rows",
            [
                at_least(f"a roll of {asked.roll:,}, {hits:,} hits written", f"{whole:.2f} s", on_all / whole, 40,
                         f"an ORM loop ({on_all:.0f} s from {LOOP:,} people, nothing written)"),
                at_most("- of the limit", "", whole / scan, 5, f"reading all lists once ({scan:.2f} s)"),
                Row("- in all", f"{memory} MiB held here", "", "<= 3 s", whole <= 3 if full else None),
                at_least("a household of 5", str(one), orm.median / one.median, 16, f"40 look-ups ({orm})"),
                at_most("- of the limit", "", one.median / select.median, 5, f"SELECT 1 ({select})"),
                Row("- 99th percentile", f"{one.late:.2f} ms", "", "<= 3 ms", one.late <= 3),
            ],
        ),
        1,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
