"""承办: somebody of the unit takes it in hand, signing for it first where nobody has."""

import pytest

from config import clock
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, TransitionError
from households.transitions import declare_own_kin
from intake.models import Application
from referrals import conditions
from referrals.models import Referral
from tests import cast
from tests.households.factories import ResidentFactory, id_number
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
from tests.referrals.changing import opened, ward_aid
from tests.referrals.factories import ReferralFactory

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


def test_so_does_who_is_kin_of_the_beneficiary_or_the_applicant_outside_the_household(officer):
    """Whoever is helped may have left the household since it was accepted; then only the case names them."""
    referral, other = ReferralFactory(program="CL01", received=True), ResidentFactory()
    helped = referral.resident
    declare_own_kin(name="试亲", relation="70", number=open_sealed(helped, "id_number"), by=officer)
    helped.memberships.update(until=clock.today(), end_reason="分户", ended_at=clock.now(), ended_by=officer)
    kin = {officer.staff_id}
    for beneficiary, applicant, recused in ((helped, other, kin), (other, helped, kin), (other, other, set())):
        Referral.objects.filter(pk=referral.pk).update(resident=beneficiary)
        Application.objects.filter(pk=referral.application_id).update(applicant=applicant)
        assert conditions.recused(fresh(referral)) == recused
    Referral.objects.filter(pk=referral.pk).update(resident=helped)
    with pytest.raises(TransitionError, match="救助对象为近亲属，应当回避"):
        perform("take", referral, officer)
    perform("take", referral, cast.member("department_approver"))
    assert fresh(referral).status == "handling"


def test_a_change_without_an_application_asks_whose_aid_it_is(reviewer):
    referral = opened("stop", ward_aid("MZ03"))
    assert conditions.recused(referral) == set()
    declare_own_kin(name="试亲", relation="70", number=open_sealed(referral.resident, "id_number"), by=reviewer)
    referral.resident.memberships.update(until=clock.today(), end_reason="出嫁", ended_at=clock.now(), ended_by=reviewer)
    assert conditions.recused(referral) == {reviewer.staff_id}


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "take", start("take"))
