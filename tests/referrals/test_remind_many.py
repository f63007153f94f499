"""催办 and printing of several: a notice each, once a day; a slip each, with its line in the record."""

from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from config.verbs import AlreadyHandled, TransitionError
from referrals import transitions
from tests import cast
from tests.referrals.acting import events, fresh, notices, perform, the_event
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db
REMIND, PRINT = reverse("referrals:referral_remind_many"), reverse("referrals:referral_print_many")
LIST = reverse("referrals:referral_list")
NIL = UUID(int=0)


def told(page):
    return [str(message) for message in page.context["messages"]]


def test_the_platform_reminds_several_once_a_day(clock, platform, reviewer, signed_in):
    rows = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    client = signed_in(platform)
    assert "催办勾选的" in client.get(LIST).content.decode()
    said = {"referrals": [row.pk for row in rows], "text": "请今天签收。"}
    assert told(client.post(REMIND, said, follow=True)) == ["已催办2件。"]
    [notice] = notices(rows[0], "referral.reminded")
    assert (notice.unit_id, "请今天签收。" in notice.body) == (rows[0].unit_id, True)
    line = the_event("referral.reminded", rows[0])
    assert (line.note, line.new) == ("请今天签收。", rows[0].unit.short_name)
    again = told(client.post(REMIND, said, follow=True))
    assert len(again) == 2
    assert "今天已经催办过" in again[0]
    clock.forward(days=1)
    transitions.remind(referral_id=rows[0].pk, text="仍未签收，请尽快。", by=platform)
    assert len(events("referral.reminded", rows[0])) == 2
    assert fresh(rows[0]).status == "dispatched"


def test_words_that_were_refused_come_back_once(platform, signed_in):
    row = ReferralFactory(dispatched=True)
    client = signed_in(platform)
    for ticked in ({}, {"referrals": [NIL]}, {"referrals": [UUID(int=n) for n in range(1, 202)]}):
        page = client.post(REMIND, {**ticked, "text": "请今天签收。"}, follow=True, headers={"referer": f"http://testserver{LIST}"})
        assert 'value="请今天签收。"' in page.content.decode()
        assert "请今天签收" not in client.get(LIST).content.decode()
    page = client.post(REMIND, {"referrals": [row.pk], "text": "请今天签收。"}, follow=True)
    assert told(page) == ["已催办1件。"]
    assert "请今天签收" not in page.content.decode()


def test_words_that_wait_in_the_session_are_sealed(platform, signed_in):
    client = signed_in(platform)
    client.post(REMIND, {"text": "请今天签收。"})
    assert client.session["words_back"]
    assert "签收" not in str(dict(client.session.items()).get("words_back"))


def test_the_window_reminds_what_it_sent_out_and_sees_whose_turn_it_is(clerk, reviewer, signed_in):
    row = ReferralFactory(dispatched=True)
    page = signed_in(clerk).get(LIST, {"tab": "away"}).content.decode()
    assert row.number in page
    assert row.unit.short_name in page
    assert told(signed_in(clerk).post(REMIND, {"referrals": [row.pk], "text": ""}, follow=True)) == ["请写一句催办的话。"]
    with pytest.raises(PermissionDenied):
        transitions.remind(referral_id=row.pk, text="快", by=reviewer)
    with pytest.raises(Http404):
        transitions.remind(referral_id=row.pk, text="快", by=cast.member("neighbour_clerk"))
    transitions.remind(referral_id=row.pk, text="请尽快。", by=clerk)
    with pytest.raises(AlreadyHandled, match="今天已经催办过"):
        transitions.remind(referral_id=row.pk, text="请尽快。", by=cast.member("platform"))
    perform("withdraw", row)
    with pytest.raises(AlreadyHandled, match="不能再催办"):
        transitions.remind(referral_id=row.pk, text="请尽快。", by=clerk)


def test_ones_own_unit_is_not_reminded(clerk):
    row = ReferralFactory(returned=True)
    with pytest.raises(TransitionError, match="本单位办理"):
        transitions.remind(referral_id=row.pk, text="请尽快。", by=clerk)


def test_several_on_paper(approver, signed_in):
    row = ReferralFactory(approved=True)
    page = signed_in(approver).post(PRINT, {"referrals": [row.pk], "tab": "feedback"})
    body = page.content.decode()
    assert page.status_code == 200
    assert row.number in body
    assert row.applicant.name in body
    assert "拟按标准救助" in body
    the_event("referral.printed", row)
    assert told(signed_in(approver).post(PRINT, {}, follow=True)) == ["请先勾选要办理的转办单。"]
