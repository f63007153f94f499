"""After an approval its family is screened again: behind the commit, on the day it holds from, told once (issue 5)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from deadlines.models import Notice
from households.models import Screening
from households.screening import screening as answers
from referrals.models import Referral, Rescreening
from referrals.tasks import screen_families_again
from referrals.transitions import rescreening
from tests.programs.factories import next_version
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
ON_FILE = {"language": 1, "eligible": {"scope": "any_member", "fact": "civil_affairs_file", "op": "is", "value": True}}
POOR = {"language": 1, "eligible": {"scope": "any_member", "fact": "dibao", "op": "is", "value": True}}


def told() -> list[Notice]:
    return list(Notice.objects.filter(kind="household.may_apply"))


def test_a_new_identity_is_screened_and_offers_more_once():
    """No name in full and nothing sensitive. Whoever comes second finds nothing to do."""
    next_version("MZ04", valid_from=date(2026, 9, 1), screening_rule=ON_FILE)
    referral = ReferralFactory(program="MZ05", approved=True)
    assert not Screening.objects.exists(), "the decision waits for no rule"
    assert [screen_families_again(), screen_families_again(), rescreening._screen(referral.rescreening.pk)] == [1, 0, False]
    [screening], [notice] = Screening.objects.all(), told()
    assert (screening.household, screening.asked_by.role) == (referral.case_household, "SYS")
    assert (notice.unit, notice.url, notice.body) == (referral.window, screening.get_absolute_url(), "临时救助")
    assert referral.applicant.name not in notice.title + notice.body
    row = Rescreening.objects.get()
    assert (row.screening, row.done_at is not None) == (screening, True)
    with pytest.raises(IntegrityError, match="rescreening_is_done_with_its_screening"), transaction.atomic():
        Rescreening.objects.update(done_at=None)


def test_a_rule_that_cannot_be_asked_stops_no_approval_and_is_tried_again(monkeypatch, clock, caplog):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    next_version("MZ04", valid_from=date(2026, 9, 1), screening_rule=ON_FILE)
    with monkeypatch.context() as patch:
        patch.setattr(answers, "answer", broken)
        referral = ReferralFactory(program="MZ05", approved=True)
        assert (referral.status, referral.outcome) == (Referral.Status.DECIDED, "approved")
        assert [screen_families_again(), screen_families_again()] == [0, 0]
    row = Rescreening.objects.get()
    assert (row.tries, row.done_at, Screening.objects.exists(), told()) == (1, None, False, [])
    assert "is tried again later" in caplog.text
    assert screen_families_again() == 0, "not at once"
    clock.forward(minutes=3)
    assert screen_families_again() == 1
    assert len(told()) == 1


def test_what_begins_later_is_screened_on_that_day(clock):
    """C-08: paid from the next month. 低保 proves an identity as well as a tag does."""
    next_version("MZ04", valid_from=date(2026, 9, 1), screening_rule=POOR)
    ReferralFactory(program="MZ01", approved=True)
    assert Rescreening.objects.get().due_on == date(2026, 10, 1)
    assert screen_families_again() == 0
    clock.forward(days=7)
    assert screen_families_again() == 1
    [notice] = told()
    assert "临时救助" in notice.body


def test_what_opens_nothing_is_told_to_nobody():
    next_version("MZ04", valid_from=date(2026, 9, 1), screening_rule=POOR)
    ReferralFactory(program="MZ05", approved=True)
    assert screen_families_again() == 1
    assert (Screening.objects.count(), told()) == (1, [])


def test_aid_alone_owes_nothing():
    ReferralFactory(approved=True)
    ReferralFactory(program="MZ05", refused=True)
    assert not Rescreening.objects.exists()


def test_a_family_that_was_written_off_is_done_without(monkeypatch):
    ReferralFactory(program="MZ05", approved=True)
    monkeypatch.setattr(rescreening, "_still", lambda home: None)
    assert screen_families_again() == 1
    assert not Screening.objects.exists()
