"""The pages of a request: one form for everybody, the village's own page, and the window's four ways to settle it."""

import re

import pytest
from django.db.models import F
from django.urls import reverse

from config.form_words import CHOOSE, REQUIRED
from config.protection.sealing import open_sealed
from deadlines.models import Duty
from households.models import Household, HouseholdDraft, Resident
from intake.models import Application, Paper, Request
from intake.receiving import Kept
from intake.request_page import RequestPage
from tests import cast
from tests.households.factories import HouseholdFactory, head_of, id_number
from tests.intake.factories import ApplicationFactory, RequestFactory, family, people
from tests.intake.verbs import events

pytestmark = pytest.mark.django_db
NEW, LIST, VILLAGE = (reverse(f"intake:{name}") for name in ("request_new", "request_list", "village"))
QUERIES_OF_THE_LIST, QUERIES_OF_THE_VILLAGE = 9, 13


def at(name, request):
    return reverse(f"intake:request_{name}", args=[request.pk])


def text_of(response):
    return response.content.decode()


TYPED = {"name": "乔虚求", "causes": ["illness"], "matter": "住院花费大。"}


def test_an_assistant_is_a_click_from_the_village_and_registers_in_one_short_form(assistant, signed_in):
    client = signed_in(assistant)
    assert f'href="{VILLAGE}"' in text_of(client.get(client.get("/").url))
    page = text_of(client.get(NEW))
    assert "虚构一村" in page
    assert 'name="region"' not in page
    assert 'name="helper_name"' not in page
    token = re.search(r'name="once" value="([^"]+)"', page)[1]
    first, second = (client.post(NEW, {**TYPED, "once": token, "then": "keep"}) for _ in range(2))
    request = Request.objects.get()
    assert first.url == second.url == request.get_absolute_url()
    assert request.status == "registered"
    assert "推送到忠州街道窗口" in text_of(client.get(first.url))
    assert client.post(at("push", request)).url == request.get_absolute_url()
    assert request.number in text_of(client.get(request.get_absolute_url()))


def test_from_the_familys_page_nobody_types_name_and_number(assistant, signed_in):
    household, client = family(), signed_in(assistant)
    head = people(household)[0]
    page = text_of(client.get(household.get_absolute_url()))
    assert "代办申请" in page
    form = {"behalf": "1", "household": household.pk}
    assert head.name in text_of(client.get(NEW, form))
    typed = {**TYPED, **form, "person": head.pk, "helper_name": "甘雨村", "helper_relation": "协理员", "consent": "phone"}
    client.post(NEW, {**typed, "name": "别人"})
    request = Request.objects.get()
    assert (request.resident, request.household, request.name, request.consent) == (head, household, head.name, "phone")
    strangers = HouseholdFactory(in_neighbour=True)
    assert client.get(NEW, {**form, "household": strangers.pk}).status_code == 404
    assert client.post(NEW, {**typed, "person": head_of(strangers).pk}).status_code == 422


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"number": "12345"}, "应为18位"),
        ({"matter": "11010519491231002X住院"}, "证件号码"),
        ({"causes": []}, CHOOSE),
        ({"number": "GOOD", "without_papers": "on"}, "不能再选"),
        ({"behalf": "1"}, REQUIRED),
    ],
)
def test_what_was_typed_comes_back_with_a_sentence(assistant, signed_in, typed, sentence):
    if typed.get("number") == "GOOD":
        typed["number"] = id_number()
    response = signed_in(assistant).post(NEW, {**TYPED, "address": "虚构组3号", **typed})
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert "虚构组3号" in text_of(response)
    assert not Request.objects.exists()


def test_a_department_registers_with_a_place_and_reads_its_own_alone(officer, neighbour_officer, signed_in):
    other = RequestFactory(by=neighbour_officer, name="邻求者")
    client = signed_in(officer)
    assert "虚构二村" in text_of(client.get(NEW))
    client.post(NEW, {**TYPED, "region": cast.NEIGHBOUR})
    mine = Request.objects.exclude(pk=other.pk).get()
    assert (mine.window.region_id, mine.source) == (cast.NEIGHBOUR, "department")
    page = text_of(client.get(LIST))
    assert "乔虚求" in page
    assert "邻求者" not in page


