"""The 救助明白卡 handed out: what somebody takes home from the window (XX-22, TZ-14)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck
from documents.models import IssuedDocument
from documents.transitions import issue
from organization.models import Post
from programs.models import Program

from .. import guide_cards
from ..models import Application, Visit
from ..permissions import can_attend, can_work_on
from .edges import ANSWERED_IN_PLACE, seize, standing
from .visits import answer_on_paper


@transaction.atomic
def hand_out_card(*, visit_id: Any, program_codes: Sequence[str] = (), progress_url: str = "", by: Post) -> IssuedDocument:
    """The card of an answered visit. Each card is a paper of its own; a wrong one is voided, never changed.

    Raises:
        TransitionError: the visit has no answer yet.
    """
    visit: Visit = lock(Visit.objects.visible_to(by).get_or_404(visit_id))
    recheck(visit, can_attend, by)
    if visit.answered_at is None:
        raise TransitionError("还没有登记答复，请先写明答复内容，再出明白卡。")
    found = {program.code: program for program in Program.objects.visible_to(by).with_page_data(clock.today()).filter(pk__in=program_codes)}
    programs = [found[code] for code in dict.fromkeys(program_codes) if code in found and found[code].current]
    card = guide_cards.of_visit(visit, programs, progress_url=progress_url)
    paper = issue(kind=card.kind, subject=visit, data=card, household_id=visit.household_id, by=by)
    record(
        "visit.card_handed_out",
        visit,
        by=by,
        new=paper.number,
        household_id=visit.household_id,
        data={"programs": [p.code for p in programs]},
    )
    return paper


@transaction.atomic
def hand_out_application_card(*, application_id: Any, progress_url: str = "", by: Post) -> IssuedDocument:
    """The card of an accepted application, with the days that were promised.

    Raises:
        AlreadyHandled: it is not accepted: nobody knows yet who decides by when.
    """
    application = seize(Application.objects.visible_to(by).get_or_404(application_id))
    if application.status not in ANSWERED_IN_PLACE:
        raise AlreadyHandled(standing(application))
    recheck(application, can_work_on, by)
    card = guide_cards.of_application(application, progress_url=progress_url)
    household_id, number = application.household_id, application.pk
    paper = issue(kind=card.kind, subject=application, data=card, household_id=household_id, application_id=number, by=by)
    record("application.card_handed_out", application, by=by, new=paper.number, household_id=household_id, application_id=number)
    answer_on_paper(application, paper, by)
    return paper
