"""A superior's blank workbook: what it may be, which headings it has, and where its rows begin. Nothing is written here.

The file of a stranger passes the gate of `reading` first, and is opened afterwards only while it is small: a form is some hundred cells.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from config.verbs import TransitionError

from .reading import read
from .reading.gate import Refused, parse

SIZE_MAX, UNPACKED_MAX = 2 * 1024 * 1024, 24 * 1024 * 1024
CELLS_MAX, HEAD_ROWS, WIDTH_MAX = 200_000, 30, 200
SPREAD_MAX = 2_000_000  # cells from the first to the farthest: far away one may be dressed without holding anything
TITLE_MAX = 31
# What openpyxl raises of parts that the reader of rows never looks at: values outside its lists, styles that are not there.
_BREAKS = (ValueError, KeyError, IndexError, TypeError, AttributeError, SyntaxError, zipfile.BadZipFile)
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".tiff", ".vml", ".bin", "/")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_HINT = re.compile(r"\s|[（(].*?[)）]|[*＊:：]")
_NUMBER = re.compile(r"^((公民)?身份(证件?)?号码?|身份证|证件号)$")
# Whose row it is, as the ledgers call it where they do not say 姓名; and what superiors call who is paid.
_PEOPLE = ("领款人", "申请人", "求助人", "对象", "户主或本人", "户主")
_PAID = re.compile(r"^(收款人|领取人|户名|开户名|发放对象)$")
_COUNTING = re.compile(r"[\d甲乙丙丁ABC]{1,3}|第?[\d一二三四五六七八九十]+[列栏]")
_TOTAL, _TOTAL_OF = re.compile(r"(本页)?[合总共小累]计"), re.compile(r".{0,12}[合总共小累]计")
_SPAN = re.compile(
    r"(?:(?<![^\s(),+\-*/=&<>])('[^']{1,31}'|[^\s'!:(),+\-*/=&<>]{1,31})!)?\$?([A-Z]{1,3})\$?(\d{0,7}):\$?([A-Z]{1,3})\$?(\d{0,7})"
)
_AMOUNT = re.compile(
    r"(每?月|每?年|[本当]月)?(救助|补助|补贴|保障|发放|资助|享受|低保|供养|救济)?(资金)?(?P<all>合计|总)?(金额|(?P<rate>标准))(?P<sum>合计)?"
)
FORMULA_MAX = 8_192
# Of a ledger of people and assistances: what a household is granted stands in each member's row, and once in the column to be added up.
GRANTED, ONCE = "标准/金额", "计入合计"
TOTALS_WITHIN = 1_000  # rows below the first in which one of totals is looked for


@dataclass(frozen=True)
class Heading:
    """A column of the form, counted from 1, and what stands over it: of a heading in several rows all of them, from above."""

    column: int
    label: str

    @property
    def letter(self) -> str:
        return get_column_letter(self.column)


def opened(octets: bytes) -> Any:
    """The workbook, to be filled.

    Raises:
        TransitionError: no .xlsx, hostile, or too large to be a blank form; with what to do instead.
    """
    if not octets:
        raise TransitionError("这个文件是空的，请重新选择。")
    if octets[:4] not in {b"PK\x03\x04", b"PK\x05\x06"}:
        raise TransitionError("套表须是.xlsx格式的空表。请用Excel或WPS打开后，另存为“Excel工作簿（.xlsx）”再上传。")
    if len(octets) > SIZE_MAX:
        raise TransitionError("套表文件超过2兆。请只留空表，删去数据、图片和多余的工作表再上传。")
    reading = read(octets, rows_max=5_000)
    reading.close()
    if any(len(name) > TITLE_MAX for name in reading.sheets):
        raise TransitionError(f"工作表的名称不能超过{TITLE_MAX}个字，请改短再上传。")
    with zipfile.ZipFile(io.BytesIO(octets)) as package:
        if sum(part.file_size for part in package.infolist()) > UNPACKED_MAX:
            raise TransitionError("这个文件展开后太大，不像是空表。请只留空表，删去多余的行和工作表再上传。")
        if _covered(package) > CELLS_MAX:
            raise TransitionError("这个文件里合并单元格（或超链接）的范围太大，不像是空表。请取消整行整列的合并再上传。")
    try:
        book = openpyxl.load_workbook(io.BytesIO(octets))
    except _BREAKS:
        raise TransitionError("这个文件的版式无法识别。请用Excel打开，另存为“Excel工作簿（.xlsx）”再上传。") from None
    if sum(len(sheet._cells) for sheet in book.worksheets) > CELLS_MAX:
        raise TransitionError("这个文件的格子太多，不像是空表。请删去多余的行和工作表再上传。")
    if any(sheet.max_row * sheet.max_column > SPREAD_MAX for sheet in book.worksheets):
        raise TransitionError("这个文件在很远的行或列里还留有格式，不像是空表。请删去表格以外的行和列再上传。")
    return book


def _covered(package: zipfile.ZipFile) -> int:
    """How many cells the ranges cover of which openpyxl makes each cell while it loads: one of a whole sheet would never end."""
    covered = 0

    def starts(tag: str, given: dict[str, str]) -> None:
        nonlocal covered
        if tag in {"mergeCell", "hyperlink"}:
            covered += _size(given.get("ref", ""))

    for name in package.namelist():  # any of them: the file itself says which part is a sheet
        try:
            parse(package, name, starts)
        except (Refused, ExpatError):
            if not name.lower().endswith(_PICTURES):
                raise TransitionError("这个文件不完整或已损坏。请用Excel或WPS打开检查，另存后再上传。") from None
    return covered


def _size(area: str) -> int:
    found = _AREA.fullmatch(area.upper())
    if found is None:
        return 0 if area == "" else CELLS_MAX + 1  # what cannot be measured is not let in
    left, top, right, bottom = found[1], int(found[2]), found[3] or found[1], int(found[4] or found[2])
    wide, tall = column_index_from_string(right) - column_index_from_string(left), bottom - top
    return (abs(wide) + 1) * (abs(tall) + 1)


def sheets_of(book: Any) -> list[str]:
    """The sheets that people see."""
    return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def texts(sheet: Worksheet, rows: Iterable[int]) -> dict[int, dict[int, str]]:
    """What stands in these rows, by row and column; a merged range's text in each of its cells. Hidden rows are not there, nor is what a
    formula computes: no heading."""
    wanted = {row for row in rows if not sheet.row_dimensions[row].hidden}
    found: dict[int, dict[int, str]] = {row: {} for row in sorted(wanted)}
    for row in wanted:
        for column in range(1, min(sheet.max_column, WIDTH_MAX) + 1):
            if text := _text(sheet._cells.get((row, column))):
                found[row][column] = text
    for merged in sheet.merged_cells.ranges:
        if not (text := _text(sheet._cells.get((merged.min_row, merged.min_col)))):
            continue
        for row in wanted & set(range(merged.min_row, merged.max_row + 1)):
            for column in range(merged.min_col, min(merged.max_col, WIDTH_MAX) + 1):
                found[row][column] = text
    return found


def _text(cell: Any) -> str:
    return "" if cell is None or cell.value is None or cell.data_type == "f" else re.sub(r"\s+", "", str(cell.value))[:60]


def key(heading: str) -> str:
    """By which headings are compared: without spaces, marks and what stands in brackets."""
    return _HINT.sub("", heading).casefold()


def begin_of(sheet: Worksheet, labels: Iterable[str]) -> int:
    """The row in which data begin: below the headings that look most like the ledger's, else below the row with most headings."""
    wanted = {key(label) for label in labels}
    seen = texts(sheet, range(1, HEAD_ROWS + 1))

    def score(row: int) -> tuple[int, int]:
        words = set(seen[row].values())
        return len({key(word) for word in words} & wanted), len(words)

    rows = [row for row in seen if len(set(seen[row].values())) > 1]
    best = max(rows, key=lambda row: (*score(row), -row), default=0)
    bottom = max([best, *(merged.max_row for merged in sheet.merged_cells.ranges if merged.min_row <= best <= merged.max_row)])
    first = bottom + 1
    while _is_counting(seen.get(first, {})) or _is_total_of_what_follows(sheet, first, seen.get(first, {})):
        first += 1
    while sheet.row_dimensions[first].hidden and first <= HEAD_ROWS:
        first += 1
    return first


