"""批量批准: each by itself as proposed, by another person, of programs without verification; never a refusal."""

from decimal import Decimal

import pytest
from django.urls import reverse

from audit.models import Event
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.referrals.acting import fresh
from tests.referrals.factories import ReferralFactory, approver_of, handler_of

pytestmark = pytest.mark.django_db
URL = reverse("referrals:referral_approve_many")
PROGRAM = "MZ02"


def deciding(code=PROGRAM, amount=Decimal("600"), outcome="approved"):
    """In hand at the deciding stage, proposed with an amount."""
    row = ReferralFactory(program=code, deciding_in_hand=True)
    transitions.propose(referral_id=row.pk, proposal="材料齐全，建议批准。", outcome=outcome, amount=amount, by=handler_of(row.unit))
    return fresh(row)


def preview(client, *rows):
    return client.post(URL, {"referrals": [row.pk for row in rows], "tab": "stage"})


def confirm(client, page, **also):
    lines = page.context["lines"]
    shown = {f"shown_{line.referral.pk}": line.state for line in lines}
    return client.post(URL, {"referrals": [line.referral.pk for line in lines], "confirm": "1", **shown, **also}, follow=True)


def told(page):
    return [str(message) for message in page.context["messages"]]


def test_shown_first_and_then_each_is_approved_as_proposed(signed_in):
    first = deciding()
    second = deciding(amount=Decimal("800"))
    verified = ReferralFactory(program="MZ01", deciding=True)
    approver = approver_of(first.unit)
    client = signed_in(approver)
    page = preview(client, first, second, verified)
    body = page.content.decode()
    assert page.status_code == 200
    assert [(line.referral, line.amount) for line in page.context["lines"]] == [(first, Decimal("600")), (second, Decimal("800"))]
    assert "逐件审定" in body
    assert fresh(first).status == "handling", "nothing is done by looking"
    assert told(confirm(client, page)) == [f"已批准2件：{first.number}、{second.number}。"]
    assert [(fresh(row).outcome, fresh(row).amount, fresh(row).decided_by) for row in (first, second)] == [
        ("approved", Decimal("600"), approver), ("approved", Decimal("800"), approver),
    ]  # fmt: skip
    assert Event.objects.filter(verb="referral.decided", note__contains="批量").count() == 2
    assert fresh(verified).status == "handling"
    again = confirm(client, page)
    assert len(told(again)) == 2
    assert "决定" in told(again)[0], "a second time each is told who decided"


def test_four_eyes_refusals_and_missing_amounts_stay_outside(signed_in):
    own = ReferralFactory(program=PROGRAM, deciding_in_hand=True)
    approver = approver_of(own.unit)
    transitions.propose(referral_id=own.pk, proposal="建议批准。", outcome="approved", amount=Decimal("100"), by=approver)
    refused, without = deciding(outcome="refused", amount=None), deciding(amount=None)
    client = signed_in(approver)
    page = preview(client, own, refused, without)
    assert page.context["lines"] == []
    assert ["不能是同一人" in line.why_not or "拟办意见" in line.why_not for line in page.context["left"]] == [True] * 3
    shown = {f"shown_{row.pk}": "" for row in (own, refused, without)}
    forced = client.post(URL, {"referrals": [row.pk for row in (own, refused, without)], "confirm": "1", **shown}, follow=True)
    assert len(told(forced)) == 3
    assert not Referral.objects.exclude(outcome="").exists()


def test_a_proposal_changed_meanwhile_is_looked_at_again(clock, signed_in):
    first = deciding()
    second = deciding()
    client = signed_in(approver_of(first.unit))
    page = preview(client, first, second)
    clock.forward(minutes=1)
    transitions.propose(referral_id=first.pk, proposal="再核。", outcome="approved", amount=Decimal("900"), by=handler_of(first.unit))
    sentences = told(confirm(client, page))
    assert sentences[0] == f"已批准1件：{second.number}。"
    assert "又有改动" in sentences[1]
    assert fresh(first).status == "handling"


def test_goods_and_services_are_approved_in_words(signed_in):
    row = ReferralFactory(program="CL04", deciding=True)
    client = signed_in(approver_of(row.unit))
    page = preview(client, row)
    assert page.context["asks_words"]
    blank = client.post(URL, {"referrals": [row.pk], "confirm": "1", f"shown_{row.pk}": page.context["lines"][0].state})
    assert blank.status_code == 422
    assert told(confirm(client, page, in_kind="轮椅一辆")) == [f"已批准1件：{row.number}。"]
    assert fresh(row).in_kind == "轮椅一辆"


def test_only_approvers_only_some_and_only_their_own(signed_in):
    row = deciding()
    handler, stranger = handler_of(row.unit), cast.member("neighbour_approver")
    assert signed_in(handler).post(URL, {"referrals": [row.pk]}).status_code == 403
    page = preview(signed_in(stranger), row)
    assert (page.context["lines"], page.context["missing"]) == ([], 1)
    assert told(signed_in(approver_of(row.unit)).post(URL, {}, follow=True)) == ["请先勾选要批准的转办单。"]
