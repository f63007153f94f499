"""Notices behind the addresses of the matrix."""

from datetime import timedelta
from typing import Any

from config import clock
from organization.models import Post
from referrals import transitions
from referrals.models import Publicity, Referral
from tests import cast
from tests.matrix.objects import arguments_of, at_work, body_of, by_scope_at_work, nothing
from tests.organization.factories import PostFactory
from tests.referrals.factories import ReferralFactory, handler_of


def _of(scope: str) -> dict[str, Any]:
    """own: the home township's case. town: the neighbour's, whose office needs a handler of its own to review it."""
    if scope != "town":
        return {}
    PostFactory(granted=True, valid_from=cast.SINCE, unit=cast.unit_of("township_office", f"{cast.NEIGHBOUR}:social_affairs"))
    return {"by": cast.member("neighbour_clerk")}


@arguments_of("referrals:publicity_post", "referrals:publicity_preview", shared=by_scope_at_work)
def a_case_at_its_publicity(scope: str, post: Post | None) -> dict[str, Any]:
    if not at_work(post):
        return nothing()
    referral = Referral.objects.get(pk=ReferralFactory(forwarded=True, **_of(scope)).pk)
    return {"pk": transitions.take(referral_id=referral.pk, by=handler_of(referral.unit)).pk}


@arguments_of(
    "referrals:publicity_detail", "referrals:publicity_object", "referrals:publicity_end", "referrals:publicity_print",
    shared=by_scope_at_work,
)  # fmt: skip
def a_notice_whose_days_are_over(scope: str, post: Post | None) -> dict[str, Any]:
    if not at_work(post):
        return nothing()
    given = _of(scope)
    with clock.set_clock(clock.now() - timedelta(days=10)):
        return {"pk": Publicity.objects.get(referral=ReferralFactory(publicising=True, **given)).pk}


@body_of("referrals:publicity_post")
def what_was_put_up() -> dict[str, Any]:
    return {"place": "村务公开栏", "starts_on": clock.today().isoformat(), "photo": ""}


@body_of("referrals:publicity_object")
def what_was_said() -> dict[str, Any]:
    return {"text": "家里有一辆货车"}


@body_of("referrals:publicity_end")
def that_nobody_objected() -> dict[str, Any]:
    return {"objection_result": "", "objection_note": "", "photo": ""}
