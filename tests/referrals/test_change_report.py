"""变化报告: a village tells, the township confirms or answers, the reporter sees it; after a death everything regular is stopped (C-19)."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from households.models import Resident
from referrals import transitions
from referrals.models import ChangeReport, Referral
from referrals.reported import ReportPage
from tests import cast
from tests.households import factories as households
from tests.referrals.changing import SINCE, aid, decided
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
DIED = date(2026, 9, 20)


def reported(household=None, by=None, **changed):
    household = household or households.HouseholdFactory()
    given = {"kind": "death", "resident": households.head_of(household), "happened_on": DIED, "text": "昨晚在家去世。", **changed}
    return transitions.report_change(household_id=household.pk, by=by or cast.member("assistant"), **given)


def confirmed(report, by="clerk", answer="已看死亡证明。", **said):
    return transitions.confirm_report(report_id=report.pk, answer=answer, by=cast.member(by), **said)


def test_a_village_reports_and_the_window_has_so_many_days(assistant, clerk):
    report = reported()
    assert (report.status, report.unit, report.reported_by) == ("reported", clerk.unit, assistant)
    duty = Duty.objects.open().about(report).get()
    assert (duty.kind, duty.unit, duty.limit, duty.rule) == ("change_report", clerk.unit, 3, "working_days")
    assert Notice.objects.get(kind="change_report.reported").unit == clerk.unit
    event = Event.objects.get(verb="change_report.reported")
    assert households.head_of(report.household).name not in f"{event.subject_text}{event.new}{duty.title}"


def test_others_do_not():
    household = households.HouseholdFactory()
    for outsider in ("other_assistant", "neighbour_clerk", "officer"):
        with pytest.raises(Http404):
            reported(household, cast.member(outsider))
    for colleague in ("platform", "reviewer"):
        with pytest.raises(PermissionDenied):
            reported(household, cast.member(colleague))
    report = reported(household)
    for outsider in ("neighbour_clerk", "officer"):
        with pytest.raises(Http404):
            confirmed(report, outsider)
    for colleague in ("assistant", "platform"):
        with pytest.raises(PermissionDenied):
            confirmed(report, colleague)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"resident": None}, "须选择是哪位家庭成员"),
        ({"kind": "x"}, "请选择发生了什么变化"),
        ({"happened_on": date(2026, 9, 25)}, "不能晚于今天"),
        ({"text": ""}, "请写明情况"),
    ],
)
def test_what_is_missing_is_said(changed, sentence):
    with pytest.raises(TransitionError, match=sentence):
        reported(**changed)


def test_one_report_at_a_time_and_members_alone():
    report = reported()
    stranger = households.head_of(households.HouseholdFactory())
    with pytest.raises(TransitionError, match="现在的成员"):
        reported(report.household, resident=stranger)
    with pytest.raises(TransitionError, match="已经有人报告"):
        reported(report.household)


def test_a_death_stops_what_is_the_persons_and_adjusts_what_is_the_familys(clerk):
    household = households.HouseholdFactory()
    person = households.head_of(household)
    shared, own = aid(household=household), households.assistance(person, "MZ02", since=SINCE)
    ending = households.assistance(person, "MZ08", since=SINCE, until=date(2026, 9, 30))  # over by itself: nothing to stop
    running = ReferralFactory(program="MZ04")
    report = confirmed(reported(household))
    assert (report.status, report.answered_by, Resident.objects.get(pk=person.pk).died_on) == ("confirmed", clerk, DIED)
    opened = {row.record_id: row for row in Referral.objects.filter(change__report=report).select_related("change")}
    assert {(pk, row.purpose, row.change.leaver_id) for pk, row in opened.items()} == {
        (shared.pk, "change", person.pk),
        (own.pk, "stop", None),
    }
    assert {row.change.from_month for row in opened.values()} == {date(2026, 10, 1)}
    assert {row.change.origin for row in opened.values()} == {"village"}
    duty = Duty.objects.open().about(report).get()
    assert (duty.kind, duty.until) == ("death", date(2026, 9, 30))
    assert not {running.pk, ending.pk} & set(opened)

    seen = ReportPage(report, cast.member("assistant"))
    assert {row.text for row in seen.followed} == {"停止：救助项目", "调整：救助项目"}  # a village reads no program
    assert not seen.records
    assert not seen.has_funeral_hint
    assert ReportPage(report, clerk).has_funeral_hint

    decided(opened[shared.pk], until="decided", amount=Decimal(400))
    assert Duty.objects.open().about(report).exists()
    decided(opened[own.pk], until="decided")
    assert not Duty.objects.open().about(report).exists()  # with the last of them
    assert Notice.objects.filter(kind="change_report.settled").get().unit == report.reported_by.unit


def test_a_death_in_the_middle_of_an_application_is_shown_with_its_way_out(approver):
    referral = ReferralFactory(program="CL03", received=True)
    person = referral.resident or referral.applicant
    report = confirmed(reported(referral.case_household, resident=person))
    [case] = ReportPage(report, approver).cases
    assert case.end_url.endswith("/terminate/")
    assert not ReportPage(report, cast.member("clerk")).cases[0].end_url


def test_nothing_changes_with_a_sentence(clerk):
    report = transitions.decline_report(report_id=reported().pk, answer="只是外出探亲。", by=clerk)
    assert (report.status, report.answer, Duty.objects.open().about(report).count()) == ("unchanged", "只是外出探亲。", 0)
    assert Notice.objects.get(kind="change_report.declined").body == "只是外出探亲。"
    with pytest.raises(AlreadyHandled, match=f"{clerk.label}已于2026-09-24 10:00登记“核实后不变更”"):
        confirmed(report)


def test_without_its_line_nothing_is_confirmed(monkeypatch):
    report = reported()

    def closed(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the record is closed")

    monkeypatch.setattr("referrals.transitions.reporting.record", closed)
    with pytest.raises(RuntimeError):
        confirmed(report)
    assert ChangeReport.objects.get().status == "reported"
    assert Resident.objects.get(pk=report.resident_id).died_on is None
    assert clock.today() >= DIED
