"""Papers handed out: issued with a number and a snapshot, voided with a reason. Upper rooms call `issue` after their own gates."""

import json
from uuid import UUID

from django.db import models, transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, save
from config.words import names_a_number
from organization.models import Post

from ..gates import fetch
from ..models import DocumentTemplate, IssuedDocument
from ..papers import PAPERS, Paper, as_data
from .numbers import next_number


@transaction.atomic
def issue(
    *,
    kind: str,
    subject: models.Model,
    data: Paper,
    by: Post,
    number: str = "",
    household_id: UUID | None = None,
    application_id: UUID | None = None,
) -> IssuedDocument:
    """Hand out a paper about a subject: what it says is kept as it is said now, with the Word template in use.

    `number` is given when the paper bears a number of its own; otherwise it is the next of its kind in the region of `by`'s unit, whose
    series stays locked until the transaction ends.

    Raises:
        ValueError: data of another kind, or a full ID number in it. A bug of the caller, never what somebody typed.
    """
    if PAPERS.get(kind) is not type(data):
        raise ValueError(f"{kind} is not what {type(data).__name__} says")
    said = as_data(data)
    if names_a_number(json.dumps(said, ensure_ascii=False)):
        raise ValueError(f"{kind}: numbers of persons are masked on paper")
    template = DocumentTemplate.objects.without_content().in_force(kind)
    today = clock.today()
    paper = IssuedDocument(
        kind=kind, title=data.title, subject_label=subject._meta.label_lower, subject_id=str(subject.pk), household_id=household_id,
        application_id=application_id, data=said, template=template, unit=by.unit, issued_at=clock.now(), issued_by=by,
        number=number or next_number(kind, by.unit.region_id, today),
    )  # fmt: skip
    save(paper)
    _record("paper.issued", paper, by=by, new=paper.number)
    return paper


def void_paper(*, paper_id: UUID, reason: str, by: Post) -> IssuedDocument:
    """Declare a paper void, for example printed for the wrong person. It stays readable, marked 作废; its number is not given again.

    Raises:
        AlreadyHandled: somebody was first.
        TransitionError: without a reason.
    """
    return void_own_paper(paper=fetch(IssuedDocument, paper_id, by), reason=reason, by=by)


@transaction.atomic
def void_own_paper(*, paper: IssuedDocument, reason: str, by: Post, is_confidential: bool = False) -> IssuedDocument:
    """The same by the room that issued it, after its own gate, as `issue`: who takes a matter back may not be who reads its paper.

    `is_confidential`: it speaks of a sensitive program, so the line with the reason is not for everybody.
    """
    paper = lock(paper)
    if paper.voided_at:
        raise AlreadyHandled(f"{paper}已由{paper.voided_by}于{clock.local(paper.voided_at):%Y-%m-%d %H:%M}作废。")
    if not reason.strip():
        raise TransitionError("请填写作废原因。")
    paper.voided_at, paper.voided_by, paper.void_reason = clock.now(), by, reason.strip()
    save(paper, "voided_at", "voided_by", "void_reason")
    paper.is_confidential = is_confidential  # type: ignore[attr-defined]  # what the record asks of its subject
    _record("paper.voided", paper, by=by, note=paper.void_reason)
    return paper


def _record(verb: str, paper: IssuedDocument, **about: object) -> None:
    record(verb, paper, household_id=paper.household_id, application_id=paper.application_id, data={"kind": paper.title}, **about)  # type: ignore[arg-type]
