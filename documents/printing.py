"""A paper as it is printed, from its snapshot: the page's context, and the Word file."""

from math import ceil
from typing import Any

from django.template.loader import render_to_string

from config.verbs import TransitionError

from .models import IssuedDocument
from .papers import GuideCard, blank
from .qr import qr_data_uri
from .word import render

# How many characters fit a line beside its label, and how many lines a sheet has for programs, at 17 and at 15 points.
_ROOMY, _CROWDED = (24, 18), (27, 24)


def render_print(issued: IssuedDocument) -> dict[str, Any]:
    """For `templates/documents/<kind>.html`. Keys that were added after the paper was issued are blank."""
    paper = {**blank(issued.kind), **issued.data}
    url = paper.get("progress_url", "")
    context = {"issued": issued, "paper": paper, "qr": qr_data_uri(url) if url else ""}
    if issued.kind == GuideCard.kind:
        context["density"] = _density(paper)
    return context


def render_sheet(issued: IssuedDocument) -> str:
    """The same words without the page around them: one sheet of several that are printed in one go."""
    return render_to_string(f"documents/{issued.kind}.html", {**render_print(issued), "sheet": "documents/_paper_sheet.html"})


def render_docx(issued: IssuedDocument) -> bytes:
    """By the template that was in use when the paper was issued.

    Raises:
        TransitionError: there was none; the paper is void, and a file does not say so as the printed page does.
    """
    if issued.is_voided:
        raise TransitionError(f"{issued}已作废（{issued.void_reason}），不能再下载Word。需要留存的，请打印，页面上标明作废。")
    if issued.template is None:
        raise TransitionError("这份文书出具时没有Word模板，请直接打印。")
    return render(issued.kind, bytes(issued.template.content), issued.data, number=issued.number)


def _density(paper: dict[str, Any]) -> str:
    """A card has one sheet: the more stands on it the smaller its type, from 17 points down to 13, where its lines run on."""
    for name, (width, height) in (("roomy", _ROOMY), ("crowded", _CROWDED)):
        if sum(_lines(item, width) for item in paper["items"]) + len(paper["notes"]) <= height:
            return name
    return "full"


def _lines(item: dict[str, Any], width: int) -> int:
    """What one program takes, its heading and the space around it included."""
    said = (item["unit"] + item["phone"], item["by_date"], "；".join(item["bring"]), "；".join(item["do_not_bring"]))
    return 2 + sum(ceil(len(text) / width) for text in said)
