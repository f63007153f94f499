"""The page of a visit: who it is, what is known, taking on, the answer and its card."""

import re
from datetime import date

import pytest
from django.urls import reverse

from config import clock as house_clock
from documents.models import IssuedDocument
from households.models import Access
from households.transitions import Person, note_fact, note_relative, screen_household
from intake.models import Visit
from tests import cast
from tests.households.factories import HouseholdFactory, fact, id_number, person
from tests.intake.factories import ApplicationFactory, VisitFactory, family, people
from tests.intake.test_pages_window import arrive, number_of

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PAGE = 13


def url(name, visit):
    return reverse(f"intake:visit_{name}", args=[visit.pk])


def test_one_id_brings_up_what_is_known(clerk, signed_in):
    household = family()
    head = people(household)[0]
    note_fact(kind_key="disability_card", resident=head, value=True, how="register", found_on=date(2026, 9, 1), source="县残联", by=clerk)
    visit = VisitFactory(resident_id=head.pk)
    page = signed_in(clerk).get(visit.get_absolute_url()).content.decode()
    for member in people(household):
        assert member.name in page
        assert str(member.id_number) in page
        assert number_of(household) not in page
    assert "残疾人证" in page
    assert "不要再让群众提供证明" in page


def test_the_neighbour_finds_nothing_and_the_colleague_reads(neighbour_clerk, assistant, approver, platform, signed_in):
    visit = VisitFactory(known=True)
    assert signed_in(neighbour_clerk).get(visit.get_absolute_url()).status_code == 404
    assert signed_in(assistant).get(visit.get_absolute_url()).status_code == 403
    for reader in (approver, platform):
        page = signed_in(reader).get(visit.get_absolute_url()).content.decode()
        assert visit.resident.name in page
        assert "只作答复" not in page


def test_an_application_under_way_is_seen_before_a_second_is_begun(clerk, signed_in):
    application = ApplicationFactory(submitted=True)
    visit = VisitFactory(resident_id=application.applicant_id)
    page = signed_in(clerk).get(visit.get_absolute_url()).content.decode()
    assert application.number in page
    assert "已提交" in page


def test_somebody_elsewhere_is_taken_on_and_known(clerk, signed_in):
    household = HouseholdFactory(in_neighbour=True, members=[person(name="远来虚人")])
    client = signed_in(clerk)
    arrive(client, number=number_of(household))
    visit = Visit.objects.get()
    response = client.post(url("take_on", visit))
    assert response.url == visit.get_absolute_url()
    visit.refresh_from_db()
    assert (visit.household, visit.resident) == (household, people(household)[0])
    assert Access.objects.get(household=household, unit=clerk.unit).reason == "accepted"
    assert "远来虚人" in client.get(visit.get_absolute_url()).content.decode()


def test_taking_on_without_a_look_up_finds_nobody(clerk, signed_in):
    assert signed_in(clerk).post(url("take_on", VisitFactory())).status_code == 404


def test_a_person_is_named_by_hand(clerk, signed_in):
    household, visit = family(), VisitFactory()
    client = signed_in(clerk)
    assert client.post(url("find", visit), {"wanted": number_of(household)}).status_code == 302
    visit.refresh_from_db()
    assert visit.resident == people(household)[0]
    client.post(url("identify", visit), {"resident": people(household)[1].pk})
    visit.refresh_from_db()
    assert visit.resident == people(household)[1]


def test_a_wrong_number_is_told_beside_the_field(clerk, signed_in):
    visit = VisitFactory()
    response = signed_in(clerk).post(url("find", visit), {"wanted": "1101051949123100"})
    assert response.status_code == 422
    assert "应为18位" in response.content.decode()


def test_a_household_registered_meanwhile_is_one_tap(clerk, signed_in):
    visit = VisitFactory()
    household = family()
    page = signed_in(clerk).get(visit.get_absolute_url()).content.decode()
    assert "刚才登记的家庭" in page
    assert people(household)[0].name in page


def test_the_answer_ends_the_clock_and_hands_out_the_card(clerk, signed_in, clock):
    visit = VisitFactory(known=True)
    clock.forward(minutes=9)
    client = signed_in(clerk)
    response = client.post(url("answer", visit), {"text": "可以申请临时救助。\n带上医院票据。", "programs": ["MZ04", "MZ11"]})
    assert response.url == visit.get_absolute_url()
    visit.refresh_from_db()
    assert visit.answered_at
    card = IssuedDocument.objects.get(kind="guide_card")
    assert [item["program"] for item in card.data["items"]] == ["临时救助", "免除城乡困难群众基本丧葬服务费"]
    assert "带上医院票据。" in card.data["notes"]
    page = client.get(visit.get_absolute_url()).content.decode()
    assert "9分钟答复" in page
    assert card.number in page


