"""Who leaves a family is still reached by its aid until the township adjusts it: which is told so, and so is the window asked anew."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from households.models import Coverage, Household
from intake import duplicates
from intake import transitions as intake
from programs.models import Program
from referrals import transitions
from referrals.models import ChangeReport, Referral
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.intake.factories import ApplicationFactory
from tests.intake.factories import add as ask
from tests.referrals.changing import SINCE, aid, decided, opened

from .registering import confirmed, done, leaving, neighbour, proposed

pytestmark = pytest.mark.django_db


def left() -> tuple[Household, Household]:
    """A family of three on 低保, whose wife and daughter were split off; and theirs."""
    home = HouseholdFactory()
    aid(household=home)
    return home, done(home, "split", members=leaving(home, _10="02", _30="30")).target


def waiting() -> list[ChangeReport]:
    keys = Duty.objects.open().filter(kind="report_follow").values_list("subject_id", flat=True)
    return list(ChangeReport.objects.filter(pk__in=list(keys)).order_by("resident__birth_on"))


def refusal(code: str, **whom: object) -> str:
    return duplicates.refusal(program=Program.objects.get(pk=code), on=house_clock.today(), **{"household": None, "resident": None, **whom})


# ── at the window ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_leavers_are_told_at_the_window_and_not_by_the_approver(clerk):
    home, theirs = left()
    application = ApplicationFactory(drafted=True, household=theirs)
    with pytest.raises(TransitionError, match=f"户编号{home.number}.*先由忠州街道窗口.*调整") as refused:
        ask(application, "MZ01")
    names = [row.resident.name for row in theirs.memberships.open().select_related("resident")]
    assert not [name for name in names if name in str(refused.value)]
    assert "虚*" in str(refused.value)
    assert refusal("MZ02", household=theirs) == ""


def test_a_draft_of_before_the_split_is_not_handed_in(clerk):
    home = HouseholdFactory()
    record = aid(household=home)
    other = HouseholdFactory(alone=True)
    application = ApplicationFactory(drafted=True, household=other)
    ask(application, "MZ01")
    wife = home.memberships.get(relation="10").resident
    done(home, "transfer", target_number=other.number, members={wife.pk: "10"})
    with pytest.raises(TransitionError, match="仍随忠州街道的另一户"):
        intake.submit(application_id=application.pk, by=clerk)
    assert record.coverage.filter(resident=wife, until=None).exists()


def test_another_townships_household_is_not_named():
    home = HouseholdFactory(in_neighbour=True)
    factories.assistance(home, since=SINCE)
    wife = home.memberships.get(relation="10").resident
    change = proposed(home, "split", members={wife.pk: "02"}, region=factories.place(), by=cast.member("neighbour_clerk"))
    theirs = confirmed(change, by=cast.member("clerk")).target
    with pytest.raises(TransitionError, match="白公街道的另一户享受") as refused:
        ask(ApplicationFactory(drafted=True, household=theirs), "MZ01")
    assert home.number not in str(refused.value)


def test_what_ends_with_the_month_or_is_of_somebody_not_counted_holds_nobody_up():
    _, theirs = left()
    assert "仍随" in refusal("MZ01", household=theirs)
    Coverage.objects.filter(resident__memberships__household=theirs).update(until=date(2026, 9, 30))
    assert refusal("MZ01", household=theirs) == ""
    Coverage.objects.update(until=None)
    assert "仍随" in refusal("MZ01", household=theirs)
    theirs.memberships.update(is_counted=False)
    assert refusal("MZ01", household=theirs) == ""


# ── the township that gives it ──────────────────────────────────────────────────────────────────────────────────────


def test_the_township_has_the_duty_to_adjust_for_each_who_left(clerk, second_clerk):
    home, theirs = left()
    reports = waiting()
    assert {row.resident_id for row in reports} == set(theirs.memberships.values_list("resident_id", flat=True))
    for report in reports:
        assert (report.household, report.kind, report.status) == (home, "moved", "confirmed")
        assert (report.reported_by, report.answered_by) == (clerk, second_clerk)
        duty = Duty.objects.open().about(report).get()
        assert (duty.kind, duty.unit, duty.until) == ("report_follow", clerk.unit, date(2026, 9, 30))
        assert report.resident.name not in f"{duty.title}{report.text}"
    assert Notice.objects.filter(kind="change_report.left", unit=clerk.unit).count() == 2
    assert Event.objects.filter(verb="change_report.confirmed", household_id=home.pk).count() == 2


def test_it_closes_with_the_adjustment(clock):
    home, theirs = left()
    record, (wife, girl) = home.records.get(), waiting()
    decided(opened("adjust", record, leaver=wife.resident, report=wife), until="decided", amount=Decimal(800))
    assert waiting() == [girl]
    # One that was opened from the page of the aid, and not from the report, does as well.
    record = home.records.order_by("-since").first()
    decided(opened("adjust", record, leaver=girl.resident, from_month=date(2026, 11, 1)), until="decided", amount=Decimal(400))
    assert waiting() == []
    assert Notice.objects.filter(kind="change_report.settled").count() == 2
    assert "仍随" in refusal("MZ01", household=theirs)  # the girl, in October
    clock.forward(days=14)
    assert refusal("MZ01", household=theirs) == ""


def test_other_aid_of_the_household_keeps_it_open():
    home = HouseholdFactory()
    record, other = aid(household=home), aid("CG01", household=home)
    assert other.coverage.count() == 3
    done(home, "split", members=leaving(home, _30="02"))
    [report] = waiting()
    decided(opened("adjust", record, leaver=report.resident, report=report), until="decided", amount=Decimal(800))
    assert waiting() == [report]


def test_or_with_words_that_nothing_is_to_be_adjusted(clerk):
    left()
    reports = waiting()
    transitions.close_report(report_id=reports[0].pk, note="救助已由名册停止，不用调整。", by=clerk)
    assert waiting() == reports[1:]
    with pytest.raises(AlreadyHandled):
        transitions.close_report(report_id=reports[0].pk, note="不用调整。", by=clerk)


def test_the_township_of_the_aid_can_name_who_lives_elsewhere_by_now(signed_in, clerk):
    home = HouseholdFactory()
    record = aid(household=home)
    change = proposed(home, "split", members=leaving(home, _10="02"), region=neighbour())
    confirmed(change, by=cast.member("neighbour_clerk"))
    [report] = waiting()
    assert Duty.objects.open().about(report).get().unit == clerk.unit
    client = signed_in(clerk)
    page = client.get(report.get_absolute_url()).content.decode()
    address = f"{reverse('referrals:record_change', args=[record.pk])}?report={report.pk}"
    assert address in page
    page = client.get(address).content.decode()
    assert f'<option value="{report.resident_id}" selected>' in page
    said = {
        "kind": "adjust", "reason_code": "moved", "reason": "已分户。", "from_month": "2026-10", "amount": "700", "origin": "office",
        "leaver": str(report.resident_id),
    }  # fmt: skip
    assert client.post(address, said).status_code == 302
    referral = Referral.objects.get()
    assert (referral.change.leaver, referral.change.report) == (report.resident, report)


def test_without_aid_that_reaches_them_nobody_is_told():
    home, other = HouseholdFactory(), HouseholdFactory()
    aid(household=other)
    done(home, "split", members=leaving(home, _10="02"))
    assert not ChangeReport.objects.exists()


def test_who_goes_on_or_comes_back_is_told_of_once():
    home, theirs = left()
    done(theirs, "split", members=leaving(theirs, _30="02"))
    assert len(waiting()) == 2
    last = HouseholdFactory(alone=True)
    done(home, "merge", target_number=last.number, members=leaving(home, _02="70"))  # its aid and reports go over
    again = Household.objects.get(memberships__resident=waiting()[0].resident, memberships__until=None)
    other = HouseholdFactory()
    done(other, "transfer", target_number=again.number, members=leaving(other, _30="97"))
    assert ChangeReport.objects.count() == 2
    assert {report.household for report in waiting()} == {last}
