"""Screening and requests for facts behind the addresses of the matrix."""

from datetime import date
from typing import Any

from households.models import Household
from households.transitions import ask_for_fact, let_in
from organization.models import Post
from programs.models import FactKind
from programs.transitions import propose_list
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.intake.factories import ApplicationFactory
from tests.matrix.objects import arguments_of, body_of, by_scope

_asked: dict[str, str] = {}


def _household(scope: str) -> Household:
    """own: of the home township. town: of the neighbouring one. granted: as town, opened to the office that tries departments out; asked:
    to it for one fact alone."""
    factories.begin()
    household = HouseholdFactory(region=factories.place(cast.VILLAGE if scope in {"own", "dept"} else cast.NEIGHBOUR))
    _asked.update(household=str(household.pk), resident=str(factories.head_of(household).pk))
    if scope in {"granted", "asked"}:
        reason, by = "referral" if scope == "granted" else "fact", cast.member("neighbour_clerk")
        let_in(household=household, unit=cast.member("officer").unit, reason=reason, subject=household, by=by)
    return household


@arguments_of("households:screening", "households:screening_look_into", "households:screening_ask", "households:fact_ask", shared=by_scope)
def a_household(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _household(scope).pk}


@arguments_of("households:fact_request_detail", shared=by_scope)
def a_request(scope: str, post: Post | None) -> dict[str, Any]:
    """own: to another department. dept: to the one that tries departments out."""
    household = _household(scope)
    kind = "disability_card" if scope == "dept" else "dibao"
    resident = factories.head_of(household).pk
    return {"pk": ask_for_fact(household_id=household.pk, kind_key=kind, resident_id=resident, by=cast.member("second_clerk")).pk}


@arguments_of("programs:fact_list_propose", shared=by_scope)
def a_list(scope: str, post: Post | None) -> dict[str, Any]:
    """dept: of the department that tries departments out. other: of another one."""
    return {"key": FactKind.objects.lists().get(pk="disability_card" if scope == "dept" else "dibao").pk}


@arguments_of("programs:fact_list_confirm", "programs:fact_list_withdraw", shared=by_scope)
def a_delivery(scope: str, post: Post | None) -> dict[str, Any]:
    """Said to be whole by somebody who does not try it."""
    kind = a_list(scope, post)["key"]
    by = Post.objects.the_system()
    return {"pk": propose_list(kind_key=kind, on=date(2026, 9, 24), by=by).pk}


@arguments_of("intake:picks_take", shared=by_scope)
def picks(scope: str, post: Post | None) -> dict[str, Any]:
    """own: a family with an application that is being filled in. town: the neighbour's family."""
    household = _household(scope) if scope == "town" else ApplicationFactory(drafted=True).household
    _asked["household"] = str(household.pk)
    return {}


@body_of("households:fact_ask")
def what() -> dict[str, Any]:
    return {"kind": "dibao", "resident": _asked.get("resident", ""), "reason": ""}


@body_of("households:fact_request_detail")
def answer() -> dict[str, Any]:
    return {"step": "answer", "value": "yes", "found_on": "2026-09-24", "valid_until": "", "source": "", "cause": "", "note": ""}


@body_of("households:screening_look_into", "households:rule_trial_look_into")
def why() -> dict[str, Any]:
    return {"reason": "核对办理情况"}


@body_of("programs:fact_list_propose")
def delivered() -> dict[str, Any]:
    return {"on": "2026-09-24"}


@body_of("programs:fact_list_withdraw")
def not_whole() -> dict[str, Any]:
    return {"reason": "缺一个乡镇"}


@body_of("intake:picks_take")
def ticked() -> dict[str, Any]:
    return {"household": _asked.get("household", ""), "picks": ["MZ04:"]}
