"""The steps by their pages: what was typed comes back with 422, a stale page says who did what, a double click has one effect."""

import re
import uuid

import pytest
from django.urls import reverse

from audit.models import Event
from referrals import transitions
from referrals.models import ExtensionRequest, Referral
from tests.referrals.factories import ReferralFactory, approver_of, handler_of, set_figure

pytestmark = pytest.mark.django_db


def at(referral: Referral, verb: str) -> str:
    return reverse(f"referrals:referral_{verb}", args=[referral.pk])


def now(referral: Referral) -> Referral:
    return Referral.objects.select_related("unit", "window", "handler__staff").get(pk=referral.pk)


def seen_on(client, address: str) -> str:
    return re.search(r'name="seen" value="([^"]*)"', client.get(address).content.decode())[1]


# verb, trait where it starts, who does it, what is typed, where it leads
STEPS = [
    ("receive", "dispatched", "handler", {}, "received"),
    ("take", "dispatched", "handler", {}, "handling"),
    ("take", "received", "handler", {}, "handling"),
    ("propose", "in_hand", "handler", {"proposal": "情况属实。", "outcome": "approved", "amount": "900"}, "handling"),
    ("forward", "proposed", "approver", {"opinion": "同意。"}, "dispatched"),
    ("send_back", "deciding", "approver", {"reason": "请再核实收入。"}, "dispatched"),
    ("return_for_supplement", "in_hand", "handler", {"others": "诊断证明\n住院票据"}, "returned"),
    ("resubmit", "returned", "window", {"note_text": "已补交诊断证明。"}, "dispatched"),
    ("feed_back", "approved", "handler", {"text": "十月起发放。"}, "fed_back"),
    ("return_feedback", "fed_back", "window", {"reason": "没有写明领取方式。"}, "decided"),
    ("confirm", "fed_back", "window", {"told_how": "phone", "told_note": "本人接听"}, "confirmed"),
    ("withdraw", "in_hand", "window", {"reason": "已经找到工作。"}, "withdrawn"),
    ("terminate", "in_hand", "approver", {"reason": "申请人去世。"}, "terminated"),
]
# What need not be said is refused only where it is too long.
MAY_BE_EMPTY = {"forward": "opinion", "resubmit": "note_text"}


def person(referral: Referral, who: str):
    unit = referral.window if who == "window" else referral.walked.select_related("unit").last().unit
    return approver_of(unit) if who == "approver" else handler_of(unit)


@pytest.mark.parametrize(("verb", "trait", "who", "typed", "status"), STEPS)
def test_a_step_leads_on_and_says_so(signed_in, verb, trait, who, typed, status):
    referral = ReferralFactory(**{trait: True})
    client = signed_in(person(referral, who))
    response = client.post(at(referral, verb), typed, follow=True)
    assert response.redirect_chain == [(referral.get_absolute_url(), 302)]
    assert 'class="message message-success"' in response.content.decode()
    assert now(referral).status == status


@pytest.mark.parametrize(("verb", "trait", "who", "typed", "status"), [step for step in STEPS if step[3]])
def test_a_form_that_lacks_something_comes_back_with_what_was_typed(signed_in, verb, trait, who, typed, status):
    referral = ReferralFactory(**{trait: True})
    client = signed_in(person(referral, who))
    assert client.get(at(referral, verb)).status_code == 200
    blank = dict.fromkeys(typed, "")
    kept = {"others": "x" * 500} if verb == "return_for_supplement" else {}
    if verb in MAY_BE_EMPTY:
        blank = kept = {MAY_BE_EMPTY[verb]: "长" * 501}
    response = client.post(at(referral, verb), {**blank, **kept})
    assert response.status_code == 422
    assert all(words in response.content.decode() for words in kept.values())


@pytest.mark.parametrize("verb", ["receive", "take", "end_appraisal"])
def test_a_button_has_no_page(signed_in, reviewer, verb):
    assert signed_in(reviewer).get(at(ReferralFactory(dispatched=True), verb)).status_code == 405


