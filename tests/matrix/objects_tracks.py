"""What the addresses of the tracks name: items that wait, monthly lists."""

from typing import Any

from config import clock
from households.transitions import grant_tag
from organization.models import Post
from referrals import transitions
from referrals.models import ListEntry, MonthlyList
from tests import cast
from tests.households.factories import HouseholdFactory
from tests.matrix.objects import arguments_of, at_work, body_of, by_scope_at_work, nothing
from tests.referrals.factories import accepted


@arguments_of("referrals:item_withdraw", shared=by_scope_at_work)
def a_waiting_item(scope: str, post: Post | None) -> dict[str, Any]:
    if not at_work(post):
        return nothing()
    by = cast.member("neighbour_clerk" if scope == "town" else "clerk")
    application = accepted([("TX02", "ordinary")], verified=False, by=by)
    transitions.dispatch(application_id=application.pk, by=by)
    return {"pk": application.items.get().pk}


@body_of("referrals:item_withdraw")
def a_reason() -> dict[str, Any]:
    return {"seen": "", "reason": "不再申请。"}


def a_list(scope: str) -> MonthlyList:
    """惠民济困保 of the civil affairs' desk, or 垃圾处置费 of somebody else's; one household on it."""
    home = HouseholdFactory(alone=True, setting="urban")
    civil = cast.member("civil_approver")
    grant_tag(kind="subsistence", household=home, unit=civil.unit, since=clock.today(), decision_id=None, by=civil)
    return transitions.prepare(program_code="CG01" if scope == "dept" else "MZ06", by=cast.member("platform"))


@arguments_of("referrals:monthly_list_detail", "referrals:monthly_list_confirm", shared=by_scope_at_work)
def a_monthly_list(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": a_list(scope).pk} if at_work(post) else nothing()


@arguments_of("referrals:list_entry_set_aside", "referrals:list_entry_take_back", shared=by_scope_at_work)
def an_entry(scope: str, post: Post | None) -> dict[str, Any]:
    if not at_work(post):
        return nothing()
    entry = a_list(scope).entries.get()
    if scope == "aside":
        transitions.set_entry_aside(entry_id=entry.pk, reason="待核实", by=cast.member("civil_approver"))
    return {"pk": entry.pk}


@body_of("referrals:monthly_list_prepare")
def a_program() -> dict[str, Any]:
    return {"program": "MZ06"}


@body_of("referrals:monthly_list_confirm")
def a_tick() -> dict[str, Any]:
    return {"entries": [str(ListEntry.objects.values_list("pk", flat=True).first())]}


@body_of("referrals:list_entry_set_aside")
def why_not() -> dict[str, Any]:
    return {"reason": "已随子女参保。"}
