"""What a page showed is compared under the lock: who writes at this moment is waited for, and then told (STYLE habit 9)."""

import re
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from intake.models import Application
from referrals import transitions
from referrals.transitions.edges import ENDING, hold
from tests.racing import under_way
from tests.referrals.acting import fresh
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db(transaction=True)
REWRITTEN = "查明已领取商业赔付，建议不予批准。"


def rewriting(referral, by):
    return under_way(lambda: transitions.propose(referral_id=referral.pk, proposal=REWRITTEN, outcome="refused", by=by), until_awaited=True)


def seen_on(page):
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


def test_nobody_approves_over_the_api_what_is_being_rewritten(approver, reviewer, signed_in, clock):
    referral, client = ReferralFactory(deciding=True), signed_in(approver)
    url = f"/api/v1/referrals/{referral.pk}/"
    tag = client.get(url)["ETag"]
    said = {"outcome": "approved", "amount": "900", "opinion": "同意"}
    clock.forward(minutes=1)
    with rewriting(referral, reviewer):
        answer = client.post(f"{url}decide/", said, content_type="application/json", headers={"If-Match": tag})
    assert answer.status_code == 412
    assert "拟办（不予批准）" in answer.json()["detail"]
    assert (fresh(referral).status, fresh(referral).outcome) == ("handling", "")


def test_nobody_approves_on_the_page_what_is_being_rewritten(approver, reviewer, signed_in, clock):
    """What was typed comes back beside the new proposal; the form that comes back has seen it."""
    referral, client = ReferralFactory(deciding=True), signed_in(approver)
    url = reverse("referrals:referral_decide", args=[referral.pk])
    seen = seen_on(client.get(url).content.decode())
    said = {"outcome": "approved", "amount": "900", "start_on": "2026-10-01", "opinion": "同意给予", "confirm": "1", "once": str(uuid4())}
    clock.forward(minutes=1)
    with rewriting(referral, reviewer):
        answer = client.post(url, {**said, "seen": seen})
    text = answer.content.decode()
    assert answer.status_code == 422
    for shown in ("这件转办单已有变化", "您填写的内容都已保留，请核对后再提交。", "同意给予", REWRITTEN):
        assert shown in text
    assert (fresh(referral).status, fresh(referral).outcome) == ("handling", "")
    assert seen_on(text) != seen
    assert client.post(url, {**said, "seen": seen_on(text)}).status_code == 302
    assert fresh(referral).outcome == "approved"


def test_a_form_of_a_step_comes_back_too(reviewer, signed_in, clock):
    referral, client = ReferralFactory(in_hand=True), signed_in(reviewer)
    url = reverse("referrals:referral_propose", args=[referral.pk])
    seen = seen_on(client.get(url).content.decode())
    said = {"proposal": "核实无误，建议批准。", "outcome": "approved", "amount": "300", "once": str(uuid4())}
    clock.forward(minutes=1)
    with rewriting(referral, reviewer):
        answer = client.post(url, {**said, "seen": seen})
    text = answer.content.decode()
    assert answer.status_code == 422
    for shown in ("这件转办单已有变化", "核实无误，建议批准。"):
        assert shown in text
    assert referral.walked.get().proposal == REWRITTEN
    assert client.post(url, {**said, "seen": seen_on(text)}).status_code == 302
    assert referral.walked.get().proposal == "核实无误，建议批准。"


def test_a_button_does_nothing_and_says_who_was_first(reviewer, approver, signed_in):
    referral, client = ReferralFactory(), signed_in(reviewer)
    seen = seen_on(client.get(referral.get_absolute_url()).content.decode())
    sent = {"seen": seen, "once": str(uuid4())}
    with under_way(lambda: transitions.receive(referral_id=referral.pk, by=approver), until_awaited=True):
        answer = client.post(reverse("referrals:referral_take", args=[referral.pk]), sent, follow=True)
    [said] = [str(message) for message in answer.context["messages"]]
    assert "这件转办单已有变化" in said
    assert said.endswith("本次没有办理。")
    assert (fresh(referral).status, fresh(referral).handler) == ("received", None)


@pytest.mark.parametrize("verb", ["withdraw", "decide"])
def test_the_application_is_locked_first_where_it_may_end(verb):
    """The house's order: whoever looks first takes the locks in the order in which the verb takes them."""
    referral = ReferralFactory()
    with under_way(lambda: hold(referral, verb)):
        held = Application.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=referral.application_id)
        with transaction.atomic():
            assert held.exists() is (verb not in ENDING)
