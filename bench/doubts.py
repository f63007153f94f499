"""Doubts over the county, every rule: `python -m bench.doubts [--households 60000] [--plans]`.

A county with deaths that nobody told, aid twice, the same need met twice, watch lists and facts of every kind. Timed: the first run, which
enters all it finds, and the next night's on data of which a little has changed. Told: seconds of each rule and of what follows.
"""

import argparse
import os
import time
from typing import Any

from bench.county import county
from bench.county_screening import execute, seed
from bench.harness import Row, machine, table

HOUSEHOLDS = int(os.environ.get("BENCH_HOUSEHOLDS", "20000"))
# What is wrong with the county: one in so many.
WRONG = {
    "deaths that nobody told": """
        UPDATE households_resident r SET died_on = CURRENT_DATE - 40 FROM households_coverage c
        WHERE c.resident_id = r.id AND r.died_on IS NULL AND (r.birth_on IS NULL OR r.birth_on < CURRENT_DATE - 100) AND random() < 0.01""",
    "aid a second time": """
        INSERT INTO households_assistancerecord (id, program_id, resident_id, region_code, amount, in_kind, cadence, since, source, unit_id,
            granted_at, granted_by_id)
        SELECT gen_random_uuid(), a.program_id, c.resident_id, a.region_code, 100, '', 'monthly', a.since, 'roll', a.unit_id, now(),
            a.granted_by_id
        FROM households_assistancerecord a JOIN households_coverage c ON c.record_id = a.id
        WHERE a.household_id IS NOT NULL AND a.until IS NULL AND a.cadence <> 'once' AND random() < 0.01""",
    "a need met again": """
        INSERT INTO households_assistancerecord (id, program_id, resident_id, region_code, amount, in_kind, cadence, since, source, unit_id,
            granted_at, granted_by_id)
        SELECT gen_random_uuid(), x.program, r.id, r.region_id, 500, '', 'once', CURRENT_DATE - 60, 'roll',
            (SELECT min(id) FROM organization_unit), now(), r.entered_by_id
        FROM households_resident r TABLESAMPLE BERNOULLI (1), (VALUES ('YB01'), ('GH02')) x(program)""",
}


def spoil() -> str:
    from django.db import connection

    told = []
    for what, statement in WRONG.items():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            told.append(f"{cursor.rowcount:,} {what}")
    for name in ("resident", "assistancerecord"):
        execute(f"VACUUM ANALYZE households_{name}")
    return ", ".join(told)


def the_run(by: Any) -> tuple[list[tuple[str, float]], Any]:
    """Seconds of each step, in order, and the run."""
    from monitoring.transitions import find_doubts

    marks: list[tuple[str, float]] = []
    run = find_doubts(by=by, progress=lambda _done, _total, step: marks.append((step, time.perf_counter())))
    ends = [at for _, at in marks[1:]] + [time.perf_counter()]
    return [(step, end - at) for (step, at), end in zip(marks, ends, strict=True)], run


def change_a_little() -> None:
    """A day's work: some aid ended."""
    ending = "UPDATE households_assistancerecord SET until = CURRENT_DATE - 1 WHERE until IS NULL AND since < CURRENT_DATE - 1"
    execute(f"{ending} AND random() < 0.002")


def plans() -> None:
    """What the statements do, in a transaction that leaves nothing."""
    from django.db import transaction

    from config import clock
    from monitoring.doubts import found, of_sheets, reach
    from monitoring.doubts.rules import Scene, insert, rules, run, text_of

    explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "
    with transaction.atomic():
        scene = Scene(clock.today(), 12, 6, 2)
        run(found.SETTINGS)
        run(found.ITEMS)
        reach.build(scene)
        of_sheets.build()
        for rule in rules():
            select = rule.select(scene)
            if select is None:
                continue
            print(f"{rule.kind}\n" + "\n".join(line[:200] for (line,) in execute(explain + text_of(select))))
            insert(rule, select)
        transaction.set_rollback(True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=HOUSEHOLDS, help="BENCH_HOUSEHOLDS; 350000 is the county")
    parser.add_argument("--plans", action="store_true", help="print EXPLAIN of each rule")
    options = parser.parse_args()
    with county("bench_doubts", options.households, referrals=options.households // 10) as said:
        from config import clock
        from monitoring.models import Doubt
        from organization.models import Post

        by = Post.objects.the_system()
        print(f"{machine()}\n{said}{seed(clock.today())}; {spoil()}")
        if options.plans:
            plans()
        rows = []
        for name in ("the first night, everything entered", "a night after"):
            steps, run = the_run(by)
            rows.append(Row(name, f"{sum(seconds for _, seconds in steps):.1f} s", f"{run.found:,} doubts, {run.opened:,} given out"))
            rows += [Row(f"- {step}", f"{seconds:.1f} s") for step, seconds in steps]
            print(name, run.counts)
            change_a_little()
        rows.append(Row("standing", f"{Doubt.objects.open().count():,} open, {Doubt.objects.in_pool().count():,} in the pool"))
        return min(table(f"Every rule of doubts, {options.households:,} households", rows), 1)


if __name__ == "__main__":
    raise SystemExit(main())
