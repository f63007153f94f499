"""The page of steps: begun, kept, filled in, submitted, withdrawn."""

import pytest
from django.urls import reverse

from intake import transitions
from intake.models import Application, Assessment
from tests.households.factories import form
from tests.intake.factories import ASSESSED, ApplicationFactory, VisitFactory, family, people
from tests.intake.verbs import fresh

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PAGE = 29


def url(name, application, query=""):
    return reverse(f"intake:application_{name}", args=[application.pk]) + query


def typed(application, **changed):
    """The page's form as somebody fills it in."""
    kinds = {"in_difficulty": "yes", "monthly_income": "", "applicant": str(application.applicant_id), "channel": "window"}
    return {**ASSESSED, **kinds, "helper_name": "", "helper_relation": "", "helper_phone": "", "single_person_reason": "", **changed}


def test_a_visit_leads_to_a_draft_of_the_one_who_came(clerk, signed_in):
    visit = VisitFactory(known=True, mode="on_behalf")
    client = signed_in(clerk)
    begin = f"{reverse('intake:application_new')}?visit={visit.pk}"
    page = client.get(begin).content.decode()
    assert f'value="{visit.resident_id}" selected' in page
    assert 'value="village" selected' in page
    typed_here = {
        "visit": visit.pk,
        "applicant": visit.resident_id,
        "channel": "village",
        "helper_name": "钱虚助",
        "helper_relation": "邻居",
    }
    response = client.post(reverse("intake:application_new"), typed_here)
    application = Application.objects.get()
    assert response.url == url("edit", application)
    assert (application.visit, application.household, application.applicant) == (visit, visit.household, visit.resident)
    assert (application.channel, application.helper_name, application.first_responder) == ("village", "钱虚助", visit.arrived_by)


def test_a_household_leads_to_a_draft_too_and_only_ones_own(clerk, neighbour_clerk, signed_in):
    household = family()
    begin = f"{reverse('intake:application_new')}?household={household.pk}"
    assert signed_in(clerk).get(begin).status_code == 200
    assert signed_in(neighbour_clerk).get(begin).status_code == 404
    assert signed_in(clerk).get(reverse("intake:application_new")).status_code == 404
    assert signed_in(clerk).get(reverse("intake:application_new") + "?household=nothing").status_code == 404


def test_what_is_half_typed_is_kept_and_comes_back(clerk, signed_in, draft):
    client = signed_in(clerk)
    half = typed(draft, difficulties=[], opinion="", in_difficulty="", cause="房子漏雨")
    response = client.post(url("edit", draft), half, follow=True)
    text = response.content.decode()
    assert "已暂存" in text
    assert "困难类型、初审：是否属于困难群众、初审意见" in text
    assert "房子漏雨" in text
    kept = Assessment.objects.get()
    assert (kept.cause, kept.is_whole) == ("房子漏雨", False)
    assert "还没有填完需求评估" in text


def test_a_whole_assessment_counts(clerk, signed_in, draft):
    signed_in(clerk).post(url("edit", draft), typed(draft))
    assessment = Assessment.objects.get()
    assert (assessment.is_whole, assessment.assessed_by, assessment.in_difficulty) == (True, clerk, True)


def test_nothing_typed_makes_no_assessment(clerk, signed_in, draft):
    empty = dict.fromkeys(ASSESSED, "") | {"difficulties": [], "in_difficulty": ""}
    signed_in(clerk).post(url("edit", draft), {**typed(draft), **empty})
    assert not Assessment.objects.exists()


def test_errors_keep_everything_that_was_typed(clerk, signed_in, draft):
    wrong = typed(draft, helper_name="钱虚助", monthly_income="很少", proposal="申请低保")
    response = signed_in(clerk).post(url("edit", draft), wrong)
    text = response.content.decode()
    assert response.status_code == 422
    for kept in ("钱虚助", "很少", "申请低保", ASSESSED["cause"], "代办的，请填写代办人姓名和与申请人的关系"):
        assert kept in text
    assert not Assessment.objects.exists()


def test_a_stale_page_says_who_wrote_since_and_keeps_what_was_typed(clerk, second_clerk, signed_in, draft):
    client = signed_in(clerk)
    seen = client.get(url("edit", draft)).content.decode().split('name="seen" value="')[1].split('"')[0]
    signed_in(second_clerk).post(url("edit", draft), typed(draft, cause="同事写的", seen=seen))
    stale = client.post(url("edit", draft), typed(draft, cause="我写的", seen=seen))
    text = stale.content.decode()
    assert stale.status_code == 422
    assert "安替岗" in text
    assert "我写的" in text
    assert Assessment.objects.get().cause == "同事写的"
    fresh_stamp = text.split('name="seen" value="')[1].split('"')[0]
    assert client.post(url("edit", draft), typed(draft, cause="我写的", seen=fresh_stamp)).status_code == 302
    assert Assessment.objects.get().cause == "我写的"


def test_saving_what_stands_there_leaves_no_line(clerk, signed_in, filled):
    from audit.models import Event

    before = Event.objects.filter(application_id=filled.pk).count()
    assert signed_in(clerk).post(url("edit", filled), typed(filled)).status_code == 302
    assert Event.objects.filter(application_id=filled.pk).count() == before


