"""登记异议: while the notice is up; a further one is added."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from referrals import transitions
from referrals.models import Publicity
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def up() -> Publicity:
    return ReferralFactory(program="MZ01", publicising=True).publicities.get()


def test_it_says_who_when_and_what(clerk):
    row = transitions.object(publicity_id=up().pk, text=" 有一辆货车 ", by=clerk)
    row.refresh_from_db()
    assert (row.objection, row.objected_by, row.ended_at) == ("有一辆货车", clerk, None)
    event = Event.objects.get(verb="publicity.objected")
    assert (event.application_id, event.household_id) == (row.referral.application_id, row.referral.case_household_id)
    assert "货车" not in f"{event.note}{event.new}{event.data}"


def test_a_further_one_is_added(clerk, clock):
    pk = up().pk
    transitions.object(publicity_id=pk, text="有一辆货车", by=clerk)
    clock.forward(days=1)
    assert transitions.object(publicity_id=pk, text="常年外出", by=clerk).objection == "有一辆货车；2026-09-25又有异议：常年外出"


@pytest.mark.parametrize(("text", "sentence"), [(" ", "请填写异议的内容"), ("长" * 501, "最多填写500个字")])
def test_what_cannot_be(clerk, text, sentence):
    with pytest.raises(TransitionError, match=sentence):
        transitions.object(publicity_id=up().pk, text=text, by=clerk)


def test_after_its_end_it_is_too_late(clerk):
    row = ReferralFactory(program="MZ01", publicised=True).publicities.get()
    with pytest.raises(AlreadyHandled, match="登记公示结果，不能再改"):
        transitions.object(publicity_id=row.pk, text="有货车", by=clerk)


def test_neighbours_do_not_find_it_and_others_may_not(neighbour_clerk, approver):
    pk = up().pk
    with pytest.raises(Http404):
        transitions.object(publicity_id=pk, text="有货车", by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        transitions.object(publicity_id=pk, text="有货车", by=approver)
