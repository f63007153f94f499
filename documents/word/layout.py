"""Word files from lines: the delivered templates, and what a room lists for reading.

`manage.py build_document_templates` makes `fixtures/documents/*.docx` of `texts`, where they are written down once.

仿宋 for text, 宋体 for titles, A4. A line is a paragraph; `{%p ... %}` and `{%tr ... %}` are docxtpl's loops over paragraphs and rows.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from .texts import TEXTS

TEXT_FONT, TITLE_FONT = "仿宋", "宋体"
Line = tuple[str, str] | tuple[str, list[list[str]]]


def build(kind: str) -> bytes:
    """The template of one kind, octet for octet the same each time."""
    return written(TEXTS[kind], is_narrow=kind == "guide_card")


def written(lines: Sequence[Line], *, title: str = "", is_narrow: bool = False, is_numbered: bool = False) -> bytes:
    """A Word file of these lines as they stand: what somebody typed stays text, and what no file can hold is left out of it.

    `title` is the file's own; `is_numbered` puts the number of each page at its foot.
    """
    document, shapes = Document(), dict[str, Any]()
    _page(document, narrow=is_narrow)
    if is_numbered:
        _number_pages(document)
    for how, what in lines:
        if how.startswith("table"):
            _table(document, what, size=float(how[5:] or 14))
        else:
            if how not in shapes:
                shapes[how] = _shape(document, how)
            _paragraph(document, shapes[how], str(what))
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "忠县协同救助信息平台", title, ""
    out = io.BytesIO()
    document.save(out)
    return _settled(out.getvalue())


def _page(document: Docx, *, narrow: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(15 if narrow else 28)
    section.left_margin = section.right_margin = Mm(18 if narrow else 26)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = TEXT_FONT, Pt(16)
    _in_east_asian(normal.element, TEXT_FONT)
    normal.paragraph_format.space_after = Pt(0)


def _number_pages(document: Docx) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


# How a paragraph stands: alignment, size, bold, indent of the first line in characters.
_STYLES: dict[str, tuple[WD_ALIGN_PARAGRAPH, float, bool, int]] = {
    "title": (WD_ALIGN_PARAGRAPH.CENTER, 22, True, 0),
    "number": (WD_ALIGN_PARAGRAPH.RIGHT, 14, False, 0),
    "to": (WD_ALIGN_PARAGRAPH.LEFT, 16, False, 0),
    "text": (WD_ALIGN_PARAGRAPH.JUSTIFY, 16, False, 2),
    "sign": (WD_ALIGN_PARAGRAPH.RIGHT, 16, False, 0),
    "small": (WD_ALIGN_PARAGRAPH.LEFT, 12, False, 0),
    "control": (WD_ALIGN_PARAGRAPH.LEFT, 8, False, 0),
    "card-title": (WD_ALIGN_PARAGRAPH.CENTER, 30, True, 0),
    "card-head": (WD_ALIGN_PARAGRAPH.LEFT, 22, True, 0),
    "card": (WD_ALIGN_PARAGRAPH.LEFT, 18, False, 0),
    "part": (WD_ALIGN_PARAGRAPH.LEFT, 16, True, 0),
    "item": (WD_ALIGN_PARAGRAPH.LEFT, 14, True, 0),
    "entry": (WD_ALIGN_PARAGRAPH.LEFT, 12, False, 0),
    "remark": (WD_ALIGN_PARAGRAPH.LEFT, 10.5, False, 0),
}
_DENSE = frozenset({"card-title", "card-head", "card", "part", "item", "entry", "remark"})
_HEADINGS = {"part": "Heading 1", "item": "Heading 2"}  # Word lists them beside the text; it keeps them with what follows
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML has no place for them


def _shape(document: Docx, how: str) -> Any:
    """An empty paragraph of this kind, to be copied: set for each line anew, the county's rules took five times as long."""
    alignment, size, bold, indent = _STYLES[how]
    paragraph = document.add_paragraph()
    if how in _HEADINGS:
        paragraph.style = _HEADINGS[how]
    paragraph.alignment = alignment
    form = paragraph.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.SINGLE if how in _DENSE else WD_LINE_SPACING.ONE_POINT_FIVE
    form.first_line_indent = Pt(size * indent)
    form.space_after = Pt(12 if how.endswith("title") else 0)
    run = paragraph.add_run()
    run.font.size, run.font.bold = Pt(size), bold
    if how in _HEADINGS:
        run.font.color.rgb = RGBColor(0, 0, 0)
    font = TITLE_FONT if how.endswith("title") else TEXT_FONT
    run.font.name = font
    _in_east_asian(run._element, font)
    document.element.body.remove(paragraph._p)
    return paragraph._p


def _paragraph(document: Docx, shape: Any, text: str) -> None:
    element = deepcopy(shape)
    document.element.body.sectPr.addprevious(element)
    Paragraph(element, document).runs[0].text = _UNPRINTABLE.sub("", text)


def _in_east_asian(element: Any, font: str) -> None:
    """Word keeps a font for Chinese beside the one for Latin; python-docx sets the latter alone."""
    element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _table(document: Docx, rows: Any, *, size: float) -> None:
    table = document.add_table(rows=0, cols=max(len(row) for row in rows))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=False):
            run = cell.paragraphs[0].add_run(text)
            run.font.size, run.font.name = Pt(size), TEXT_FONT
            _in_east_asian(run._element, TEXT_FONT)


def _settled(octets: bytes) -> bytes:
    """The same parts in the same order with the same date, so that a build that changed nothing changes no octet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(octets)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as settled:
        for name in sorted(made.namelist()):
            settled.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), made.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
