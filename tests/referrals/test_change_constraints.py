"""Every truth of changes, reports and what they do to records, broken once past form and verb."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from config import clock
from households.models import RecordChange
from referrals.models import Change, ChangeReport
from tests import cast
from tests.households import factories as households
from tests.referrals.changing import NEXT, aid, decided, opened
from tests.referrals.test_constraints import broken, refused

pytestmark = pytest.mark.django_db


def report_row(**changed):
    household = changed.pop("household", None) or households.HouseholdFactory()
    by = cast.member("assistant")
    given = {
        "resident": households.head_of(household), "township_code": cast.HOME, "kind": "death", "happened_on": clock.today(),
        "text": "昨晚在家去世。", "unit": cast.member("clerk").unit, "reported_at": clock.now(), "reported_by": by, **changed,
    }  # fmt: skip
    return ChangeReport.objects.create(household=household, **given)


def test_what_a_change_asks_for_is_whole():
    referral = opened("fade")
    change = Change.objects.get()
    broken(change, "change_has_its_reason", reason="")
    broken(change, "change_begins_with_a_month", from_month=date(2026, 10, 2))
    broken(change, "fading_out_says_how_many_months", months=None)
    broken(change, "fading_out_says_how_many_months", kind="stop")
    broken(change, "recovery_says_its_sum", kind="recover", months=None)
    broken(change, "amount_of_a_change_is_positive", amount=0)
    twin = type(referral).objects.get()
    twin.pk, twin.number = uuid.uuid4(), "ZB999"
    refused(twin, "one_open_change_per_record_and_purpose")


def test_what_a_decision_did_is_whole():
    decided(opened("hold", aid()), until="decided")
    row = RecordChange.objects.get()
    broken(row, "change_of_a_record_has_its_reason", reason="")
    broken(row, "change_of_a_record_begins_with_a_month", since=date(2026, 10, 2))
    broken(row, "change_of_a_record_ends_after_it_begins", until=date(2026, 9, 30))
    broken(row, "recovered_sum_is_positive", kind="recover")
    broken(row, "recovered_sum_is_positive", kind="recover", amount=Decimal(0))
    broken(row, "adjusted_record_has_its_successor", kind="adjust")
    row.pk, row.decision_id = uuid.uuid4(), uuid.uuid4()
    refused(row, "one_standing_hold_per_record")
    assert row.since == NEXT


def test_a_report_is_whole(clerk):
    row = report_row()
    broken(row, "change_report_says_what_happened", text="")
    broken(row, "report_of_a_death_names_the_person", resident=None)
    broken(row, "answered_report_says_who_when_and_what", status="confirmed")
    broken(row, "answered_report_says_who_when_and_what", answered_at=clock.now(), answered_by=clerk, answer="属实")
    row.pk = uuid.uuid4()
    refused(row, "one_open_report_per_person_and_kind")
