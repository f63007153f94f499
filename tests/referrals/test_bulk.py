"""批量签收和分派: each by itself, and what was not done is told with its reason."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from audit.models import Event
from config.verbs import TransitionError
from referrals import transitions
from referrals.models import Referral
from tests.referrals.acting import fresh, perform
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db
LIST = reverse("referrals:referral_list")
RECEIVE, ASSIGN = reverse("referrals:referral_receive_many"), reverse("referrals:referral_assign_many")


def told(client, url, rows, **also):
    """The sentences on the list afterwards."""
    page = client.post(url, {"referrals": [row.pk for row in rows], "tab": "receive", **also}, follow=True)
    assert page.redirect_chain[-1][0].startswith(LIST)
    return [str(message) for message in page.context["messages"]]


def test_several_are_signed_for(reviewer, signed_in):
    rows = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    assert told(signed_in(reviewer), RECEIVE, rows) == ["已签收2件。"]
    assert {fresh(row).status for row in rows} == {"received"}
    assert Event.objects.filter(verb="referral.received").count() == 2
    assert {row.walked.get().received_by for row in rows} == {reviewer}


def test_what_somebody_signed_for_meanwhile_is_told_and_the_others_are_done(reviewer, approver, signed_in):
    first, second = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    perform("receive", first, approver)
    sentences = told(signed_in(reviewer), RECEIVE, [first, second])
    assert sentences[0] == "已签收1件。"
    assert re.match(rf"没有签收：{first.number}：.*签收", sentences[1])
    assert fresh(second).status == "received"


def test_of_another_township_nothing_is_said(reviewer, neighbour_clerk, signed_in):
    theirs = ReferralFactory(by=neighbour_clerk)
    [sentence] = told(signed_in(reviewer), RECEIVE, [theirs])
    assert theirs.number not in sentence
    assert fresh(theirs).status == "dispatched"


def test_whose_turn_it_is_not_may_not(clerk, signed_in):
    row = ReferralFactory()
    [sentence] = told(signed_in(clerk), RECEIVE, [row])
    assert sentence.startswith(f"没有签收：{row.number}")
    assert fresh(row).status == "dispatched"


def test_nothing_ticked_or_a_wrong_id(reviewer, signed_in):
    client = signed_in(reviewer)
    assert told(client, RECEIVE, []) == ["请先勾选要办理的转办单。"]
    page = client.post(RECEIVE, {"referrals": ["nonsense"]}, follow=True)
    assert page.status_code == 200
    assert not Event.objects.filter(verb="referral.received").exists()


def test_the_same_twice_is_done_once(reviewer, signed_in):
    row = ReferralFactory()
    assert told(signed_in(reviewer), RECEIVE, [row, row]) == ["已签收1件。"]


def test_several_are_given_to_a_colleague(approver, reviewer, signed_in):
    rows = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    assert told(signed_in(approver), ASSIGN, rows, handler=reviewer.pk) == [f"已分派给{reviewer.staff.name}2件。"]
    assert {(fresh(row).handler, fresh(row).responsible, fresh(row).status) for row in rows} == {(reviewer, approver, "handling")}


def test_only_an_approver_gives_and_only_to_the_own_unit(reviewer, approver, officer, signed_in):
    row = ReferralFactory()
    assert signed_in(reviewer).post(ASSIGN, {"referrals": [row.pk], "handler": reviewer.pk}).status_code == 403
    assert told(signed_in(approver), ASSIGN, [row]) == ["请选择承办人。"]
    assert told(signed_in(approver), ASSIGN, [row], handler=officer.pk) == ["请选择本单位的同事。"]
    assert fresh(row).status == "dispatched"


def test_the_list_offers_what_the_posts_may(reviewer, approver, platform, signed_in):
    ReferralFactory()
    page = signed_in(reviewer).get(LIST, {"tab": "receive"}).content.decode()
    assert "签收勾选的" in page
    assert "分派勾选的" not in page
    assert "分派勾选的" in signed_in(approver).get(LIST, {"tab": "receive"}).content.decode()
    watching = signed_in(platform).get(LIST, {"tab": "receive"}).content.decode()
    assert "签收勾选的" not in watching
    assert "催办勾选的" in watching


@pytest.mark.parametrize("refusal", [TransitionError, ValidationError])
def test_one_that_breaks_leaves_the_others(reviewer, signed_in, monkeypatch, refusal):
    """Each in its own savepoint: what is refused halfway leaves nothing of itself."""
    first, second = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    receive = transitions.receive

    def refuses_late(*, referral_id, by):
        row = receive(referral_id=referral_id, by=by)
        if row.pk == first.pk:
            raise refusal("后来才发现不行。")
        return row

    monkeypatch.setattr(transitions, "receive", refuses_late)
    sentences = told(signed_in(reviewer), RECEIVE, [first, second])
    assert sentences == ["已签收1件。", f"没有签收：{first.number}：后来才发现不行。"]
    assert [row.status for row in Referral.objects.order_by("number")].count("dispatched") == 1
