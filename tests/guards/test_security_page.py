"""docs/security.md tells the public state of every promise; docs/requirements.csv is where it is decided."""

import re
from pathlib import Path

from tests.guards.test_requirements import read

PAGE = Path(__file__).resolve().parents[2] / "docs/security.md"
LINE = re.compile(r"^\| ([RS]\d+) \| .+ \| (shown|part|not yet)\b.* \|$", re.MULTILINE)


def test_page_and_list_agree():
    told = dict(LINE.findall(PAGE.read_text(encoding="utf-8")))
    decided = {row["id"]: row["state"] for row in read() if re.fullmatch(r"[RS]\d+", row["id"])}
    assert told == decided, "change the state in docs/security.md as in docs/requirements.csv"
