"""The figures of the dashboards over a million records and 100,000 referrals (PERFORMANCE 7): `python -m bench.dashboard`.

Twelve aggregates of a page from the cells, through the reading API with its gate, beside the same twelve asked of the records by SQL and
beside one pass over their table, the limit of any answer that is not summarised; what keeping up costs beside the entry of a roll, and
beside a trigger for each row; a minute's count, a night's. How work goes, from the night's cells and today's rows, beside all of the rows.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from bench.county import county
from bench.harness import Row, at_least, at_most, latencies, machine, of_the_server, table
from bench.main_road import worker

HOUSEHOLDS = int(os.environ.get("BENCH_DASHBOARD_HOUSEHOLDS", "60000"))
REFERRALS = int(os.environ.get("BENCH_DASHBOARD_REFERRALS", "100000"))
RECORDS = int(os.environ.get("BENCH_DASHBOARD_RECORDS", "1000000"))
COUNTY_MS, TOWNSHIP_MS, TIMES_RAW, UPKEEP = 50, 15, 25, 0.15
YEAR = 12
# Every person has some of these, regular for a while or once, over three years.
FILL = """
INSERT INTO households_assistancerecord (id, program_id, resident_id, region_code, amount, in_kind, cadence, since, until, source, unit_id,
    granted_at, granted_by_id)
SELECT gen_random_uuid(), g.program, r.id, r.region_id, 100 + g.nth * 7, '', g.cadence, g.since,
    CASE WHEN g.cadence = 'once' THEN g.since WHEN g.share < 0.5 THEN g.since + (g.share * 1400)::int END, 'roll', %(unit)s, now(), %(by)s
FROM (SELECT id, region_id, row_number() OVER (ORDER BY id) AS nth FROM households_resident WHERE region_id IS NOT NULL) r
CROSS JOIN LATERAL (
    SELECT p.code AS program, p.nth, CASE WHEN p.nth <= 3 THEN 'monthly' ELSE 'once' END AS cadence,
        CURRENT_DATE - (random() * 1000)::int AS since, random() AS share
    FROM unnest(%(programs)s::text[]) WITH ORDINALITY p (code, nth) WHERE (p.nth + r.nth) %% %(of)s < %(each)s
) g LIMIT %(records)s
"""
COVER = """
INSERT INTO households_coverage (record_id, resident_id, since, until)
SELECT a.id, a.resident_id, a.since, a.until FROM households_assistancerecord a
LEFT JOIN households_coverage c ON c.record_id = a.id WHERE c.id IS NULL AND a.resident_id IS NOT NULL
"""
# What a careful hand would ask of the records: distinct by person and household, in force at the month's end.
IN_FORCE = (
    "households_assistancerecord a WHERE a.cadence <> 'once' AND a.since <= %(last)s AND (a.until IS NULL OR a.until >= %(last)s) {place}"
)
HOME = (
    "households_assistancerecord a LEFT JOIN households_membership m ON m.resident_id = a.resident_id AND m.since <= %(last)s "
    "AND (m.until IS NULL OR m.until > %(last)s) WHERE a.cadence <> 'once' AND a.since <= %(last)s "
    "AND (a.until IS NULL OR a.until >= %(last)s) {place}"
)
REACHED = (
    "households_assistancerecord a JOIN households_coverage c ON c.record_id = a.id AND c.since <= %(last)s "
    "AND (c.until IS NULL OR c.until >= %(last)s) WHERE a.cadence <> 'once' AND a.since <= %(last)s "
    "AND (a.until IS NULL OR a.until >= %(last)s) {place}"
)
KEY = "COALESCE(a.household_id, m.household_id, a.resident_id)"
MONTHS = "generate_series(%(first)s::date - interval '11 months', %(first)s::date, '1 month') AS t (month)"
RAW = {
    "records by program": f"SELECT a.program_id, count(*) FROM {IN_FORCE} GROUP BY 1",
    "sums by program": f"SELECT a.program_id, sum(a.amount) FROM {IN_FORCE} GROUP BY 1",
    "households by program": f"SELECT a.program_id, count(DISTINCT {KEY}) FROM {HOME} GROUP BY 1",
    "people by program": f"SELECT a.program_id, count(DISTINCT c.resident_id) FROM {REACHED} GROUP BY 1",
    "households by township": f"SELECT left(a.region_code, 9), count(DISTINCT {KEY}) FROM {HOME} GROUP BY 1",
    "people by township": f"SELECT left(a.region_code, 9), count(DISTINCT c.resident_id) FROM {REACHED} GROUP BY 1",
    "households": f"SELECT count(DISTINCT {KEY}) FROM {HOME}",
    "people": f"SELECT count(DISTINCT c.resident_id) FROM {REACHED}",
    "sums by month": (
        f"SELECT t.month, sum(a.amount) FROM {MONTHS} JOIN households_assistancerecord a ON a.cadence = 'monthly' "
        "AND a.since < t.month + interval '1 month' AND (a.until IS NULL OR a.until >= t.month) {place} GROUP BY 1"
    ),
    "once by month": (
        "SELECT date_trunc('month', a.since), count(*), sum(a.amount) FROM households_assistancerecord a "
        "WHERE a.cadence = 'once' AND a.since >= %(first)s::date - interval '11 months' {place} GROUP BY 1"
    ),
    "begun by month": (
        "SELECT date_trunc('month', a.since), count(DISTINCT a.resident_id) FROM households_assistancerecord a "
        "WHERE a.cadence <> 'once' AND a.since >= %(first)s::date - interval '11 months' {place} GROUP BY 1"
    ),
    "ended by month": (
        "SELECT date_trunc('month', a.until), count(DISTINCT a.resident_id) FROM households_assistancerecord a "
        "WHERE a.cadence <> 'once' AND a.until >= %(first)s::date - interval '11 months' {place} GROUP BY 1"
    ),
}
ROW_TRIGGER = """
CREATE FUNCTION bench_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO monitoring_summarymark (township_code, since, until) VALUES (left(NEW.region_code, 9), NEW.since, NEW.until);
  RETURN NULL;
