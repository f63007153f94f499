"""交办: 负责人 gives it to 承办人, and from one to another (XX-10)."""

import pytest

from config.verbs import AlreadyHandled, TransitionError
from organization.transitions import posts
from referrals import transitions
from tests import cast
from tests.referrals.acting import events, fresh, notices, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_approver_gives_it_to_a_handler(approver, reviewer):
    referral = start("assign")
    perform("assign", referral)
    row = fresh(referral)
    assert (row.status, row.handler, row.responsible) == ("handling", reviewer, approver)
    event = the_event("referral.assigned", referral)
    assert (event.new, event.by) == (reviewer.label, approver.staff)


def test_whoever_is_to_do_it_is_told(reviewer):
    referral = start("assign")
    perform("assign", referral)
    [notice] = notices(referral, "referral.assigned")
    assert (notice.staff, notice.unit) == (reviewer.staff, None)
    assert "全审之交办" in notice.body


def test_what_nobody_signed_for_is_signed_for_first(approver):
    referral = start("receive")
    perform("assign", referral)
    assert referral.walked.get().received_by == approver
    assert fresh(referral).status == "handling"


def test_it_goes_from_one_to_another(second_approver, reviewer):
    referral = ReferralFactory(in_hand=True)
    perform("assign", referral, second_approver, handler=second_approver)
    row = fresh(referral)
    assert (row.handler, row.responsible) == (second_approver, second_approver)
    assert the_event("referral.assigned", referral).old == reviewer.label


def test_who_has_it_already_is_said(reviewer):
    referral = ReferralFactory(in_hand=True)
    with pytest.raises(AlreadyHandled, match="已由.*甘经办.*承办，没有改动"):
        perform("assign", referral, handler=reviewer)
    assert not events("referral.assigned", referral)


def test_handlers_do_not_give_out_work():
    refuse_outsiders("assign", start("assign"), "reviewer", "clerk", "platform_approver")


@pytest.mark.parametrize("who", ["clerk", "neighbour_approver", "officer"])
def test_only_to_somebody_of_the_unit(who):
    with pytest.raises(TransitionError, match="没有生效的岗位，请选择本单位的同事"):
        perform("assign", start("assign"), handler=cast.member(who))


def test_not_to_somebody_whose_post_has_ended(reviewer, security_administrator):
    referral = start("assign")
    posts.end(post_id=reviewer.pk, reason="调离", by=security_administrator)
    with pytest.raises(TransitionError, match="甘经办在本单位没有生效的岗位"):
        perform("assign", referral, handler=reviewer)


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "assign", start("assign"))


def test_the_page_names_who_works_on_it_and_who_answers_for_it(signed_in, approver, reviewer):
    """XX-10; an approver who takes it in hand is both."""
    referral = start("assign")
    address = referral.get_absolute_url()
    assert "负责人" not in turn(signed_in(reviewer).get(address))
    perform("assign", referral)
    assert f"承办人{reviewer.staff.name}，负责人{approver.staff.name}" in turn(signed_in(reviewer).get(address))
    transitions.assign(referral_id=referral.pk, handler=approver, by=approver)
    assert f"负责人{approver.staff.name}承办" in turn(signed_in(reviewer).get(address))


def turn(response):
    """The sentence that says whose turn it is."""
    return response.content.decode().partition("现在轮到")[2].partition("</p>")[0]
