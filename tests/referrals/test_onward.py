"""What the sender of a request reads of the items that came of it: where each is, never what was decided or how much (TZ-25)."""

import pytest
from django.urls import reverse

from intake.models import Application
from programs.models import Program
from referrals.onward import matters
from tests import cast
from tests.intake.factories import RequestFactory
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent():
    """An application made of a village's request, its one item decided with an amount."""
    referral = ReferralFactory(decided=True)
    request = RequestFactory(accepted=True)
    Application.objects.filter(pk=request.application.pk).update(request=None)
    Application.objects.filter(pk=referral.application_id).update(request=request)
    return request, referral


def test_the_village_reads_where_it_is_on_the_request_and_on_its_own_page(assistant, sent, signed_in):
    request, referral = sent
    [matter] = matters(assistant, [referral.application])[referral.application_id]
    assert (matter.label, matter.where) == (referral.program.seed_name, "已作出决定，正在反馈受理窗口")
    client = signed_in(assistant)
    for url in (request.get_absolute_url(), reverse("intake:village")):
        page = client.get(url).content.decode()
        assert "已作出决定" in page
        for canary in (f"{referral.amount:.0f}", "批准", "income"):
            assert canary not in page, (url, canary)


def test_a_sensitive_program_is_not_there_and_a_department_reads_others_by_number(assistant, sent):
    _, referral = sent
    other, own = cast.member("officer"), cast.member("civil_officer")
    asked = [referral.application]
    assert matters(other, asked)[referral.application_id][0].label == "第1项"
    assert matters(own, asked)[referral.application_id][0].label == referral.program.seed_name
    Program.objects.filter(pk=referral.program_id).update(is_sensitive=True)
    for post in (assistant, other, own):
        assert not matters(post, asked)