END $$;
CREATE TRIGGER bench_mark AFTER INSERT ON households_assistancerecord FOR EACH ROW EXECUTE FUNCTION bench_mark();
"""


def execute(statement: str, given: dict[str, Any] | None = None) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall()) if cursor.description else []


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fill(records: int) -> int:
    """Up to so many records in all, by chance that is the same each time."""
    from households.models import AssistanceRecord
    from organization.models import Post, Unit
    from programs.models import Program

    codes = list(Program.objects.filter(beneficiary="resident", is_sensitive=False).order_by("pk").values_list("pk", flat=True)[:9])
    people = execute("SELECT count(*) FROM households_resident WHERE region_id IS NOT NULL")[0][0]
    each = min(len(codes), -(-records // people))
    execute("SELECT setseed(0.5)")
    execute(
        FILL,
        {
            "unit": Unit.objects.filter(kind="department").values_list("pk", flat=True)[0],
            "by": Post.objects.the_system().pk,
            "programs": codes,
            "of": len(codes),
        }
        | {"each": each, "records": records},
    )
    execute(COVER)
    execute("VACUUM ANALYZE households_assistancerecord, households_coverage, households_membership")
    return AssistanceRecord.objects.count()


def posts() -> dict[str, Any]:
    return {"county": worker("platform"), "township": worker("township_window", "500233001")}


def page(post: Any, month: Any) -> int:
    """The twelve, as a page reads them."""
    from monitoring.summaries import read

    months = read.months_until(month, YEAR)
    county = read.reads_townships(post)
    told = [
        read.rolls(post, [month], by="program"),
        read.rolls(post, [month], by="township") if county else read.rolls(post, [month]),
        read.rolls(post, months),
        read.rolls(post, [month], by="department"),
    ]
    return sum(map(len, told))


def each_time(work: Callable[[], object]) -> Callable[[Any], object]:
    return lambda _: work()


def all_raw(place: str, given: dict[str, Any]) -> None:
    for one in RAW.values():
        execute(one.format(place=place), given)


def reading(rounds: int) -> int:
    from config import clock
    from monitoring.summaries.counting import Month

    first = clock.today().replace(day=1)
    given = {"first": first, "last": Month(first).last}
    rows, missed = [], 0
    execute("SET max_parallel_workers_per_gather = 0")
    for who, post in posts().items():
        place = "AND a.region_code LIKE '500233001%%'" if who == "township" else ""
        works: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
            "cells": (each_time(partial(page, post, first)), [None] * rounds * 5),
            "raw": (each_time(partial(all_raw, place, given)), [None] * rounds),
            "scan": (lambda _: execute("SELECT sum(amount) FROM households_assistancerecord"), [None] * rounds),
        }
        found = latencies(works)
        cells, raw, scan = (found[name].median for name in works)
        limit = TOWNSHIP_MS if who == "township" else COUNTY_MS
        rows += [
            Row(f"{who}: 12 aggregates by SQL of the records", f"{raw:.0f} ms"),
            Row(f"{who}: one pass over the records", f"{scan:.0f} ms"),
            Row(f"{who}: 12 aggregates from cells", f"{cells:.1f} ms", "", f"<= {limit} ms", cells <= limit),
            at_least("- against SQL of the records", "", raw / cells, TIMES_RAW, "as quick"),
            at_most("- against one pass", "", cells / scan, 1, "of the pass"),
        ]
    missed += table(f"Twelve aggregates, no parallel workers; cells up to {first:%Y-%m}", rows)
    execute("RESET max_parallel_workers_per_gather")
    return missed


@contextmanager
def taken_back() -> Iterator[None]:
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def insert(rows: int) -> float:
    """So many once-given records, as the apply of a roll writes them: seconds of the server's processor."""
    statement = """
        INSERT INTO households_assistancerecord (id, program_id, resident_id, region_code, amount, in_kind, cadence, since, source, unit_id,
            granted_at, granted_by_id)
        SELECT gen_random_uuid(), program_id, resident_id, region_code, 88, '', 'once', CURRENT_DATE, 'roll', unit_id, now(), granted_by_id
        FROM households_assistancerecord WHERE resident_id IS NOT NULL LIMIT %(rows)s"""
    with taken_back():
        began = of_the_server()
        execute(statement, {"rows": rows})
        return of_the_server() - began


