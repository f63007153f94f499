"""The decision by its page: told what will follow before it is done, the cap and ceiling in words, nothing lost when the verb refuses."""

import re
import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from households.models import AssistanceRecord
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.referrals.factories import ReferralFactory, approver_of, set_figure

APPROVAL = {"outcome": "approved", "amount": "1500", "start_on": "2026-09-24"}
REFUSAL = {"outcome": "refused", "refusal_code": "income", "refusal_reason": "人均收入高于标准。"}


def at(referral: Referral) -> str:
    return reverse("referrals:referral_decide", args=[referral.pk])


def now(referral: Referral) -> Referral:
    return Referral.objects.select_related("unit").get(pk=referral.pk)


@pytest.fixture
def referral(db) -> Referral:
    set_figure("township_ceiling_mz04", 2000)
    set_figure("program_cap_mz04", 20000)
    return now(ReferralFactory(deciding=True))


@pytest.fixture
def client_of_approver(referral, signed_in):
    return signed_in(approver_of(referral.unit))


def test_the_form_says_the_lines_and_the_remedies_and_fills_what_is_known(client_of_approver, referral):
    text = client_of_approver.get(at(referral)).content.decode()
    for words in ("2,000元", "20,000元", referral.version.remedies, "拟按标准救助。"):
        assert words in text
    assert re.search(r'value="\d{4}-\d\d-\d\d"', re.search(r'<input[^>]*name="start_on"[^>]*>', text)[0])


def test_the_first_post_asks_with_person_program_and_amount_and_changes_nothing(client_of_approver, referral):
    response = client_of_approver.post(at(referral), APPROVAL)
    text = response.content.decode()
    assert response.status_code == 200
    assert f"{referral.application.applicant.name}，{referral.program}：批准，1,500元，自2026-09-24起？" in text
    assert now(referral).status == "handling"
    assert not AssistanceRecord.objects.filter(decision_id=referral.pk).exists()
    assert not Event.objects.about(referral).filter(verb="referral.decided").exists()


def test_the_second_post_decides(client_of_approver, referral):
    response = client_of_approver.post(at(referral), {**APPROVAL, "confirm": "1"}, follow=True)
    assert response.redirect_chain == [(referral.get_absolute_url(), 302)]
    assert "已批准，1,500元" in response.content.decode()
    row = now(referral)
    assert (row.status, row.outcome, row.amount) == ("decided", "approved", Decimal("1500.00"))
    assert AssistanceRecord.objects.get(decision_id=referral.pk).amount == Decimal("1500.00")


def test_without_a_proposal_nobody_is_asked_to_fill_anything_in(signed_in):
    referral = now(ReferralFactory(in_hand=True))
    response = signed_in(approver_of(referral.unit)).get(at(referral), follow=True)
    assert "还没有拟办意见，请先由承办人拟办" in response.content.decode()
    assert "下一步：核对" not in response.content.decode()


def test_going_back_keeps_what_was_typed(client_of_approver, referral):
    text = client_of_approver.post(at(referral), {**REFUSAL, "edit": "1"}).content.decode()
    assert "人均收入高于标准。" in text
    assert "下一步：核对" in text


