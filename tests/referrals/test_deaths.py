"""After a death somebody has a duty until the last regular aid has ended (C-19): what is blocked, sensitive, held or unreported."""

import re
from contextlib import suppress
from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from households.models import AssistanceRecord, Household
from households.transitions import note_death, revise_resident
from organization.models import Post, Unit
from referrals import transitions
from referrals.models import ChangeReport, Referral
from referrals.reported import ReportPage
from tests import cast
from tests.households import factories as households
from tests.referrals.acting import fresh
from tests.referrals.changing import SINCE, aid, decided, opened
from tests.referrals.factories import ReferralFactory, approver_of
from tests.referrals.test_change_report import DIED, confirmed, reported

pytestmark = pytest.mark.django_db
LOCKS = ["referrals_referral", "households_household", "referrals_changereport", "households_assistancerecord"]


def stop(record, by):
    return transitions.stop_after_death(record_id=record.pk, by=by)


def duties(subject):
    return {duty.kind: duty.unit for duty in Duty.objects.open().about(subject)}


def test_what_another_change_blocks_stays_with_the_window_until_it_is_stopped(signed_in, clerk):
    record = aid()
    hold = opened("hold", record)
    report = confirmed(reported(record.household))
    duty = Duty.objects.open().about(report).get()
    assert (duty.kind, duty.unit, duty.until) == ("death", clerk.unit, date(2026, 9, 30))
    assert record.program.seed_name in duty.title
    assert report.resident.name not in duty.title
    [left] = ReportPage(report, clerk).left
    assert (hold.number in left.state, left.stop_url) == (True, "")
    with pytest.raises(TransitionError, match=f"转办单{hold.number}"):
        stop(record, clerk)
    with pytest.raises(Http404):
        stop(record, cast.member("neighbour_clerk"))

    decided(hold, outcome="refused")
    [left] = ReportPage(report, clerk).left
    client = signed_in(clerk)
    assert all(words in client.get(report.get_absolute_url()).content.decode() for words in (left.stop_url, "因死亡提出调整"))
    assert client.post(left.stop_url).url == report.get_absolute_url()
    change = Referral.objects.get(change__report=report)
    assert (change.purpose, change.change.leaver_id, change.change.from_month) == ("change", report.resident_id, date(2026, 10, 1))
    with pytest.raises(AlreadyHandled, match=change.number):
        stop(record, clerk)

    decided(change, outcome="refused")  # not taken out: it is still the window's
    assert duties(report) == {"death": clerk.unit}
    decided(Referral.objects.get(pk=stop(record, clerk).pk), until="decided", amount=400)
    assert duties(report) == {}
    assert Notice.objects.get(kind="change_report.settled").unit == report.reported_by.unit


def test_sensitive_aid_is_the_duty_of_who_decides_it(signed_in, clerk, civil_officer, approver):
    household = households.HouseholdFactory()
    person = households.head_of(household)
    record = households.assistance(person, "MZ09", since=SINCE)
    report = confirmed(reported(household))
    own = Referral.objects.get(record=record)
    assert (own.purpose, duties(record)) == ("stop", {})  # on its way: its units have it
    [left] = ReportPage(report, clerk).left
    assert (left.text, left.url) == ("敏感项目", "")
    assert record.program.seed_name not in Duty.objects.open().about(report).get().title

    with pytest.raises(Http404):
        stop(record, civil_officer)  # not let in yet
    transitions.terminate(referral_id=own.pk, reason="重复提出。", by=approver)
    assert duties(record) == {"death_stop": civil_officer.unit}
    assert duties(report) == {"death": clerk.unit}
    duty = Duty.objects.open().about(record).get()
    assert not {person.name, record.program.seed_name} & set(duty.title.split())
    with pytest.raises(Http404):
        stop(record, clerk)  # the township is not told of it
    client = signed_in(civil_officer)
    assert "因死亡提出停止" in client.get(duty.url).content.decode()
    again = Referral.objects.get(pk=client.post(f"{duty.url}stop-after-death/").url.rstrip("/").rsplit("/", 1)[1])
    assert (again.purpose, again.accepted_by, duties(record)) == ("stop", civil_officer, {"death_stop": civil_officer.unit})
    decided(again, until="decided")
    assert (duties(record), duties(report)) == ({}, {})


def test_a_held_record_of_the_dead_is_stopped_and_never_resumed():
    household = households.HouseholdFactory()
    person = households.head_of(household)
    record = households.assistance(person, "MZ02", since=SINCE)
    decided(opened("hold", record))
    note_death(resident=person, on=DIED, source="窗口", by=cast.member("clerk"))
    with pytest.raises(TransitionError, match="已登记死亡，不能恢复，请办理停止"):
        opened("resume", record, from_month=date(2026, 12, 1))
    decided(Referral.objects.get(pk=stop(record, cast.member("clerk")).pk), until="decided")
    assert AssistanceRecord.objects.get(pk=record.pk).until == date(2026, 9, 30)


def test_a_death_that_nobody_reported_is_the_windows_too(clerk):
    record, system = aid(), Post.objects.the_system()
    assert transitions.watch_deaths(by=system) == 0
    people = [row.resident for row in record.coverage.select_related("resident")]
    for person in people:
        note_death(resident=person, on=DIED, source="名册", by=clerk)
    assert transitions.watch_deaths(by=system) == len(people)
    assert transitions.watch_deaths(by=system) == len(people)
    assert duties(record) == {"death_stop": clerk.unit}
    change = fresh(stop(record, clerk))
    assert change.purpose == "stop"  # nobody alive is left
    decided(change, until="decided")
    assert duties(record) == {}
    assert transitions.watch_deaths(by=system) == len(people)  # paid until the end of the month
    assert duties(record) == {}


