"""核身用途 in every state, and lists to hold against the register."""

import io
from typing import Any

import openpyxl

from monitoring.models import CheckPurpose
from monitoring.transitions import list_checks as transitions
from tests import cast
from tests.replay import remembered

PURPOSE = "秋季学期资助对象资格核对"
STATES = ("proposed", "approved", "refused", "ended")


@remembered
def purpose_in(state: str = "approved", *, program: str = "JW02", proposer: str = "neighbour_officer", months: int = 12) -> CheckPurpose:
    """Of 县教委 unless said otherwise."""
    bureau = cast.member("platform_approver")
    row = transitions.propose_purpose(program_code=program, purpose=PURPOSE, by=cast.member(proposer))
    if state == "refused":
        return transitions.refuse_purpose(purpose_id=row.pk, answer="用途不清楚。", by=bureau)
    if state in {"approved", "ended"}:
        row = transitions.approve_purpose(purpose_id=row.pk, months=months, by=bureau)
    if state == "ended":
        row = transitions.end_purpose(purpose_id=row.pk, reason="不再需要。", by=bureau)
    return row


def workbook(*rows: Any, heads: tuple[str, ...] = ("证件号码", "姓名")) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (heads, *rows):
        sheet.append(row)
    octets = io.BytesIO()
    book.save(octets)
    return octets.getvalue()


def read(answer: Any) -> list[tuple[Any, ...]]:
    """The sheet that came back: heads in row 3."""
    sheet: Any = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [tuple(cell or "" for cell in row) for row in sheet.iter_rows(min_row=3, values_only=True)]