def test_an_assigned_colleague_has_it_in_hand(signed_in, approver, reviewer, neighbour_approver):
    referral = ReferralFactory(dispatched=True)
    client = signed_in(approver)
    text = client.get(at(referral, "assign")).content.decode()
    assert reviewer.staff.name in text
    assert neighbour_approver.staff.name not in text
    assert client.post(at(referral, "assign"), {"handler": neighbour_approver.pk}).status_code == 422
    client.post(at(referral, "assign"), {"handler": reviewer.pk})
    assert now(referral).handler == reviewer


def test_papers_of_the_program_can_be_ticked(signed_in, reviewer):
    referral = ReferralFactory(in_hand=True)
    client = signed_in(reviewer)
    names = re.findall(r'name="papers" value="([^"]+)"', client.get(at(referral, "return_for_supplement")).content.decode())
    assert names
    client.post(at(referral, "return_for_supplement"), {"papers": names[:1], "others": "写明用途"})
    note = Event.objects.about(referral).filter(verb="referral.returned").get().note
    assert names[0] in note
    assert "写明用途" in note


def test_a_stale_button_says_who_did_what_and_does_nothing(signed_in, reviewer, approver):
    referral = ReferralFactory(dispatched=True)
    client = signed_in(approver)
    seen = seen_on(client, referral.get_absolute_url())
    transitions.take(referral_id=referral.pk, by=reviewer)
    response = client.post(at(referral, "take"), {"seen": seen}, follow=True)
    assert f"{reviewer.label}已于2026-09-24 10:00承办" in response.content.decode()
    assert "本次没有办理" in response.content.decode()
    assert now(referral).handler == reviewer


def test_a_stale_form_keeps_what_was_typed_and_says_who_was_first(signed_in, reviewer, approver, second_approver):
    referral = ReferralFactory(proposed=True)
    client = signed_in(approver)
    seen = seen_on(client, at(referral, "forward"))
    transitions.forward(referral_id=referral.pk, opinion="同意。", by=second_approver)
    response = client.post(at(referral, "forward"), {"seen": seen, "opinion": "我的意见写了很久"})
    text = response.content.decode()
    assert response.status_code == 422
    assert second_approver.label in text
    assert "我的意见写了很久" in text
    assert "这次没有办理" in text
    assert "有内容需要修改" not in text
    assert Event.objects.about(referral).filter(verb="referral.forwarded").count() == 1


def test_a_proposal_that_changed_meanwhile_is_seen_before_it_is_sent_on(signed_in, reviewer, approver, clock):
    referral = ReferralFactory(proposed=True)
    client = signed_in(approver)
    seen = seen_on(client, at(referral, "forward"))
    clock.forward(minutes=1)
    transitions.propose(referral_id=referral.pk, proposal="改为不同意。", outcome="refused", by=reviewer)
    first = client.post(at(referral, "forward"), {"seen": seen, "opinion": "同意。"})
    assert first.status_code == 422
    assert "改为不同意。" in first.content.decode()
    again = re.search(r'name="seen" value="([^"]*)"', first.content.decode())[1]
    assert client.post(at(referral, "forward"), {"seen": again, "opinion": "同意。"}).status_code == 302, "seen once more, it is meant"


