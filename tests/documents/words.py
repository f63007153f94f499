"""Word files for the tests of templates."""

import io
import zipfile
from collections.abc import Callable

from docx import Document

from documents.word.layout import build


def delivered(kind: str = "refusal_notice") -> bytes:
    return build(kind)


def saying(*paragraphs: str, table: list[list[str]] | None = None, header: str = "") -> bytes:
    """A template made by somebody in Word."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for row, texts in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(
    octets: bytes,
    *,
    add: dict[str, bytes] | None = None,
    change: dict[str, Callable[[bytes], bytes]] | None = None,
    packing: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """The same package with parts added or changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(octets)) as old, zipfile.ZipFile(out, "w", packing) as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, (change or {}).get(name, lambda same: same)(text))
        for name, text in (add or {}).items():
            new.writestr(name, text)
    return out.getvalue()


def read(octets: bytes) -> str:
    """All words of a document, tables and headers too."""
    document = Document(io.BytesIO(octets))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    header = [paragraph.text for section in document.sections for paragraph in section.header.paragraphs]
    return "\n".join([*header, *(paragraph.text for paragraph in document.paragraphs), *cells])


def pictures(octets: bytes) -> int:
    return len(Document(io.BytesIO(octets)).inline_shapes)
