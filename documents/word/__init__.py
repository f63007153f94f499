"""Word papers from templates: `examine` what somebody uploads, `render` what is handed out (docxtpl, with nothing but fields).

A template is a program in the hands of whoever uploads it: so it may name the fields of its kind, loop over them and ask whether they are
empty, and nothing else (`fields`); and the file around it may not act, fetch or embed (`package`).
"""

import io
from typing import Any
from zipfile import BadZipFile

from docx.oxml.exceptions import InvalidXmlError
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import TemplateError
from lxml.etree import XMLSyntaxError, fromstring

from config.verbs import TransitionError

from ..papers import PAPERS, as_data, blank
from ..qr import qr_png
from .fields import FieldsOnly, UnknownFields
from .package import check_package

QR_WIDTH = Mm(28)
SAMPLE_NUMBER = "忠民样〔2026〕500233001-00000号"


class TemplateRefused(TransitionError):
    """A template that is not taken, and why."""


def examine(kind: str, octets: bytes) -> None:
    """Refuse a file that is no plain Word document, that names a field its kind does not have, or that does not render.

    Raises:
        TemplateRefused: with every unknown field by name.
    """
    check_package(octets, refuse=TemplateRefused)
    said = as_data(PAPERS[kind].sample())
    try:
        plain = DocxTemplate(io.BytesIO(octets))
        plain.render_init()
        # docxtpl mends markup that a loop has torn, by leaving out what it cannot place: torn markup is refused here instead.
        fromstring(plain.build_xml({**said, "number": SAMPLE_NUMBER, "qr": ""}, FieldsOnly(_shape(kind))))
        render(kind, octets, said, number=SAMPLE_NUMBER)
    except UnknownFields as unknown:
        raise TemplateRefused(str(unknown)) from None
    except TemplateError as wrong:
        place = "".join(getattr(wrong, "docx_context", ())).strip()[:80]
        raise TemplateRefused(
            f"模板里的字段写法有误，请检查花括号是否成对、循环是否结束{f'（在“{place}”附近）' if place else ''}。"
        ) from None
    except (XMLSyntaxError, InvalidXmlError, BadZipFile, KeyError, ValueError):
        raise TemplateRefused("模板填入样例后打不开。请检查循环的开始和结束是否各占一段或一行，另存为 .docx 后再上传。") from None


def render(kind: str, template: bytes, data: dict[str, Any], *, number: str) -> bytes:
    """The Word file of a paper. Everything put in is text: nothing a person typed becomes a field or markup."""
    document = DocxTemplate(io.BytesIO(template))
    context: dict[str, Any] = {**blank(kind), **data, "number": number, "qr": ""}
    if url := context.get("progress_url"):
        document.init_docx()
        context["qr"] = InlineImage(document, io.BytesIO(qr_png(url)), width=QR_WIDTH)
    document.render(context, FieldsOnly(_shape(kind)), autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _shape(kind: str) -> dict[str, Any]:
    """The fields of a kind, with a sample of each."""
    return {**as_data(PAPERS[kind].sample()), "number": SAMPLE_NUMBER, "qr": "qr"}
