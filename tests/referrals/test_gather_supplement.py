"""What units returned, in one notice to the applicant (TZ-14, correction 14)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.urls import reverse

from config.verbs import AlreadyHandled, TransitionError
from referrals import transitions
from tests import cast
from tests.referrals.acting import perform
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned(db):
    """Two items of one application, returned by one office for different things."""
    rows = referrals(["MZ01", "MZ04"], in_hand=True)
    perform("return_for_supplement", rows[0], lines=["家庭收入说明", "银行流水"])
    perform("return_for_supplement", rows[1], lines=["住院票据"])
    return rows


def gather(application, by, **said):
    return transitions.gather_supplement(application_id=application.pk, by=by, **said)


def test_every_line_of_every_unit_stands_on_one_notice(returned, clerk, reviewer):
    notice = gather(returned[0].application, clerk)
    assert [(line.text, line.unit) for line in notice.lines.order_by("pk")] == [
        ("家庭收入说明", reviewer.unit),
        ("银行流水", reviewer.unit),
        ("住院票据", reviewer.unit),
    ]


def test_only_what_stands_returned_now(returned, clerk):
    perform("resubmit", returned[0])
    assert [line.text for line in transitions.gathering.lacks_of(returned[0].application)] == ["住院票据"]
    perform("resubmit", returned[1])
    with pytest.raises(TransitionError, match="没有被退回补正的转办单"):
        gather(returned[0].application, clerk)


def test_nothing_is_asked_twice_while_it_stands(returned, clerk, second_clerk):
    gather(returned[0].application, clerk)
    with pytest.raises(AlreadyHandled, match="甘晓窗.*出具.*还没有补正"):
        gather(returned[0].application, second_clerk)


def test_second_notice_needs_reason_and_consent(clerk, approver):
    referral = ReferralFactory(returned=True)
    from intake import transitions as window

    gather(referral.application, clerk)
    window.answer_supplement(application_id=referral.application_id, by=clerk)
    with pytest.raises(ValidationError, match="材料应当一次告知"):
        gather(referral.application, clerk)
    assert gather(referral.application, clerk, repeat_reason="新的票据", approver=approver).sequence == 2


def test_the_window_hands_it_out_from_the_case(returned, signed_in, clerk, approver):
    application = returned[0].application
    case, address = (reverse(f"referrals:{name}", args=[application.pk]) for name in ("case_detail", "supplement_gather"))
    assert address in signed_in(clerk).get(case).content.decode()
    assert address not in signed_in(approver).get(case).content.decode()
    assert address in signed_in(clerk).get(returned[0].get_absolute_url()).content.decode()
    form = signed_in(clerk).get(address).content.decode()
    assert not [line for line in ("家庭收入说明", "银行流水", "住院票据") if line not in form]
    assert signed_in(clerk).post(address).status_code == 302
    assert application.notices.get().lines.count() == 3
    assert address not in signed_in(clerk).get(case).content.decode(), "the applicant has been told"
    again = signed_in(clerk).post(address)
    assert (again.status_code, "申请人还没有补正" in again.content.decode()) == (422, True)


def test_a_second_one_keeps_what_was_typed(signed_in, clerk):
    from intake import transitions as window

    referral = ReferralFactory(returned=True)
    gather(referral.application, clerk)
    window.answer_supplement(application_id=referral.application_id, by=clerk)
    response = signed_in(clerk).post(
        reverse("referrals:supplement_gather", args=[referral.application_id]), {"repeat_reason": "新的票据", "approver": ""}
    )
    assert response.status_code == 422
    assert "新的票据" in response.content.decode()


def test_only_the_window(returned):
    with pytest.raises(PermissionDenied):
        gather(returned[0].application, cast.member("approver"))
    with pytest.raises(Http404):
        gather(returned[0].application, cast.member("neighbour_clerk"))
