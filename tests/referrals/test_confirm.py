"""确认: the applicant has been told (XX-21 件件有回音); with the last referral the application closes."""

from datetime import timedelta

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from households.models import Access, Household
from intake.models import Application
from organization.figures import figure
from programs.models import ProgramVersion
from tests import cast
from tests.referrals.acting import fresh, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db


def test_how_and_by_whom_the_applicant_was_told(clerk):
    referral = start("confirm")
    perform("confirm", referral)
    row = fresh(referral)
    assert (row.status, row.told_how, row.told_note) == ("confirmed", "in_person", "本人到窗口")
    assert (row.confirmed_at, row.confirmed_by) == (house_clock.now(), clerk)
    event = the_event("referral.confirmed", referral)
    assert (event.new, event.note) == ("当面告知", "本人到窗口")
    assert open_kinds(referral) == set()


def test_last_one_closes_the_application():
    referral = start("confirm")
    perform("confirm", referral)
    assert Application.objects.get(pk=referral.application_id).status == "closed"


def test_one_of_several_does_not():
    first, second = referrals(["MZ04", "MZ01"], fed_back=True)
    perform("confirm", first)
    assert Application.objects.get(pk=first.application_id).status == "in_progress"
    perform("confirm", second)
    assert Application.objects.get(pk=first.application_id).status == "closed"


def test_waiting_item_keeps_it_open():
    first, second = referrals(["MZ04", "MZ01"], fed_back=True)
    item = second.item
    perform("confirm", second)
    version = ProgramVersion.objects.exclude(open_months=[]).filter(published_at__isnull=False).first()
    item.pk, item.program, item.version, item.track = None, version.program, version, version.main_track
    item._state.adding = True
    item.save()
    perform("confirm", first)
    assert Application.objects.get(pk=first.application_id).status == "in_progress"


def test_department_may_look_for_some_days_more(civil_officer, clock):
    referral = ReferralFactory(program="MZ01", fed_back=True)
    perform("confirm", referral)
    access = Access.objects.about(referral).get()
    assert access.until == house_clock.today() + timedelta(days=figure("access_after_close"))
    known = Household.objects.filter(pk=referral.case_household_id)
    assert (known & Household.objects.visible_to(civil_officer)).exists()
    clock.forward(days=figure("access_after_close") + 1)
    assert not (known & Household.objects.visible_to(civil_officer)).exists()


def test_only_the_window():
    refuse_outsiders("confirm", start("confirm"), "reviewer", "approver", "platform_approver")


def test_how_must_be_said():
    referral = start("confirm")
    with pytest.raises(TransitionError, match="请选择以什么方式告知了申请人"):
        perform("confirm", referral, told_how="")
    assert fresh(referral).status == "fed_back"


def test_refused_ones_are_told_as_well():
    referral = ReferralFactory(fed_back=True, outcome="refused")
    perform("confirm", referral, cast.member("second_clerk"), told_how="delivered")
    assert fresh(referral).status == "confirmed"


def test_without_its_line_nothing_happens(monkeypatch):
    referral = start("confirm")
    refuse_without_its_line(monkeypatch, "confirm", referral)
    assert Application.objects.get(pk=referral.application_id).status == "in_progress"