def test_kept_work_leads_on_to_the_programs(clerk, signed_in, draft):
    response = signed_in(clerk).post(url("edit", draft), typed(draft, then="item_add"))
    assert response.url == reverse("intake:item_add", args=[draft.pk])
    assert Assessment.objects.get().is_whole


def test_the_helpers_number_is_masked_and_stays_unless_typed_anew(clerk, signed_in, draft):
    client, helped = signed_in(clerk), {"helper_name": "钱虚助", "helper_relation": "邻居"}
    client.post(url("edit", draft), typed(draft, **helped, helper_phone="13800138000"))
    page = client.get(url("edit", draft)).content.decode()
    assert "138****8000" in page
    assert "13800138000" not in page
    client.post(url("edit", draft), typed(draft, **helped))
    assert str(fresh(draft).helper_phone) == "138****8000"
    client.post(url("edit", draft), typed(draft))
    assert not fresh(draft).helper_phone


def test_the_page_says_all_that_is_lacking(clerk, signed_in, draft):
    page = signed_in(clerk).get(url("edit", draft)).content.decode()
    for sentence in transitions_lacks(draft, clerk):
        assert sentence in page
    assert "提交申请</button>" not in page


def transitions_lacks(application, by):
    from config import clock
    from intake.readiness import lacks_for_submission

    return lacks_for_submission(application, clock.today(), by)


def test_a_filled_application_is_submitted_and_goes_to_acceptance(clerk, signed_in, filled):
    client = signed_in(clerk)
    assert "提交申请</button>" in client.get(url("edit", filled)).content.decode()
    assert client.post(url("submit", filled)).url == url("accept", filled)
    assert fresh(filled).status == "submitted"
    assert client.get(url("edit", filled)).url == url("accept", filled)
    assert client.get(url("edit", filled, "?amend=1")).status_code == 200


def test_submitting_too_early_is_refused_in_a_sentence(clerk, signed_in, draft):
    response = signed_in(clerk).post(url("submit", draft), headers={"referer": "http://testserver" + url("edit", draft)}, follow=True)
    assert "还不能提交" in response.content.decode()
    assert fresh(draft).status == "draft"


def test_neighbours_meet_nothing_and_colleagues_read(neighbour_clerk, approver, assistant, platform, signed_in, draft):
    assert signed_in(neighbour_clerk).get(url("edit", draft)).status_code == 404
    assert signed_in(assistant).get(url("edit", draft)).status_code == 403
    for reader in (approver, platform):
        response = signed_in(reader).get(url("edit", draft))
        assert response.url == url("accept", draft)
        assert draft.applicant.name in signed_in(reader).get(response.url).content.decode()
        assert signed_in(reader).post(url("edit", draft), typed(draft)).status_code == 403


def test_withdrawing_needs_its_reason(clerk, signed_in, draft):
    client = signed_in(clerk)
    assert client.post(url("withdraw", draft), {"reason": ""}).status_code == 422
    assert client.post(url("withdraw", draft), {"reason": "本人不再申请"}).status_code == 302
    assert fresh(draft).status == "withdrawn"


def test_a_promise_is_signed_on_a_day(clerk, signed_in, draft):
    form("promise")
    client, sign = signed_in(clerk), url("promise", draft)
    tomorrow = client.post(sign, {"signed_on": "2026-09-25"})
    assert tomorrow.status_code == 422
    assert "不能晚于今天" in tomorrow.content.decode()
    assert client.post(sign, {"signed_on": "2026-09-23"}).url == url("edit", draft) + "#consent"
    assert f"{fresh(draft).promised_on}" == "2026-09-23"


def test_every_adult_signs_and_the_papers_follow(clerk, signed_in):
    form("authorisation")
    application = ApplicationFactory(drafted=True)
    transitions.add_item(
        application_id=application.pk, program_code="MZ04", track_key="ordinary", household_id=application.household_id, by=clerk
    )
    client, sign = signed_in(clerk), url("authorise", application)
    adults = [str(person.pk) for person in people(application.household)]
    assert client.post(sign, {"residents": [], "signed_on": "2026-09-24"}).status_code == 422
    assert client.post(sign, {"residents": adults, "signed_on": "2026-09-24", "signer_note": ""}).status_code == 302
    assert application.household.authorisations.count() == 2
    assert application.papers.get(material="authorisation").state == "seen"


def test_kin_is_declared_once_for_the_household(clerk, signed_in, draft):
    form("kin_declaration")
    client, declare = signed_in(clerk), url("declare_kin", draft)
    yes = {"has_kin": "yes", "staff_name": "", "staff_unit": "", "relation": "", "resident": "", "declared_on": "2026-09-24"}
    response = client.post(declare, yes)
    assert response.status_code == 422
    assert "申报“有”的，请填写这一项" in response.content.decode()
    assert client.post(declare, {**yes, "has_kin": "no"}).status_code == 302
    assert not draft.household.kin_declarations.get().has_kin


def test_queries_do_not_grow_with_the_household(clerk, signed_in, assert_queries):
    client = signed_in(clerk)
    for children in (0, 6):
        application = ApplicationFactory(filled=True, household=family(children=children))
        client.get(url("edit", application))
        with assert_queries(QUERIES_OF_THE_PAGE):
            client.get(url("edit", application))
