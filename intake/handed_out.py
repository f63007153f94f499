"""Papers handed out, as the window's pages list them: to print again, and to void where they are the window's own."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from documents.models import IssuedDocument

from .transitions.voiding import OWN


@dataclass(frozen=True, slots=True)
class HandedOut:
    """`void_url`: where it is declared void, for whoever may."""

    paper: IssuedDocument
    void_url: str


def handed_out(papers: Iterable[IssuedDocument], *, may_void: bool) -> list[HandedOut]:
    return [HandedOut(paper, _void_url(paper) if may_void else "") for paper in papers]


def _void_url(paper: IssuedDocument) -> str:
    is_own = paper.subject_label in OWN and not paper.is_voided
    return reverse("intake:issued_void", args=[paper.pk]) if is_own else ""
