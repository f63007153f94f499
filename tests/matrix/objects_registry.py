"""家庭变动 behind the addresses of the matrix."""

from typing import Any

from households.models import Household
from organization.models import Post
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, ResidentFactory
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.referrals.registering import proposed

PLACES = {"own": cast.VILLAGE, "town": cast.NEIGHBOUR}


def _household(scope: str) -> Household:
    factories.begin()
    return HouseholdFactory(region=factories.place(PLACES[scope]), alone=True)


@arguments_of("referrals:registry_propose", shared=by_scope)
def a_household_opened_by_mistake(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _household(scope).pk, "kind": "void"}


@arguments_of("referrals:registry_merge_residents", shared=by_scope)
def a_double(scope: str, post: Post | None) -> dict[str, Any]:
    factories.begin()
    region = factories.place(PLACES[scope])
    pair = [ResidentFactory(name="虚同名", region=region) for _ in range(2)]
    _survivor["pk"] = str(pair[1].pk)
    return {"pk": pair[0].pk}


_survivor: dict[str, str] = {}


@arguments_of("referrals:registry_detail", "referrals:registry_answer", shared=by_scope)
def a_proposal(scope: str, post: Post | None) -> dict[str, Any]:
    """own: of the home township's second clerk, for a colleague to answer. town: the neighbour's."""
    by = cast.member("neighbour_clerk" if scope == "town" else "second_clerk")
    return {"pk": proposed(_household(scope), "void", by=by).pk}


@body_of("referrals:registry_propose")
def why() -> dict[str, Any]:
    return {"reason": "重复登记"}


@body_of("referrals:registry_merge_residents")
def which() -> dict[str, Any]:
    return {"survivor": _survivor.get("pk", ""), "number": "", "reason": "核对户口簿"}


@body_of("referrals:registry_answer")
def no() -> dict[str, Any]:
    return {"step": "reject", "note": "不是误建", "seen_at": ""}
