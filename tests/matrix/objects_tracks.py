"""What the addresses of the tracks name: items that wait, monthly lists."""

from typing import Any

from organization.models import Post
from referrals import transitions
from tests import cast
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
