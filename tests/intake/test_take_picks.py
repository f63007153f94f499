"""What a screening found, put into an application: as the clerk would add it by hand (issue 5)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from households.transitions import screen_household
from intake.models import Application
from intake.transitions.picks import Pick, take_picks
from intake.views.picks import KEPT
from tests.households import factories as homes
from tests.intake import factories
from tests.intake.factories import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return ApplicationFactory(drafted=True)


def test_each_is_added_and_one_refused_holds_up_no_other(clerk, draft):
    head = factories.people(draft.household)[0]
    picks = [Pick("MZ04", ""), Pick("CG01", ""), Pick("MZ02", str(head.pk)), Pick("MZ04", "")]
    taken = take_picks(application_id=draft.pk, picks=picks, by=clerk)
    assert sorted(draft.items.values_list("program_id", flat=True)) == ["MZ02", "MZ04"]
    assert draft.items.get(program="MZ02").resident == head
    assert (len(taken.added), len(taken.refused)) == (2, 1)
    again = take_picks(application_id=draft.pk, picks=picks[:1], by=clerk)
    assert (again.added, again.refused) == ([], ["临时救助：这个项目已在本申请中，对象相同，不必重复添加。"])


def test_who_may_not(approver, neighbour_clerk, draft):
    with pytest.raises(Http404):
        take_picks(application_id=draft.pk, picks=[Pick("MZ04", "")], by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        take_picks(application_id=draft.pk, picks=[Pick("MZ04", "")], by=approver)
    assert not draft.items.exists()


def test_what_is_no_pick_is_nothing():
    assert [Pick.read(text) for text in ("MZ02:x", "MZ04:")] == [None, Pick("MZ04", "")]


def test_by_its_page(signed_in, clerk):
    household = factories.family()
    client = signed_in(clerk)
    url = reverse("intake:picks_take")
    begun = client.post(url, {"household": str(household.pk), "picks": ["MZ04:"]})
    assert begun.headers["Location"] == f"{reverse('intake:application_new')}?household={household.pk}"
    who = factories.people(household)[0]
    form = {"household": str(household.pk), "applicant": str(who.pk), "channel": "window"}
    assert client.post(reverse("intake:application_new"), form).status_code == 302
    application = Application.objects.get()
    assert list(application.items.values_list("program_id", flat=True)) == ["MZ04"], "what was ticked came along"
    client.post(url, {"household": str(household.pk), "picks": [f"MZ02:{who.pk}"]})
    assert application.items.count() == 2


def test_what_was_ticked_on_another_day_or_for_another_family_stays_behind(signed_in, clerk):
    household, other = factories.family(), factories.family()
    client = signed_in(clerk)

    def begun_for(home) -> list[str]:
        form = {"household": str(home.pk), "applicant": str(factories.people(home)[0].pk), "channel": "window"}
        client.post(reverse("intake:application_new"), form)
        return list(Application.objects.get(household=home).items.values_list("program_id", flat=True))

    tick = {"household": str(household.pk), "picks": ["MZ04:"]}
    client.post(reverse("intake:picks_take"), tick)
    assert begun_for(other) == []
    client.post(reverse("intake:picks_take"), tick)
    session = client.session
    session[KEPT]["on"] = "2026-09-23"
    session.save()
    assert begun_for(household) == []


def test_the_list_of_programs_shows_what_screening_said(signed_in, clerk, draft):
    homes.fact(draft.household, "income_per_head", "412.50")
    screen_household(household_id=draft.household_id, by=clerk)
    page = signed_in(clerk).get(reverse("intake:item_add", args=[draft.pk])).content.decode()
    assert page.index("筛查：随时可办") < page.index("筛查：数据不足") < page.index("筛查：不符合")


def test_the_card_says_what_may_be_asked_for(clerk, draft):
    from intake.guide_cards import of_application

    def notes():
        return "".join(of_application(Application.objects.with_page_data().get(pk=draft.pk)).notes)

    homes.fact(draft.household, "emergency_cause", "illness")
    screen_household(household_id=draft.household_id, by=clerk)
    assert "平台初步筛查" in notes()
    assert "临时救助" in notes()
    homes.assistance(draft.household, "MZ04", cadence="monthly")
    assert "临时救助" not in notes(), "what the family has already is not offered"
