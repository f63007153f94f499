"""What is written is what is read, and nothing that is written is ever a formula (SECURITY R11)."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from spreadsheets.cells import LONGEST, Column, Kind, letter
from spreadsheets.workbook import CHUNK, Sheet, workbook

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    Column("姓名"),
    Column("身份证号", width=20),
    Column("金额", Kind.NUMBER),
    Column("受理日期", Kind.DATE),
    Column("办结时间", Kind.MOMENT, 18),
)
ROW = ("张*芳", "5002331990******1X", Decimal("350.50"), date(2026, 9, 24), datetime(2026, 9, 24, 2, 30, tzinfo=UTC))
HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://x")',
    "_x003D_1",
    "]]>",
    "<f>1</f>",
    "</t>",
    "a&b",
    " 前后 ",
]


def written(*sheets, watermark="忠州街道 甘晓窗 2026-09-24 10:00 导出"):
    return b"".join(workbook(sheets, watermark=watermark))


def sheet_of(rows, columns=COLUMNS, **given_):
    return Sheet("台账", "转办反馈台账", columns, rows, **given_)


def xml_of(octets, number=1):
    with zipfile.ZipFile(io.BytesIO(octets)) as package:
        assert package.testzip() is None
        return package.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_both_readers_find_what_was_written():
    """openpyxl would warn of a missing style Normal, and a warning is an error here."""
    octets = written(sheet_of([ROW, (None, "", None, None, None)]), Sheet("第二张", "第二张", COLUMNS[:1], [("李某",)]))
    book = openpyxl.load_workbook(io.BytesIO(octets))
    first = book["台账"]
    assert book.sheetnames == ["台账", "第二张"]
    assert (first["A1"].value, first.freeze_panes, first["B3"].value) == ("转办反馈台账", "A4", "身份证号")
    assert [sheet["A2"].value for sheet in book] == ["忠州街道 甘晓窗 2026-09-24 10:00 导出"] * 2
    assert [str(cell.value) for cell in first[4]] == ["张*芳", "5002331990******1X", "350.5", "2026-09-24 00:00:00", "2026-09-24 10:30:00"]
    assert [cell.value for cell in first[5]] == [None] * 5
    assert {cell.number_format for cell in first[4][:2]} == {"@"}
    rows = CalamineWorkbook.from_filelike(io.BytesIO(octets)).get_sheet_by_name("台账").to_python()
    assert [str(value) for value in rows[3]] == ["张*芳", "5002331990******1X", "350.5", "2026-09-24", "2026-09-24 10:30:00"]


def meaning(text):
    """A text as a cell can hold it: Excel's ends of lines, the replacement for what XML has no way to say."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


any_text = st.text(st.characters(), max_size=30) | st.sampled_from(HOSTILE) | st.from_regex(r"[=+\-@\t\r].{0,8}", fullmatch=True)
any_value = any_text | st.integers() | st.floats() | st.decimals() | st.booleans() | st.dates() | st.datetimes() | st.none()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(any_text, any_value, any_value, any_value, any_value), min_size=1, max_size=6), any_text)
@example([(text, text, text, text, text) for text in HOSTILE], "=1+1")
@example([("=1+1", "<f>", 7, date(2026, 9, 24), None)] * 8, "一样的值")
@example([("a|b", "", 7, None, True), ("@", None, Decimal("NaN"), "x", 1)] * 8, "几个值，有空的")
def test_no_value_ever_becomes_a_formula(rows, said):
    octets = written(sheet_of(rows, [Column(said, column.kind) for column in COLUMNS], note=said), watermark=said)
    xml = xml_of(octets)
    assert not re.search(r"<f[ >/]|<hyperlink|<oleObject", xml)
    assert set(re.findall(r'<c [^>]*t="(\w+)"', xml)) <= {"inlineStr"}
    sheet = openpyxl.load_workbook(io.BytesIO(octets)).active
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    for number, row in enumerate(rows, 4):
        found = sheet.cell(number, 1).value or ""
        assert re.sub("_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", found) == meaning(row[0])
    CalamineWorkbook.from_filelike(io.BytesIO(octets)).get_sheet_by_index(0).to_python()


