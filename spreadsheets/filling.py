"""套表: the superior's blank workbook with a ledger's rows in it, its layout kept (openpyxl, on the form's own sheet).

Rows beyond the blank ones of the form are put in before whatever stands below (totals, signatures): that moves down with its merged cells,
heights and formulas, and a range that ends with the form's last blank row ends with the last row of data. Text is written as text: no cell
of data becomes a formula.
"""

import io
import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange

from config import clock
from config.verbs import TransitionError
from organization.figures import figure

from . import layout, uploads
from .cells import DIGITS, LONGEST, Column, Kind
from .downloads import Part
from .making import Making, watermark_of
from .models import SuperiorForm

PIECE = 1 << 16
FOOT = 120  # characters of a printed page's foot, which holds 255 with its marks
SERIAL = "#serial"
_REFERENCE = re.compile(
    r"^(?P<sheet>(?:'[^']+'|[^'!:]+)!)?(?P<a>\$?[A-Z]{1,3})(?P<ar>\$?)(?P<r>\d+)(?::(?P<b>\$?[A-Z]{1,3})(?P<br>\$?)(?P<s>\d+))?$"
)


@dataclass(frozen=True)
class Shift:
    """`by` rows come in before row `at` of a sheet; its data stand from `first` on. A range that ends in the row before grows."""

    sheet: str
    first: int
    at: int
    by: int

    def start(self, row: int) -> int:
        return row + self.by if row >= self.at else row

    def end(self, row: int) -> int:
        return row + self.by if row >= max(self.at - 1, self.first) else row


def part_of(form: SuperiorForm, parts: Sequence[Part]) -> Part:
    """Raises TransitionError where the ledger no longer has what the form is filled with."""
    if form.part >= len(parts):
        raise TransitionError("台账已没有这张表，请重新上传套表并对应列。")
    part = parts[form.part]
    labels = {column.label for column in part.columns}
    gone = [to["label"] for to in form.columns.values() if to.get("label", SERIAL) not in {SERIAL, *labels}]
    if gone:
        raise TransitionError(f"台账已没有这些栏目：{'、'.join(gone)[:150]}。请重新对应套表的列。")
    return part


def filled(form: SuperiorForm, part: Part, work: Making) -> Iterator[bytes]:
    """The octets of the filled form. Nobody sees of a form that rows are missing, so it is filled with all of them or not at all.

    Raises:
        TransitionError: more rows than a form takes, or than the post may take out at once.
    """
    most = int(figure("superior_form_rows_max"))
    if work.is_cut:
        raise TransitionError(f"超过本岗位一次导出{work.rows:,}行的上限，套表不能只填一部分。请按村、项目或月份缩小范围。")
    if work.rows > most:
        raise TransitionError(f"共{work.rows:,}行，超过套表一次{most:,}行的上限。请按乡镇或项目缩小范围，或直接导出台账。")
    plain, words = uploads.blank_form(form), f"{watermark_of(work.export)}；{work.export.filters}"
    octets = fill(plain, form, part.columns, work.first_rows_of(0), work.rows, words)
    for start in range(0, len(octets), PIECE):
        yield octets[start : start + PIECE]


def fill(octets: bytes, form: SuperiorForm, columns: Sequence[Column], rows: Iterator[Sequence[Any]], count: int, watermark: str) -> bytes:
    """The form with these rows in it; `count` of them."""
    book = layout.opened(octets)
    if form.sheet not in book.sheetnames:
        raise TransitionError("套表里没有对应时选的工作表，请重新上传。")
    sheet = book[form.sheet]
    places = {column.label: place for place, column in enumerate(columns)}
    mapped = {int(at): to for at, to in form.columns.items()}
    room = _room(sheet, form.first_row, mapped)
    _part(sheet, form.first_row, room, mapped)
    looks = _Looks(sheet, form.first_row, room)
    if count > room:
        _move_down(book, sheet, Shift(sheet.title, form.first_row, form.first_row + room, count - room))
    repeated = _formulas(sheet, form.first_row, mapped)
    for number, row in enumerate(rows):
        line = form.first_row + number
        looks.dress(sheet, line, number, count)
        for at, to in mapped.items():
            column = columns[places[to["label"]]] if "label" in to and to["label"] != SERIAL else None
            _write(sheet.cell(line, at), _value(to, row, places, number), column.kind if column else Kind.TEXT)
        for at, formula in repeated.items():
            sheet.cell(line, at).value = Translator(formula, f"{get_column_letter(at)}{form.first_row}").translate_formula(
                f"{get_column_letter(at)}{line}"
            )
    _sign(book, sheet, watermark)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _value(to: dict[str, str], row: Sequence[Any], places: dict[str, int], number: int) -> Any:
    if "constant" in to:
        return to["constant"]
    return number + 1 if to["label"] == SERIAL else row[places[to["label"]]]


