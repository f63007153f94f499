"""What the addresses of 先行救助 name."""

from decimal import Decimal
from typing import Any

from config import clock
from intake.models import Application
from organization.models import Post, Region
from referrals import transitions
from referrals.models import UrgentAid
from tests import cast
from tests.households.factories import HouseholdFactory, head_of
from tests.intake.factories import ApplicationFactory
from tests.matrix.objects import arguments_of, at_work, body_of, by_scope_at_work, nothing

STORY = {"event": "fire", "story": "灶房起火。", "voucher": "村主任在场"}


def an_aid(scope: str) -> UrgentAid:
    """own: proposed here; town: by the neighbour; spot: at the civil affairs' desk; called, given, linked: what it came to here."""
    by = cast.member({"town": "neighbour_clerk", "spot": "civil_officer"}.get(scope, "clerk"))
    region = Region.objects.get(pk=cast.NEIGHBOUR if scope == "town" else cast.VILLAGE)
    whom: dict[str, Any] = {"person_name": "虚老汉"}
    if scope == "linked":
        home = HouseholdFactory()
        ApplicationFactory(submitted=True, household=home)
        whom |= {"resident_id": head_of(home).pk}
    program = {"program_code": "MZ12", "in_kind": "食宿两天"} if scope == "spot" else {"program_code": "MZ04", "amount": Decimal(800)}
    aid = transitions.propose_urgent(region=region, happened_on=clock.today(), by=by, **STORY, **whom, **program)
    if scope in {"given", "linked"}:
        return transitions.agree_urgent(aid_id=aid.pk, by=cast.member("approver"))
    if scope == "called":
        return transitions.note_telephone_consent(aid_id=aid.pk, leader=cast.member("approver"), by=by)
    return aid


@arguments_of(
    "referrals:urgent_detail", "referrals:urgent_agree", "referrals:urgent_telephone", "referrals:urgent_decline",
    "referrals:urgent_confirm", "referrals:urgent_papers", "referrals:urgent_link", shared=by_scope_at_work,
)  # fmt: skip
def urgent_aid(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": an_aid(scope).pk} if at_work(post) else nothing()


@body_of("referrals:urgent_new")
def somebody_in_need() -> dict[str, Any]:
    said = {"program": "MZ04", "person_name": "虚老汉", "region": cast.VILLAGE, "happened_on": clock.today().isoformat()}
    return {**said, **STORY, "amount": "800", "in_kind": "", "number": "", "repeat_reason": ""}


@body_of("referrals:urgent_telephone")
def who_agreed() -> dict[str, Any]:
    return {"leader": cast.member("approver").pk}


@body_of("referrals:urgent_decline")
def why_not() -> dict[str, Any]:
    return {"reason": "情况不紧急。"}


@body_of("referrals:urgent_confirm")
def it_is_true() -> dict[str, Any]:
    return {"agreed": "yes", "note": ""}


@body_of("referrals:urgent_papers")
def some_papers() -> dict[str, Any]:
    return {"finding": "事由属实。", "identity_note": "", "number": "", "promised_on": "", "authorised_on": ""}


@body_of("referrals:urgent_link")
def an_application() -> dict[str, Any]:
    return {"application": Application.objects.values_list("pk", flat=True).first() or ""}
