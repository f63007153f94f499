"""反馈: the unit that decided tells the window (ZX-32); it stands in the window's bell with the same commit."""

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from deadlines import transitions as clocks
from deadlines.models import Notice, OutboxMessage
from tests import cast
from tests.households.factories import id_number
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_result_goes_to_the_window(reviewer, clerk):
    referral = start("feed_back")
    perform("feed_back", referral)
    row = fresh(referral)
    assert (row.status, row.unit, row.feedback) == ("fed_back", clerk.unit, "批准1500元，三日内发放到一卡通。")
    assert (row.fed_back_at, row.fed_back_by) == (house_clock.now(), reviewer)
    assert the_event("referral.fed_back", referral).note == row.feedback


def test_it_rings_the_windows_bell_once_delivered(clerk):
    referral = start("feed_back")
    perform("feed_back", referral)
    [notice] = notices(referral, "referral.fed_back")
    assert (notice.unit, notice.url, notice.delivered_at) == (clerk.unit, referral.get_absolute_url(), None)
    assert OutboxMessage.objects.filter(kind="referral.fed_back", payload__notice=str(notice.pk), delivered_at=None).count() == 1
    clocks.drain()
    assert notice in Notice.objects.visible_to(clerk).unread()


def test_window_owes_the_telling(clerk):
    referral = start("feed_back")
    perform("feed_back", referral)
    assert duties(referral, "feedback")[0].outcome == "done"
    [tell] = duties(referral, "tell")
    assert (tell.unit, tell.limit) == (clerk.unit, 3)
    assert open_kinds(referral) == {"tell"}


def test_only_the_unit_that_decided():
    refuse_outsiders("feed_back", start("feed_back"), "clerk", "platform_approver")


def test_county_feeds_back_past_the_township(civil_officer, reviewer):
    referral = ReferralFactory(program="MZ01", approved=True)
    with pytest.raises(Exception, match="您的岗位不能做这一步"):
        perform("feed_back", referral, reviewer)
    perform("feed_back", referral, civil_officer)
    assert fresh(referral).fed_back_by == civil_officer


@pytest.mark.parametrize(("text", "sentence"), [(" ", "请填写反馈内容"), ("长" * 501, "最多填写500个字")])
def test_words_are_needed(text, sentence):
    with pytest.raises(TransitionError, match=sentence):
        perform("feed_back", start("feed_back"), text=text)


def test_no_number_of_a_person():
    with pytest.raises(TransitionError, match="不要写证件号码"):
        perform("feed_back", start("feed_back"), text=f"{id_number()}已批准")


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "feed_back", start("feed_back"))


def test_any_clerk_may_read_the_bell(second_clerk):
    referral = start("feed_back")
    perform("feed_back", referral)
    clocks.drain()
    assert Notice.objects.visible_to(second_clerk).filter(kind="referral.fed_back").exists()
    assert not Notice.objects.visible_to(cast.member("reviewer")).filter(kind="referral.fed_back").exists()