def test_identifiers_keep_their_digits_and_text_its_length():
    rows = [
        ("0123", 500233199001010011, 500233199001010011, "不是日期", "2026年"),
        ("长" * 40_000, "😀" * 20_000, float("nan"), date(1899, 1, 1), None),
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(written(sheet_of(rows)))).active
    assert [cell.value for cell in sheet[4]] == ["0123", "500233199001010011", "500233199001010011", "不是日期", "2026年"]
    assert (len(sheet["A5"].value), sheet["A5"].value[-1]) == (LONGEST, "…")
    assert len(sheet["B5"].value.encode("utf-16-le")) // 2 <= LONGEST
    assert [cell.value for cell in sheet[5][2:]] == ["nan", "1899-01-01", None]


def test_rows_beyond_the_limit_are_left_out_and_the_sheet_says_so():
    cut, whole = sheet_of([ROW] * 8, limit=5), Sheet("全", "全", COLUMNS, [ROW] * 5, limit=5)
    book = openpyxl.load_workbook(io.BytesIO(written(cut, whole)))
    assert (cut.written, cut.is_cut, whole.written, whole.is_cut) == (5, True, 5, False)
    assert book["台账"].max_row == 9
    assert book["台账"]["A9"].value == "以下未导出：本次最多导出5行，请缩小筛选范围后分次导出。"
    assert book["全"].max_row == 8


def test_rows_are_written_while_they_come():
    """The first octets leave before the last row is asked for, and no more is held back than a batch."""
    asked = []

    def rows():
        for number in range(20_000):
            asked.append(number)
            yield (f"张{number}", str(number * 7919), number, date(2026, 9, 24), None)

    chunks = iter(workbook([sheet_of(rows())], watermark="甲"))
    first = next(chunks)
    assert len(asked) < 15_000
    rest = list(chunks)
    assert len(asked) == 20_000
    assert max(map(len, [first, *rest])) < 4 * CHUNK


def test_a_value_met_again_is_written_as_if_it_were_alone():
    """What many rows have in common is looked at once: no cell may take another's value, kind or place for it."""
    different = [
        ("张|三", "", 1, date(2026, 9, 24), None),
        ("<b>", None, True, None, datetime(2026, 9, 24, 2, 30, tzinfo=UTC)),
        ("", "0123", Decimal("1.50"), date(1899, 1, 1), ""),
    ]
    rows = [different[number % 3] for number in range(1_203)]
    sheet = openpyxl.load_workbook(io.BytesIO(written(sheet_of(rows)))).active
    alone = openpyxl.load_workbook(io.BytesIO(written(sheet_of(different)))).active
    expected = [[(cell.value, cell.data_type, cell.number_format) for cell in alone[number]] for number in (4, 5, 6)]
    for number, line in enumerate(sheet.iter_rows(min_row=4)):
        assert [(cell.value, cell.data_type, cell.number_format) for cell in line] == expected[number % 3]


def test_what_breaks_its_rows_off_breaks_the_file_off():
    """Though some of them are being packed at that moment."""

    def rows():
        for number in range(5_000):
            yield (f"张{number}", str(number * 7919), number, date(2026, 9, 24), None)
        raise RuntimeError("the connection was lost")

    with pytest.raises(RuntimeError, match="connection was lost"):
        written(sheet_of(rows()))


def test_names_of_sheets_and_columns():
    assert [letter(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    for name in ("", "长" * 32, "a/b", "it's"):
        with pytest.raises(ValueError, match="name"):
            Sheet(name, "题", COLUMNS, [])
    with pytest.raises(ValueError, match="no two"):
        written(sheet_of([]), sheet_of([]))
    with pytest.raises(ValueError, match="zip"):
        written(sheet_of([("少一列",)]))


def test_every_file_of_rows_leaves_through_this_door():
    """What no value can break here holds for every export as long as no room writes workbooks or tables by another hand."""
    writers = re.compile(r"spreadsheetml|openpyxl|xlsxwriter|csv\.(?:Dict)?[wW]riter|text/csv")
    rooms = [path for path in ROOT.iterdir() if (path / "apps.py").exists() and path.name != "spreadsheets"]
    sources = [path for room in rooms for path in sorted(room.rglob("*.py"))]
    assert len(rooms) > 9
    assert len(sources) > 200
    assert [str(path.relative_to(ROOT)) for path in sources if writers.search(path.read_text(encoding="utf-8"))] == []