def _write(cell: Any, value: Any, kind: Kind) -> None:
    """A typed cell. What is text, and a number too long to be one, stays text when somebody opens it."""
    if isinstance(cell, MergedCell):
        return
    if isinstance(value, datetime):
        value = clock.local(value).replace(tzinfo=None)
        value = value.date() if kind == Kind.DATE else value
    is_number = kind == Kind.NUMBER or type(value) is int
    if value is None or value == "":
        cell.value = None
    elif isinstance(value, date) or (is_number and _fits(value)):
        cell.value = value
    else:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", str(value))[: LONGEST // 2]
        cell.data_type, cell.number_format = "s", "@"


def _fits(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    number = Decimal(str(value))
    return number.is_finite() and len(number.as_tuple().digits) <= DIGITS


# ── the rows that the form has ──────────────────────────────────────────────────────────────────────────────────────
def _room(sheet: Any, first: int, mapped: dict[int, dict[str, str]]) -> int:
    """How many blank rows stand for data: until a row in which anything is written but a running number, or a formula that is no total. One
    where the form ends above them: below it nothing moves down, and what adds up goes on from there."""
    row, computed = first, layout.computed(sheet, first)
    while row <= sheet.max_row:
        for column in range(1, sheet.max_column + 1):
            cell = sheet._cells.get((row, column))
            value = cell.value if cell is not None else None
            if value in (None, ""):
                continue
            is_counted = mapped.get(column, {}).get("label") == SERIAL and str(value).isdigit()
            is_own = cell.data_type == "f" and (column in computed or column not in mapped) and not layout.adds_up_its_column(sheet, cell)
            if not is_counted and not is_own:
                return row - first
        if any(merged.min_row <= row <= merged.max_row and merged.max_col > merged.min_col for merged in sheet.merged_cells.ranges):
            return row - first
        row += 1
    return max(row - first, 1)


def _part(sheet: Any, first: int, room: int, mapped: dict[int, dict[str, str]]) -> None:
    """Cells of one column that the form merged over several blank rows: each row has its own value, and a merged cell would swallow it."""
    for merged in list(sheet.merged_cells.ranges):
        if first <= merged.min_row and merged.max_row < first + room and merged.min_col in mapped:
            sheet.unmerge_cells(str(merged))


def _formulas(sheet: Any, first: int, mapped: dict[int, dict[str, str]]) -> dict[int, str]:
    """Columns that the form computes itself, by the formula of its first blank row; one merged over several rows stands once."""
    found, merged = {}, _merged_down(sheet)
    for column in range(1, sheet.max_column + 1):
        cell = sheet._cells.get((first, column))
        if (
            cell is not None
            and cell.data_type == "f"
            and column not in mapped
            and (first, column) not in merged
            and isinstance(cell.value, str)
        ):
            found[column] = cell.value
    return found


def _merged_down(sheet: Any) -> set[tuple[int, int]]:
    """Where a cell over several rows begins: it speaks of them all."""
    return {(merged.min_row, merged.min_col) for merged in sheet.merged_cells.ranges if merged.min_row < merged.max_row}


class _Looks:
    """How the form's blank rows look: the first ones as they are, those put in like the last but one, the last like the last."""

    def __init__(self, sheet: Any, first: int, room: int) -> None:
        self._room = room
        self._styles: list[dict[int, Any]] = []
        self._heights: list[float | None] = []
        for row in range(first, first + room):
            cells = {column: sheet._cells.get((row, column)) for column in range(1, sheet.max_column + 1)}
            self._styles.append({column: copy(cell._style) for column, cell in cells.items() if cell is not None})
            self._heights.append(sheet.row_dimensions[row].height)

    def dress(self, sheet: Any, line: int, number: int, count: int) -> None:
        sheet.row_dimensions[line].hidden = False
        if not self._room or count <= self._room or number < self._room - 1:
            return
        like = self._room - 1 if number == count - 1 else max(self._room - 2, 0)
        for column, style in self._styles[like].items():
            cell = sheet.cell(line, column)
            if not isinstance(cell, MergedCell):
                cell._style = copy(style)
        sheet.row_dimensions[line].height = self._heights[like]


# ── what stands below ───────────────────────────────────────────────────────────────────────────────────────────────
def _move_down(book: Any, sheet: Any, shift: Shift) -> None:
    merged = _merged_down(sheet)
    for other in book.worksheets:
        for cell in list(other._cells.values()):
            if cell.data_type == "f" and isinstance(cell.value, str):
                is_row_of_data = other is sheet and shift.first <= cell.row < shift.at and (cell.row, cell.column) not in merged
                cell.value = shifted(cell.value, shift, of=other.title, grows=not is_row_of_data)
    for row in sorted({row for row, _ in sheet._cells if row >= shift.at}, reverse=True):
        for column in [column for at, column in sheet._cells if at == row]:
            sheet._move_cell(row, column, shift.by, 0)
    for row in sorted((row for row in sheet.row_dimensions if row >= shift.at), reverse=True):
        dimension = sheet.row_dimensions.pop(row)
        dimension.index = row + shift.by
        sheet.row_dimensions[row + shift.by] = dimension
    for area in list(sheet.merged_cells.ranges):
        if area.min_row >= shift.at:
            sheet.merged_cells.ranges.remove(area)
            area.shift(row_shift=shift.by)
            sheet.merged_cells.ranges.add(area)
    for rule in sheet.data_validations.dataValidation:
        rule.sqref = MultiCellRange(" ".join(_grown(one, shift) for one in rule.sqref.ranges))
    kept = [(str(one.sqref), one.rules) for one in sheet.conditional_formatting]
    sheet.conditional_formatting = type(sheet.conditional_formatting)()
    for where, rules in kept:
        grown = " ".join(_grown(CellRange(one), shift) for one in where.split())
        for rule in rules:
            sheet.conditional_formatting.add(grown, rule)
    if sheet.print_area:
        areas = [area.rpartition("!")[2].replace("$", "") for area in str(sheet.print_area).split(",")]
        sheet.print_area = ",".join(_grown(CellRange(area), shift) for area in areas)
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = _grown(CellRange(sheet.auto_filter.ref), shift)


def _grown(area: CellRange, shift: Shift) -> str:
    top, bottom = shift.start(area.min_row), shift.end(area.max_row)
    return f"{get_column_letter(area.min_col)}{top}:{get_column_letter(area.max_col)}{bottom}"


def shifted(formula: str, shift: Shift, *, of: str, grows: bool) -> str:
    """A formula of the sheet `of` after rows came in. `grows`: a range over the blank rows takes the new ones in."""
    parts = Tokenizer(formula)
    return "=" + "".join(_moved(token, shift, of, grows) if token.subtype == Token.RANGE else token.value for token in parts.items)


def _moved(token: Token, shift: Shift, of: str, grows: bool) -> str:  # noqa: FBT001
    found = _REFERENCE.match(token.value)
    if found is None:
        return str(token.value)
    named = (found["sheet"] or "").rstrip("!").strip("'") or of
    if named != shift.sheet:
        return str(token.value)
    first = f"{found['sheet'] or ''}{found['a']}{found['ar']}{shift.start(int(found['r']))}"
    if not found["b"]:
        return first
    row = int(found["s"])
    return f"{first}:{found['b']}{found['br']}{shift.end(row) if grows else shift.start(row)}"


def _sign(book: Any, sheet: Any, watermark: str) -> None:
    """Who took it, when, for whom, narrowed how: at the foot of the printed page where nothing stands, and in the file's properties."""
    if not sheet.oddFooter.left.text:
        sheet.oddFooter.left.text, sheet.oddFooter.left.size = watermark[:FOOT].replace("&", "&&"), 8
    book.properties.creator, book.properties.description = "社会救助综合服务平台", watermark
    book.properties.created = book.properties.modified = clock.now().replace(tzinfo=None)
    book.calculation.fullCalcOnLoad = True
