"""What the addresses of the casework API name: the same rows as the pages', and bodies in JSON."""

from typing import Any

from households.transitions import screen_household
from organization.models import Post
from tests import cast
from tests.matrix import objects_referrals, objects_screening  # noqa: F401 - the pages' rows, named before
from tests.matrix.objects import ARGUMENTS, SHARED, arguments_of, body_of

# Address of the API -> the page whose row it shows or whose verb it does.
AS_THE_PAGE = {
    "work_api:application-detail": "referrals:case_detail",
    "work_api:fact-request-detail": "households:fact_request_detail",
    "work_api:referral-detail": "referrals:referral_detail",
    "work_api:referral-receive": "referrals:referral_receive",
    "work_api:referral-decide": "referrals:referral_decide",
    "work_api:referral-feed-back": "referrals:referral_feed_back",
}
for _address, _page in AS_THE_PAGE.items():
    arguments_of(_address, shared=SHARED[_page])(ARGUMENTS[_page])


@arguments_of("work_api:household-screening", shared=SHARED["households:screening"])
def a_screened_household(scope: str, post: Post | None) -> dict[str, Any]:
    named = ARGUMENTS["households:screening"](scope, post)
    screen_household(household_id=named["pk"], by=cast.member("clerk" if scope == "own" else "neighbour_clerk"))
    return named


@body_of("work_api:referral-receive")
def nothing_to_say() -> dict[str, Any]:
    return {}


@body_of("work_api:referral-decide")
def a_refusal() -> dict[str, Any]:
    return {
        "outcome": "refused", "amount": None, "in_kind": "", "start_on": None, "cap_reason": "", "refusal_code": "income",
        "refusal_reason": "家庭人均收入高于标准。", "opinion": "同意。",
    }  # fmt: skip


@body_of("work_api:referral-feed-back")
def words_for_the_window() -> dict[str, Any]:
    return {"text": "已作出决定，请告知申请人。"}
