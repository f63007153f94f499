"""补正后送回: to the unit that returned it, at the same stage."""

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from intake import transitions as window
from tests import cast
from tests.households.factories import id_number
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_it_goes_back_to_who_returned_it(clerk, reviewer):
    referral = start("resubmit")
    perform("resubmit", referral)
    row = fresh(referral)
    assert (row.status, row.unit, row.stage.name, row.arrived_by, row.arrived_at) == (
        "dispatched", reviewer.unit, "乡镇审核", clerk, house_clock.now()
    )  # fmt: skip
    assert [(stay.unit, stay.result) for stay in referral.walked.order_by("pk")] == [(reviewer.unit, "returned"), (reviewer.unit, "")]
    assert the_event("referral.resubmitted", referral).new == "忠州街道社会事务办"


def test_what_was_brought_is_read_by_the_unit():
    referral = start("resubmit")
    perform("resubmit", referral, note_text=" 已补交诊断证明。 ")
    assert the_event("referral.resubmitted", referral).note == "已补交诊断证明。"
    assert notices(referral, "referral.resubmitted")[0].body.endswith("已补交诊断证明。")


def test_no_number_of_a_person():
    referral = start("resubmit")
    with pytest.raises(TransitionError, match="不要写证件号码"):
        perform("resubmit", referral, note_text=f"{id_number()}的证明")
    assert fresh(referral).status == "returned"


def test_county_gets_its_own_back(civil_officer, clerk):
    referral = ReferralFactory(program="MZ01", deciding_in_hand=True)
    perform("return_for_supplement", referral, civil_officer)
    perform("resubmit", referral, clerk)
    assert (fresh(referral).unit, fresh(referral).stage.act) == (civil_officer.unit, "decide")


def test_clocks_and_notice_follow():
    referral = start("resubmit")
    perform("resubmit", referral)
    assert open_kinds(referral) == {"promise", "receive"}
    assert duties(referral, "resubmit")[0].outcome == "done"
    assert duties(referral, "promise")[0].due_at is not None
    assert notices(referral, "referral.resubmitted")[0].unit == fresh(referral).unit


def test_only_the_window():
    refuse_outsiders("resubmit", start("resubmit"), "reviewer", "approver", "platform_approver")


def test_not_while_the_applicant_has_not_answered(clerk):
    referral = start("resubmit")
    notice = window.ask_supplement(application_id=referral.application_id, lines=[(None, "诊断证明")], by=clerk)
    with pytest.raises(TransitionError, match=f"一次性告知书{notice.number}还没有登记补正"):
        perform("resubmit", referral)
    window.answer_supplement(application_id=referral.application_id, by=clerk)
    perform("resubmit", referral)
    assert fresh(referral).status == "dispatched"


def test_any_clerk_of_the_window(second_clerk):
    referral = start("resubmit")
    perform("resubmit", referral, second_clerk)
    assert fresh(referral).arrived_by == second_clerk


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "resubmit", start("resubmit"))


def test_neighbours_window_cannot(neighbour_clerk):
    from django.http import Http404

    with pytest.raises(Http404):
        perform("resubmit", start("resubmit"), cast.member("neighbour_clerk"))