def test_an_amount_above_the_cap_is_asked_about_once(signed_in):
    set_figure("program_cap_mz04", 2000)
    referral = ReferralFactory(in_hand=True)
    client = signed_in(handler_of(referral.unit))
    typed = {"proposal": "情况属实。", "outcome": "approved", "amount": "9000000"}
    asked = client.post(at(referral, "propose"), typed)
    assert asked.status_code == 422
    assert "请核对是否多写了位数" in asked.content.decode()
    assert referral.walked.current().get().proposed_at is None
    assert client.post(at(referral, "propose"), {**typed, "is_checked": "on"}).status_code == 302
    assert "标记个案会商" in client.get(referral.get_absolute_url()).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_has_gone_on_to_the_next_unit_is_told_with_who_and_where(signed_in, approver, method):
    referral = ReferralFactory(proposed=True)
    transitions.forward(referral_id=referral.pk, opinion="同意。", by=approver)
    holder = Referral.objects.select_related("unit").get(pk=referral.pk).unit
    response = getattr(signed_in(approver), method)(at(referral, "propose"), {"proposal": "再提一次。"})
    assert response.status_code == 409
    text = response.content.decode()
    assert f"已由{approver.label}于2026-09-24 10:00同意并送下一环节，现由{holder.name}办理" in text


def test_a_double_click_has_one_effect(signed_in, reviewer):
    referral = ReferralFactory(dispatched=True)
    client, token = signed_in(reviewer), {"once": str(uuid.uuid4())}
    first, second = (client.post(at(referral, "receive"), token) for _ in range(2))
    assert first.url == second.url == referral.get_absolute_url()
    assert Event.objects.about(referral).filter(verb="referral.received").count() == 1


def test_a_step_that_is_over_says_who_took_it(signed_in, reviewer):
    referral = ReferralFactory(received=True)
    response = signed_in(reviewer).post(at(referral, "receive"))
    assert response.status_code == 409
    assert "签收" in response.content.decode()


@pytest.mark.parametrize(("verb", "trait"), [("propose", "received"), ("decide", "received"), ("confirm", "approved")])
def test_a_page_of_a_step_that_cannot_be_taken_now_is_refused_in_words(signed_in, verb, trait):
    referral = ReferralFactory(**{trait: True})
    who = person(referral, "window" if verb == "confirm" else "approver")
    response = signed_in(who).get(at(referral, verb))
    assert response.status_code == 409
    assert "不能再" in response.content.decode()


@pytest.mark.parametrize(("name", "status"), [("neighbour_clerk", 404), ("officer", 404), ("clerk", 403), ("platform", 403)])
def test_others_cannot(signed_in, request, name, status):
    referral = ReferralFactory(dispatched=True)
    client = signed_in(request.getfixturevalue(name))
    for verb in ("receive", "take", "propose", "forward", "decide"):
        assert client.post(at(referral, verb)).status_code == status, verb


def test_an_extension_is_asked_here_and_answered_by_the_platform(signed_in, platform_approver, platform):
    referral = ReferralFactory(program="MZ01", in_hand=True)
    handler = handler_of(now(referral).unit)
    client = signed_in(handler)
    client.post(at(referral, "request_extension"), {"reason": "公示有异议，需重新核实。"})
    request = ExtensionRequest.objects.get()
    answer = reverse("referrals:extension_answer", args=[request.pk])
    assert signed_in(platform).get(answer).status_code == 403
    boss = signed_in(platform_approver)
    assert answer in boss.get(referral.get_absolute_url()).content.decode()
    assert "公示有异议，需重新核实。" in boss.get(answer).content.decode()
    assert boss.post(answer, {"granted": "0", "note": ""}).status_code == 422
    assert boss.post(answer, {"granted": "1", "note": "同意"}).status_code == 302
    assert "同意" in client.get(referral.get_absolute_url()).content.decode()


def test_an_appraisal_stops_both_clocks_and_starts_them_again(signed_in):
    referral = ReferralFactory(program="CL01", in_hand=True)
    client = signed_in(handler_of(now(referral).unit))
    assert "等待鉴定评估" in client.get(referral.get_absolute_url()).content.decode()
    client.post(at(referral, "begin_appraisal"), {"reason": "送残疾评定"})
    text = client.get(referral.get_absolute_url()).content.decode()
    assert text.count("已暂停") >= 2
    assert "恢复计时" in text
    client.post(at(referral, "end_appraisal"))
    assert "已暂停" not in client.get(referral.get_absolute_url()).content.decode()
