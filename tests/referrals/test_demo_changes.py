"""The demo's changes: each plan of a township takes a record of its own and stands where it says; a second seeding adds nothing."""

from collections import Counter
from datetime import date

import pytest

from organization.demo import share_of
from organization.models import Post
from referrals import demo, demo_changes
from referrals.models import ChangeReport, Referral
from tests.households import factories as households


@pytest.mark.django_db
def test_the_plans_are_walked_once():
    for _ in range(10):
        households.assistance(households.HouseholdFactory(), "MZ01", since=date(2026, 3, 1), decision_id=None)
    for _ in range(2):
        demo_changes.load_share(share_of(demo_changes.HOME), demo.Desk(), by=Post.objects.the_system())
    assert Counter(Referral.objects.values_list("change__kind", "status")) == Counter({
        ("stop", "dispatched"): 1, ("stop", "confirmed"): 1, ("adjust", "handling"): 2, ("hold", "decided"): 1, ("fade", "confirmed"): 1,
        ("recover", "handling"): 1, ("stop", "decided"): 1,
    })  # fmt: skip
    assert Counter(ChangeReport.objects.values_list("status", flat=True)) == {"reported": 1, "confirmed": 1, "unchanged": 1}
