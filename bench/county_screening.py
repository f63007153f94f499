"""All rules over the county (PERFORMANCE 6): `python -m bench.county_screening [--households 20000] [--plans]`.

The run of `screen_county` against the evaluator of one household in a loop: the loop is timed on a sample and extrapolated, said so. What
the sample is told is compared with what the statement says of it.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from bench.county import county
from bench.harness import Row, at_least, at_most, machine, table

HOUSEHOLDS = int(os.environ.get("BENCH_HOUSEHOLDS", "20000"))
FULL = 300_000
SAMPLE = 300


def seed(on: date) -> str:  # noqa: ARG001
    """Facts of every kind that the rules ask, whole lists delivered, and identities: `seed_county --facts`, on a county that stands."""
    from django.db import transaction

    from config.county import Plan, trusting_its_own_keys
    from households import county_facts
    from organization.models import Post

    started = time.perf_counter()
    with transaction.atomic():
        trusting_its_own_keys()
        told = ", ".join(f"{what} {count:,}" for what, count in county_facts.fill(Plan(0, 0, 1, Post.objects.the_system())))
    for name in ("fact", "identitytag"):
        execute(f"VACUUM ANALYZE households_{name}")
    return f"{told}, seeded in {time.perf_counter() - started:.0f} s"


def execute(statement: str, given: list[Any] | None = None) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall()) if cursor.description else []


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def the_run(on: date, by: Any) -> tuple[dict[str, float], Any]:
    """Seconds until each step was begun, and the whole; the quicker of two runs."""
    from households.transitions import screen_county

    best: dict[str, float] = {}
    for _ in range(2):
        marks: list[tuple[str, float]] = []
        started = time.perf_counter()
        run = screen_county(
            on=on, by=by, progress=lambda _done, _total, step, m=marks, s=started: m.append((step, time.perf_counter() - s))
        )
        whole = time.perf_counter() - started
        if not best or whole < best["whole"]:
            best = {"rules": marks[1][1], "snapshot": marks[2][1] - marks[1][1], "statement": marks[3][1] - marks[2][1], "whole": whole}
    return best, run


def the_loop(on: date, sample: int) -> tuple[float, int, int]:
    """Seconds for a sample of households one by one; how many answers were given, and how many the statement gives otherwise."""
    from django.db import connection, transaction

    from households.models import Household
    from households.screening.county import rules_in_force, take_snapshot
    from households.screening.gathering import gather
    from households.screening.sql import OUTCOMES, Statement
    from programs.facts import catalogue_of_facts
    from programs.figures import figures_on
    from programs.models import Program
    from programs.screening.evaluation import answer

    catalogue = catalogue_of_facts(on)
    rules = rules_in_force(on, catalogue, figures_on(on))
    departments = dict(Program.objects.values_list("code", "department_id"))
    homes = list(Household.objects.order_by("?")[:sample])
    told = {}
    started = time.perf_counter()
    for home in homes:
        gathered = gather(home, on, catalogue)
        situations = {pk: gathered.for_department(pk) for pk in set(departments.values())}
        for asked in rules:
            situation = situations[departments[asked.code]]
            for person in [str(m.resident_id) for m in gathered.memberships] if asked.is_of_people else [""]:
                told[str(home.pk), person, asked.code] = answer(
                    asked.rule, situation, catalogue, person=person, trusts_declared=False
                ).outcome
    took = time.perf_counter() - started
    with transaction.atomic(), connection.cursor() as cursor:
        take_snapshot(rules, on, catalogue)
        ours = ", ".join(f"'{home.pk}'" for home in homes)
        cursor.execute(
            f"SELECT * FROM ({Statement(catalogue).select(rules).as_string(connection.connection)}) o WHERE household_id IN ({ours})"
        )
        counted = {
            (str(home), str(person or ""), asked.code): OUTCOMES[outcome]
            for home, person, _, *outcomes in cursor.fetchall()
            for asked, outcome in zip(rules, outcomes, strict=True)
            if outcome is not None
        }
    return took, len(told), sum(counted.get(key) != found for key, found in told.items()) + len(counted.keys() - told.keys())


def plans(on: date) -> None:
    from django.db import connection, transaction

    from households.screening.county import rules_in_force, take_snapshot
    from households.screening.snapshot import Need, snapshot
    from households.screening.sql import Statement
    from programs.facts import catalogue_of_facts
    from programs.figures import figures_on

    catalogue = catalogue_of_facts(on)
    rules = rules_in_force(on, catalogue, figures_on(on))
    with transaction.atomic():
        take_snapshot(rules, on, catalogue)
        for what in (snapshot(Need.of([asked.rule for asked in rules], catalogue), on), Statement(catalogue).select(rules)):
            text = what.as_string(connection.connection)
            lines = [line for (line,) in execute(f"EXPLAIN (ANALYZE, BUFFERS) {text}")]
            print("\n" + "\n".join(line[:200] for line in lines))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=HOUSEHOLDS, help="BENCH_HOUSEHOLDS; 350000 is the county")
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--plans", action="store_true", help="print EXPLAIN (ANALYZE, BUFFERS) of both statements")
    options = parser.parse_args()
    with county("bench_county_screening", options.households, referrals=0) as said:
        from config import clock
        from organization.models import Post

        on = clock.today()
        print(f"{machine()}\n{said}{seed(on)}")
        if options.plans:
            plans(on)
        took, run = the_run(on, Post.objects.the_system())
        loop, answers, wrong = the_loop(on, options.sample)
        if wrong:
            raise RuntimeError(f"{wrong} of {answers} answers differ between the evaluators")
        return min(_results(options, took, run, loop, answers), 1)


def _results(options: Any, took: dict[str, float], run: Any, loop: float, answers: int) -> int:
    whole = loop / options.sample * run.households
    million = run.residents / 1_000_000
    of_loop = f"the loop ({loop / options.sample * 1000:.0f} ms a household, {whole / 3600:.1f} h extrapolated from {options.sample})"
    is_full = run.households >= FULL
    ratio = whole / took["whole"]
    rows = [
        Row("rules and figures read", f"{took['rules']:.1f} s"),
        Row("snapshot", f"{took['snapshot']:.1f} s", f"{took['snapshot'] / million:.1f} s a million residents"),
        Row("statement", f"{took['statement']:.1f} s", f"{took['statement'] / million:.1f} s a million residents"),
        at_least("the whole run", f"{took['whole']:.1f} s", ratio, 100, of_loop)
        if is_full
        else Row("the whole run", f"{took['whole']:.1f} s", f"{ratio:.0f} x {of_loop}"),
        at_most("- of 7 s + 2 s a million residents", "", took["whole"] / (9 * million), 1, f"{9 * million:.1f} s")
        if is_full
        else Row("- a million residents", "", f"{took['whole'] / million:.1f} s"),
        Row("both say the same", f"{answers:,} answers", "of the sample, compared one by one"),
    ]
    return table(f"{len(run.rules)} rules, {run.households:,} households, {run.residents:,} residents", rows)


if __name__ == "__main__":
    sys.exit(main())
