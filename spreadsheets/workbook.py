"""A workbook written while it is sent: rows come in, octets go out, and no more than some thousand rows stand in memory (PERFORMANCE 1).

Every sheet has a title, a line that says who took it when, heads that stay in sight, and typed cells. Why this is ours stands in docs/adr:
workbooks are written by our own hand.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import IO, Any, Protocol, runtime_checkable

from isal import isal_zlib

from .cells import Column, Filled, cells, content, letter
from .parts import RELATIONS, STYLESHEET, book, book_relations, content_types, sheet_head, sheet_tail

MOST_ROWS = 1_048_500  # of data; a sheet ends at 1,048,576
HEAD_ROWS = 3  # title, watermark, heads
BATCH = 2_000  # rows written at once, as many as are fetched at once
CHUNK = 1 << 16  # octets sent at once, at least
LEVEL = 1  # of ISA-L: files as small as by zlib's level 1, in a quarter of its time


@runtime_checkable
class InBlocks(Protocol):
    """Rows that come some thousand at a time, each column by itself: what turns them saves the work of a row."""

    def __iter__(self) -> Iterator[Sequence[Any]]: ...

    def blocks(self) -> Iterator[Sequence[Sequence[Any]]]:
        """No block is empty, and its columns are as long as one another."""


@dataclass
class Sheet:
    """One sheet: `name` on its tab, `title` in its first row, rows as sequences in the order of the columns.

    `limit` cuts: the rows beyond it are left out, and the last row says so. `note` stands beside the watermark. `written` counts.
    `state`: "hidden" for a sheet nobody sees, "veryHidden" for one that nobody can show. `to_fill`: blank cells below have their column's
    format, and `rules` say what may be typed into them (XML: see `blank`).
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    limit: int = MOST_ROWS
    note: str = ""
    state: str = ""
    to_fill: bool = False
    rules: str = ""
    written: int = field(default=0, init=False)
    is_cut: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > 31 or set(self.name) & set("[]:*?/\\'"):
            raise ValueError(f"a sheet's name has 1 to 31 characters and none of []:*?/\\': {self.name}")
        self.limit = min(self.limit, MOST_ROWS)


def workbook(sheets: Sequence[Sheet], *, watermark: str) -> Iterator[bytes]:
    """The file, chunk by chunk. `watermark`: who took it, of which unit, when; in every sheet, and at the foot of every printed page."""
    if not sheets or len({sheet.name for sheet in sheets}) != len(sheets):
        raise ValueError("a workbook has at least one sheet, and no two of one name")
    out = _Outlet()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for number, sheet in enumerate(sheets, 1):
            with _member(package, f"xl/worksheets/sheet{number}.xml") as member:
                for octets in _sheet(sheet, watermark):
                    member.write(octets)
                    if out.size >= CHUNK:
                        yield out.taken()
        spans = [(sheet.name, sheet.state) for sheet in sheets]
        for name, text in (
            ("[Content_Types].xml", content_types(len(sheets))),
            ("_rels/.rels", RELATIONS),
            ("xl/workbook.xml", book(spans, HEAD_ROWS)),
            ("xl/_rels/workbook.xml.rels", book_relations(len(sheets))),
            ("xl/styles.xml", STYLESHEET),
        ):
            with _member(package, name) as member:
                member.write(text.encode())
    yield out.taken()


def _member(package: zipfile.ZipFile, name: str) -> IO[bytes]:
    """A part to write into. It packs by ISA-L, which the library has no parameter for: were its packer renamed, zlib would do it."""
    part = zipfile.ZipInfo(name)
    part.compress_type = zipfile.ZIP_DEFLATED
    member = package.open(part, "w")
    member._compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -zlib.MAX_WBITS)  # type: ignore[attr-defined]
    return member


def _sheet(sheet: Sheet, watermark: str) -> Iterator[bytes]:
    columns = sheet.columns
    yield sheet_head(columns, HEAD_ROWS, to_fill=sheet.to_fill).encode()
    yield _row(1, [(1, content(sheet.title))], height=26)
    yield _row(2, [(2, content("　".join(filter(None, (watermark, sheet.note)))))])
    yield _row(3, [(3, content(column.label)) for column in columns], height=22)
    for block in _blocks(sheet.rows):
        room = sheet.limit - sheet.written
        written = [values[:room] for values in block] if len(block[0]) > room else block
        sheet.is_cut = written is not block
        if room:
            yield _batch(written, columns, HEAD_ROWS + 1 + sheet.written)
            sheet.written += len(written[0])
        if sheet.is_cut:
            break
    last = HEAD_ROWS + sheet.written
    if sheet.is_cut:
        yield _row(last + 1, [(2, content(f"以下未导出：本次最多导出{sheet.limit:,}行，请缩小筛选范围后分次导出。"))])
    yield sheet_tail(len(columns), HEAD_ROWS, last, watermark, rules=sheet.rules).encode()


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    """Some rows at a time, turned: column by column."""
    if isinstance(rows, InBlocks):
        for block in rows.blocks():
            for start in range(0, len(block[0]), BATCH):
                yield [values[start : start + BATCH] for values in block]
    else:
        coming = iter(rows)
        while batch := list(islice(coming, BATCH)):
            yield list(zip(*batch, strict=True))


def _row(number: int, cells: Sequence[tuple[int, str]], *, height: int = 0) -> bytes:
    """Of the head: nothing of its columns' format shows beside its cells."""
    tall = f' ht="{height}" customHeight="1"' if height else ""
    inside = "".join(f'<c r="{letter(place)}{number}" s="{style}"{text}' for place, (style, text) in enumerate(cells))
    return f'<row r="{number}"{tall} s="0" customFormat="1">{inside}</row>'.encode()


def _batch(block: Sequence[Sequence[Any]], columns: Sequence[Column], first: int) -> bytes:
    """The pieces of a row, each as what it is in all rows: joined row by row they are one loop of the interpreter's own.

    What stays the same from one value to the next (a cell's end, the next one's beginning) is one piece.
    """
    numbers = [b"%d" % number for number in range(first, first + len(block[0]))]
    begun: dict[bytes, list[bytes]] = {}  # the same in all columns of a kind
    pieces: list[Iterable[bytes]] = [repeat(b'<row r="'), numbers]
    between = b'">'
    for place, (column, values) in enumerate(zip(columns, block, strict=True)):
        named, written = b'<c r="%b' % letter(place).encode(), cells(values, column)
        if not isinstance(written, Filled):
            whole = [named + number + text if text else b"" for number, text in zip(numbers, written, strict=True)]
            pieces += repeat(between), whole
            between = b""
        elif len(written.inside) < len(numbers):
            pieces += repeat(between + named), numbers
            between = written.open + written.inside[0] + written.close
        else:
            if written.open not in begun:
                begun[written.open] = [number + written.open for number in numbers]
            pieces += repeat(between + named), begun[written.open], written.inside
            between = written.close
    pieces.append(repeat(between + b"</row>"))
    return b"".join(chain.from_iterable(zip(*pieces)))  # noqa: B905 - what repeats has no end


class _Outlet(io.RawIOBase):
    """What the packer writes into: it cannot seek, so sizes follow the data, and what has gathered is taken away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, octets: Any) -> int:
        self._parts.append(bytes(octets))
        self.size += len(octets)
        return len(octets)

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts, self.size = [], 0
        return whole
