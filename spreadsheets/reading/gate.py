"""What an .xlsx may be, found in its parts before a parser sees them. Of the process of `child`, and as alone as that.

The packed file is gone through once, part by part and a piece at a time: what swells, acts, points elsewhere or declares entities is
refused. A sheet in which something may be amiss (far cells, formulas, errors) is then looked at cell by cell; most are not.
"""

import io
import re
import struct
import zipfile
import zlib
from copy import copy
from typing import Any
from xml.parsers import expat

from isal import isal_zlib

ENTRIES_MAX = 2_000
UNPACKED_MAX = 480 * 1024 * 1024
RATIO_MAX = 150  # of a packed part larger than RATIO_FROM; the sheets of a county pack ten to thirty times
RATIO_FROM = 16 * 1024 * 1024
COLUMNS_MAX = 256
ROWS_SPARE = 1_000  # blank rows that may lie between rows
CHUNK = 1 << 20
OVERLAP = 256
FORMULA = {"f": ""}
UNPACKING: Any = (zlib.error, isal_zlib.error)  # fails with; `child` unpacks by the latter

Marks = dict[tuple[int, int], dict[str, str]]


class Refused(Exception):
    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **values}


def examined(octets: bytes, rows_max: int) -> tuple[bool, dict[str, Marks]]:
    """Whether days are counted from 1904, and by sheet the cells whose value is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as package:
            parts = gate(package)
            suspicious = [name for name in parts if name.endswith((".xml", ".rels")) and is_suspicious(package, name)]
            book = Book(package, parts)
            return book.is_1904, {book.sheets[name]: exactly(package, name, rows_max) for name in suspicious if name in book.sheets}
    except (zipfile.BadZipFile, *UNPACKING, struct.error, expat.ExpatError, EOFError, OSError, KeyError, RuntimeError, ValueError):
        raise Refused("broken") from None


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
FAR = re.compile(rb'r="(?:[A-Z]{3}|[J-Z][A-Z]|I[W-Z]|[A-Z]{1,2}(?:[3-9]\d{5}|\d{7}))')
# By what is rare: an octet, which is found in a twentieth of the time of two, then the part that is rare. Most sheets are searched once.
ACTS = ((b"f", b"<f", (b"<f>", b"<f ", b"<f/")), (b"", b't="e"', (b't="e"',)), (b"'", b"='", (b"t='e'", b" r='")))


def is_suspicious(package: zipfile.ZipFile, name: str) -> bool:
    """Read once as the packer hands it out, so that a part larger than it says is found; and whether it must be looked at exactly."""
    info, size, tail, found = package.getinfo(name), 0, b"", False
    asked = copy(info)
    asked.file_size += 1  # it hands out no more than a part says to be: asked for an octet more, it tells whether there is one
    is_sheet = "/worksheets/" in name
    with package.open(asked) as member:
        while chunk := member.read(CHUNK):
            size += len(chunk)
            text = tail + chunk
            if b"!" in text and b"<!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
                raise Refused("entities")
            if not size - len(chunk) and text.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                raise Refused("broken")
            if is_sheet and not found:
                is_spelt_otherwise = size == len(chunk) and b"<worksheet" not in text
                found = is_spelt_otherwise or acts(text) or FAR.search(text) is not None
            tail = text[-OVERLAP:]
    if size != info.file_size:
        raise Refused("bomb")
    return found


def acts(text: bytes) -> bool:
    return any(octet in text and rare in text and any(mark in text for mark in marks) for octet, rare, marks in ACTS)


class Book:
    """What the workbook says of its sheets (by part: name) and whether its days are counted from 1904."""

    def __init__(self, package: zipfile.ZipFile, parts: list[str]) -> None:
        self.is_1904 = False
        self.sheets: dict[str, str] = {}
        self._named: dict[str, str] = {}
        parse(package, "xl/workbook.xml", self._of_book)
        targets: dict[str, str] = {}

        def of_relations(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship":
                targets[given.get("Id", "")] = given.get("Target", "")

        if "xl/_rels/workbook.xml.rels" in parts:
            parse(package, "xl/_rels/workbook.xml.rels", of_relations)
        for relation, name in self._named.items():
            target = targets.get(relation, "")
            self.sheets[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = name

    def _of_book(self, tag: str, given: dict[str, str]) -> None:
        if tag == "workbookPr":
            self.is_1904 = given.get("date1904", "").lower() in {"1", "true", "on"}
        elif tag == "sheet":
            self._named[next((value for key, value in given.items() if key.endswith(":id")), "")] = given.get("name", "")


def parse(package: zipfile.ZipFile, name: str, starts: Any, ends: Any = None, texts: Any = None) -> None:
    """Tags come without the prefix of their namespace. The gate has refused documents with declarations before."""
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = refuse_entities
    parser.StartElementHandler = lambda tag, given: starts(tag.rpartition(":")[2], given)
    if ends:
        parser.EndElementHandler = lambda tag: ends(tag.rpartition(":")[2])
    if texts:
        parser.CharacterDataHandler = texts
    with package.open(name) as member:
        while chunk := member.read(CHUNK):
            parser.Parse(chunk)
    parser.Parse(b"", True)


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
        self._kind = ""
        self._has_formula = self._has_value = self._in_value = False
        self._text = ""

    def starts(self, tag: str, given: dict[str, str]) -> None:
        if tag == "row":
            self._row = int(given["r"]) - 1 if "r" in given else self._row + 1
            self._column = -1
        elif tag == "c":
            self._cell = place(given["r"]) if "r" in given else (self._row, self._column + 1)
            self._column = self._cell[1]
            self._kind, self._has_formula, self._has_value, self._text = given.get("t", ""), False, False, ""
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
        if self._text and (self._cell[1] >= COLUMNS_MAX or self._cell[0] > self.rows_max + ROWS_SPARE):
            raise Refused("far_cell", cell=spell(self._cell))
        if self._kind == "e":
            self.marks[self._cell] = {"e": self._text[:20]}
        elif self._has_formula and not self._text and not (self._has_value and self._kind == "str"):  # a blank text is a value
            self.marks[self._cell] = FORMULA


def exactly(package: zipfile.ZipFile, name: str, rows_max: int) -> Marks:
    exact = Exact(rows_max)
    parse(package, name, exact.starts, exact.ends, exact.texts)
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
