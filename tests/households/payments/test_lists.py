"""Payment lists: what is due, how it differs from the month before, what a closed month never forgets (XX-13)."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock as house_clock
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, TransitionError
from households.models import AssistanceRecord, PaymentLine, RecordChange
from households.transitions import changing
from households.transitions.payments import close_list, drop_list, make_list, remake_list, send_list
from organization.transitions import units
from tests import cast
from tests.households import factories

from .conftest import AUGUST, SEPTEMBER, aid, closed, lines_of, made, with_account

pytestmark = pytest.mark.django_db


def said(line):
    """What a line pays and why."""
    return line.change, line.amount, line.arrears, line.deduction, line.payable, line.owed


def change(verb, record, since, **more):
    given = {"record": record, "since": since, "reason": "收入变化", "decision_id": uuid.uuid4(), "by": cast.member("civil_approver")}
    return getattr(changing, verb)(**given, **more)


def test_first_list_pays_what_stands_and_says_what_began(home, other, lines):
    aid(home), aid(other, 450, SEPTEMBER)
    row = made(SEPTEMBER)
    assert (row.people, row.total, row.counts) == (2, Decimal(1050), {"same": 1, "new": 1})
    found = lines_of(row)
    assert (found[home.pk].change, found[home.pk].persons, found[home.pk].payee) == ("same", 3, factories.head_of(home))
    assert (found[other.pk].change, found[other.pk].reason, found[other.pk].state) == ("new", "审批决定", "due")
    [line] = lines("payment_list.made")
    assert (line.new, line.data["program"]) == ("2笔1050.00元", "MZ01")


def test_second_list_tells_new_more_less_stopped_held_and_back(home, other):
    third, fourth, fifth, sixth = (factories.HouseholdFactory(alone=True) for _ in range(4))
    records = {each.pk: aid(each) for each in (home, other, third, fourth, fifth)}
    change("hold_record", records[fifth.pk], date(2026, 7, 1))
    closed(AUGUST)
    change("adjust_record", records[home.pk], SEPTEMBER, amount=Decimal(700))
    change("adjust_record", records[other.pk], SEPTEMBER, amount=Decimal(500))
    change("stop_record", records[third.pk], SEPTEMBER)
    change("hold_record", records[fourth.pk], SEPTEMBER)
    change("resume_record", records[fifth.pk], SEPTEMBER)
    aid(sixth, 300, SEPTEMBER)
    row = made(SEPTEMBER)
    found = {pk: (line.change, line.amount, line.former_amount, line.reason, line.state) for pk, line in lines_of(row).items()}
    assert found == {
        home.pk: ("more", 700, 600, "收入变化", "due"),
        other.pk: ("less", 500, 600, "收入变化", "due"),
        third.pk: ("stopped", 0, 600, "收入变化", "none"),
        fourth.pk: ("held", 0, 600, "收入变化", "none"),
        fifth.pk: ("back", 600, 0, "恢复发放", "due"),
        sixth.pk: ("new", 300, 0, "审批决定", "due"),
    }
    assert row.counts == {"more": 1, "less": 1, "stopped": 1, "held": 1, "back": 1, "new": 1}
    standing = AssistanceRecord.objects.filter(program="MZ01", since__lte=SEPTEMBER, until=None)
    held = RecordChange.objects.filter(kind="hold", until=None).values("record")
    assert row.total == sum(standing.exclude(pk__in=held).values_list("amount", flat=True))


def test_a_hold_lifted_before_it_began_takes_no_month(home, other, clock):
    lifted, held = aid(home), aid(other)
    for record in (lifted, held):
        change("hold_record", record, date(2026, 10, 1))
    change("resume_record", lifted, date(2026, 10, 1))
    change("resume_record", held, date(2026, 11, 1))
    closed(SEPTEMBER)
    clock.forward(days=15)
    found = lines_of(closed(date(2026, 10, 1)))
    assert [(found[each.pk].change, found[each.pk].amount) for each in (home, other)] == [("same", 600), ("held", 0)]


def test_closed_month_stays_and_the_next_makes_it_good(home, other, clock):
    """Entered late, ended late: 更正上月, arrears and deductions, each month accounted for once."""
    record, late = aid(home), factories.HouseholdFactory(alone=True)
    august = closed(AUGUST)
    before = list(august.lines.values_list("record", "amount", "payable"))
    aid(other, 450, date(2026, 8, 1))
    aid(late, 100, date(2026, 5, 1))
    AssistanceRecord.objects.filter(pk=record.pk).update(until=date(2026, 7, 31))
    row = closed(SEPTEMBER)
    found = lines_of(row)
    assert said(found[home.pk]) == ("stopped", 0, 0, 0, 0, 600)
    assert said(found[other.pk]) == ("new", 450, 450, 0, 900, 0)
    assert said(found[late.pk]) == ("new", 100, 100, 0, 200, 0)  # May to July were paid outside, before the first list
    assert [(c.month, c.listed, c.rightful) for c in found[home.pk].corrections.all()] == [(AUGUST, 600, 0)]
    assert list(august.lines.values_list("record", "amount", "payable")) == before
    clock.forward(days=15)
    AssistanceRecord.objects.filter(pk=record.pk).update(until=None)
    october = lines_of(made(date(2026, 10, 1)))
    assert said(october[home.pk]) == ("new", 600, 1200, 600, 1200, 0)  # restored: both months are due again, less what was paid
    assert said(october[other.pk]) == ("same", 450, 0, 0, 450, 0)


def test_what_was_paid_too_much_is_kept_back_once(home, clock):
    record = aid(home)
    closed(AUGUST)
    change("recover_record", record, SEPTEMBER, amount=Decimal(900))
    assert said(lines_of(closed(SEPTEMBER))[home.pk]) == ("same", 600, 0, 600, 0, 300)
    clock.forward(days=15)
    row = closed(date(2026, 10, 1))
    assert said(lines_of(row)[home.pk]) == ("same", 600, 0, 300, 300, 0)
    assert (row.people, row.total) == (1, 300)


def test_a_debt_that_two_records_name_is_one(home):
    """The sum was put down for a month that is closed, and the same money is claimed back by a decision on the record before."""
    record = aid(home)
    closed(AUGUST)
    change("recover_record", record, SEPTEMBER, amount=Decimal(100))
    change("adjust_record", record, AUGUST, amount=Decimal(500))
    assert said(lines_of(closed(SEPTEMBER))[home.pk]) == ("less", 500, 0, 100, 400, 0)


OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def paid_off(home, clock):
    """August was put down by 100, and September kept it back: nothing is owed. It is October."""
    record = aid(home)
    closed(AUGUST)
    change("adjust_record", record, AUGUST, amount=Decimal(500))
    assert said(lines_of(closed(SEPTEMBER))[home.pk]) == ("less", 500, 0, 100, 400, 0)
    clock.forward(days=15)
    return AssistanceRecord.objects.get(until=None)


def test_what_is_claimed_after_a_debt_was_paid_off_is_other_money(home, paid_off, clock):
    change("recover_record", paid_off, OCTOBER, amount=Decimal(80))
    assert said(lines_of(closed(OCTOBER))[home.pk]) == ("same", 500, 0, 80, 420, 0)
    clock.forward(days=30)
    change("recover_record", paid_off, NOVEMBER, amount=Decimal(30))
    assert said(lines_of(closed(NOVEMBER))[home.pk]) == ("same", 500, 0, 30, 470, 0)


def test_a_correction_of_what_was_claimed_after_a_debt_takes_nothing_twice(home, paid_off):
    """The record follows the decision: the same 80, now by the records of September."""
    change("recover_record", paid_off, OCTOBER, amount=Decimal(80))
    change("adjust_record", paid_off, SEPTEMBER, amount=Decimal(420))
    assert said(lines_of(closed(OCTOBER))[home.pk]) == ("less", 420, 0, 80, 340, 0)


def test_a_correction_after_the_decision_was_kept_back_takes_nothing_twice(home, clock):
    record = aid(home)
    closed(AUGUST)
    change("recover_record", record, SEPTEMBER, amount=Decimal(100))
    assert said(lines_of(closed(SEPTEMBER))[home.pk]) == ("same", 600, 0, 100, 500, 0)
    clock.forward(days=15)
    change("adjust_record", record, AUGUST, amount=Decimal(550))  # 50 of August, 50 of September: the same 100
    assert said(lines_of(closed(OCTOBER))[home.pk]) == ("less", 550, 0, 0, 550, 0)


def test_what_is_claimed_while_a_debt_stands_is_the_same_debt(home, clock):
    record = aid(home)
    closed(AUGUST)
    AssistanceRecord.objects.filter(pk=record.pk).update(until=date(2026, 7, 31))
    assert said(lines_of(closed(SEPTEMBER))[home.pk]) == ("stopped", 0, 0, 0, 0, 600)
    clock.forward(days=15)
    change("recover_record", record, OCTOBER, amount=Decimal(600))
    aid(home, 200, OCTOBER)
    assert said(lines_of(closed(OCTOBER))[home.pk]) == ("new", 200, 0, 200, 0, 400)


def test_minor_is_paid_through_the_head(home):
    child = home.memberships.get(relation="30").resident
    factories.assistance(child, "MZ03", amount=80, since=date(2026, 1, 1))
    line = made(SEPTEMBER, "MZ03").lines.get()
    assert (line.payee, line.record.resident, line.persons) == (factories.head_of(home), child, 1)


def test_once_is_listed_in_its_month_and_never_missed(home):
    factories.assistance(home, "MZ01", cadence="once", amount=1000, since=date(2026, 8, 12), until=date(2026, 8, 12))
    aid(home)
    assert sorted(closed(AUGUST).lines.values_list("amount", flat=True)) == [600, 1000]
    assert [(line.change, line.amount) for line in made(SEPTEMBER).lines.all()] == [("same", 600)]


def test_closing_takes_another_approver_and_the_accounts(home, civil_approver, second_civil_approver, civil_officer, lines):
    platform_approver, head = cast.member("platform_approver"), with_account(home)
    aid(home)
    row = make_list(program_code="MZ01", month=SEPTEMBER, by=civil_approver)
    for post in (civil_officer, civil_approver, platform_approver):
        with pytest.raises(PermissionDenied):
            close_list(list_id=row.pk, by=post)
    row = close_list(list_id=row.pk, by=second_civil_approver)
    line = row.lines.get()
    assert (row.status, row.closed_by, str(line.account), open_sealed(line, "account")) == (
        "closed", second_civil_approver, str(head.bank_account), "6217000000000000001",
    )  # fmt: skip
    [event] = lines("payment_list.closed")
    assert event.new == "1笔600.00元"
    with pytest.raises(AlreadyHandled, match="已月结"):
        close_list(list_id=row.pk, by=second_civil_approver)
    for verb in (remake_list, drop_list):
        with pytest.raises(AlreadyHandled):
            verb(list_id=row.pk, by=civil_officer)


def test_a_dissolved_departments_list_is_closed_by_who_works_on(home, civil_officer, neighbour_department_approver, clock):
    """The platform closes where the department has no other approver: here the one that took its work over has."""
    platform_approver, heir = cast.member("platform_approver"), neighbour_department_approver
    aid(home)
    row, by = made(SEPTEMBER), cast.member("system_administrator")
    units.end_unit(unit_id=civil_officer.unit_id, successor_id=heir.unit_id, last_day=house_clock.today(), by=by)
    clock.forward(days=1)
    with pytest.raises(PermissionDenied):
        close_list(list_id=row.pk, by=platform_approver)
    assert close_list(list_id=row.pk, by=heir).closed_by == heir


def test_what_moved_since_the_draft_is_looked_at_again(home, other, civil_officer, civil_approver):
    aid(home)
    row = made(SEPTEMBER)
    aid(other, 450)
    with pytest.raises(TransitionError, match="请重新编制"):
        close_list(list_id=row.pk, by=civil_approver)
    assert remake_list(list_id=row.pk, by=civil_officer).people == 2
    assert close_list(list_id=row.pk, by=civil_approver).total == 1050


def test_months_follow_one_another(home, civil_officer):
    aid(home)
    draft = made(date(2026, 7, 1))
    for month, words in ((AUGUST, "还没有月结"), (date(2026, 10, 1), "还没有到")):
        with pytest.raises(TransitionError, match=words):
            made(month)
    drop_list(list_id=draft.pk, by=civil_officer)
    assert not PaymentLine.objects.exists()
    closed(date(2026, 7, 1))
    with pytest.raises(TransitionError, match="请先编制2026年8月"):
        made(SEPTEMBER)
    with pytest.raises(AlreadyHandled, match="已经月结"):
        made(date(2026, 7, 1))
    with pytest.raises(TransitionError, match="没有应发"):
        made(SEPTEMBER, "MZ02")


def test_a_month_without_aid_is_closed_and_the_next_follows(home, civil_officer, lines, signed_in):
    aid(home, program="MZ04", cadence="once", since=date(2026, 7, 9), until=date(2026, 7, 9))
    july = closed(date(2026, 7, 1), "MZ04")
    assert send_list(list_id=july.pk, reason="送农商行代发", by=civil_officer).status == "sent"
    august = closed(AUGUST, "MZ04")
    assert (august.people, august.total, august.counts) == (0, 0, {})
    assert "这个月没有应发的救助" in signed_in(civil_officer).get(august.get_absolute_url()).content.decode()
    ended = send_list(list_id=august.pk, reason="本月没有，留底", by=civil_officer)
    assert (ended.status, ended.settled_by) == ("settled", civil_officer)
    assert [event.subject_id for event in lines("payment_list.settled")] == [str(august.pk)]
    with pytest.raises(TransitionError, match="没有账户已更正"):
        made(AUGUST, "MZ04", kind="extra")
    aid(home, program="MZ04", cadence="once", since=date(2026, 9, 3), until=date(2026, 9, 3))
    assert made(SEPTEMBER, "MZ04").counts == {"new": 1}


def test_neighbour_department_finds_nothing(home, neighbour_officer, clerk, platform, assistant):
    aid(home)
    row = made(SEPTEMBER)
    with pytest.raises(PermissionDenied):
        make_list(program_code="MZ01", month=SEPTEMBER, by=neighbour_officer)
    with pytest.raises(Http404):
        remake_list(list_id=row.pk, by=neighbour_officer)
    with pytest.raises(PermissionDenied):
        remake_list(list_id=row.pk, by=platform)
    with pytest.raises(Http404):  # a township meets closed lists alone
        send_list(list_id=row.pk, reason="看看", by=clerk)
    assert [PaymentLine.objects.visible_to(post).count() for post in (clerk, assistant, platform, neighbour_officer)] == [0, 0, 1, 0]


def test_handing_out_is_an_act_with_its_reason(home, civil_officer, lines):
    aid(home)
    row = closed(SEPTEMBER)
    with pytest.raises(TransitionError, match="用途"):
        send_list(list_id=row.pk, reason=" ", by=civil_officer)
    row = send_list(list_id=row.pk, reason="送农商行代发", by=civil_officer)
    send_list(list_id=row.pk, reason="银行要求重送", by=civil_officer)
    assert (row.status, row.sent_by) == ("sent", civil_officer)
    assert [line.note for line in lines("payment_list.sent")] == ["送农商行代发", "银行要求重送"]
