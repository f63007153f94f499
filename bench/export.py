"""Workbooks (PERFORMANCE 1): `python -m bench.export [--rows 20000]`, 350,000 for the size of the county's ledger.

The writer is measured in processor time beside openpyxl's write_only and csv; a ledger end to end, by the clock, beside the bare COPY of
the same rows. Peak memory is that of a process which does nothing else.
"""

import argparse
import csv
import io
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from bench.harness import Row, at_least, at_most, machine, rates, scratch_database, table
from spreadsheets.cells import Column, Kind
from spreadsheets.workbook import Sheet, workbook

KINDS = [Kind.TEXT] * 16 + [Kind.NUMBER] * 5 + [Kind.DATE] * 4
COLUMNS = [Column(f"第{number}列", kind) for number, kind in enumerate(KINDS, 1)]
TEXTS = (
    "张*芳", "5002331990******1X", "忠州街道", "白公路社区", "低保", "一般户", "是", "县民政局", "最低生活保障", "定期", "批准",
    "不符合项目条件", "2026年", "城镇", "材料齐全，已入户调查",
)  # fmt: skip
DAY = date(2026, 9, 24)
STATEMENT = f"""
    SELECT 'ZB2026' || lpad(n::text, 8, '0'), {", ".join(f"'{text}'" for text in TEXTS)}, n, n %% 7, 3, n * 10, 2,
      {", ".join(["date '2026-09-24'"] * 4)}
    FROM generate_series(1, %s) AS n
"""  # noqa: S608 - our constants


def given(count: int) -> Iterator[tuple[Any, ...]]:
    for n in range(1, count + 1):
        yield (f"ZB2026{n:08d}", *TEXTS, n, n % 7, 3, n * 10, 2, DAY, DAY, DAY, DAY)


def written(rows: Any) -> int:
    return sum(map(len, workbook([Sheet("台账", "台账", COLUMNS, rows)], watermark="忠州街道 2026-09-24")))


def ours(count: int) -> None:
    written(given(count))


def openpyxl_write_only(count: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    for row in given(count):
        sheet.append(row)
    book.save(io.BytesIO())


def plain_csv(count: int) -> None:
    with open("/dev/null", "w", encoding="utf-8") as out:
        csv.writer(out).writerows(given(count))


WRITERS: dict[str, Callable[[int], None]] = {"ours": ours, "openpyxl": openpyxl_write_only, "csv": plain_csv}


def high_water() -> int:
    """MiB this process has held at most; `ru_maxrss` would count what its parent held before."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024


def peak(name: str, count: int) -> int:
    """MiB of a process that writes this and nothing else."""
    told = subprocess.run([sys.executable, "-m", "bench.export", "--alone", name, "--rows", str(count)], check=True, capture_output=True)
    return int(told.stdout)


def writer(count: int) -> int:
    rounds = 3 if count <= 50_000 else 1
    a_second = rates({name: (lambda write=write: write(count), count) for name, write in WRITERS.items()}, rounds)  # type: ignore[misc]
    memory = {name: peak(name, count) for name in ("ours", "openpyxl")}
    return table(
        f"{count:,} rows of 25 columns, rows a second of processor time",
        [
            at_least("workbook, streamed", f"{a_second['ours']:,.0f}", a_second["ours"] / a_second["openpyxl"], 10, "openpyxl write_only"),
            at_most("- of the limit", "", a_second["csv"] / a_second["ours"], 2, f"the time of csv ({a_second['csv']:,.0f})"),
            Row("peak memory", f"{memory['ours']} MiB", f"openpyxl {memory['openpyxl']} MiB", "<= 100 MiB", memory["ours"] <= 100),
        ],
    )


def ledger(count: int) -> int:
    from django.db import connection

    from spreadsheets.held import HeldRows

    def export() -> None:
        written(HeldRows(STATEMENT, [count], most=count))

    def copy() -> None:
        with connection.cursor() as cursor, open("/dev/null", "w", encoding="utf-8") as out:
            cursor.copy_expert(f"COPY ({cursor.mogrify(STATEMENT, [count]).decode()}) TO STDOUT", out)

    best = {"export": float("inf"), "copy": float("inf")}
    for _, (name, work) in itertools.product(range(3), (("export", export), ("copy", copy))):
        start = time.perf_counter()
        work()
        best[name] = min(best[name], time.perf_counter() - start)
    of_copy = f"{best['copy']:.2f} s of the bare COPY, which here computes nothing"
    return table(
        f"{count:,} rows of 25 columns from the database to .xlsx",
        [Row("statement held, fetched, written", f"{best['export']:.2f} s", of_copy)],
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--alone", choices=WRITERS)
    asked = parser.parse_args()
    if asked.alone:
        WRITERS[asked.alone](asked.rows)
        print(high_water())
        return 0
    with scratch_database("bench_export", "contenttypes"):
        print(machine())
        return writer(asked.rows) + ledger(asked.rows)


if __name__ == "__main__":
    sys.exit(main())
