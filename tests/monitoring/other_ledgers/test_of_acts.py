"""A row for each act of a month, behind the gate of the acts themselves."""

import pytest

from deadlines.rules import date_of
from monitoring.other_ledgers import acts
from programs.models import Program
from referrals.models import Ruling
from referrals.names import forget
from referrals.transitions import report_change
from tests import cast
from tests.households.factories import HouseholdFactory, head_of
from tests.intake.factories import VisitFactory
from tests.monitoring.factories import order_in, reminder_of
from tests.referrals.acting import perform, start

from .reading import sheets

pytestmark = pytest.mark.django_db


def counts(ledger, **given):
    return {
        name: len(sheets(ledger, cast.member(name), **given)[0])
        for name in ("clerk", "neighbour_clerk", "officer", "platform", "supervision") if ledger.may(cast.member(name))
    }  # fmt: skip


def test_visits(clerk):
    visit = VisitFactory(answered=True)
    [[row]] = sheets(acts.VISITS, clerk)
    assert (row["登记号"], row["乡镇（街道）"], row["是否答复"], row["到达时间"]) == (visit.number, "忠州街道", "已答复", visit.arrived_at)
    assert counts(acts.VISITS) == {"clerk": 1, "neighbour_clerk": 0, "platform": 1}
    assert counts(acts.VISITS, month="2026-08") == {"clerk": 0, "neighbour_clerk": 0, "platform": 0}


def test_reports_of_changes(assistant, clerk):
    household = HouseholdFactory()
    said = {"kind": "work", "happened_on": date_of(household.opened_at), "text": "外出务工。"}
    report_change(household_id=household.pk, resident=head_of(household), **said, by=assistant)
    [[row]] = sheets(acts.REPORTS, clerk)
    assert (row["户编号"], row["对象"], row["变化"], row["状态"]) == (
        household.number,
        head_of(household).name,
        "就业或收入变化",
        "待乡镇核实",
    )
    assert counts(acts.REPORTS) == {"clerk": 1, "neighbour_clerk": 0, "platform": 1}


def test_orders_and_reminders():
    order, reminder = order_in("issued", issuer="platform_approver"), reminder_of()
    [[row]] = sheets(acts.ORDERS, cast.member("platform"))
    assert (row["文号"], row["承办单位"], row["督办要求"]) == (order.number, order.unit.short_name, order.demand)
    assert counts(acts.ORDERS) == {"clerk": 0, "neighbour_clerk": 0, "officer": 1, "platform": 1, "supervision": 0}
    [[row]] = sheets(acts.REMINDERS, cast.member("platform"))
    assert (row["文号"], row["被提醒单位"], row["理由"]) == (reminder.number, reminder.unit.short_name, "")


def test_rulings_name_no_sensitive_program(platform):
    perform("rule", start("rule"))
    ruling = Ruling.objects.get()
    [[row]] = sheets(acts.RULINGS, platform)
    assert (row["裁定编号"], row["裁定承办单位"]) == (ruling.number, ruling.named_unit.short_name)
    Program.objects.filter(pk=ruling.dispute.referral.program_id).update(is_sensitive=True)
    forget()
    [[row]] = sheets(acts.RULINGS, platform)
    assert {row[name] for name in ("提出单位", "裁定承办单位", "依据")} == {"—"}
    assert row["救助项目"] == "敏感项目"
