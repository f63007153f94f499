"""Two hands at a last place, a list, one emergency, one case in hand: over real connections (SECURITY R2, #11)."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled
from households.models import AssistanceRecord
from organization.models import Region
from organization.transitions import absences
from referrals import monthly, transitions
from referrals.models import Referral, UrgentAid, WaitingItem
from tests import cast
from tests.households.factories import HouseholdFactory, assistance
from tests.programs.factories import next_version
from tests.racing import race
from tests.referrals.acting import fresh
from tests.referrals.factories import ReferralFactory, accepted

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_windows_at_the_last_place_of_a_quota():
    """Each in another order of its items, so that neither waits for the other forever."""
    next_version("TX01", has_quota=True, quota_per_year=1)
    first = accepted([("MZ04", "ordinary"), ("TX01", "ordinary")], verified=False)
    second = accepted([("TX01", "ordinary"), ("MZ04", "ordinary")], verified=False)
    clerks = [cast.member("clerk"), cast.member("second_clerk")]
    answers = race(
        *(lambda a=a, by=by: transitions.dispatch(application_id=a.pk, by=by) for a, by in zip((first, second), clerks, strict=True))
    )
    assert all(isinstance(answer, list) for answer in answers), answers
    assert Referral.objects.filter(program="TX01").count() == 1
    assert WaitingItem.objects.get().cause == "quota"
    assert Referral.objects.filter(program="MZ04").count() == 2


def test_a_place_given_back_while_who_waits_and_a_newcomer_ask_for_it():
    """Whoever is first at the lock: it goes to who waited."""
    next_version("TX01", has_quota=True, quota_per_year=1)
    holder, waiting, newcomer = (accepted([("TX01", "ordinary")], verified=False) for _ in range(3))
    clerk = cast.member("clerk")
    [held] = transitions.dispatch(application_id=holder.pk, by=clerk)
    assert transitions.dispatch(application_id=waiting.pk, by=clerk) == []
    transitions.withdraw(referral_id=held.pk, reason="不再需要", by=clerk)
    people = (newcomer, cast.member("second_clerk")), (waiting, clerk)
    answers = race(*(lambda a=a, by=by: transitions.dispatch(application_id=a.pk, by=by) for a, by in people))
    assert all(isinstance(answer, list) for answer in answers), answers
    assert [bool(answer) for answer in answers] == [False, True]
    assert WaitingItem.objects.open().get().item.application_id == newcomer.pk


def test_one_list_confirmed_twice_at_once():
    """Nobody is given it twice, and each second one is told who was first."""
    home = HouseholdFactory()
    assistance(home, "MZ01")
    listed = transitions.prepare(program_code="MZ06", by=cast.member("civil_officer"))
    ids = list(listed.entries.values_list("pk", flat=True))
    approvers = [cast.member("civil_approver"), cast.member("second_civil_approver")]
    results = race(*(lambda by=by: monthly.confirm_each(ids, by) for by in approvers))
    assert sum(result.done for result in results) == len(ids)
    assert sum(len(result.refused) for result in results) == len(ids)
    assert AssistanceRecord.objects.filter(program="MZ06").count() == len(ids)


def test_one_emergency_raised_twice_at_once():
    """Of somebody without papers too: the second is asked whether it is another event."""
    region = Region.objects.get(pk=cast.VILLAGE)
    said = {
        "program_code": "MZ04", "person_name": "虚老汉", "region": region, "happened_on": clock.today(), "event": "fire",
        "story": "灶房起火。", "voucher": "村主任在场", "amount": Decimal(800),
    }  # fmt: skip
    clerks = [cast.member("clerk"), cast.member("second_clerk")]
    answers = race(*(lambda by=by: transitions.propose_urgent(**said, by=by) for by in clerks))
    [refused] = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert "repeat_reason" in refused.message_dict
    assert UrgentAid.objects.count() == 1


def test_reminded_taken_over_and_handed_over_at_once():
    """Whoever comes first, it is in one hand that is there, and nobody waits forever."""
    referral = ReferralFactory(in_hand=True)
    holder, approver, second = cast.member("reviewer"), cast.member("approver"), cast.member("second_approver")
    absences.note_absence(staff_id=holder.staff_id, first_on=clock.today(), last_on=clock.today(), by=holder)
    answers = race(
        lambda: transitions.remind(referral_id=referral.pk, text="请尽快办理。", by=cast.member("clerk")),
        lambda: transitions.take_over(referral_id=referral.pk, by=approver),
        lambda: transitions.hand_over(post_id=holder.pk, to=second, by=approver),
        lambda: transitions.remind(referral_id=referral.pk, text="请尽快办理。", by=cast.member("second_clerk")),
    )
    assert sum(isinstance(answer, AlreadyHandled) for answer in (answers[0], answers[3])) == 1
    assert fresh(referral).handler in {approver, second}
    assert Event.objects.filter(verb="referral.reminded").count() == 1
    moved = Event.objects.filter(verb__in=["referral.taken_over", "referral.passed_on"]).count()
    refused = [answer for answer in answers[1:3] if isinstance(answer, Exception)]
    assert moved + len(refused) == 2 or moved == 1
    assert all(isinstance(answer, AlreadyHandled) or "不用交接" in str(answer) for answer in refused), refused
