"""One referral on one page: what the holding unit needs, the steps that are possible now, and in words what keeps the next one back."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from deadlines.models import Duty
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.fragments import without_tokens
from tests.referrals.factories import ReferralFactory, accepted, approver_of, handler_of, referrals

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PAGE = 34


def page(client, referral: Referral) -> str:
    response = client.get(referral.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def buttons(text: str) -> list[str]:
    """What can be done, as it stands on the page."""
    found = re.search(r'aria-label="可以办理的步骤".*?</section>', text, re.DOTALL)
    return re.findall(r">([^<>\s]+)</(?:button|a)>", found[0]) if found else []


def fresh(referral: Referral) -> Referral:
    return Referral.objects.select_related("unit", "window", "stage", "application__applicant").get(pk=referral.pk)


def test_it_tells_who_what_and_until_when(signed_in):
    referral = ReferralFactory(in_hand=True)
    text = page(signed_in(handler_of(referral.unit)), referral)
    applicant = referral.application.applicant
    for words in (applicant.name, applicant.id_number_masked, referral.number, referral.program.seed_name, "承诺办结", "本环节", "剩"):
        assert words in text
    for member in referral.case_household.memberships.select_related("resident"):
        assert member.resident.name in text
        assert reverse("households:number_reveal", args=[member.resident_id, "id_number"]) in text
    promise = Duty.objects.about(referral, "promise").get()
    assert f"{referral.get_absolute_url()}why/promise/" in text
    assert f"{promise.due_at:%Y-%m}" in text


@pytest.mark.parametrize(
    ("trait", "who", "expected"),
    [
        ("dispatched", handler_of, ["签收并承办", "签收"]),
        ("dispatched", approver_of, ["签收并承办", "签收", "分派", "终止"]),
        ("received", handler_of, ["承办", "非本单位职责", "申请延期"]),
        ("in_hand", handler_of, ["拟办", "退回补正", "非本单位职责", "申请延期"]),
        ("proposed", approver_of, ["拟办", "送下一环节", "改派", "退回补正", "非本单位职责", "申请延期", "终止"]),
        ("deciding", approver_of, ["拟办", "作出决定", "改派", "退回上一环节", "退回补正", "申请延期", "终止"]),
        ("approved", handler_of, ["反馈结果"]),
        ("confirmed", approver_of, []),
    ],
)
def test_the_steps_are_those_of_the_moment_and_the_post(signed_in, trait, who, expected):
    referral = ReferralFactory(**{trait: True})
    last = referral.walked.select_related("unit").last()
    assert buttons(page(signed_in(who(last.unit)), referral)) == expected


def test_the_window_has_its_own_steps(signed_in, clerk):
    assert buttons(page(signed_in(clerk), ReferralFactory(in_hand=True))) == ["撤回"]
    assert buttons(page(signed_in(clerk), ReferralFactory(returned=True))) == ["出具一次性告知书", "补正后送回", "撤回"]
    assert buttons(page(signed_in(clerk), ReferralFactory(fed_back=True))) == ["确认已告知申请人", "退回反馈"]


def test_who_proposed_is_told_who_may_rule(signed_in, approver, second_approver):
    referral = ReferralFactory(in_hand=True)
    transitions.propose(referral_id=referral.pk, proposal="同意。", by=approver)
    text = page(signed_in(approver), referral)
    assert "拟办意见是您提出的" in text
    assert second_approver.staff.name in text
    assert "送下一环节" not in buttons(text)
    assert "送下一环节" in buttons(page(signed_in(second_approver), referral))


def test_what_is_missing_is_said_at_once(signed_in):
    application = accepted([("MZ01", "ordinary")], verified=False)
    [referral] = referrals(application=application, programs=["MZ01"], in_hand=True)
    text = page(signed_in(approver_of(fresh(referral).unit)), referral)
    assert "还没有拟办意见" in text
    assert "经济状况核查没有完成" in text
    assert "送下一环节" not in buttons(text)


def test_a_department_sees_its_referral_and_no_other_program(signed_in):
    mine, other = referrals(programs=["MZ01", "MZ04"], to_decide=True)
    mine = fresh(mine)
    text = page(signed_in(handler_of(mine.unit)), mine)
    assert mine.application.applicant.name in text
    assert other.program.seed_name not in text
    assert "整件申请" not in text
    assert reverse("referrals:case_detail", args=[mine.application_id]) not in text


def test_papers_are_those_of_this_program(signed_in):
    mine, other = referrals(programs=["MZ01", "MZ04"], to_decide=True)
    text = page(signed_in(handler_of(fresh(mine).unit)), mine)
    own = set(mine.version.requirements.values_list("material", flat=True))
    papers = mine.application.papers.all()
    assert any(paper.material_id in own for paper in papers)
    assert not [paper.name for paper in papers if paper.material_id not in own and f'data-label="材料">{paper.name}<' in text]


def test_decision_feedback_and_telling_are_told(signed_in, clerk):
    referral = ReferralFactory(confirmed=True)
    text = page(signed_in(clerk), referral)
    for words in ("批准", "1,500元", "已作出决定，请告知申请人。", "电话告知，本人接听"):
        assert words in text


def test_a_refusal_tells_reason_and_remedies(signed_in, clerk):
    referral = ReferralFactory(refused=True)
    text = page(signed_in(clerk), referral)
    for words in ("收入超过标准", "家庭人均收入高于标准。", referral.version.remedies[:12]):
        assert words in text


def test_the_way_walked_is_told_with_opinions(signed_in):
    referral = ReferralFactory(deciding=True)
    text = page(signed_in(approver_of(fresh(referral).unit)), referral)
    for words in ("情况属实，建议同意。", "同意。", "公示无异议。", "乡镇审核", "公示"):
        assert words in text


@pytest.mark.parametrize("name", ["neighbour_clerk", "neighbour_approver", "officer", "neighbour_officer", "civil_officer"])
def test_it_does_not_exist_for_those_it_never_came_to(signed_in, request, name):
    referral = ReferralFactory(in_hand=True)
    assert signed_in(request.getfixturevalue(name)).get(referral.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("name", ["assistant", "supervision", "convener", "system_administrator"])
def test_it_is_no_page_for_others(signed_in, request, name):
    referral = ReferralFactory(in_hand=True)
    assert signed_in(request.getfixturevalue(name)).get(referral.get_absolute_url()).status_code == 403


def test_opening_takes_the_right_post(signed_in, double):
    """Somebody with an office post in one township and a window post in another acts for the one that holds the referral."""
    referral = ReferralFactory(dispatched=True)
    office = next(post for post in double.posts if post.unit.region_id == referral.township_code)
    window = next(post for post in double.posts if post != office)
    Referral.objects.filter(pk=referral.pk).update(unit=office.unit)
    Duty.objects.about(referral, "receive").update(unit=office.unit)
    referral.walked.update(unit=office.unit)
    client = signed_in(window)
    assert buttons(page(client, referral))[:2] == ["签收并承办", "签收"]
    client.post(f"{referral.get_absolute_url()}take/")
    assert fresh(referral).handler == office


@pytest.mark.parametrize("kind", ["promise", "stage"])
def test_why_it_is_this_day_is_told_to_everybody_who_sees_it(signed_in, kind):
    referral = ReferralFactory(deciding=True, program="MZ01")
    client = signed_in(handler_of(fresh(referral).unit))
    whole = client.get(f"{referral.get_absolute_url()}why/{kind}/").content.decode()
    assert "起算日" in whole
    part = without_tokens(client.get(f"{referral.get_absolute_url()}why/{kind}/", headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert client.get(f"{referral.get_absolute_url()}why/nothing/").status_code == 404


def test_an_amount_asked_is_shown(signed_in):
    application = accepted(amount=Decimal("1800"))
    [referral] = referrals(application=application, received=True)
    assert "1,800元" in page(signed_in(handler_of(fresh(referral).unit)), referral)


@pytest.mark.parametrize("programs", [["MZ04"], ["MZ04", "MZ01", "CS01"]])
def test_queries_of_the_page_stay_flat(signed_in, assert_queries, programs):
    referral = referrals(programs=programs, in_hand=True)[0]
    client = signed_in(approver_of(fresh(referral).unit))
    client.get(referral.get_absolute_url())
    with assert_queries(QUERIES_OF_THE_PAGE):
        client.get(referral.get_absolute_url())


def test_that_nobody_is_left_to_decide_is_said_on_the_page(signed_in, approver, platform, security_administrator):
    from organization.transitions import posts

    posts.end(post_id=cast.member("second_approver").pk, reason="调离", by=security_administrator)
    referral = ReferralFactory(deciding_in_hand=True)
    said = "本单位现在没有可以审定的人员"
    assert said not in page(signed_in(platform), referral)
    transitions.propose(referral_id=referral.pk, proposal="同意。", outcome="approved", by=approver)
    assert said in page(signed_in(approver), referral)
    assert said in page(signed_in(platform), referral)


def test_a_sensitive_program_has_no_page_for_the_townships_other_offices(signed_in, clerk, approver, platform):
    """DESIGN 2: the accepting window and the units on its way; one that held it still reads it."""
    referral = ReferralFactory(in_hand=True)
    type(referral.program).objects.filter(pk=referral.program_id).update(is_sensitive=True)
    address = reverse("referrals:referral_detail", args=[referral.pk])
    assert [signed_in(post).get(address).status_code for post in (clerk, approver, platform)] == [200, 200, 302], "the platform says why"
    # Held by the window alone, it is none of the office's business
    Referral.objects.filter(pk=referral.pk).update(unit=clerk.unit)
    referral.walked.update(unit=clerk.unit)
    assert [signed_in(post).get(address).status_code for post in (clerk, approver)] == [200, 404]


def test_a_notice_that_is_up_leads_on_and_once_its_days_are_over_to_its_result(signed_in, clerk, approver, clock):
    referral = ReferralFactory(publicising=True)
    assert buttons(page(signed_in(clerk), referral))[0] == "查看公示、登记异议"
    assert "公示" not in "".join(buttons(page(signed_in(approver), referral)))
    clock.forward(days=15)
    text = page(signed_in(clerk), referral)
    assert buttons(text)[0] == "登记公示结果"
    assert reverse("referrals:publicity_end", args=[referral.publicities.get().pk]) in text


@pytest.mark.parametrize(
    ("trait", "words"),
    [
        ("dispatched", "等签收"),
        ("proposed", "已拟办，等审批人员审定"),
        ("approved", "等反馈结果"),
        ("fed_back", "等告知申请人"),
        ("returned", "等申请人补正后送回"),
    ],
)
def test_it_says_what_is_waited_for(signed_in, platform, clerk, trait, words):
    referral = ReferralFactory(**{trait: True})
    assert words in signed_in(clerk).get(referral.get_absolute_url()).content.decode()
