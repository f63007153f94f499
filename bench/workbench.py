"""The workbench over 300,000 duties (PERFORMANCE 6): `python -m bench.workbench [--households 60000] [--rounds 60]`.

Through Django's test client: every middleware, the session and the acting post are part of each figure, a network is not. Beside each
tab stands what its statements read, by EXPLAIN (ANALYZE, BUFFERS).
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from html import unescape
from typing import Any

from bench.county import county
from bench.harness import Row, machine, table
from bench.main_road import HOUSEHOLDS, pages_of, prepare, worker

WORKBENCH, COUNTS = "/workbench/", "/workbench/counts/?since=2026-01-01T00:00:00%2B00:00"
LIMIT, MOST_QUERIES = 150, 15
DEEP = 40
PEOPLE = {"window": ("township_window", "500233001"), "department": ("department", "MZ"), "platform": ("platform", "")}


def escalate() -> int:
    """As the sweep does: one in ten of the late ones has gone over the unit's head."""
    from config import clock
    from deadlines.models import Duty, Reminder

    now = clock.now()
    late = Duty.objects.overdue(now).filter(is_promise=False).order_by("pk").values_list("pk", "due_at")
    rows = [
        Reminder(duty_id=pk, stage="to_head", due_at=due, is_urgent=False, made_at=now)
        for number, (pk, due) in enumerate(late)
        if not number % 10
    ]
    return len(Reminder.objects.bulk_create(rows, batch_size=5_000))


def percentile(get: Callable[[str], Any], address: str, rounds: int) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    get(address)
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        get(address)
        found.append((time.perf_counter() - start) * 1000)
    found.sort()
    return found[len(found) // 2], found[max(int(len(found) * 0.95) - 1, 0)]


def queries_of(get: Callable[[str], Any], address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        get(address)
    return len(captured)


def plan(rows: Any) -> tuple[int, float, str]:
    """Blocks, milliseconds and ways of reading duties of one statement."""
    text, values = rows.query.sql_with_params()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", values)
        found = cursor.fetchone()[0]
    top = (found if isinstance(found, list) else json.loads(found))[0]
    return (
        top["Plan"]["Shared Hit Blocks"] + top["Plan"]["Shared Read Blocks"],
        top["Execution Time"],
        ", ".join(sorted(set(_ways(top["Plan"])))),
    )


def _ways(node: dict[str, Any]) -> list[str]:
    own = [f"{node['Node Type']} {node.get('Index Name', '')}".strip()] if "Scan" in node["Node Type"] else []
    return own + [way for part in node.get("Plans", []) for way in _ways(part)]


def deep(get: Callable[[str], Any], address: str) -> str:
    """A page far down, reached as people reach it, or the last one there is."""
    for _ in range(DEEP):
        found = re.search(r'rel="next"[^>]*href="([^"]+)"', get(address).content.decode())
        if found is None:
            return address
        address = unescape(found[1])
    return address


def pages(rounds: int) -> int:
    from monitoring.workbench import TABS

    rows = []
    for who, (kind, where) in PEOPLE.items():
        get = pages_of(worker(kind, where))
        for tab in TABS:
            address = f"{WORKBENCH}?tab={tab.name}"
            shown = {f"{who}: {tab.label}": address, f"{who}: {tab.label}, deep": deep(get, address)}
            for what, at in shown.items():
                if what.endswith("deep") and at == address:
                    continue
                rows.append(measured(what, get, at, rounds))
        rows.append(measured(f"{who}: its numbers alone", get, COUNTS, rounds))
    return table("Workbench, 20 rows a page, median / 95th percentile", rows)


def measured(what: str, get: Callable[[str], Any], address: str, rounds: int) -> Row:
    median, late = percentile(get, address, rounds)
    asked = queries_of(get, address)
    return Row(
        what, f"{median:.0f} / {late:.0f} ms", f"{asked} queries", f"<= {LIMIT} ms, {MOST_QUERIES}", late <= LIMIT and asked <= MOST_QUERIES
    )


def statements() -> int:
    from config import clock
    from config.keyset import CAP
    from monitoring.workbench import TABS, of_tab

    rows = []
    for who, (kind, where) in PEOPLE.items():
        posts = [worker(kind, where)]
        for tab in TABS:
            found = of_tab(posts, tab.name, clock.now())
            if tab.name != "closed":
                blocks, took, ways = plan(found.order_by().values("pk")[: CAP + 1])
                rows.append(Row(f"{who}: {tab.label}, counted", f"{blocks} blocks, {took:.1f} ms", ways))
            blocks, took, ways = plan(found.order_by("-closed_at" if tab.name == "closed" else "due_at", "id")[:21])
            rows.append(Row(f"{who}: {tab.label}, listed", f"{blocks} blocks, {took:.1f} ms", ways))
    return table("What the statements of the workbench read", rows)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    parser.add_argument("--referrals", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    with county("bench_workbench", options.households, options.referrals) as said:
        prepare()
        from deadlines.models import Duty

        print(f"{machine()}\n{said}")
        told = f"{Duty.objects.count():,} duties, {Duty.objects.open().count():,} open, {escalate():,} gone over the unit's head"
        print(told)
        from django.db import connection

        connection.cursor().execute("VACUUM ANALYZE deadlines_duty, deadlines_reminder")
        return min(pages(options.rounds) + statements(), 1)


if __name__ == "__main__":
    sys.exit(main())
