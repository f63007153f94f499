"""A date counted into a year that nobody has entered says so wherever it stands (RULES C1): pages, lists, papers, the public answer."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from deadlines.lamps import TENTATIVE
from deadlines.models import Duty
from intake.issuing import promised_day
from referrals import slips
from referrals.progress import progress_of
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_everywhere_it_stands(clock, reviewer, clerk, signed_in):
    clock.set(datetime(2026, 12, 18, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    referral = ReferralFactory(program="MZ01", in_hand=True)
    assert set(Duty.objects.open().about(referral).values_list("falls_back", flat=True)) == {True}
    client = signed_in(reviewer)
    inbox = client.get(reverse("referrals:referral_list"), {"tab": "stage"}).content.decode()
    assert inbox.count(TENTATIVE) == 2, "the lamp of the stage, and the date promised"
    assert client.get(referral.get_absolute_url()).content.decode().count(TENTATIVE) == 2
    assert "2027年工作日历未导入" in client.get(reverse("referrals:referral_why", args=[referral.pk, "promise"])).content.decode()
    assert signed_in(clerk).get(reverse("referrals:case_detail", args=[referral.application_id])).content.decode().count(TENTATIVE) == 2
    [(_, _, slip)] = slips.slips([referral.pk], [reviewer])
    assert sum(text.endswith(TENTATIVE) for _, text in slip.terms) == 2
    assert "日期为暂定" in progress_of(referral.application).matters[0].note
    assert promised_day(referral.track, referral.accepted_at)[1] is True


def test_a_date_within_entered_years_says_nothing(reviewer, signed_in):
    referral = ReferralFactory(in_hand=True)
    assert TENTATIVE not in signed_in(reviewer).get(referral.get_absolute_url()).content.decode()