def test_urgent_ones_come_first_and_names_are_masked_to_the_platform(clerk, platform, signed_in, assert_queries):
    late, urgent = RequestFactory(name="甲先来"), RequestFactory(name="乙紧急", is_urgent=True)
    client = signed_in(clerk)
    page = text_of(client.get(LIST))
    assert page.index(urgent.name) < page.index(late.name)
    desk = text_of(client.get(reverse("intake:window")))
    assert desk.index(urgent.name) < desk.index(late.name)
    for n in range(5):
        RequestFactory(name=f"丙{n}求")
    with assert_queries(QUERIES_OF_THE_LIST):
        client.get(LIST)
    page = text_of(signed_in(platform).get(LIST))
    assert "乙紧急" not in page
    assert "乙*急" in page


def test_the_window_finds_opens_and_accepts_without_typing_again(clerk, assistant, signed_in):
    number = id_number()
    request = RequestFactory(number=number, phone="13800138000", address="虚构组3号", wanted=["MZ04"])
    client = signed_in(clerk)
    assert client.get(at("accept", request)).url == request.get_absolute_url()
    client.post(at("find", request))
    page = text_of(client.get(request.get_absolute_url()))
    assert "没有" in page
    assert number not in page
    response = client.post(at("open_household", request))
    assert HouseholdDraft.objects.get().saved_by == clerk
    form = text_of(client.get(response.url))
    for value in ("乔虚求", number, "虚构组3号", "13800138000"):
        assert value in form
    household = HouseholdFactory(members=[_head("乔虚求", number)])
    head = head_of(household)
    page = text_of(client.get(request.get_absolute_url()))
    assert "就是这位" in page
    client.post(at("identify", request), {"resident": head.pk})
    page = text_of(client.get(at("accept", request)))
    assert f'value="{head.pk}" selected' in page
    response = client.post(at("accept", request), {"applicant": head.pk, "channel": "village"})
    application = Application.objects.get()
    assert response.url == reverse("intake:application_edit", args=[application.pk])
    edit = text_of(client.get(response.url))
    assert request.number in edit
    assert "program=MZ04" in edit
    assert "住院花费大" in edit
    # Somebody who comes late is told who was first, and the sender reads how far it is.
    late = client.post(at("answer", request), {"text": "已说明"}, follow=True)
    assert f'href="{request.get_absolute_url()}"' in text_of(late)
    assert "甘晓窗" in text_of(late)
    assert "已说明" in text_of(late)
    assert "申请草稿" in text_of(signed_in(assistant).get(request.get_absolute_url()))


def _head(name, number):
    from households.transitions import MemberInput

    return MemberInput("02", None, "resident", number, name, "", None, "")


def test_somebody_of_another_township_is_handed_over_or_taken_on(clerk, signed_in):
    theirs = head_of(HouseholdFactory(in_neighbour=True))
    request = RequestFactory(number=open_sealed(theirs, "id_number"), name=theirs.name)
    client = signed_in(clerk)
    client.post(at("find", request))
    page = text_of(client.get(request.get_absolute_url()))
    assert "白公街道" in page
    assert len(events("resident.looked_up")) == 1
    client.post(at("take_on", request))
    request.refresh_from_db()
    assert request.resident == theirs
    assert Household.objects.visible_to(clerk).filter(pk=request.household_id).exists()


