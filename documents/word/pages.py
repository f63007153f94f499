"""A page of headings, tables and paragraphs as a Word file: what is printed as it stands and has no template of its own.

The file is made of the page's own words, so that both say the same; nothing of the page but text reaches it.
"""

import io
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import html

FONT = "宋体"


def word_page(title: str, content: str, *, above: str = "", below: str = "") -> bytes:
    """`content`: of a template of ours, whose `h2`, `table` and `p` are taken. `above`, `below`: at the head and foot of each sheet."""
    document = Document()
    _paper(document, above, below)
    document.add_heading(title, level=1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in html.fragment_fromstring(content, create_parent="div").iter("h2", "p", "table"):
        if part.tag == "table":
            _table(document, part)
        elif part.tag == "h2":
            document.add_heading(_text(part), level=2)
        elif not any(each.tag == "table" for each in part.iterancestors()):
            document.add_paragraph(_text(part))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _paper(document: Any, above: str, below: str) -> None:
    for style in ("Normal", "Heading 1", "Heading 2"):
        font = document.styles[style].font
        font.name = FONT
        document.styles[style].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    document.styles["Normal"].font.size = Pt(10.5)
    [section] = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.header.paragraphs[0].text, section.footer.paragraphs[0].text = above, below


def _table(document: Any, part: Any) -> None:
    rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in part.iter("tr")]
    width = max(sum(int(cell.get("colspan", 1)) for cell in row) for row in rows)
    table = document.add_table(len(rows), width, style="Table Grid")
    for line, row in zip(table.rows, rows, strict=True):
        places, at = line.cells, 0
        for cell in row:
            span = int(cell.get("colspan", 1))
            place = places[at] if span == 1 else places[at].merge(places[at + span - 1])
            place.text = _text(cell)
            if cell.tag == "th":
                place.paragraphs[0].runs[0].bold = True
            at += span


def _text(part: Any) -> str:
    return " ".join(part.text_content().split())
