"""The process that opens workbooks of strangers. Run as a script by `spreadsheets.reading`, never imported; stands alone on purpose.

Octets come on standard input, lines of JSON go to standard output: what the sheet is, then its rows in blocks, then that this was all.
Before the first octet is read the process gives up what it does not need: memory above a bound, processor time, new files and sockets, new
processes. What a parser may choke on is refused by the gate with a reason; what slips past the gate meets those limits.
"""

import codecs
import csv
import io
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MEMORY = 1_200 * 1024 * 1024
PROCESSOR_SECONDS = 40
ENTRIES_MAX = 2_000
UNPACKED_MAX = 480 * 1024 * 1024
RATIO_MAX = 150  # of a packed part larger than RATIO_FROM; the sheets of a county pack ten to thirty times
RATIO_FROM = 16 * 1024 * 1024
COLUMNS_MAX = 256
ROWS_SPARE = 1_000  # blank rows that may lie between rows
SHEETS_MAX = 40
LONGEST = 2_000  # characters of a cell that are handed on: no field is so long
HEAD_ROWS = 20
BLOCK = 500
CHUNK = 1 << 20
OVERLAP = 256
ENCODINGS = ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "cp437")
HIDDEN_SHEET, NOTES_SHEET = "模板标识", "填表说明"  # as written by spreadsheets.blank
FORMULA = {"f": ""}

Row = tuple[int, list[Any]]
Marks = dict[tuple[int, int], dict[str, str]]
Merged = list[list[int]]


class Refused(Exception):
    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **values}


def main() -> None:
    asked = json.loads(sys.argv[1])
    for encoding in ENCODINGS:
        codecs.lookup(encoding)  # no file is opened from here on: all that is needed has been imported
    for limit, bound in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(limit, (bound, bound))
    octets = sys.stdin.buffer.read()
    try:
        answer(octets, asked["rows_max"], frozenset(asked["looks_for"]))
    except Refused as refused:
        say(refused.answer)
    except (CalamineError, MemoryError):
        say({"refused": "broken"})


def say(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False, default=special).encode() + b"\n")


def special(value: Any) -> dict[str, str]:
    """What JSON has no word for: a day, a moment; a time of day and a span are handed on as text."""
    return {"d": value.isoformat()} if isinstance(value, date | datetime) else {"t": str(value)}


def answer(octets: bytes, rows_max: int, looks_for: frozenset[str]) -> None:
    """By content: the name of the file counts for nothing."""
    if octets[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        head, rows = of_package(octets, rows_max, looks_for)
    elif octets.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        head, rows = of_compound(octets, rows_max, looks_for)
    else:
        head, rows = of_text(octets, rows_max)
    say(head)
    count = 0
    block: list[Row] = []
    for row in rows:
        block.append(row)
        count += 1
        if count > rows_max + HEAD_ROWS:
            raise Refused("too_many_rows", limit=rows_max)
        if len(block) == BLOCK:
            hand_on(block)
            block = []
    hand_on(block)
    say({"end": count, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss})


def hand_on(block: list[Row]) -> None:
    if block:
        say({"n": [number for number, _ in block], "r": [values for _, values in block]})


# ── .xlsx ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def of_package(octets: bytes, rows_max: int, looks_for: frozenset[str]) -> tuple[dict[str, Any], Iterator[Row]]:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as package:
            parts = gate(package)
            suspicious = [name for name in parts if name.endswith((".xml", ".rels")) and is_suspicious(package, name)]
            book = Book(package, parts)
            marks = {name: exactly(package, name, rows_max) for name in suspicious if name in book.sheets}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, UnicodeDecodeError, struct.error, KeyError, ValueError):
        raise Refused("broken") from None
    except expat.ExpatError:
        raise Refused("broken") from None
    by_name = {book.sheets[part]: found for part, found in marks.items()}
    return choose(octets, rows_max, looks_for, by_name, is_1904=book.is_1904)


def gate(package: zipfile.ZipFile) -> list[str]:
    """The names of the parts, once there is nothing among them that acts, points elsewhere or swells."""
    infos = package.infolist()
    names = [info.filename.replace("\\", "/").lstrip("/") for info in infos]
    lower = [name.lower() for name in names]
    if "xl/workbook.bin" in lower:
        raise Refused("xlsb")
    if "mimetype" in lower and "content.xml" in lower:
        raise Refused("ods")
    if "encryptedpackage" in lower or any(info.flag_bits & 1 for info in infos):
        raise Refused("encrypted")
    if "xl/workbook.xml" not in lower:
        raise Refused("not_a_table")
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name or "/activex/" in name for name in lower):
        raise Refused("macros")
    if any("/externallinks/" in name or name == "xl/connections.xml" for name in lower):
        raise Refused("external_links")
    if len(infos) > ENTRIES_MAX or len(set(lower)) != len(lower) or sum(info.file_size for info in infos) > UNPACKED_MAX:
        raise Refused("bomb")
    if any(info.file_size > RATIO_FROM and info.file_size > RATIO_MAX * max(info.compress_size, 1) for info in infos):
        raise Refused("bomb")
    return [info.filename for info in infos]


