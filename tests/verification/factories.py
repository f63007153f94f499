"""Verifications in every state, reached by the verbs, and a household to verify."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from config import clock
from households.models import Household
from organization.models import Post, Unit
from tests import cast
from tests.households.factories import HouseholdFactory, person, place
from verification import transitions
from verification.models import Verification, VisitRequest


def household(code: str = cast.VILLAGE) -> Household:
    """A family of three: the head, his wife, a boy of eleven."""
    members = [
        person("02", name="张小明", birth_on=date(1968, 5, 4)),
        person("10", name="李秀芳", birth_on=date(1970, 8, 1), sex="2"),
        person("20", name="张小宝", birth_on=date(2015, 3, 9)),
    ]
    family: Household = HouseholdFactory(region=place(code), members=members, address="一组12号")
    return family


class Matter:
    """What a verification is opened for, known by label and id alone: an application stands above this room."""

    class _meta:
        label_lower = "intake.application"

    def __init__(self) -> None:
        self.pk: UUID = uuid4()


def pending(of: Household | None = None, unit: Unit | None = None, by: Post | None = None, **changed: Any) -> Verification:
    """Opened as an acceptance opens it."""
    by = by or cast.member("clerk")
    given = {"subject": Matter(), "title": "最低生活保障 张*明", **changed}
    return transitions.open_for(household=of or household(), unit=unit or by.unit, by=by, **given)


def started(*methods: str, by: Post | None = None, **changed: Any) -> Verification:
    by = by or cast.member("clerk")
    row = pending(by=by, **changed)
    return transitions.start(verification_id=row.pk, methods=methods or ("matching", "home_visit"), by=by)


WHOLE = {
    "methods": ["matching", "home_visit"],
    "met_note": "",
    "family_situation": "三口人，住砖房两间，户主因病不能劳动。",
    "economic_situation": "务农收入每月约1200元，无存款，无机动车。",
    "finding": "consistent",
    "conclusion": "家庭收入和财产符合申报。",
    "advice": "建议纳入保障，并关注户主就医。",
    "income_per_head": "400",
    "assets_within_limits": True,
    "household_hardship": True,
}


def whole(of: Verification, **changed: Any) -> dict[str, Any]:
    """Everything that finishing asks for: the head was met today."""
    head = of.household.memberships.open().order_by("relation", "pk").first()
    return {**WHOLE, "visited_on": clock.today(), "person_met": head.resident if head else None, **changed}


def team() -> list[int]:
    """The clerk and the village's assistant."""
    return [cast.member(name).staff_id for name in ("clerk", "assistant")]


def finished(
    by: Post | None = None, investigators: list[int] | None = None, fields: dict[str, Any] | None = None, **changed: Any
) -> Verification:
    by = by or cast.member("clerk")
    row = started(by=by, **changed)
    content = {**whole(row), **(fields or {})}
    return transitions.finish(verification_id=row.pk, fields=content, investigators=investigators or team(), by=by)


def cancelled(of: Verification | None = None, by: Post | None = None) -> Verification:
    """No case needs it: none stands here."""
    row, by = of or pending(), by or cast.member("clerk")
    transitions.let_go(household=row.household, ended="申请已撤回", application_id=None, by=by)
    row.refresh_from_db()
    return row


def asked(of: Verification | None = None, **changed: Any) -> VisitRequest:
    """The home township asks the neighbouring one to visit a family."""
    row = of or started()
    given = {"unit": cast.member("neighbour_clerk").unit, "matter": "现住对方辖区，请看住房和收入。", "by": cast.member("clerk"), **changed}
    return transitions.ask_visit(verification_id=row.pk, **given)


def neighbours() -> list[int]:
    return [cast.member(name).staff_id for name in ("neighbour_clerk", "neighbour_approver")]


def answered(request: VisitRequest | None = None, **changed: Any) -> VisitRequest:
    request = request or asked()
    head = request.verification.household.memberships.open().order_by("relation", "pk").first()
    given = {
        "visited_on": clock.today(), "person_met": head.resident if head else None, "met_note": "",
        "family_situation": "租住一间房，户主患病。", "economic_situation": "靠打零工。", "investigators": neighbours(),
        "by": cast.member("neighbour_clerk"), **changed,
    }  # fmt: skip
    return transitions.answer_visit(request_id=request.pk, **given)