def upkeep() -> int:
    """By the server's processor time: works take turns, pair by pair in either order, and their sums are compared; a single one moves by a
    third. The row's own trigger last, for it leaves a mark for each row."""

    def bare(count: int) -> float:
        with taken_back():
            execute("ALTER TABLE households_assistancerecord DISABLE TRIGGER insert_of_records_marks_months")
            return insert(count)

    def by_row(count: int) -> float:
        with taken_back():
            execute("ALTER TABLE households_assistancerecord DISABLE TRIGGER insert_of_records_marks_months")
            execute(ROW_TRIGGER)
            return insert(count)

    rows = []
    for count, pairs in ((10_000, 20), (100_000, 4)):
        insert(count)
        nothing = marked = 0.0
        for turn in range(pairs):
            if turn % 2:
                marked += insert(count)
            nothing += bare(count)
            if not turn % 2:
                marked += insert(count)
        each = sum(by_row(count) for _ in range(2)) / 2
        rows += [
            Row(f"{count:,} records inserted, nothing marked, {pairs} times", f"{nothing / pairs * 1000:.0f} ms"),
            at_most("- marked by the statement", f"{marked / pairs * 1000:.0f} ms", marked / nothing, 1 + UPKEEP, "nothing marked"),
            Row("- marked by each row", f"{each * 1000:.0f} ms", f"{each * pairs / nothing:.2f} x nothing marked"),
        ]
    return table("Marks, processor time of the server", rows)


def beside_an_import(size: int) -> int:
    """A roll the whole road of the house, and the minute's count that follows it: of the minute, for it comes once in it at most."""
    from datetime import timedelta

    from bench.rolls import Desk, nobody_else_runs_jobs, people, sheet
    from config import clock
    from monitoring.models import SummaryMark
    from monitoring.transitions.summaries import count_changed

    first = clock.today().replace(day=1)
    with nobody_else_runs_jobs():
        desk = Desk()
        octets = sheet(people(size), first - timedelta(days=1), spoil=False)
        count_changed()
        entered = timed(lambda: desk.enter(desk.read(octets, clock.today())))
    marks = SummaryMark.objects.count()
    months, counted = 0, 0.0

    def count() -> None:
        nonlocal months
        months = count_changed()

    counted = timed(count)
    return table(
        "Beside an import",
        [
            Row(f"a roll of {size:,} rows entered, with {marks} marks", f"{entered:.1f} s"),
            Row("counted again after it", f"{counted:.1f} s", f"{months} months, {counted / entered:.2f} x the import"),
            Row("- of the minute", f"{counted / 60:.1%}", "", f"<= {UPKEEP:.0%}", counted / 60 <= UPKEEP),
        ],
    )


