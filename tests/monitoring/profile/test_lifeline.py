"""Bars over time: each record stands where its days are, whatever the scale; lines add up to the columns."""

import random
from datetime import date, timedelta
from types import SimpleNamespace

from monitoring.profile.lifeline import MOST, lifeline

TODAY = date(2026, 9, 24)


def record(since, until=None, program="低保", whom="", amount=600):
    department = SimpleNamespace(name="县民政局")

    class Program:
        def __str__(self):
            return program

    made = Program()
    made.department = department
    return SimpleNamespace(
        pk=f"{program}{since}{until}", since=since, until=until, program=made, resident=SimpleNamespace(name=whom) if whom else None,
        amount=amount, in_kind="",
    )  # fmt: skip


def test_nothing_was_ever_given():
    assert lifeline([], TODAY) is None


def test_a_bar_begins_and_ends_in_its_months():
    found = lifeline([record(date(2026, 1, 15), date(2026, 3, 31)), record(date(2026, 4, 1))], TODAY)
    [line] = found.lines
    assert (found.columns, found.step) == (9, 1)
    assert [(cell.span, cell.is_open) for cell in line.cells] == [(3, False), (6, True)]
    assert [(head.span, head.record) for head in found.heads] == [(9, "2026")]


def test_what_shares_a_column_stands_beneath():
    found = lifeline([record(date(2026, 1, 1), date(2026, 3, 10)), record(date(2026, 3, 11))], TODAY)
    assert [[cell.span for cell in line.cells] for line in found.lines] == [[3, 6], [2, 7]]


def test_what_follows_on_has_the_column_that_both_reach_into():
    """A new standard from the middle of a column is not drawn as if the same aid were given twice."""
    found = lifeline([record(date(2024, 7, 1), date(2026, 5, 31)), record(date(2026, 6, 1))], TODAY)
    assert (found.step, [[cell.span for cell in line.cells] for line in found.lines]) == (2, [[11, 3]])
    found = lifeline([record(date(2024, 7, 1), date(2026, 5, 31)), record(date(2026, 5, 20))], TODAY)
    assert [[cell.span for cell in line.cells] for line in found.lines] == [[12, 2], [11, 3]]


def test_a_long_life_fits_on_the_page():
    rows = random.Random(7)
    for _ in range(60):
        records = []
        for _ in range(rows.randint(1, 12)):
            since = TODAY - timedelta(days=rows.randint(-40, 20_000))
            until = rows.choice([None, since, since + timedelta(days=rows.randint(0, 6_000))])
            records.append(record(since, until, rows.choice(["低保", "高龄", "教育"]), rows.choice(["", "甲"])))
        found = lifeline(records, TODAY)
        assert 1 <= found.columns <= MOST
        assert sum(head.span for head in found.heads) == found.columns
        assert all(sum(cell.span for cell in line.cells) == found.columns for line in found.lines)
        placed = [cell.record.pk for line in found.lines for cell in line.cells if cell.record]
        assert len(placed) == len(set(placed))
        begun = {row.pk for row in records if row.since <= TODAY and (row.until is None or row.until >= TODAY)}
        assert begun <= set(placed)
