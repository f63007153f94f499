"""A sensitive item of others: the county platform says why before it reads, and reads for some minutes (DESIGN 2, SECURITY D12)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config.verbs import TransitionError
from referrals import transitions
from referrals.models import Referral
from tests.households.factories import id_number
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sensitive(db) -> Referral:
    return ReferralFactory(program="MZ09", dispatched=True)


def why(referral: Referral) -> str:
    return reverse("referrals:referral_look_into", args=[referral.pk])


def test_the_platform_says_why_and_reads_for_some_minutes(signed_in, platform, sensitive, clock):
    client, address = signed_in(platform), sensitive.get_absolute_url()
    assert client.get(address).url == why(sensitive)
    asked = client.get(why(sensitive)).content.decode()
    assert sensitive.number in asked
    assert sensitive.program.seed_name not in asked
    assert sensitive.application.applicant.name not in asked
    assert client.post(why(sensitive), {"reason": "核对超期原因"}).url == address
    event = Event.objects.about(sensitive).get(verb="referral.looked_into")
    assert (event.by, event.note) == (platform.staff, "核对超期原因")
    assert client.get(address).status_code == 200
    clock.forward(minutes=5)
    assert client.get(address).url == why(sensitive)


def test_a_colleague_says_it_again(signed_in, platform, platform_approver, sensitive):
    transitions.look_into(referral_id=sensitive.pk, reason="核对超期原因", by=platform)
    assert signed_in(platform_approver).get(sensitive.get_absolute_url()).url == why(sensitive)
    assert signed_in(platform_approver).get(reverse("referrals:referral_why", args=[sensitive.pk, "promise"])).status_code == 404


def test_units_on_its_way_open_it_as_ever(signed_in, clerk, reviewer, sensitive):
    assert [signed_in(post).get(sensitive.get_absolute_url()).status_code for post in (clerk, reviewer)] == [200, 200]


@pytest.mark.parametrize("reason", ["", "  ", "核对证件{}"])
def test_the_reason_is_required_and_names_no_number(signed_in, platform, sensitive, reason):
    said = reason.format(id_number())
    with pytest.raises(TransitionError):
        transitions.look_into(referral_id=sensitive.pk, reason=said, by=platform)
    response = signed_in(platform).post(why(sensitive), {"reason": said})
    assert response.status_code == 422
    assert not Event.objects.filter(verb="referral.looked_into").exists()


def test_nobody_else_says_why(sensitive, reviewer, neighbour_clerk, platform):
    with pytest.raises(PermissionDenied):
        transitions.look_into(referral_id=sensitive.pk, reason="想看看", by=reviewer)
    with pytest.raises(Http404):
        transitions.look_into(referral_id=sensitive.pk, reason="想看看", by=neighbour_clerk)
    type(sensitive.program).objects.filter(pk=sensitive.program_id).update(is_sensitive=False)
    with pytest.raises(PermissionDenied):
        transitions.look_into(referral_id=sensitive.pk, reason="不必", by=platform)