# Far to the right, or far down; tight, because it runs over every octet. What is spelt otherwise meets the limits of the process.
FAR = re.compile(rb'r="(?:[A-Z]{3}|[J-Z][A-Z]|I[W-Z]|[A-Z]{1,3}\d{6})')
ACTS = (b"<f>", b"<f ", b"<f/", b't="e"')


def is_suspicious(package: zipfile.ZipFile, name: str) -> bool:
    """Read once as the packer hands it out, so that a part larger than it says is found; and whether it must be looked at exactly."""
    info, size, tail, found = package.getinfo(name), 0, b"", False
    is_sheet = "/worksheets/" in name
    with package.open(name) as member:
        while chunk := member.read(CHUNK):
            size += len(chunk)
            text = tail + chunk
            if b"<!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
                raise Refused("entities")
            if not size - len(chunk) and text.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                raise Refused("broken")
            found = found or (is_sheet and (any(mark in text for mark in ACTS) or FAR.search(text) is not None))
            tail = text[-OVERLAP:]
    if size != info.file_size:
        raise Refused("bomb")
    return found


class Book:
    """What the workbook says of its sheets (by part: name) and whether its days are counted from 1904."""

    def __init__(self, package: zipfile.ZipFile, parts: list[str]) -> None:
        self.is_1904 = False
        self.sheets: dict[str, str] = {}
        self._named: dict[str, str] = {}
        parse(package.read("xl/workbook.xml"), self._of_book)
        targets: dict[str, str] = {}

        def of_relations(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship":
                targets[given.get("Id", "")] = given.get("Target", "")

        if "xl/_rels/workbook.xml.rels" in parts:
            parse(package.read("xl/_rels/workbook.xml.rels"), of_relations)
        for relation, name in self._named.items():
            target = targets.get(relation, "")
            self.sheets[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = name

    def _of_book(self, tag: str, given: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.is_1904 = given.get("date1904", "").lower() in {"1", "true", "on"}
        elif tag == "sheet":
            self._named[next((value for key, value in given.items() if key.endswith(":id")), "")] = given.get("name", "")


def parse(octets: bytes, starts: Any, ends: Any = None, texts: Any = None) -> None:
    """Tags come without the prefix of their namespace. The gate has refused documents with declarations before."""
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = refuse_entities
    parser.StartElementHandler = lambda tag, given: starts(tag.rpartition(":")[2], given)
    if ends:
        parser.EndElementHandler = lambda tag: ends(tag.rpartition(":")[2])
    if texts:
        parser.CharacterDataHandler = texts
    parser.Parse(octets, True)


def refuse_entities(*_: Any) -> None:
    raise Refused("entities")


class Exact:
    """One sheet, cell by cell: formulas without a value, errors in cells, and cells with content outside the bounds."""

    def __init__(self, rows_max: int) -> None:
        self.rows_max = rows_max
        self.marks: Marks = {}
        self._cell: tuple[int, int] = (0, 0)
        self._row = 0
        self._column = -1
        self._is_error = self._has_formula = self._has_value = self._in_value = False
        self._text = ""

    def starts(self, tag: str, given: dict[str, str]) -> None:
        if tag == "row":
            self._row = int(given["r"]) - 1 if "r" in given else self._row + 1
            self._column = -1
        elif tag == "c":
            self._cell = place(given["r"]) if "r" in given else (self._row, self._column + 1)
            self._column = self._cell[1]
            self._is_error, self._has_formula, self._has_value, self._text = given.get("t") == "e", False, False, ""
        elif tag == "f":
            self._has_formula = True
        elif tag in {"v", "is"}:
            self._has_value = self._in_value = True

    def texts(self, text: str) -> None:
        if self._in_value and len(self._text) < 20:
            self._text += text

    def ends(self, tag: str) -> None:
        if tag in {"v", "is"}:
            self._in_value = False
        if tag != "c":
            return
        if self._has_value and (self._cell[1] >= COLUMNS_MAX or self._cell[0] > self.rows_max + ROWS_SPARE):
            raise Refused("far_cell", cell=spell(self._cell))
        if self._is_error:
            self.marks[self._cell] = {"e": self._text[:20]}
        elif self._has_formula and not self._has_value:
            self.marks[self._cell] = FORMULA


def exactly(package: zipfile.ZipFile, name: str, rows_max: int) -> Marks:
    exact = Exact(rows_max)
    parse(package.read(name), exact.starts, exact.ends, exact.texts)
    return exact.marks


def place(reference: str) -> tuple[int, int]:
    """B3 is row 2, column 1, counted from 0."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters[:4].upper():
        column = column * 26 + ord(letter) - 64
    return int(reference[len(letters) :]) - 1, column - 1


def spell(cell: tuple[int, int]) -> str:
    name, number = "", cell[1] + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return f"{name}{cell[0] + 1}"


# ── the sheet that is meant ─────────────────────────────────────────────────────────────────────────────────────────
def choose(
    octets: bytes, rows_max: int, looks_for: frozenset[str], marks: dict[str, Marks], *, is_1904: bool
) -> tuple[dict[str, Any], Iterator[Row]]:
    """The one sheet whose heads are looked for; where none has them, the first one with anything in it."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(octets))
    except PasswordError:
        raise Refused("encrypted") from None
    shown = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet]
    if len(shown) > SHEETS_MAX:
        raise Refused("too_many_sheets", limit=SHEETS_MAX)
    best: tuple[int, str, Any] | None = None
    rivals: list[str] = []
    for name in shown:
        sheet = book.get_sheet_by_name(name)
        if not sheet.height or (name == NOTES_SHEET and len(shown) > 1):
            continue
        score = matches(sheet, looks_for)
        if best is None or score > best[0]:
            best, rivals = (score, name, sheet), [name]
        elif score == best[0] and score:
            rivals.append(name)
    if best is None:
        raise Refused("no_rows")
    if len(rivals) > 1:
        raise Refused("several_sheets", sheets="、".join(f"“{name[:20]}”" for name in rivals[:4]))
    _, name, sheet = best
    if sheet.end[1] >= COLUMNS_MAX:
        raise Refused("too_many_columns", limit=COLUMNS_MAX)
    head = {
        "sheet": name, "sheets": shown, "template": hidden(book), "is_1904": is_1904,
        "merged": [[*first, *last] for first, last in sheet.merged_cell_ranges or []][:20_000],
    }  # fmt: skip
    return head, rows_of(sheet, marks.get(name, {}))


def matches(sheet: Any, looks_for: frozenset[str]) -> int:
    """How many of the heads that are looked for stand in one of the first rows."""
    if not looks_for:
        return 0
    rows = [{"".join(str(value).split()) for value in row} for row in sheet.to_python(nrows=HEAD_ROWS)]
    both = [row | below for row, below in zip(rows, rows[1:], strict=False)]
    return max((len(row & looks_for) for row in [*rows, *both]), default=0)


def hidden(book: Any) -> str:
    if HIDDEN_SHEET not in book.sheet_names:
        return ""
    rows = book.get_sheet_by_name(HIDDEN_SHEET).to_python(nrows=1)
    return str(rows[0][0])[:80] if rows and rows[0] else ""


def rows_of(sheet: Any, marks: Marks) -> Iterator[Row]:
    """Rows with anything in them, each with its number as people count; trailing blank cells are left."""
    width = sheet.end[1] + 1
    marked: dict[int, dict[int, dict[str, str]]] = {}
    for (line, column), mark in marks.items():
        if column < width:
            marked.setdefault(line, {})[column] = mark
    for line, values in enumerate(sheet.iter_rows()):
        if line in marked:
            for column, mark in marked[line].items():
                values[column] = mark
        if any(values):
            yield line + 1, shortened(values)


def shortened(values: list[Any]) -> list[Any]:
    if any(type(value) is str and len(value) > LONGEST for value in values):
        return [value[: LONGEST + 1] if type(value) is str else value for value in values]
    return values


# ── .xls ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def of_compound(octets: bytes, rows_max: int, looks_for: frozenset[str]) -> tuple[dict[str, Any], Iterator[Row]]:
    """The old format of Excel and of WPS (.xls, .et)."""
    names = octets  # the directory's names stand in UTF-16 in the file, whole
    if "EncryptedPackage".encode("utf-16-le") in names:
        raise Refused("encrypted")
    if any(name.encode("utf-16-le") in names for name in ("_VBA_PROJECT_CUR", "_VBA_PROJECT")):
        raise Refused("macros")
    if not any(name.encode("utf-16-le") + b"\0\0" in names for name in ("Workbook", "Book", "ETExtData")):
        raise Refused("not_a_table")
    return choose(octets, rows_max, looks_for, {}, is_1904=False)


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def of_text(octets: bytes, rows_max: int) -> tuple[dict[str, Any], Iterator[Row]]:
    text = decoded(octets)
    start = text[:4_000].lstrip().lower()
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise Refused("xml_table")
    if start.startswith("<"):
        raise Refused("markup")
    if start.startswith(("%pdf-", "{\\rtf")) or "\0" in text[:CHUNK]:
        raise Refused("not_a_table")
    first = text[:8_000].partition("\n")[0]
    separator = max(",\t;，", key=first.count)
    csv.field_size_limit(65_536)
    head = {"sheet": "", "sheets": [], "template": "", "is_1904": False, "merged": []}
    return head, lines_of(text, separator)


def decoded(octets: bytes) -> str:
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        attempts = ["utf-16"]
    elif octets[1:2] == b"\0" and octets[3:4] == b"\0":
        attempts = ["utf-16-le"]
    else:
        attempts = ["utf-8-sig", "gb18030"]
    for encoding in attempts:
        try:
            return octets.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("not_a_table")


def lines_of(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    before = 0
    try:
        for values in reader:
            if len(values) > COLUMNS_MAX:
                raise Refused("too_many_columns", limit=COLUMNS_MAX)
            number, before = before + 1, reader.line_num
            if any(values):
                yield number, shortened([value[2:-1] if value[:2] == '="' and value[-1:] == '"' else value for value in values])
    except csv.Error:
        raise Refused("broken_text", line=reader.line_num) from None


if __name__ == "__main__":
    main()
