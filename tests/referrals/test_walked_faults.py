"""What the random walks found (`test_random_walks`), each as small as it can be told."""

import pytest

from config.verbs import TransitionError
from deadlines.models import Duty
from deadlines.rules import due_on
from organization.models import Post
from referrals import transitions
from tests import cast
from tests.households.factories import HouseholdFactory, assistance
from tests.intake.factories import ApplicationFactory, RequestFactory
from tests.referrals.changing import SINCE
from tests.referrals.registering import confirmed, done, leaving, neighbour, proposed
from tests.referrals.test_change_report import confirmed as answered
from tests.referrals.test_change_report import reported
from tests.referrals.test_urgent import propose

pytestmark = pytest.mark.django_db


def test_what_was_accepted_has_a_clock_until_it_is_sent_on():
    """Where everything is verified first there was none, and nothing told the window to send it."""
    application = ApplicationFactory(accepted=True, programs=[("MZ01", "ordinary")])
    [duty] = Duty.objects.open().about(application)
    assert (duty.kind, duty.rule, duty.unit) == ("dispatch", "working_days", application.unit)


def test_no_household_is_voided_under_what_still_waits():
    household = HouseholdFactory()
    report = reported(household, kind="birth", resident=None)
    with pytest.raises(TransitionError, match="待核实的变化报告"):
        proposed(household, "void")
    answered(report)
    request = RequestFactory(known=True)
    with pytest.raises(TransitionError, match="待处理的求助"):
        proposed(request.household, "void")
    head = household.memberships.get(relation="02").resident
    propose(resident_id=head.pk, is_for_household=True)
    with pytest.raises(TransitionError, match="正在办理的先行救助"):
        proposed(household, "void")


def test_two_reports_of_one_change_do_not_meet_in_one_household():
    gone, stays = HouseholdFactory(alone=True), HouseholdFactory()
    first, _ = (reported(household, kind="birth", resident=None) for household in (gone, stays))
    wish = {"target_number": stays.number, "members": leaving(gone, _02="97")}
    with pytest.raises(TransitionError, match="同一变化的待核实报告"):
        proposed(gone, "merge", **wish)
    answered(first)
    done(gone, "merge", **wish)


def test_the_review_of_a_family_that_moves_goes_to_the_township_there():
    """It was owed by the township they had left, where nobody may open a change of their aid any more."""
    household = HouseholdFactory()
    record = assistance(household, since=SINCE)
    transitions.open_reviews(by=Post.objects.the_system())
    [before] = Duty.objects.open().about(record, "review")
    confirmed(proposed(household, "move", region=neighbour()), by=cast.member("neighbour_clerk"))
    [after] = Duty.objects.open().about(record, "review")
    assert (before.unit, after.unit) == (cast.member("approver").unit, cast.member("neighbour_approver").unit)
    assert due_on(after.due_at) == due_on(before.due_at)