def _is_counting(words: dict[int, str]) -> bool:
    """The row that numbers the columns."""
    return bool(words) and all(_COUNTING.fullmatch(word) for word in words.values())


def _is_total(words: dict[int, str], of: re.Pattern[str] = _TOTAL) -> bool:
    """合计, with nothing beside it but dashes and strokes."""
    said = [word for word in words.values() if any(each.isalnum() for each in word)]
    return bool(said) and all(of.fullmatch(key(word)) for word in said)


def _is_total_of_what_follows(sheet: Worksheet, row: int, words: dict[int, str]) -> bool:
    """合计 or 全县合计 that stands above its rows: put in above it, they would be in no sum."""
    if not _is_total(words, _TOTAL_OF):
        return False
    return any(_over(_formula(cell), sheet.title, sheet.title, row + 1) for cell in _cells_of(sheet, row).values())


def _cells_of(sheet: Worksheet, row: int) -> dict[int, Any]:
    return {at: cell for at in range(1, min(sheet.max_column, WIDTH_MAX) + 1) if (cell := sheet._cells.get((row, at)))}


def headings(sheet: Worksheet, first_row: int) -> list[Heading]:
    """The headings right above the data: the last row of them, and upwards those that a merged cell ties to it."""
    seen = {row: cells for row, cells in texts(sheet, range(1, first_row)).items() if cells}
    rows = [
        row for row in seen if not (_is_counting(seen[row]) or _is_total(seen[row]) or _is_total_of_what_follows(sheet, row, seen[row]))
    ]
    if not rows:
        return []
    top = bottom = rows[-1]
    while above := [m.min_row for m in sheet.merged_cells.ranges if m.min_row < top <= m.max_row]:
        top = min(above)
    block = [row for row in rows if top <= row <= bottom]
    found = []
    for column in sorted({column for row in block for column in seen[row]}):
        words = dict.fromkeys(seen[row][column] for row in block if column in seen[row])
        found.append(Heading(column, "／".join(words)))
    return found