def test_each_way_to_settle_it_needs_its_sentence_and_keeps_what_was_typed(clerk, assistant, signed_in):
    request, client = RequestFactory(), signed_in(clerk)
    for name, typed in (("answer", {"text": ""}), ("return", {"reason": "号11010519491231002X"}), ("hand_over", {"reason": "住白公"})):
        response = client.post(at(name, request), typed)
        assert response.status_code == 422, name
        assert "<details open" in text_of(response).replace("<details  open", "<details open"), name
    assert Duty.objects.open().get().unit == clerk.unit
    client.post(at("return", request), {"reason": "请补充电话。"})
    theirs = signed_in(assistant)
    page = text_of(theirs.get(request.get_absolute_url()))
    assert "请补充电话" in page
    assert theirs.post(at("push", request), {"addition": ""}).status_code == 422
    assert theirs.post(at("push", request), {"addition": "没有电话。"}).status_code == 302


def test_number_and_telephone_are_shown_to_the_window_by_a_recorded_click(clerk, assistant, signed_in):
    request = RequestFactory(phone="13800138000")
    url = reverse("intake:request_number", args=[request.pk, "phone"])
    assert "13800138000" in text_of(signed_in(clerk).post(url))
    assert len(events("personal_data.revealed", request)) == 1
    assert signed_in(assistant).post(url).status_code == 403
    assert "13800138000" not in text_of(signed_in(assistant).get(request.get_absolute_url()))


def test_the_village_reads_states_and_names_of_papers_and_nothing_of_means_or_health(assistant, other_assistant, clerk, signed_in):
    application = ApplicationFactory(filled=True, amount=4321)
    paper, hidden = application.papers.filter(is_required=True)[:2]
    Paper.objects.filter(pk__in=[paper.pk, hidden.pk]).update(state="missing", settled_at=None, settled_by=None)
    Paper.objects.filter(pk=hidden.pk).update(name="监护人证明", is_confidential=True)
    page = text_of(signed_in(assistant).get(VILLAGE))
    assert application.applicant.name in page
    assert paper.name in page
    assert "，起草" in page
    for canary in ("4321", "慢性病", "医药费", "打零工", "监护人证明", application.number):
        assert canary not in page
    assert application.applicant.name not in text_of(signed_in(other_assistant).get(VILLAGE))


def test_the_village_page_costs_the_same_for_many(assistant, signed_in, assert_queries):
    for _ in range(3):
        RequestFactory()
        ApplicationFactory(drafted=True)
    client = signed_in(assistant)
    client.get(VILLAGE)
    with assert_queries(QUERIES_OF_THE_VILLAGE):
        client.get(VILLAGE)


def test_a_sensitive_program_is_not_there_for_the_village(assistant, clerk, signed_in):
    from programs.models import Program

    application = ApplicationFactory(filled=True)
    Program.objects.filter(pk="MZ04").update(is_sensitive=True)
    assert application.applicant.name not in text_of(signed_in(assistant).get(VILLAGE))


def test_who_left_the_village_reads_the_state_of_what_they_registered_alone(assistant, signed_in):
    from organization.models import Post

    request = RequestFactory(accepted=True)
    Post.objects.filter(pk=assistant.pk).update(unit=cast.unit_of("village_window", cast.OTHER_VILLAGE))
    moved = cast.member("assistant")
    page = text_of(signed_in(moved).get(request.get_absolute_url()))
    assert "已转为申请" in page
    assert "办理过程" not in page
    assert people(request.household)[0].name not in page.replace(request.name, "")
    assert request.name in text_of(signed_in(moved).get(VILLAGE))


def test_a_row_that_was_merged_is_offered_no_more(clerk, officer):
    """The holder of the told number is offered while the row stands; of a merged one the look-up finds who remains."""
    request = RequestFactory(known=True, by=officer)
    holder, other = Resident.objects.get(id_number_digest=request.id_number_digest), people(family())[0]
    assert RequestPage(request, clerk, Kept()).candidates == [holder]
    merged = {"survivor": other, "merged_at": F("entered_at"), "merged_by": F("entered_by")}
    Resident.objects.filter(pk=holder.pk).update(**merged)
    assert holder not in RequestPage(request, clerk, Kept()).candidates
