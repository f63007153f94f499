"""The home of the payments' tests: two families on 低保, and the lists of their months."""

from datetime import date

import pytest

from config.protection.sealing import seal
from households.transitions.payments import close_list, make_list, send_list
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def aid(household, amount=600, since=date(2026, 1, 1), **more):
    return factories.assistance(household, amount=amount, since=since, **more)


def with_account(household, number="6217000000000000001"):
    head = factories.head_of(household)
    head.bank_name = "虚构农商行"
    seal(head, bank_account=number)
    head.save()
    return head


def made(month, program="MZ01", **more):
    return make_list(program_code=program, month=month, by=cast.member("civil_officer"), **more)


def closed(month, program="MZ01", **more):
    return close_list(list_id=made(month, program, **more).pk, by=cast.member("civil_approver"))


def sent(month, program="MZ01", **more):
    return send_list(list_id=closed(month, program, **more).pk, reason="送财政国库股", by=cast.member("civil_officer"))


def lines_of(payment_list):
    """By the household's or resident's own id."""
    return {line.record.household_id or line.record.resident_id: line for line in payment_list.lines.select_related("record")}


@pytest.fixture
def home():
    return HouseholdFactory()


@pytest.fixture
def other():
    return HouseholdFactory(alone=True)
