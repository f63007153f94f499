"""Which duties of a colleague somebody may take in hand: not those of his kin's household, nor what his post could not do (SECURITY #2).

A referral is not handed to the kin of its household; neither is any other duty that is about one. Urgent aid waits for nobody.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import models

from deadlines.models import Duty
from households.models import Household, Membership, RegistryChange, Resident, StaffKin
from households.permissions import can_answer_change
from households.transitions.registry import DUTY as CONFIRM_CHANGE
from intake.models import Application, ApplicationItem, Request
from intake.permissions import can_push, can_settle, can_work_on
from intake.transitions.requests import COMPLETE, PUSH, SETTLE
from organization.models import Post
from verification.models import Verification, VisitRequest
from verification.permissions import can_answer_visit
from verification.permissions import can_work_on as can_verify
from verification.transitions.asking import DUTY as ANSWER_VISIT

from . import permissions
from .models import ChangeReport, MonthlyList, Referral, UrgentAid
from .transitions import clocks
from .transitions.listing import CONFIRM
from .transitions.urgent import CONFIRM as CONFIRM_CALL
from .transitions.urgent import GIVE, PAPERS

Asked = Callable[[Post, Any], bool]
# What a duty's subject names of people: a household, a person, or a case that names one.
_CASES = (Application, ApplicationItem, Verification)
# Who may do it, by model and kind of duty: a kind that is not here may be done by anybody of the unit. "" is every kind of that model.
_MAY: dict[tuple[type[models.Model], str], Asked] = {
    (UrgentAid, GIVE): lambda post, aid: permissions.can_agree_urgent(post, aid) and post.staff_id != aid.proposed_by_staff_id,
    (UrgentAid, CONFIRM_CALL): lambda post, aid: post.staff_id == aid.leader_staff_id,
    (UrgentAid, PAPERS): permissions.can_paper_urgent,
    (RegistryChange, CONFIRM_CHANGE): lambda post, row: can_answer_change(post, row) and post.staff_id != row.proposed_by_staff_id,
    (MonthlyList, CONFIRM): permissions.confirms,
    (ChangeReport, ""): permissions.can_answer_report,
    (Application, ""): can_work_on,
    (Verification, ""): can_verify,
    (VisitRequest, ANSWER_VISIT): can_answer_visit,
    (Request, SETTLE): can_settle,
    (Request, PUSH): can_push,
    (Request, COMPLETE): can_push,
    (Referral, clocks.RULE): permissions.can_rule,
}


def unfit_for(post: Post, duties: Iterable[Duty]) -> set[Any]:
    """Which of these duties do not go to this post, by key. A statement for each kind of subject, and two for the kin."""
    by_label: dict[str, list[Duty]] = {}
    for duty in duties:
        by_label.setdefault(duty.subject_label, []).append(duty)
    kin = _Kin(post.staff_id)
    return {duty.pk for label, rows in by_label.items() for duty in _unfit(label, rows, post, kin)}


def _unfit(label: str, duties: list[Duty], post: Post, kin: "_Kin") -> list[Duty]:
    model = apps.get_model(label)
    subjects = {str(row.pk): row for row in model._base_manager.filter(pk__in=[duty.subject_id for duty in duties])}
    return [duty for duty in duties if (row := subjects.get(duty.subject_id)) and (not _may(post, row, duty.kind) or kin.of(row))]


def _may(post: Post, row: models.Model, kind: str) -> bool:
    asked = _MAY.get((type(row), kind)) or _MAY.get((type(row), ""))
    return asked is None or asked(post, row)


class _Kin:
    """The declared relatives of one of the staff: they themselves, and the households to which they belong now."""

    def __init__(self, staff_id: int) -> None:
        digests = StaffKin.objects.standing().filter(staff_id=staff_id).values("id_number_digest")
        self.people = set(Resident.objects.filter(id_number_digest__in=digests).values_list("pk", flat=True))
        homes = Membership.objects.open().filter(resident__in=self.people)
        self.homes = set(homes.values_list("household_id", flat=True)) if self.people else set()

    def of(self, row: models.Model) -> bool:
        if not self.people or isinstance(row, UrgentAid) or (isinstance(row, Referral) and row.track.is_urgent):
            return False
        return self._names(row)

    def _names(self, row: models.Model) -> bool:
        for column in row._meta.concrete_fields:
            value = getattr(row, column.attname)
            if column.related_model is Household and value in self.homes:
                return True
            if column.related_model is Resident and value in self.people:
                return True
            if column.related_model in _CASES and value is not None and self._names(getattr(row, column.name)):
                return True
        return False
