"""The sweep over a county's open duties (issue 6, DESIGN 6): `python -m bench.sweep`.

Reminders a second of the one statement per rule, against a loop through the ORM in the same run, timed on a sample and extrapolated; and
what a sweep costs that finds nothing, which is what happens each minute.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bench.harness import Row, at_least, machine, scratch_database, table

SIZES = tuple(int(size) for size in os.environ.get("BENCH_DUTIES", "100000 300000").split())
SAMPLE = 2_000
IDLE_TURNS = 7
# A usual day: of the open duties so many are late, near their end, in time (percent).
LATE, NEAR = 5, 10


def pile(number: int, now: datetime, shares: tuple[int, int]) -> None:
    """Open duties over all units by one statement: `shares` percent late since yesterday, and near their end."""
    from django.db import connection, transaction

    from config.county import trusting_its_own_keys
    from organization.models import Post

    late, near = shares
    with transaction.atomic(), connection.cursor() as cursor:
        trusting_its_own_keys()
        cursor.execute("TRUNCATE deadlines_reminder, deadlines_duty CASCADE")
        cursor.execute(
            """INSERT INTO deadlines_duty (id, unit_id, kind, kind_name, subject_label, subject_id, title, url, region_code, topic_code,
                 rule, "limit", shifts, basis, is_promise, is_return, opened_at, opened_by_id, starts_at, due_at, amber_at,
                 calendar_version, falls_back, outcome)
               SELECT gen_random_uuid(), unit.ids[1 + n %% array_length(unit.ids, 1)], 'decide', '审批', 'bench.pile', n::text,
                 '转办单' || n, '', '', '', 'working_days', 10, false, '', false, false, %(opened)s, %(by)s, %(opened)s,
                 %(now)s::timestamptz + day.due, %(now)s::timestamptz + day.amber, 1, false, ''
               FROM generate_series(1, %(number)s) AS n,
                 (SELECT array_agg(id) AS ids FROM organization_unit) AS unit,
                 LATERAL (SELECT CASE WHEN n %% 100 < %(late)s THEN interval '-1 day'
                                      WHEN n %% 100 < %(near)s THEN interval '2 days' ELSE interval '20 days' END AS due,
                                 CASE WHEN n %% 100 < %(late)s THEN interval '-4 days'
                                      WHEN n %% 100 < %(near)s THEN interval '-1 hour' ELSE interval '17 days' END AS amber) AS day""",
            {
                "number": number, "now": now, "opened": now - timedelta(days=30), "late": late, "near": late + near,
                "by": Post.objects.the_system().pk,
            },
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE deadlines_duty")
        cursor.execute("VACUUM ANALYZE deadlines_reminder")


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def by_loop(now: datetime, number: int) -> int:
    """As a nightly job would do it: each late duty fetched, asked about, written."""
    from deadlines.models import Duty, Reminder

    for duty in Duty.objects.open().filter(due_at__lte=now).order_by("due_at", "id")[:number]:
        Reminder.objects.get_or_create(duty=duty, stage="overdue", due_at=duty.due_at, defaults={"is_urgent": False, "made_at": now})
    return number


def backlog(number: int, night: datetime) -> list[Row]:
    """All of them late at once, as after an outage: three reminders for each."""
    from deadlines.models import Reminder
    from deadlines.transitions import sweep

    pile(number, night, (100, 0))
    loop = SAMPLE / timed(lambda: by_loop(night, SAMPLE))
    Reminder.objects.all().delete()
    seconds = timed(sweep)
    made = Reminder.objects.count()
    again = timed(sweep)
    return [
        Row(f"{number:,} open duties, all late: reminders a second, loop through the ORM ({SAMPLE:,} of them)", f"{loop:,.0f}"),
        at_least(f"- the sweep, {made:,} reminders in {seconds:.1f} s", f"{made / seconds:,.0f}", made / seconds / loop, 20, "the loop"),
        Row("- the next sweep, which finds all of them made", f"{again * 1000:,.0f} ms"),
    ]


def usual_day(number: int, night: datetime) -> list[Row]:
    from deadlines.models import Reminder
    from deadlines.transitions import sweep

    pile(number, night, (LATE, NEAR))
    first = timed(sweep)
    made = Reminder.objects.count()
    idle = statistics.median(timed(sweep) for _ in range(IDLE_TURNS))
    return [
        Row(f"{number:,} open duties, {LATE} % late, {NEAR} % near: first sweep, {made:,} reminders", f"{first:.2f} s"),
        Row("- a sweep that finds nothing", f"{idle * 1000:,.0f} ms", f"{idle / 60:.2%} of the minute between two", "<= 2 %", idle <= 1.2),
    ]


def main() -> int:
    with scratch_database("bench_sweep"):
        from django.core.management import call_command

        from config import clock
        from deadlines.rules import SHANGHAI

        night = datetime(2026, 10, 13, 0, 5, tzinfo=SHANGHAI)  # a working day, hours before the digest
        with clock.set_clock(night):
            call_command("load_reference", verbosity=0)
            print(machine())
            rows = [*backlog(SIZES[0], night), *(row for number in SIZES for row in usual_day(number, night))]
            return table("The sweep", rows)


if __name__ == "__main__":
    sys.exit(main())
