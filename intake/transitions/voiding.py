"""The window's own papers declared void: 明白卡, 受理通知书, 不予受理告知书, 一次性告知书; what still stands is issued anew."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.models import Event
from audit.transitions import record
from config import clock
from config.verbs import lock, recheck
from config.words import without_numbers
from documents.gates import fetch
from documents.models import IssuedDocument
from documents.papers import AcceptanceNotice, GuideCard, NotAcceptedNotice
from documents.transitions import next_number, void_own_paper
from organization.models import Post

from ..issuing import issue_acceptance, issue_notice, issue_refusal
from ..models import Application, SupplementNotice, Visit
from ..permissions import can_attend
from .cards import hand_out_application_card, hand_out_card
from .edges import ANSWERED_IN_PLACE, S, take_up

APPLICATION, NOTICE, VISIT = (model._meta.label_lower for model in (Application, SupplementNotice, Visit))
OWN = frozenset({APPLICATION, NOTICE, VISIT})


@transaction.atomic
def void_issued(*, paper_id: Any, reason: str, anew: bool = True, by: Post) -> IssuedDocument | None:
    """Void a paper with its reason. The number is not given again; the applicant is owed a right one in its place.

    A notice that still stands is issued anew at once, by what is registered now: an accepted application is never without its receipt. A
    card is, where the clerk says so (`anew`).

    Returns:
        the paper in its place, or None.

    Raises:
        AlreadyHandled: somebody was first.
        TransitionError: no reason, or an ID number in it.
    """
    paper = fetch(IssuedDocument, paper_id, by)
    if paper.subject_label == VISIT:
        return _void_card_of_visit(paper, reason, anew, by)
    if paper.subject_label not in OWN:
        raise PermissionDenied("这份文书不是窗口出具的，不能在这里作废。")
    application = take_up(paper.application_id, "void_issued", by)
    is_guarded = application.items.filter(program__is_sensitive=True).exists()
    void_own_paper(paper=paper, reason=without_numbers(reason), by=by, is_confidential=is_guarded)
    if paper.kind == GuideCard.kind and not anew:
        return None
    return _issue_anew(paper, application, by)


def _issue_anew(paper: IssuedDocument, application: Application, by: Post) -> IssuedDocument | None:
    """What the paper says still holds: it is accepted, it was not, it is waited for."""
    if paper.subject_label == NOTICE:
        return _ask_anew(paper, application, by)
    if paper.kind == NotAcceptedNotice.kind and application.status == S.NOT_ACCEPTED:
        return issue_refusal(application, by)
    if application.status not in ANSWERED_IN_PLACE:
        return None
    if paper.kind == AcceptanceNotice.kind:
        return issue_acceptance(application, by)
    url = paper.data.get("progress_url", "")
    return hand_out_application_card(application_id=application.pk, progress_url=url, by=by) if paper.kind == GuideCard.kind else None


def _ask_anew(paper: IssuedDocument, application: Application, by: Post) -> IssuedDocument | None:
    """The same notice under its next number: what was asked for and by when stands, it is no second notice (TZ-14)."""
    notice = application.notices.filter(pk=paper.subject_id, answered_at=None).first()
    if notice is None or not application.is_open:
        return None
    old, notice.number = notice.number, next_number(paper.kind, by.unit.region_id, clock.today())
    notice.save(update_fields=["number"])
    record(
        "supplement.reissued", notice, by=by, old=old, new=notice.number, application_id=application.pk,
        household_id=application.household_id,
    )  # fmt: skip
    return issue_notice(notice, list(notice.lines.select_related("paper", "unit")), by)


def _void_card_of_visit(paper: IssuedDocument, reason: str, anew: bool, by: Post) -> IssuedDocument | None:
    visit: Visit = lock(Visit.objects.visible_to(by).get_or_404(paper.subject_id))
    recheck(visit, can_attend, by)
    void_own_paper(paper=paper, reason=without_numbers(reason), by=by)
    if not anew:
        return None
    lines = Event.objects.about(visit).filter(verb="visit.card_handed_out", new=paper.number)
    programs = [code for data in lines.values_list("data", flat=True) for code in data.get("programs", [])]
    return hand_out_card(visit_id=visit.pk, program_codes=programs, progress_url=paper.data.get("progress_url", ""), by=by)