def test_a_refusal_needs_its_reason_and_keeps_the_rest(client_of_approver, referral):
    response = client_of_approver.post(at(referral), {"outcome": "refused", "opinion": "经集体研究"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "请选择不予批准的情形。" in text
    assert "请写明不予批准的理由。" in text
    assert "经集体研究" in text
    client_of_approver.post(at(referral), {**REFUSAL, "amount": "99", "confirm": "1"})
    row = now(referral)
    assert (row.outcome, row.amount, row.remedies) == ("refused", None, referral.version.remedies)


def test_above_the_ceiling_the_question_says_that_the_county_decides(client_of_approver, referral):
    typed = {**APPROVAL, "amount": "3000"}
    assert "金额超过乡镇（街道）审批限额，将转县民政局" in client_of_approver.post(at(referral), typed).content.decode()
    assert now(referral).status == "handling"
    client_of_approver.post(at(referral), {**typed, "confirm": "1"})
    assert (now(referral).status, now(referral).unit.kind) == ("dispatched", "department")


def test_above_the_cap_the_reason_is_asked_and_the_mark_is_told(signed_in, referral):
    transitions.decide(referral_id=referral.pk, outcome="approved", amount=Decimal("30000"), by=approver_of(referral.unit))
    county = now(referral)
    handler, approver = cast.member("civil_officer"), cast.member("civil_approver")
    transitions.take(referral_id=referral.pk, by=handler)
    transitions.propose(referral_id=referral.pk, proposal="病情特殊，建议同意。", outcome="approved", amount=Decimal("30000"), by=handler)
    client = signed_in(approver)
    typed = {**APPROVAL, "amount": "30000"}
    first = client.post(at(county), typed)
    assert first.status_code == 422
    assert "金额超过封顶线" in first.content.decode()
    second = client.post(at(county), {**typed, "cap_reason": "联席会议同意"})
    assert "标记个案会商" in second.content.decode()
    client.post(at(county), {**typed, "cap_reason": "联席会议同意", "confirm": "1"})
    assert now(county).is_above_cap


def test_somebody_who_was_slower_is_told_who_decided_and_keeps_the_words(signed_in, referral):
    first, second = cast.member("approver"), cast.member("second_approver")
    client = signed_in(second)
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(at(referral)).content.decode())[1]
    transitions.decide(referral_id=referral.pk, outcome="approved", amount=Decimal("1500"), by=first)
    response = client.post(at(referral), {**REFUSAL, "seen": seen, "confirm": "1"})
    text = response.content.decode()
    assert response.status_code == 422
    assert f"{first.label}已于2026-09-24 10:00作出决定" in text
    assert "人均收入高于标准。" in text
    assert now(referral).outcome == "approved"


def test_who_proposed_cannot_decide_and_reads_why(signed_in, reviewer, approver, second_approver, referral):
    transitions.propose(referral_id=referral.pk, proposal="改一下。", outcome="approved", by=approver)
    response = signed_in(approver).post(at(referral), {**APPROVAL, "confirm": "1"})
    assert response.status_code == 422
    assert "拟办人和审定人不能是同一人" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_reads_who():
    referral = now(ReferralFactory(deciding=True))
    moment, answers = house_clock.now(), {}
    barrier = threading.Barrier(2)

    def press(name: str) -> None:
        with house_clock.set_clock(moment):
            post = cast.member(name)
            client = cast.sign_in(Client(), post.staff, post)
            barrier.wait()
            answers[name] = client.post(at(referral), {**(APPROVAL if name == "approver" else REFUSAL), "confirm": "1"})
            connection.close()

    threads = [threading.Thread(target=press, args=[name]) for name in ("approver", "second_approver")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [302, 422]
    winner = next(name for name, answer in answers.items() if answer.status_code == 302)
    loser = next(answer for answer in answers.values() if answer.status_code == 422)
    assert cast.member(winner).label in loser.content.decode()
    assert Event.objects.about(referral).filter(verb="referral.decided").count() == 1


def test_what_looks_wrong_is_asked_about_before_it_is_final(client_of_approver, referral):
    text = client_of_approver.post(at(referral), {**APPROVAL, "amount": "1999", "start_on": "2099-01-01"}).content.decode()
    proposed = referral.walked.last().proposed_amount
    assert ("与批准金额不同" in text) == (proposed is not None)
    assert ("拟办意见没有写金额" in text) == (proposed is None)
    assert "起始日期在2099年，请核对年份。" in text
    refused = client_of_approver.post(at(referral), REFUSAL).content.decode()
    assert "拟办意见是“建议批准”，与这个决定不同。" in refused
    assert now(referral).status == "handling"


def test_a_decision_that_somebody_made_meanwhile_is_not_offered_again(client_of_approver, referral):
    seen = re.search(r'name="seen" value="([^"]*)"', client_of_approver.get(at(referral)).content.decode())[1]
    client_of_approver.post(at(referral), {**APPROVAL, "confirm": "1"})
    text = client_of_approver.post(at(referral), {**APPROVAL, "seen": seen, "confirm": "1"}).content.decode()
    assert "这一步已经不能再办" in text
    assert "请核对后再提交" not in text
