"""Somebody comes with a need: received, known by name, answered (求助登记, XX-22, TZ-14)."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, lock, recheck, save
from config.words import without_numbers
from documents.models import IssuedDocument
from documents.transitions import next_number
from households.models import Household, Membership, Resident
from organization.models import Post

from ..models import Application, Visit
from ..permissions import can_attend, can_receive


@transaction.atomic
def arrive(*, mode: str, resident_id: Any = None, household_id: Any = None, matter: str = "", by: Post) -> Visit:
    """The ID is read or 登记 is pressed: the clock starts, and who receives is 首问责任人. Nobody needs papers to be received."""
    if not can_receive(by):
        raise PermissionDenied("只有乡镇（街道）窗口经办可以登记来访。")
    resident, household = _known(resident_id, household_id, by)
    now = clock.now()
    visit = Visit(
        unit=by.unit, mode=mode, arrived_at=now, arrived_by=by, arrived_by_staff=by.staff, resident=resident, household=household,
        matter=matter.strip(), number=next_number("visit", by.unit.region_id[-3:], clock.today()),
    )  # fmt: skip
    save(visit)
    _record("visit.arrived", visit, by, new=visit.get_mode_display())
    return visit


@transaction.atomic
def identify(*, visit_id: Any, resident_id: Any, household_id: Any = None, by: Post) -> Visit:
    """Who it is, once that is known; a mistaken person is replaced until the visit is answered."""
    resident, household = _known(resident_id, household_id, by)
    visit = _taken(visit_id, by)
    old = mask_name(visit.resident.name) if visit.resident else ""
    visit.resident, visit.household = resident, household
    save(visit, "resident", "household")
    _record("visit.identified", visit, by, old=old, new=mask_name(resident.name) if resident else "")
    return visit


@transaction.atomic
def answer(*, visit_id: Any, text: str, by: Post) -> Visit:
    """A right answer, in words the person understands: the clock ends (XX-22: 15 minutes at the window; late blocks nothing).

    Raises:
        AlreadyHandled: answered already, by whom and when.
        TransitionError: an ID number in the answer, which is printed.
    """
    visit = _taken(visit_id, by)
    if not text.strip():
        raise ValidationError({"text": "请写明答复内容。"})
    visit.answer, visit.answered_at, visit.answered_by = without_numbers(text, may_name_mobile=True), clock.now(), by
    save(visit, "answer", "answered_at", "answered_by")
    minutes = int((visit.answered_at - visit.arrived_at).total_seconds() // 60)
    _record("visit.answered", visit, by, new=f"{minutes}分钟", data={"minutes": minutes, "mode": visit.mode})
    return visit


def answer_on_paper(application: Application, paper: IssuedDocument, by: Post) -> None:
    """What is printed for the applicant is the answer to the visit it began with: its clock ends, unless somebody answered before."""
    if application.visit is None or not can_attend(by, application.visit):
        return
    visit: Visit = lock(application.visit)
    if visit.answered_at is None:
        answer(visit_id=visit.pk, text=f"已办理申请{application.number}，出具{paper.title} {paper.number}。", by=by)


def _known(resident_id: Any, household_id: Any, by: Post) -> tuple[Resident | None, Household | None]:
    """Through the gate; somebody's household is known with the person."""
    resident: Resident | None = Resident.objects.visible_to(by).get_or_404(resident_id) if resident_id else None
    if household_id:
        return resident, Household.objects.visible_to(by).get_or_404(household_id)
    membership = Membership.objects.open().filter(resident=resident).select_related("household").first() if resident else None
    return resident, membership.household if membership else None


def _taken(visit_id: Any, by: Post) -> Visit:
    visit: Visit = lock(Visit.objects.visible_to(by).get_or_404(visit_id))
    if visit.answered_at:
        who = visit.answered_by.label if visit.answered_by else "同事"
        raise AlreadyHandled(f"{who}已于{clock.local(visit.answered_at):%Y-%m-%d %H:%M}答复（{visit.number}），不能再改。")
    recheck(visit, can_attend, by)
    return visit


def _record(verb: str, visit: Visit, by: Post, **about: Any) -> None:
    record(verb, visit, by=by, household_id=visit.household_id, **about)
