"""The case page: an application as a story for the township and the platform."""

import pytest
from django.urls import reverse

from intake.models import Application
from referrals.models import Referral
from tests.intake.factories import ApplicationFactory
from tests.referrals.factories import ReferralFactory, accepted, referrals
from tests.referrals.piles import copy_events

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PAGE = 18


def page(client, application: Application) -> str:
    response = client.get(reverse("referrals:case_detail", args=[application.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_it_tells_the_whole_story(signed_in, clerk):
    rows = referrals(programs=["MZ01", "MZ04"], approved=True)
    application = rows[0].application
    text = page(signed_in(clerk), application)
    expected = [application.number, application.applicant.name, application.unit.name, "办理经过", "作出决定", "派单到", "核查", "公示",
                *(row.program.seed_name for row in rows)]  # fmt: skip
    assert not [words for words in expected if words not in text]
    assert text.index("作出决定：") < text.index("派单到"), "newest first"


@pytest.mark.parametrize("trait", ["drafted", "submitted", "supplemented"])
def test_before_acceptance_it_leads_to_the_window(signed_in, clerk, trait):
    application = ApplicationFactory(**{trait: True})
    assert "继续受理" in page(signed_in(clerk), application)


def test_an_accepted_one_is_sent_out_with_one_press(signed_in, clerk, second_clerk, approver):
    application = accepted([("MZ01", "ordinary"), ("MZ04", "ordinary")])
    dispatch = reverse("referrals:application_dispatch", args=[application.pk])
    assert dispatch in page(signed_in(clerk), application)
    assert dispatch not in page(signed_in(approver), application)
    assert signed_in(approver).post(dispatch).status_code == 403
    text = signed_in(clerk).post(dispatch, follow=True).content.decode()
    assert "已转给承办单位2件" in text
    assert Referral.objects.filter(application=application).count() == 2
    again = signed_in(second_clerk).post(dispatch)
    assert again.status_code == 409
    assert Referral.objects.filter(application=application).count() == 2


def test_the_applicant_withdraws_in_own_words(signed_in, clerk, approver):
    referral = ReferralFactory(in_hand=True)
    address = reverse("referrals:application_withdraw", args=[referral.application_id])
    client = signed_in(clerk)
    assert address in page(client, referral.application)
    assert client.post(address, {"reason": ""}).status_code == 422
    text = client.post(address, {"reason": "儿子寄钱回来了"}, follow=True).content.decode()
    assert "儿子寄钱回来了" in text
    assert Application.objects.get(pk=referral.application_id).status == "withdrawn"
    assert address not in text


def test_an_approver_terminates(signed_in, clerk, approver):
    referral = ReferralFactory(in_hand=True)
    address = reverse("referrals:application_terminate", args=[referral.application_id])
    assert signed_in(clerk).get(address).status_code == 403
    assert signed_in(approver).get(address).status_code == 200
    signed_in(approver).post(address, {"reason": "申请人去世"})
    assert Application.objects.get(pk=referral.application_id).status == "terminated"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("neighbour_clerk", 404),
        ("neighbour_approver", 404),
        ("officer", 403),
        ("civil_officer", 403),
        ("assistant", 403),
        ("supervision", 403),
        ("platform", 200),
        ("second_clerk", 200),
    ],
)
def test_who_sees_it(signed_in, request, name, status):
    referral = ReferralFactory(in_hand=True)
    address = reverse("referrals:case_detail", args=[referral.application_id])
    assert signed_in(request.getfixturevalue(name)).get(address).status_code == status


def test_a_sensitive_program_is_named_to_those_on_its_way_alone(signed_in, clerk, approver):
    referral = ReferralFactory(in_hand=True)
    program = referral.program
    type(program).objects.filter(pk=program.pk).update(is_sensitive=True)
    window, holder = page(signed_in(clerk), referral.application), page(signed_in(approver), referral.application)
    assert program.seed_name in window
    assert program.seed_name in holder
    Referral.objects.filter(pk=referral.pk).update(unit=clerk.unit)
    referral.walked.update(unit=clerk.unit)
    elsewhere = page(signed_in(approver), referral.application)
    assert "敏感项目" in elsewhere
    assert "派单到" in window
    assert "派单到" not in elsewhere, "nor does the story tell what came of it"


def test_each_line_of_the_story_names_its_program(signed_in, clerk):
    rows = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    text = page(signed_in(clerk), rows[0].application)
    assert not [row for row in rows if f"{row.program.seed_name}：派单到" not in text]
    assert not [row for row in rows if f"{row.program.seed_name}：添加救助项目" not in text]
    assert "：受理申请" not in text


@pytest.mark.parametrize("rows", [20, 2_000])
def test_queries_of_the_page_stay_flat(signed_in, clerk, assert_queries, rows):
    referral = ReferralFactory(in_hand=True)
    copy_events(referral, rows)
    client, address = signed_in(clerk), reverse("referrals:case_detail", args=[referral.application_id])
    client.get(address)
    with assert_queries(QUERIES_OF_THE_PAGE):
        response = client.get(address)
    assert 20 <= response.content.decode().count("<time") <= 40


def test_older_lines_of_the_story_are_one_link_away(signed_in, clerk):
    referral = ReferralFactory(in_hand=True)
    copy_events(referral, 60)
    client, address = signed_in(clerk), reverse("referrals:case_detail", args=[referral.application_id])
    text = client.get(address).content.decode()
    assert "更早的记录" in text
    older = text.split('">更早的记录')[0].rsplit('href="', 1)[1]
    assert "更早的记录" not in client.get(older.split("#")[0]).content.decode()


def test_the_story_leaves_out_what_is_filled_in_tap_by_tap(signed_in, clerk):
    referral = ReferralFactory(in_hand=True)
    text = page(signed_in(clerk), referral.application)
    assert "受理申请" in text
    assert "登记材料" not in text
    assert "材料清单更新" not in text
