"""A household's page leads to what was applied for and checked, and to a new application (issue 3)."""

import pytest
from django.urls import reverse

from households.transitions import let_in
from tests.intake.factories import ApplicationFactory

pytestmark = pytest.mark.django_db


def test_it_leads_to_what_the_household_has_asked_for(clerk, officer, assistant, signed_in):
    application = ApplicationFactory(accepted=True)
    household = application.household
    page = signed_in(clerk).get(household.get_absolute_url()).content.decode()
    for words in (f"申请{application.number}", "核查HC", f"{reverse('intake:application_new')}?household={household.pk}"):
        assert words in page
    # The village reads neither; a department its own referral alone
    village = signed_in(assistant).get(household.get_absolute_url()).content.decode()
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    card = signed_in(officer).get(household.get_absolute_url()).content.decode()
    for text in (village, card):
        assert application.number not in text
        assert "发起申请" not in text
