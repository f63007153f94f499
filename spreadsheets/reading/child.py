"""The process that opens workbooks of strangers. Run as a script by `spreadsheets.reading`, never imported; stands alone on purpose.

Octets come on standard input, lines of JSON go to standard output: what the sheet is, then its rows in blocks, then that this was all.
Before the first octet is read the process gives up what it does not need: memory above a bound, processor time, new files and sockets, new
processes. What a parser may choke on is refused by the gate with a reason; what slips past the gate meets those limits.
"""

import codecs
import csv
import io
import json
import os
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

from isal import isal_zlib
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

if TYPE_CHECKING:
    from spreadsheets.reading.gate import CHUNK, COLUMNS_MAX, Marks, Refused, examined
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # alone: Python was told to know nothing of the house
    from gate import CHUNK, COLUMNS_MAX, Marks, Refused, examined

MEMORY = 1_200 * 1024 * 1024
PROCESSOR_SECONDS = 40
SHEETS_MAX = 40
LONGEST = 2_000  # characters of a cell that are handed on: no field is so long
HEAD_ROWS = 20
BLOCK = 500
BETWEEN = "\x7f"  # the cells of a column of texts: JSON writes it as it is, and no cell should hold it
ENCODINGS = ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "cp437")
HINT = re.compile(r"\s|[（(].*?[)）]|[*＊:：]")  # of a heading, as in headings.heading_keys
HIDDEN_SHEET, NOTES_SHEET = "模板标识", "填表说明"  # as written by spreadsheets.blank
HIDDEN_ROWS, WRONG_ROWS = 4, re.compile(r"错误行(\d{1,7})")  # of the former: the id, two lines of its head, the mark of wrong rows
DAYS_FROM_1904 = b"\x22\0\2\0\1\0\x0e\0\2\0"  # the record Date1904 with 1, and the one that follows it in an .xls

Block = tuple[list[int], list[list[Any]]]  # the numbers of the lines as people count, and what stands in each
Merged = list[list[int]]


def main() -> None:
    asked = json.loads(sys.argv[1])
    for encoding in ENCODINGS:
        codecs.lookup(encoding)  # no file is opened from here on: all that is needed has been imported
    zipfile.zlib, zipfile.crc32 = isal_zlib, isal_zlib.crc32  # type: ignore[attr-defined]  # the gate unpacks in half the time
    status = os.open("/proc/self/status", os.O_RDONLY)
    shut_the_door()
    octets = sys.stdin.buffer.read()
    try:
        count = answer(octets, asked["rows_max"], frozenset(asked["looks_for"]))
        say({"end": count, "peak": peak(status)})
    except Refused as refused:
        say(refused.answer)
    except (CalamineError, MemoryError):
        say({"refused": "broken"})


def shut_the_door() -> None:
    """No file, no socket, no other process from here on; memory and processor time within bounds. What is open stays so."""
    for limit, bound in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (bound, bound))


def say(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False, default=special).encode() + b"\n")


def special(value: Any) -> dict[str, str]:
    """What JSON has no word for: a day, a moment; a time of day and a span are handed on as text."""
    return {"d": value.isoformat()} if isinstance(value, date | datetime) else {"t": str(value)}


def peak(status: int) -> int:
    """The most memory that stood at once, in KiB. (What getrusage says begins with the parent's.)"""
    found = re.search(rb"VmHWM:\s*(\d+)", os.pread(status, 4_096, 0))
    return int(found[1]) if found else 0


