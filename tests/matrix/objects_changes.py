"""Records of aid and change reports behind the addresses of the matrix."""

from datetime import date
from typing import Any

from households.transitions import note_death
from organization.models import Post
from referrals import transitions
from referrals.models import ChangeReport
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.referrals.changing import aid

# own: of the village that the assistant keeps. village: of the next one of that township. town: of the neighbouring township.
_PLACES = {"own": cast.VILLAGE, "village": cast.OTHER_VILLAGE, "town": cast.NEIGHBOUR}


def _household(scope: str) -> Any:
    factories.begin()
    return HouseholdFactory(region=factories.place(_PLACES[scope]))


@arguments_of("referrals:record_detail", "referrals:record_change", "referrals:record_review", shared=by_scope)
def a_record(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": aid(household=_household(scope)).pk}


@arguments_of("referrals:report_open", shared=by_scope)
def a_household_to_report(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _household(scope).pk}


@arguments_of("referrals:report_detail", "referrals:report_confirm", "referrals:report_decline", shared=by_scope)
def a_report(scope: str, post: Post | None) -> dict[str, Any]:
    household = _household(scope)
    by = cast.member("neighbour_clerk" if scope == "town" else "clerk")
    said = {"kind": "moved", "happened_on": household.opened_at.date(), "text": "搬到县城。"}
    return {"pk": transitions.report_change(household_id=household.pk, by=by, **said).pk}


@body_of("referrals:record_change")
def a_stop() -> dict[str, Any]:
    return {
        "kind": "stop", "reason_code": "income", "reason": "人均收入高于标准。", "from_month": "2026-10", "amount": "", "months": "",
        "leaver": "", "origin": "office", "seen": "",
    }  # fmt: skip


@body_of("referrals:record_review")
def no_change() -> dict[str, Any]:
    return {"note": "入户核实，没有变化。", "seen": ""}


@body_of("referrals:report_open")
def moved() -> dict[str, Any]:
    return {"kind": "moved", "resident": "", "happened_on": "2026-09-20", "text": "搬到县城。", "seen": ""}


@body_of("referrals:report_confirm")
def it_is_so() -> dict[str, Any]:
    return {"happened_on": "2026-09-20", "answer": "已电话核实。", "seen": ""}


@body_of("referrals:report_decline")
def it_is_not() -> dict[str, Any]:
    return {"answer": "只是外出探亲。", "seen": ""}


@arguments_of("referrals:record_stop_after_death", shared=by_scope)
def a_record_of_somebody_dead(scope: str, post: Post | None) -> dict[str, Any]:
    record = aid(household=_household(scope))
    note_death(resident=factories.head_of(record.household), on=date(2026, 9, 20), source="窗口", by=cast.member("clerk"))
    return {"pk": record.pk}


@arguments_of("referrals:report_close", shared=by_scope)
def a_confirmed_move(scope: str, post: Post | None) -> dict[str, Any]:
    made = a_report(scope, post)
    aid(household=ChangeReport.objects.get(pk=made["pk"]).household)
    by = cast.member("neighbour_clerk" if scope == "town" else "clerk")
    return {"pk": transitions.confirm_report(report_id=made["pk"], answer="已上门核实。", by=by).pk}


@body_of("referrals:record_stop_after_death")
def one_click() -> dict[str, Any]:
    return {}


@body_of("referrals:report_close")
def nothing_more() -> dict[str, Any]:
    return {"note": "家庭人口和收入没有变化。", "seen": ""}
