"""A paper as it is printed, from its snapshot: the page's context, and the Word file."""

from typing import Any

from config.verbs import TransitionError

from .models import IssuedDocument
from .papers import GuideCard, blank
from .qr import qr_data_uri
from .word import render

# A card has one sheet: the more programs stand on it, the smaller its type (18 pt down to 13).
_CROWDED, _FULL = 3, 5


def render_print(issued: IssuedDocument) -> dict[str, Any]:
    """For `templates/documents/<kind>.html`. Keys that were added after the paper was issued are blank."""
    paper = {**blank(issued.kind), **issued.data}
    url = paper.get("progress_url", "")
    context = {"issued": issued, "paper": paper, "qr": qr_data_uri(url) if url else ""}
    if issued.kind == GuideCard.kind:
        context["density"] = _density(paper)
    return context


def render_docx(issued: IssuedDocument) -> bytes:
    """By the template that was in use when the paper was issued.

    Raises:
        TransitionError: there was none.
    """
    if issued.template is None:
        raise TransitionError("这份文书出具时没有Word模板，请直接打印。")
    return render(issued.kind, bytes(issued.template.content), issued.data, number=issued.number)


def _density(paper: dict[str, Any]) -> str:
    """By lines rather than by programs: a long list of papers to bring takes as much room as a program."""
    lines = sum(2 + len(item["bring"]) // 2 + len(item["do_not_bring"]) // 2 for item in paper["items"]) + len(paper["notes"]) // 2
    return "roomy" if lines <= _CROWDED * 3 else "crowded" if lines <= _FULL * 3 else "full"