def test_what_todays_screening_found_is_chosen_for_the_card_already(clerk, signed_in):
    household = family()
    visit = VisitFactory(resident_id=people(household)[0].pk)
    client = signed_in(clerk)
    assert "selected" not in client.get(url("answer", visit)).content.decode()
    fact(household, "emergency_cause", "illness")
    screen_household(household_id=household.pk, by=clerk)
    page = client.get(url("answer", visit)).content.decode()
    assert re.findall(r'value="(\w+)" selected', page) == ["MZ04", "HS01"]
    assert reverse("households:screening", args=[household.pk]) in client.get(visit.get_absolute_url()).content.decode()


def test_too_many_programs_do_not_fit_on_a_card(clerk, signed_in):
    visit = VisitFactory(known=True)
    typed = {"text": "都可以问。", "programs": ["MZ01", "MZ02", "MZ03", "MZ04", "MZ05"]}
    response = signed_in(clerk).post(url("answer", visit), typed)
    assert response.status_code == 422
    text = response.content.decode()
    assert "最多写4个项目" in text
    assert "都可以问。" in text
    assert not IssuedDocument.objects.exists()


def test_an_answered_visit_is_not_answered_again(clerk, signed_in):
    visit = VisitFactory(known=True, answered=True)
    response = signed_in(clerk).post(url("answer", visit), {"text": "再答一次"})
    assert response.status_code == 409
    for shown in ("甘晓窗", "再答一次", f'href="{visit.get_absolute_url()}"'):
        assert shown in response.content.decode()


def test_queries_of_the_page_are_pinned(clerk, signed_in, assert_queries):
    client = signed_in(clerk)
    for children in (0, 5):
        visit = VisitFactory(resident_id=people(family(children=children))[0].pk)
        client.get(visit.get_absolute_url())
        with assert_queries(QUERIES_OF_THE_PAGE):
            client.get(visit.get_absolute_url())


def test_the_number_that_was_read_is_not_typed_again_and_the_registration_leads_back(clerk, signed_in):
    # Given somebody whom nobody knows
    client, number = signed_in(clerk), id_number(date(1980, 1, 2), "1")
    visit_url = arrive(client, number=number).url
    page = client.get(visit_url).content.decode()
    open_url = re.search(r'href="(/households/open/[^"]+)"', page)[1].replace("&amp;", "&")
    assert number not in open_url
    # When the clerk goes on to the form
    form = client.get(open_url).content.decode()
    assert f'value="{number}"' in form
    assert 'value="1980-01-02"' in form
    assert f'name="next" value="{visit_url}"' in form
    row = {"relation": "02", "name": "赵户主", "id_type": "resident", "number": number, "lives_together": "on"}
    typed = {f"members-0-{name}": value for name, value in row.items()}
    counts = {"members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 1, "members-MIN_NUM_FORMS": 0, "members-MAX_NUM_FORMS": 20}
    response = client.post("/households/open/", {**counts, **typed, "region": cast.VILLAGE, "step": "open", "next": visit_url})
    # Then the visit is next, with the person to point at
    assert response.url == visit_url
    page = client.get(visit_url).content.decode()
    assert "刚才登记的家庭" in page
    assert "平台上没有这个号码" not in page


def test_the_registration_leads_to_no_other_host(clerk, signed_in):
    form = signed_in(clerk).get("/households/open/?next=https://elsewhere.invalid/").content.decode()
    assert 'name="next" value=""' in form
    assert 'href="https://elsewhere' not in form


def test_a_number_kept_for_another_visit_is_not_handed_out(clerk, second_clerk, signed_in):
    client, number = signed_in(clerk), id_number(date(1980, 1, 2), "1")
    url = arrive(client, number=number).url
    key = url.strip("/").split("/")[-1]
    assert number in client.get(f"/households/open/?from={key}").content.decode()
    assert number not in signed_in(second_clerk).get(f"/households/open/?from={key}").content.decode()


def test_a_relative_of_somebody_here_who_lives_next_door_is_a_card_and_no_household_to_register(clerk, signed_in):
    number, here = id_number(date(1980, 1, 2), "1"), family()
    HouseholdFactory(in_neighbour=True, members=[person(name="欧阳虚言", number=number)])
    note_relative(
        resident_id=people(here)[0].pk,
        role="obligor",
        relation="30",
        since=house_clock.today(),
        by=clerk,
        person=Person("欧阳虚言", "resident", number, "1", date(1980, 1, 2), ""),
    )
    client = signed_in(clerk)
    page = client.get(arrive(client, number=number).url).content.decode()
    assert "登记在其他乡镇" in page
    assert "还没有登记家庭" not in page


def test_the_way_back_is_one_that_is_open(clerk, approver, signed_in):
    visit = VisitFactory()
    assert reverse("intake:window") in signed_in(clerk).get(visit.get_absolute_url()).content.decode().split("<main")[1]
    page = signed_in(approver).get(visit.get_absolute_url()).content.decode().split("<main")[1]
    assert f'"{reverse("intake:window")}"' not in page
    assert reverse("intake:visit_list") in page