def counting() -> int:
    from config import clock
    from monitoring.models import SummaryCell
    from monitoring.transitions import summaries
    from organization.models import Post

    first = clock.today().replace(day=1)
    touch = (
        "UPDATE households_assistancerecord SET amount = amount + 1 WHERE id = (SELECT id FROM households_assistancerecord {where} LIMIT 1)"
    )
    rows = [Row("cells", f"{SummaryCell.objects.count():,}")]

    def one() -> float:
        with taken_back():
            execute(touch.format(where=f"WHERE cadence = 'once' AND since >= '{first}'"))
            return timed(summaries.count_changed)

    def sums() -> float:
        """In all townships, as after a roll with other sums."""
        towns = {code for (code,) in execute("SELECT DISTINCT township_code FROM monitoring_summarycell WHERE township_code <> ''")}
        with taken_back():
            execute(touch.format(where="WHERE cadence = 'monthly'"))
            return timed(lambda: summaries._recount(first, summaries.Changed(added=towns)))

    rows.append(Row("a minute's count, nothing changed", f"{timed(summaries.count_changed) * 1000:.0f} ms"))
    rows.append(Row("- one grant of this month changed", f"{min(one() for _ in range(3)) * 1000:.0f} ms"))
    rows.append(Row("- the sum of one grant in force changed, this month's alone", f"{min(sums() for _ in range(3)) * 1000:.0f} ms"))
    whole = timed(lambda: summaries._recount(first, summaries.Changed({summaries.EVERYWHERE})))
    rows.append(Row("this month counted whole", f"{whole * 1000:.0f} ms"))
    rows.append(Row("a night's count of every month", f"{timed(lambda: summaries.check_all(by=Post.objects.the_system())):.1f} s"))
    return table("Counting", rows)


def work(rounds: int) -> int:
    """Days of each step, and what was in time, of a year and the whole county."""
    from config import clock
    from monitoring.dashboards import of_work
    from monitoring.dashboards.questions import Question
    from monitoring.models import WorkMonth
    from monitoring.transitions.work_summaries import count_work
    from referrals.models import Referral

    post, month = posts()["county"], clock.today().replace(day=1)
    rows = [Row("referrals", f"{Referral.objects.count():,}")]

    def told(read: Callable[[Question], object]) -> object:
        return read(Question(post, month))  # a new question: nothing of the last one is known

    figures = {"days of each step": of_work.flow, "in time, by township": of_work.kept}
    asked: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
        name: (each_time(partial(told, read)), [None] * rounds) for name, read in figures.items()
    }
    from_rows = latencies(asked)
    rows.append(Row("a night's count of every month", f"{timed(count_work):.1f} s", f"{WorkMonth.objects.count()} months"))
    execute("VACUUM ANALYZE monitoring_workcell, referrals_referral")
    for name, found in latencies(asked).items():
        raw = from_rows[name].median
        rows += [
            Row(f"{name}, from the rows", f"{raw:.0f} ms"),
            Row("- from cells and the rows of today", f"{found.median:.1f} ms", "", f"<= {COUNTY_MS} ms", found.median <= COUNTY_MS),
            at_least("- against the rows", "", raw / found.median, TIMES_RAW, "as quick"),
        ]
    return table("How work goes, the county's year", rows)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--referrals", type=int, default=REFERRALS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--roll", type=int, default=20_000)
    options = parser.parse_args()
    with county("bench_dashboard", options.households, options.referrals) as said:
        from monitoring.transitions import summaries

        summaries.SECONDS = float("inf")

        print(f"{machine()}\n{said}")
        print(f"{fill(options.records):,} records")
        print(f"counted for the first time: {timed(summaries.count_changed):.1f} s")
        execute("VACUUM ANALYZE monitoring_summarycell")
        return min(work(options.rounds) + reading(options.rounds) + upkeep() + counting() + beside_an_import(options.roll), 1)


if __name__ == "__main__":
    sys.exit(main())
