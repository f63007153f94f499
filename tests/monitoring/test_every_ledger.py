"""Whatever a ledger gives, before each post that may have it: every text of its file opens as text, nothing is a formula, and what two
other programs read of it equals what was asked."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
import python_calamine

from config import clock
from households.models import Resident
from organization.models import Unit
from spreadsheets import asking, making
from spreadsheets.cells import Kind
from spreadsheets.downloads import Part, tab
from spreadsheets.ledgers import Asked, ledgers_for
from spreadsheets.workbook import HEAD_ROWS, Sheet, workbook
from tests import cast
from tests.monitoring.household_ledger.county import aided_county

pytestmark = pytest.mark.django_db
HOSTILE = ("=1+1", '=cmd|"/C calc"!A0', "+86", "-1", "@SUM(A1)", "<b>&amp;</b>")
POSTS = ("clerk", "officer", "civil_approver", "platform_approver", "supervision")
BLANK = (None, "")


@pytest.fixture
def county():
    aided_county()
    for number, pk in enumerate(Resident.objects.order_by("pk").values_list("pk", flat=True)):
        Resident.objects.filter(pk=pk).update(name=HOSTILE[number % len(HOSTILE)])
    Unit.objects.filter(kind="department").update(address="=HYPERLINK(1)")


@pytest.mark.parametrize("name", POSTS)
def test_every_text_is_a_text_and_other_programs_read_what_was_asked(name, county):
    post = cast.member(name)
    read = 0
    for ledger in ledgers_for(post):
        if ledger.key.startswith("test."):  # another test's, declared in this process
            continue
        asked = Asked(post, asking.defaults(ledger, post), in_clear=ledger.may_in_clear)
        assert asking.valid_form(ledger, asked)
        parts = list(ledger.parts(asked))
        expected = [_rows(part) for part in parts]
        sheets = [
            Sheet(f"{at}{tab(part.title)}"[:31], part.title, part.columns, rows)
            for at, (part, rows) in enumerate(zip(parts, expected, strict=True))
        ]
        octets = b"".join(workbook(sheets, watermark="测试"))
        book = openpyxl.load_workbook(io.BytesIO(octets))
        other = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(octets))
        for sheet, part, rows in zip(sheets, parts, expected, strict=True):
            assert len({column.label for column in part.columns}) == len(part.columns), part.title
            lines = list(book[sheet.name].iter_rows(min_row=HEAD_ROWS + 1, max_col=len(part.columns)))
            also = other.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)[HEAD_ROWS:]
            assert len(lines) == len(rows), part.title
            for line, second, row in zip(lines, also, rows, strict=True):
                for cell, value, column, seen in zip(line, row, part.columns, second, strict=False):
                    assert cell.data_type != "f"
                    if column.kind == Kind.TEXT and value not in BLANK:
                        assert (cell.data_type, cell.number_format) == ("s", "@")
                    assert _said(cell.value) == _said(value) == _said(seen), (ledger.key, column.label)
                    read += 1
        assert making.chosen(parts, [f"0:{parts[0].columns[0].label}"])
    assert read or name == "supervision"


def _rows(part: Part) -> list[list[object]]:
    held = part.held(1_000)
    return [list(row) for row in held]


def _said(value: object) -> object:
    """A value as any program may hold it: numbers as floats, days as days, a moment to its minute."""
    if value in BLANK:
        return ""
    if isinstance(value, datetime):
        moment = clock.local(value).replace(tzinfo=None) if value.tzinfo else value
        return moment.date() if not (moment.hour or moment.minute) else moment.replace(second=0, microsecond=0)
    if isinstance(value, date):
        return value
    if isinstance(value, bool | int | float | Decimal):
        return float(value)
    return str(value)
