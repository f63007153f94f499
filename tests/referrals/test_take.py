"""承办: somebody of the unit takes it in hand, signing for it first where nobody has."""

import pytest

from config.verbs import AlreadyHandled, TransitionError
from households.transitions import declare_own_kin
from tests import cast
from tests.households.factories import id_number
from tests.intake.factories import family, member
from tests.referrals.acting import (
    events,
    fresh,
    open_kinds,
    perform,
    refuse_outsiders,
    refuse_without_its_line,
    start,
    the_event,
)

pytestmark = pytest.mark.django_db


def test_handler_takes_it_in_hand(reviewer):
    referral = start("take")
    perform("take", referral)
    row = fresh(referral)
    assert (row.status, row.handler, row.responsible) == ("handling", reviewer, None)
    assert the_event("referral.taken", referral).new == reviewer.label
    assert open_kinds(referral) == {"promise", "stage"}


def test_approver_who_takes_it_answers_for_it_too(approver):
    referral = start("take")
    perform("take", referral, approver)
    assert (fresh(referral).handler, fresh(referral).responsible) == (approver, approver)


def test_what_nobody_signed_for_is_signed_for_first(reviewer):
    referral = start("receive")
    perform("take", referral)
    assert fresh(referral).status == "handling"
    assert referral.walked.get().received_by == reviewer
    assert len(events("referral.received", referral)) == len(events("referral.taken", referral)) == 1


def test_others_do_not():
    refuse_outsiders("take", start("take"), "clerk", "platform_approver")


def test_colleague_is_told_who_has_it():
    referral = start("take")
    perform("take", referral)
    with pytest.raises(AlreadyHandled, match="由甘经办承办，不能再承办"):
        perform("take", referral, cast.member("approver"))


def test_close_relative_leaves_it_to_a_colleague(reviewer):
    """SECURITY #2: declared in one's own account, matched by number."""
    number = id_number()
    declare_own_kin(name="试亲", relation="70", number=number, by=reviewer)
    household = family(members=[member("02", number=number), member("10")])
    referral = start("take", household=household)
    with pytest.raises(TransitionError, match="应当回避"):
        perform("take", referral)
    perform("take", referral, cast.member("second_approver"))
    assert fresh(referral).status == "handling"


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "take", start("take"))
