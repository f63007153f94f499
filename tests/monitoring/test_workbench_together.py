"""What is done on the workbench for several duties at once: each by its own verb, told row by row, and nothing of other units."""

import uuid

import pytest
from django.urls import reverse

from deadlines import transitions as duties
from deadlines.models import Duty, Notice
from referrals.transitions import clocks
from tests.deadlines import factories
from tests.referrals.acting import fresh, perform
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db
WORKBENCH = reverse("monitoring:workbench")


def url(verb):
    return reverse(f"monitoring:workbench_{verb}")


def duty_of(referral, kind):
    return Duty.objects.open().about(referral, kind).get()


def told(client, verb, rows, **also):
    """The sentences on the workbench afterwards."""
    page = client.post(url(verb), {"duties": [row.pk for row in rows], "tab": "waiting", **also}, follow=True)
    assert page.redirect_chain[-1][0] == f"{WORKBENCH}?tab=waiting"
    return [str(message) for message in page.context["messages"]]


def test_several_are_signed_for_and_what_does_not_fit_is_told(reviewer, signed_in):
    rows = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    other = factories.open_duty(reviewer)
    sentences = told(signed_in(reviewer), "receive", [*(duty_of(row, "receive") for row in rows), other])
    assert sentences == ["已签收2件。", f"没有签收：{other.title}：这一件不能签收，请打开后按页面提示办理。"]
    assert {fresh(row).status for row in rows} == {"received"}


def test_taking_a_referral_makes_one_its_handler_and_other_duties_are_taken_as_such(reviewer, signed_in):
    [row], other = referrals(programs=["MZ01"], dispatched=True), factories.open_duty(reviewer)
    client = signed_in(reviewer)
    assert told(client, "take", [duty_of(row, "receive"), other]) == ["已领办2件。"]
    assert (fresh(row).status, fresh(row).handler) == ("handling", reviewer)
    assert {duty.taken_by for duty in Duty.objects.open().filter(unit=reviewer.unit, is_promise=False)} == {reviewer}
    taken = client.get(WORKBENCH, {"tab": "taken"}).content.decode()
    assert fresh(row).get_absolute_url() in taken
    assert other.title in taken


def test_a_colleague_who_was_first_is_named(reviewer, approver, signed_in):
    first, second = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    ticked = [duty_of(first, "receive"), duty_of(second, "receive")]
    other = factories.open_duty(reviewer)
    perform("receive", first, approver)
    duties.take(duty_id=other.pk, by=approver)
    client = signed_in(reviewer)
    sentences = told(client, "receive", ticked)
    assert sentences[0] == "已签收1件。"
    assert first.number in sentences[1]
    assert f"{approver.label}已于" in told(client, "take", [other])[0]


def test_twice_is_told_and_changes_nothing(reviewer, signed_in):
    [row] = referrals(programs=["MZ01"], dispatched=True)
    ticked, client = duty_of(row, "receive"), signed_in(reviewer)
    told(client, "receive", [ticked])
    [sentence] = told(client, "receive", [ticked])
    assert sentence.startswith(f"没有签收：{row.number}")


def test_an_approver_gives_them_to_a_colleague(approver, reviewer, signed_in):
    [row] = referrals(programs=["MZ01"], dispatched=True)
    client = signed_in(approver)
    assert told(client, "assign", [duty_of(row, "receive")]) == ["请选择承办人。"]
    assert told(client, "assign", [duty_of(row, "receive")], handler=reviewer.pk) == ["已指派1件。"]
    assert fresh(row).handler == reviewer
    assert duty_of(row, "stage").taken_by == reviewer


def test_to_a_stranger_nothing_is_given(approver, neighbour_approver, signed_in):
    [row] = referrals(programs=["MZ01"], dispatched=True)
    assert told(signed_in(approver), "assign", [duty_of(row, "receive")], handler=neighbour_approver.pk) == ["请选择本单位的同事。"]
    assert fresh(row).status == "dispatched"


def test_the_window_reminds_of_what_it_promised(clerk, signed_in):
    row = ReferralFactory()
    client = signed_in(clerk)
    assert "催办勾选的" in client.get(WORKBENCH, {"tab": "promised"}).content.decode()
    assert told(client, "remind", [duty_of(row, clocks.PROMISE)]) == ["请写一句催办的话。"]
    assert told(client, "remind", [duty_of(row, clocks.PROMISE)], text="请尽快办理") == ["已催办1件。"]
    duties.drain()
    assert Notice.objects.filter(unit=fresh(row).unit, title__contains="催办").exists()
    assert "催办" in told(client, "remind", [duty_of(row, clocks.PROMISE)], text="再催一次")[0]
    # And what was refused stands in its field again, once
    assert 'value="再催一次"' in client.get(WORKBENCH, {"tab": "promised"}).content.decode()
    assert "再催一次" not in client.get(WORKBENCH, {"tab": "promised"}).content.decode()


@pytest.mark.parametrize("who", ["neighbour_clerk", "neighbour_officer", "platform"])
@pytest.mark.parametrize("verb", ["receive", "take"])
def test_of_other_units_nothing_is_done_or_said(reviewer, request, signed_in, who, verb):
    duty = factories.open_duty(reviewer)
    [sentence] = told(signed_in(request.getfixturevalue(who)), verb, [duty])
    assert duty.title not in sentence
    assert not Duty.objects.get(pk=duty.pk).taken_by


def test_made_up_ids_and_none(reviewer, signed_in):
    client = signed_in(reviewer)
    assert told(client, "take", []) == ["请先勾选要办理的事项。"]
    page = client.post(url("take"), {"duties": ["x", "1 OR 1"], "tab": "nowhere"}, follow=True)
    assert [str(message) for message in page.context["messages"]] == ["有一件没有找到，请刷新列表后再勾选。"]
    page = client.post(url("take"), {"duties": [uuid.uuid4()]}, follow=True)
    assert page.status_code == 200


def test_boxes_offer_what_applies(approver, reviewer, signed_in):
    [row] = referrals(programs=["MZ01"], dispatched=True)
    factories.closed(reviewer)
    text = {post: signed_in(post).get(WORKBENCH).content.decode() for post in (approver, reviewer)}
    assert 'data-verbs="receive assign take"' in text[approver]
    assert 'data-verbs="receive take"' in text[reviewer]
    assert "指派勾选的" not in text[reviewer]
    assert "data-verbs" not in signed_in(reviewer).get(WORKBENCH, {"tab": "closed"}).content.decode()
    assert row.title in text[reviewer]