def answer(octets: bytes, rows_max: int, looks_for: frozenset[str]) -> int:
    """How many rows. By content: the name of the file counts for nothing."""
    if octets[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        is_1904, marks = examined(octets, rows_max)
        head, blocks = choose(octets, looks_for, marks, is_1904=is_1904)
    elif octets.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        head, blocks = of_compound(octets, looks_for)
    else:
        head, blocks = of_text(octets)
    say(head)
    count = 0
    for numbers, rows in blocks:
        count += len(rows)
        if count > rows_max + HEAD_ROWS:
            raise Refused("too_many_rows", limit=rows_max)
        say({"n": numbers, "c": [column_of(cells) for cells in zip_longest(*shortened(rows), fillvalue="")]})
    return count


def column_of(cells: tuple[Any, ...]) -> str | tuple[Any, ...]:
    """Texts as one, which is written and read in a third of the time."""
    try:
        texts = BETWEEN.join(cells)
    except TypeError:
        return cells
    return texts if texts.count(BETWEEN) == len(cells) - 1 else cells


def shortened(rows: list[list[Any]]) -> list[list[Any]]:
    """Texts that no field is long enough for are cut; few blocks hold one, so all are looked at together first."""
    try:
        longest = max(map(len, chain.from_iterable(rows)))  # most sheets hold texts alone
    except TypeError:
        longest = max([len(value) for values in rows for value in values if type(value) is str], default=0)
    if longest <= LONGEST:
        return rows
    return [[value[: LONGEST + 1] if type(value) is str else value for value in values] for values in rows]


# ── the sheet that is meant ─────────────────────────────────────────────────────────────────────────────────────────
def choose(octets: bytes, looks_for: frozenset[str], marks: dict[str, Marks], *, is_1904: bool) -> tuple[dict[str, Any], Iterator[Block]]:
    """The one sheet whose heads are looked for; where none has them, the first one with anything in it."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(octets))
    except PasswordError:
        raise Refused("encrypted") from None
    shown = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet]
    if len(shown) > SHEETS_MAX:
        raise Refused("too_many_sheets", limit=SHEETS_MAX)
    best: tuple[int, str, Any] | None = None
    scores: dict[str, int] = {}
    for name in shown:
        sheet = book.get_sheet_by_name(name)
        if not sheet.height or (name == NOTES_SHEET and len(shown) > 1):
            continue
        score = scores[name] = matches(sheet, looks_for)
        if best is None or score > best[0]:
            best = score, name, sheet
    if best is None:
        raise Refused("no_rows")
    # A list laid out over several sheets, one with a column more: whoever stands on the others would be gone from it.
    rivals = [name for name, score in scores.items() if score and (score == best[0] or score > 1 and score * 3 >= best[0] * 2)]
    if len(rivals) > 1:
        raise Refused("several_sheets", sheets="、".join(f"“{name[:20]}”" for name in rivals[:4]))
    _, name, sheet = best
    if sheet.end[1] >= COLUMNS_MAX:
        raise Refused("too_many_columns", limit=COLUMNS_MAX)
    template, wrong_rows = hidden(book)
    head = {
        "sheet": name, "sheets": shown, "template": template, "wrong_rows": wrong_rows, "is_1904": is_1904,
        "merged": [[*first, *last] for first, last in sheet.merged_cell_ranges or []][:20_000],
    }  # fmt: skip
    return head, rows_of(sheet, marks.get(name, {}))


def matches(sheet: Any, looks_for: frozenset[str]) -> int:
    """How many of the heads that are looked for stand in one of the first rows."""
    if not looks_for:
        return 0
    rows = [{HINT.sub("", str(value)).casefold() for value in row} for row in sheet.to_python(nrows=HEAD_ROWS)]
    both = [row | below for row, below in zip(rows, rows[1:], strict=False)]
    return max((len(row & looks_for) for row in [*rows, *both]), default=0)


def hidden(book: Any) -> tuple[str, int]:
    """The template's id, and of a file of wrong rows with how many it was handed out."""
    if HIDDEN_SHEET not in book.sheet_names:
        return "", 0
    words = [str(row[0]) for row in book.get_sheet_by_name(HIDDEN_SHEET).to_python(nrows=HIDDEN_ROWS) if row]
    mark = WRONG_ROWS.fullmatch(words[-1]) if len(words) == HIDDEN_ROWS else None
    return words[0][:80] if words else "", int(mark[1]) if mark else 0


def rows_of(sheet: Any, marks: Marks) -> Iterator[Block]:
    """Rows with anything in them, some hundred at once."""
    width = sheet.end[1] + 1
    marked: dict[int, dict[int, dict[str, str]]] = {}
    for (line, column), mark in marks.items():
        if column < width:
            marked.setdefault(line, {})[column] = mark
    rows, first = sheet.iter_rows(), 0
    numbers: list[int] = []
    kept: list[list[Any]] = []
    while lines := list(islice(rows, BLOCK)):
        for line in marked.keys() & range(first, first + len(lines)):
            for column, mark in marked[line].items():
                lines[line - first][column] = mark
        filled = range(len(lines)) if all(map(any, lines)) else [at for at, values in enumerate(lines) if any(values)]
        numbers += [first + at + 1 for at in filled]
        kept += lines if len(filled) == len(lines) else [lines[at] for at in filled]
        first += len(lines)
        if len(kept) >= BLOCK:
            yield numbers, kept
            numbers, kept = [], []
    if kept:
        yield numbers, kept


# ── .xls ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def of_compound(octets: bytes, looks_for: frozenset[str]) -> tuple[dict[str, Any], Iterator[Block]]:
    """The old format of Excel and of WPS (.xls, .et)."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in octets  # names of the directory stand whole in the file

    if holds("EncryptedPackage"):
        raise Refused("encrypted")
    if holds("_VBA_PROJECT"):
        raise Refused("macros")
    if not holds("Workbook\0") and not holds("Book\0"):
        raise Refused("not_a_table")
    return choose(octets, looks_for, {}, is_1904=DAYS_FROM_1904 in octets)


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def of_text(octets: bytes) -> tuple[dict[str, Any], Iterator[Block]]:
    text = decoded(octets)
    start = text[:4_000].lstrip().lower()
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise Refused("xml_table")
    if start.startswith("<"):
        raise Refused("markup")
    if start.startswith(("%pdf-", "{\\rtf")) or "\0" in text[:CHUNK]:
        raise Refused("not_a_table")
    csv.field_size_limit(65_536)
    head = {"sheet": "", "sheets": [], "template": "", "wrong_rows": 0, "is_1904": False, "merged": []}
    return head, in_blocks(lines_of(text, separator_of(text)))


def in_blocks(lines: Iterable[tuple[int, list[str]]]) -> Iterator[Block]:
    lines = iter(lines)
    while block := list(islice(lines, BLOCK)):
        yield [number for number, _ in block], [values for _, values in block]


def separator_of(text: str) -> str:
    """What stands in most of the first lines, and as often in each as in the first: headings and addresses hold commas of their own."""
    lines = [line for line in text[:64_000].split("\n")[:HEAD_ROWS] if line.strip()] or [""]

    def steadiness(mark: str) -> tuple[int, int, int]:
        counts = [line.count(mark) for line in lines]
        return sum(map(bool, counts)), sum(count == counts[0] for count in counts), counts[0]

    return max(",\t;，", key=steadiness)


def decoded(octets: bytes) -> str:
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        attempts = ["utf-16"]
    elif b"\0" in octets[:4_096]:
        attempts = ["utf-16-le" if b"\n\0" in octets else "utf-16-be"]
    else:
        attempts = ["utf-8-sig", "gb18030"]
    for encoding in attempts:
        try:
            return octets.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("not_a_table")


def lines_of(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    before = 0
    try:
        for values in reader:
            if len(values) > COLUMNS_MAX:
                raise Refused("too_many_columns", limit=COLUMNS_MAX)
            number, before = before + 1, reader.line_num
            if any(values):
                yield number, [value[2:-1] if value[:2] == '="' and value[-1:] == '"' else value for value in values]
    except csv.Error:
        raise Refused("broken_text", line=reader.line_num) from None


if __name__ == "__main__":
    main()
