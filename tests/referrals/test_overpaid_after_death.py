"""A death reported late: what was due in months that no stop reaches any more is asked back, and the duty stands until it is (XX-34)."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from deadlines.models import Duty, Notice
from households.models import AssistanceRecord, RecordChange
from households.transitions import changing, note_death
from organization.models import Post
from referrals import deaths, transitions
from referrals.models import Referral
from referrals.reported import ReportPage
from tests import cast
from tests.households import factories as households
from tests.households.payments.conftest import AUGUST, SEPTEMBER, closed, lines_of
from tests.referrals.acting import fresh
from tests.referrals.changing import SINCE, aid, decided, opened
from tests.referrals.test_change_report import confirmed, reported

pytestmark = pytest.mark.django_db
DIED, OCTOBER, NOVEMBER = date(2026, 7, 10), date(2026, 10, 1), date(2026, 11, 1)


def alone(amount=600):
    return aid(household=households.HouseholdFactory(alone=True), amount=amount)


def change(verb, record, since, **more):
    given = {"record": record, "since": since, "reason": "收入变化", "decision_id": uuid.uuid4(), "by": cast.member("civil_approver")}
    return getattr(changing, verb)(**given, **more)


def adjusted(record, since=SEPTEMBER, amount=650):
    return change("adjust_record", record, since, amount=Decimal(amount)).successor


def told(household):
    return confirmed(reported(household, happened_on=DIED))


def of(report):
    return {row.change.kind: row for row in Referral.objects.filter(change__report=report).select_related("change")}


def is_open(report):
    return Duty.objects.open().about(report).filter(kind="death").exists()


def owes(month, household):
    line = lines_of(closed(month))[household.pk]
    return line.deduction + line.owed


def test_what_was_adjusted_since_is_stopped_and_the_months_before_are_asked_back():
    record = adjusted(alone())
    report = told(record.household)
    asked = of(report)
    assert {kind: row.change.from_month for kind, row in asked.items()} == {"stop": OCTOBER, "recover": AUGUST}
    back = asked["recover"]
    assert (back.change.amount, back.change.reason_code, back.record) == (Decimal(1250), "death", record)
    assert "2026年8月至9月多发的救助" in back.change.reason
    assert "2项变更或停止" in Notice.objects.get(kind="change_report.confirmed").body
    decided(asked["stop"], until="decided")
    assert is_open(report)
    assert not Notice.objects.filter(kind="change_report.settled").exists()
    decided(back, until="decided")
    assert not is_open(report)
    assert Notice.objects.get(kind="change_report.settled").unit == report.reported_by.unit
    row = RecordChange.objects.get(kind="recover")
    assert (row.amount, row.since, row.until) == (1250, AUGUST, date(2026, 9, 30))


def test_what_nothing_has_changed_since_is_stopped_alone(clock):
    record = alone()
    closed(AUGUST), closed(SEPTEMBER)
    report = told(record.household)
    assert {kind: row.change.from_month for kind, row in of(report).items()} == {"stop": AUGUST}
    decided(of(report)["stop"], until="decided")
    assert not is_open(report)
    clock.forward(days=15)
    assert owes(OCTOBER, record.household) == 1200  # by the records of each month


def test_lists_keep_back_what_is_recovered_and_what_was_paid_besides_each_once(clock):
    """October was paid too, before the stop was decided: by its records it is owed, beside what the decision names."""
    home = adjusted(alone()).household
    closed(AUGUST), closed(SEPTEMBER)
    report = told(home)
    clock.forward(days=15)
    assert lines_of(closed(OCTOBER))[home.pk].payable == 650
    for row in of(report).values():
        decided(row, until="decided")
    clock.forward(days=31)
    assert owes(NOVEMBER, home) == 600 + 650 + 650


def test_a_larger_sum_than_its_months_is_of_others_too_and_stays_one_debt(clock):
    home = adjusted(alone()).household
    closed(AUGUST), closed(SEPTEMBER)
    report = told(home)
    clock.forward(days=15)
    closed(OCTOBER)
    decided(of(report)["stop"], until="decided")
    decided(of(report)["recover"], until="decided", amount=Decimal(1900))
    assert RecordChange.objects.get(kind="recover").until is None
    clock.forward(days=31)
    assert owes(NOVEMBER, home) == 1900


def test_what_a_roll_cut_is_asked_back_and_a_month_on_hold_brought_nothing(clerk):
    home = households.HouseholdFactory(alone=True)
    before = households.assistance(home, "MZ01", amount=600, since=SINCE, until=date(2026, 8, 31))
    RecordChange.objects.create(
        record=before, kind="hold", since=AUGUST, until=date(2026, 8, 31), reason="联系不上", decision_id=uuid.uuid4(),
        made_at="2026-08-01T10:00+08:00", made_by=clerk,
    )  # fmt: skip
    households.assistance(home, "MZ01", amount=610, since=SEPTEMBER)
    assert of(told(home))["recover"].change.amount == 610


def test_another_change_keeps_it_a_line_until_it_is_opened_or_refused_in_words(signed_in, clerk):
    record = adjusted(alone())
    hold = opened("hold", record)
    report = told(record.household)
    assert set(of(report)) == {"stop"}
    [stop, back] = deaths.left_of(report.resident)
    assert (stop.verb, back.verb, back.can_begin) == ("停止", "追回", False)
    assert hold.number in back.state
    assert len(ReportPage(report, clerk).left) == 2
    decided(of(report)["stop"], until="decided")
    decided(hold, outcome="refused")
    assert is_open(report)
    [left] = ReportPage(report, clerk).left
    assert "还没有提出追回（2026年8月至9月多发1250.00元）" in left.state
    client = signed_in(clerk)
    page, of_record = (client.get(url).content.decode() for url in (report.get_absolute_url(), f"/records/{record.pk}/"))
    assert "因死亡提出追回" in page
    assert "因死亡提出追回" in of_record
    assert client.post(left.stop_url).url == report.get_absolute_url()
    back = of(report)["recover"]
    assert back.change.amount == 1250
    transitions.terminate(referral_id=back.pk, reason="提错了。", by=cast.member("approver"))
    assert is_open(report)  # ended without a decision: asked again
    again = fresh(transitions.stop_after_death(record_id=record.pk, by=clerk))
    decided(again, outcome="refused")
    assert not is_open(report)
    assert deaths.left_of(report.resident) == []


def test_of_a_family_it_is_what_was_due_beyond_the_sum_without_the_dead(clerk):
    record = adjusted(aid(amount=1800), amount=1860)
    report = told(record.household)
    assert set(of(report)) == {"adjust"}
    decided(of(report)["adjust"], amount=Decimal(1240))
    assert is_open(report)
    [left] = deaths.left_of(report.resident)
    assert (left.month, left.overpaid, left.is_alone) == (AUGUST, (1800 - 1240) + (1860 - 1240), False)
    back = fresh(transitions.stop_after_death(record_id=record.pk, by=clerk))
    assert (back.change.kind, back.change.amount, back.change.leaver) == ("recover", 1180, None)
    decided(back, until="decided", amount=Decimal(1100))
    assert not is_open(report)


def test_nothing_is_asked_back_of_months_in_which_somebody_lived():
    record = adjusted(aid())
    people = [row.resident for row in record.coverage.select_related("resident").order_by("pk")]
    for person in people:
        last = person == people[-1]
        note_death(resident=person, on=date(2026, 8, 5) if last else DIED, source="名册", by=cast.member("clerk"))
    for person in people:
        person.refresh_from_db()
        [_, back] = deaths.left_of(person)
        assert (back.month, back.overpaid) == (SEPTEMBER, 650)


def test_an_unreported_death_leaves_the_window_a_duty_for_it(clerk):
    record = adjusted(alone())
    hold = opened("hold", record)
    note_death(resident=households.head_of(record.household), on=DIED, source="名册", by=clerk)
    transitions.watch_deaths(by=Post.objects.the_system())
    decided(fresh(transitions.stop_after_death(record_id=record.pk, by=clerk)), until="decided")
    decided(hold, outcome="refused")
    duty = Duty.objects.open().about(record).get(kind="death_stop")
    assert duty.unit == clerk.unit
    decided(fresh(transitions.stop_after_death(record_id=record.pk, by=clerk)), until="decided")
    assert not Duty.objects.open().about(record).filter(kind="death_stop").exists()
    assert AssistanceRecord.objects.get(pk=record.pk).until == date(2026, 9, 30)


def test_a_sensitive_sum_is_the_deciders_and_not_named(clerk, civil_officer):
    home = households.HouseholdFactory()
    person = households.head_of(home)
    record = adjusted(households.assistance(person, "MZ09", amount=1000, since=SINCE), amount=1100)
    report = confirmed(reported(home, happened_on=DIED))
    assert set(of(report)) == {"stop", "recover"}
    [stop, back] = ReportPage(report, clerk).left
    assert (stop.text, back.text, back.url) == ("敏感项目", "敏感项目", "")
    transitions.terminate(referral_id=of(report)["recover"].pk, reason="重复提出。", by=cast.member("approver"))
    assert Duty.objects.open().about(record).get(kind="death_stop").unit == civil_officer.unit