def test_a_death_by_mistake_leaves_no_duty_behind(clerk):
    system = Post.objects.the_system()
    report = confirmed(reported(aid().household))
    person = report.resident
    stops = Referral.objects.filter(change__report=report)
    assert stops.undecided().exists()
    unreported = aid(program="MZ05")
    member = unreported.household.memberships.get(relation="02").resident
    note_death(resident=member, on=DIED, source="名册", by=clerk)
    transitions.watch_deaths(by=system)
    assert (duties(report), duties(unreported)) == ({"death": clerk.unit}, {"death_stop": clerk.unit})
    for mistaken in (person, member):
        mistaken.refresh_from_db()
        revise_resident(resident_id=mistaken.pk, fields={"died_on": None}, seen_at=mistaken.changed_at, by=clerk)
    with pytest.raises(TransitionError, match="更正人员资料里的死亡日期"):
        transitions.close_report(report_id=report.pk, note="误报", by=clerk)
    transitions.watch_deaths(by=system)
    assert (duties(report), duties(unreported)) == ({}, {})


def test_a_township_without_its_window_holds_up_no_other(clerk):
    elsewhere, here = aid(), aid()
    Household.objects.filter(pk=elsewhere.household_id).update(region=cast.NEIGHBOUR)
    for record in (elsewhere, here):
        note_death(resident=households.head_of(record.household), on=DIED, source="名册", by=clerk)
    Unit.objects.filter(kind="township_window", region=cast.NEIGHBOUR).update(valid_until=DIED)
    assert transitions.watch_deaths(by=Post.objects.the_system()) == 1
    assert (duties(elsewhere), duties(here)) == ({}, {"death_stop": clerk.unit})


def test_whoever_comes_to_the_same_family_locks_in_one_order(clerk):
    """The case, the family, what was reported of it, its aid: in another order two of these would wait for each other for ever."""
    hold = decided(opened("hold", aid()), until="proposed")
    other = aid()
    report = reported(other.household)
    verbs = (
        lambda: transitions.decide(referral_id=hold.pk, outcome="approved", by=approver_of(hold.unit)),
        lambda: opened("resume", hold.record, from_month=date(2026, 12, 1)),
        lambda: transitions.review(record_id=other.pk, note="情况没有变化。", by=clerk),
        lambda: confirmed(report),
        lambda: stop(other, clerk),
        lambda: transitions.close_report(report_id=report.pk, note="不用变更。", by=clerk),
        lambda: transitions.watch_deaths(by=Post.objects.the_system()),
    )
    seen = set()
    for verb in verbs:
        with CaptureQueriesContext(connection) as captured, suppress(TransitionError):
            verb()
        locked = re.findall(r'FROM "(\w+)"(?:(?!FROM).)*FOR NO KEY UPDATE', "\n".join(row["sql"] for row in captured.captured_queries))
        places = [LOCKS.index(table) for table in dict.fromkeys(locked) if table in LOCKS]
        assert places == sorted(places), locked
        seen |= set(locked)
    assert seen >= set(LOCKS)


def test_who_dies_in_the_middle_of_an_application_is_not_granted_but_terminated(approver):
    referral = ReferralFactory(program="MZ02", received=True)
    report = confirmed(reported(referral.case_household, resident=referral.resident))
    assert Notice.objects.get(kind="referral.beneficiary_died").unit == referral.unit
    [case] = ReportPage(report, approver).cases
    assert case.end_url
    transitions.terminate(referral_id=referral.pk, reason="救助对象于2026-09-20死亡，已看死亡证明。", by=approver)
    row = fresh(referral)
    assert (row.status, "死亡" in row.end_reason, row.application.status) == ("terminated", True, "closed")
    assert not Duty.objects.open().about(row).exists()


def test_nobody_dead_is_approved(approver, civil_approver):
    referral = ReferralFactory(program="MZ02", deciding=True)
    note_death(resident=referral.resident, on=DIED, source="窗口", by=approver)
    with pytest.raises(TransitionError, match="已登记于2026-09-20死亡，不能批准。请终止"):
        transitions.decide(referral_id=referral.pk, outcome="approved", amount=100, by=approver_of(referral.unit))


def test_a_move_is_followed_until_it_is_decided_or_said_to_be_done(clerk):
    household = households.HouseholdFactory()
    idle = confirmed(reported(household, kind="moved", resident=None))
    assert duties(idle) == {}  # nothing regular to change
    record = aid(household=household)
    report = confirmed(reported(household, kind="work", resident=None))
    assert duties(report) == {"report_follow": clerk.unit}
    change = transitions.open_change(
        record_id=record.pk, kind="stop", reason_code="work", reason="已就业。", from_month=date(2026, 10, 1), report=report, by=clerk
    )
    with pytest.raises(TransitionError, match=change.number):
        transitions.close_report(report_id=report.pk, note="不用变更。", by=clerk)
    transitions.terminate(referral_id=change.pk, reason="提错了。", by=cast.member("approver"))
    assert duties(report) == {"report_follow": clerk.unit}
    transitions.close_report(report_id=report.pk, note="收入没有超过标准。", by=clerk)
    assert duties(report) == {}
    assert Notice.objects.get(kind="change_report.closed").body == "收入没有超过标准。"
    with pytest.raises(AlreadyHandled):
        transitions.close_report(report_id=report.pk, note="收入没有超过标准。", by=clerk)
    dead = confirmed(reported(household))
    with pytest.raises(TransitionError, match="不能手工办结"):
        transitions.close_report(report_id=dead.pk, note="不用变更。", by=clerk)
    assert ChangeReport.objects.get(pk=dead.pk).status == "confirmed"