def summed(book: Any, title: str, first_row: int) -> set[int]:
    """A sheet's columns that the form adds up: by a formula over rows of data, wherever it stands, or in a row below called 合计."""
    found: set[int] = set()
    for other in book.worksheets:
        for cell in other._cells.values():
            found |= _spanned(_formula(cell), other.title, title, first_row)
    sheet = book[title]
    for words in texts(sheet, range(first_row, min(sheet.max_row, first_row + TOTALS_WITHIN) + 1)).values():
        if words and _TOTAL.fullmatch(key(words[min(words)])):
            found |= set(range(1, min(sheet.max_column, WIDTH_MAX) + 1)) - words.keys()
    return found


def computed(sheet: Worksheet, first_row: int) -> set[int]:
    """Columns whose blank rows hold a formula of the form's own, by the first of them; a row with words in it is no blank one."""
    if any(not word.isdigit() for words in texts(sheet, [first_row]).values() for word in words.values()):
        return set()
    return {at for at, cell in _cells_of(sheet, first_row).items() if cell.data_type == "f" and not adds_up_its_column(sheet, cell)}


def adds_up_its_column(sheet: Worksheet, cell: Any) -> bool:
    """As a total does, and no row of data."""
    return cell.column in _spanned(_formula(cell), sheet.title, sheet.title, 1)


def _formula(cell: Any) -> str:
    return str(getattr(cell.value, "text", cell.value))[:FORMULA_MAX] if cell.data_type == "f" else ""


def _spanned(formula: str, of: str, wanted: str, first_row: int) -> set[int]:
    """Columns of the wanted sheet whose rows of data a formula of the sheet `of` adds up; a range along a row is no such."""
    is_adding = any(word in formula.upper() for word in ("SUM", "SUBTOTAL"))
    return _over(formula, of, wanted, first_row) if is_adding else set()


def _over(formula: str, of: str, wanted: str, first_row: int) -> set[int]:
    """The same of any formula that reads such rows: one that counts them too."""
    found: set[int] = set()
    for named, left, top, right, bottom in _SPAN.findall(formula):
        is_down = left == right or top != bottom or not bottom
        if (named.strip("'") or of) == wanted and is_down and (not bottom or int(bottom) >= first_row):
            found |= set(range(column_index_from_string(left), min(column_index_from_string(right), WIDTH_MAX) + 1))
    return found


def guessed(heading: str, labels: Iterable[str], *, is_summed: bool = False) -> str:
    """The ledger's column that a heading most likely means; "" where none does.

    Superiors write 姓名 and 身份证号 where a ledger says 成员姓名 and 成员证件号码: failing the same words, the one column that ends
    in them, of several the member's, whose row it is; and 姓名 means the one column of people that the ledger has. A
    list of people wants beside each what is granted; where the form adds it up (`is_summed`), it wants the column that holds a household's
    once.
    """
    last = _NUMBER.sub("证件号码", key(heading.rpartition("／")[2]))
    whole = key(heading.replace("／", ""))
    by_key = {key(label): label for label in labels}
    ending = [label for found, label in by_key.items() if len(last) > 1 and found.endswith(last)]
    own = [label for label in ending if label.startswith("成员")] if len(ending) > 1 else ending
    found = by_key.get(last) or by_key.get(whole) or _amount(last, by_key, is_summed=is_summed) or (own[0] if len(own) == 1 else "")
    return found or _person(last, by_key)


def _person(words: str, by_key: dict[str, str]) -> str:
    """领款人姓名, 户主姓名: the person by that name; 姓名 alone where the ledger knows one kind of person."""
    named = _PAID.sub("领款人", words.removesuffix("姓名"))
    people = [by_key[known] for known in _PEOPLE if known in by_key]
    if named in _PEOPLE:
        return by_key.get(named, "")
    return people[0] if words == "姓名" and len(people) == 1 else ""


def _amount(words: str, by_key: dict[str, str], *, is_summed: bool) -> str:
    """救助金额, 补助标准 and the like, where the ledger has both; a standard is one however it is added up."""
    found = _AMOUNT.fullmatch(words) if ONCE in by_key else None
    if found is None:
        return ""
    is_once = not found["rate"] and (is_summed or found["all"] or found["sum"])
    return by_key.get(ONCE if is_once else GRANTED, "")
