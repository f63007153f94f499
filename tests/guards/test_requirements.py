"""docs/requirements.csv names every requirement once, and what it calls shown is shown by tests that exist."""

import ast
import csv
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["id", "part", "title", "state", "tests", "note"]
STATES = {"shown", "part", "not yet", "context"}
# The rule book is not in the repository, so its ids are pinned here: prefix -> how many, and those whose numbers do not run from 1 to that.
COUNTS = {"ZX": 59, "TZ": 38, "XX": 50, "QJ": 26, "LY": 33, "LY-P": 14, "C": 61, "K": 15, "R": 11, "S": 7}
RUNS_TO = {"ZX": 58, "TZ": 38, "XX": 50, "QJ": 26, "LY": 33, "LY-P": 14, "C": 61, "K": 15}
ALONE = {"ZX-55b", "R1", "R2", "R3", "R4", "R5", "R6", "R9", "R10", "R11", "R12", "R13", "S1", "S2", "S5", "S6", "S8", "S9", "S10"}
Row = dict[str, str]


def read() -> list[Row]:
    text = (ROOT / "docs/requirements.csv").read_text(encoding="utf-8")
    assert not text.startswith("\ufeff")
    reader = csv.DictReader(text.splitlines())
    assert reader.fieldnames == COLUMNS
    return list(reader)


def expected_ids() -> set[str]:
    numbered = {
        f"{prefix}{number}" if prefix == "LY-P" else f"{prefix}-{number:02d}"
        for prefix, last in RUNS_TO.items()
        for number in range(1, last + 1)
    }
    return numbered | ALONE


def existing_tests() -> set[str]:
    """Every `path::function` in tests/, by reading the files rather than importing them."""
    found = set()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        where = path.relative_to(ROOT).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{where}::{node.name}")
    return found


def faults(rows: list[Row], tests: set[str]) -> list[str]:
    """What is wrong with the rows, one sentence each."""
    found = []
    times = Counter(row["id"] for row in rows)
    found += [f"{id} stands {count} times" for id, count in times.items() if count > 1]
    found += [f"{id} is missing" for id in sorted(expected_ids() - set(times))]
    found += [f"{id} is no id of the rules" for id in sorted(set(times) - expected_ids())]
    for row in rows:
        named = row["tests"].split()
        found += [f"{row['id']} names {name}, which does not exist" for name in named if name not in tests]
        if row["state"] not in STATES:
            found.append(f"{row['id']} has the unknown state {row['state']!r}")
        if row["state"] in {"shown", "part"} and not named:
            found.append(f"{row['id']} is {row['state']} but names no test")
        if row["state"] in {"not yet", "context"} and named:
            found.append(f"{row['id']} is {row['state']} but names tests")
        if row["state"] == "part" and not row["note"]:
            found.append(f"{row['id']} is shown in part but does not say what is open")
        if not row["title"] or len(row["title"]) > 30 or not row["part"]:
            found.append(f"{row['id']} needs a part and a title of at most 30 characters")
    return found


def test_every_requirement_stands_once_and_its_tests_exist() -> None:
    assert faults(read(), existing_tests()) == []


def test_each_prefix_has_its_number_of_ids() -> None:
    assert Counter(re.match(r"LY-P|[A-Z]+", row["id"])[0] for row in read()) == COUNTS  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"tests": "tests/test_nowhere.py::test_nothing", "state": "shown"},
            "names tests/test_nowhere.py::test_nothing, which does not exist",
        ),
        ({"state": "shown", "tests": ""}, "is shown but names no test"),
        ({"state": "not yet", "tests": "tests/a.py::test_a"}, "is not yet but names tests"),
        ({"state": "part", "tests": "tests/a.py::test_a", "note": ""}, "does not say what is open"),
        ({"state": "done", "tests": ""}, "has the unknown state 'done'"),
        ({"title": "长" * 31}, "needs a part and a title"),
        ({"id": "ZX-99"}, "ZX-99 is no id of the rules"),
        ({"id": "ZX-02"}, "ZX-02 stands 2 times"),
    ],
)
def test_a_broken_row_is_found(change: Row, sentence: str) -> None:
    rows = read()
    rows[[row["id"] for row in rows].index("ZX-01")].update(change)
    assert any(sentence in fault for fault in faults(rows, {"tests/a.py::test_a"}))


def test_a_missing_row_is_found() -> None:
    assert "TZ-38 is missing" in faults([row for row in read() if row["id"] != "TZ-38"], existing_tests())
