"""Every truth of payment lists, their lines and corrections, broken once past form and verb."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from config import clock
from households.models import PaymentCorrection
from tests import cast

from .conftest import AUGUST, SEPTEMBER, aid, closed, made, sent, with_account

pytestmark = pytest.mark.django_db


def broken(row, constraint, **changed):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changed)


@pytest.fixture
def two(home, other):
    with_account(home)
    aid(home), aid(other)


def test_of_a_list(two):
    row = closed(AUGUST)
    by = cast.member("civil_officer")
    broken(row, "payment_list_is_of_a_month", month=date(2026, 8, 2))
    broken(row, "first_payment_list_of_a_month_is_the_regular_one", kind="extra")
    broken(row, "closed_payment_list_was_closed_by_a_second", closed_by_staff=by.staff)
    broken(row, "sent_payment_list_has_its_sender", status="sent")
    broken(row, "settled_payment_list_has_its_settler", status="settled", sent_at=clock.now(), sent_by=by)
    broken(made(SEPTEMBER), "payment_lists_of_a_month_are_numbered", month=AUGUST)


def test_of_a_line(two):
    row = sent(SEPTEMBER)
    line, other = row.lines.order_by("payee__bank_account_masked").reverse()
    by, now = cast.member("civil_officer"), clock.now()
    broken(line, "lines_of_a_payment_list_are_numbered", number=other.number)
    broken(line, "a_record_is_paid_once_in_a_list", record=other.record)
    broken(line, "payment_line_adds_up", payable=1)
    broken(line, "sums_of_a_payment_line_are_not_negative", owed=-1)
    broken(line, "payment_line_without_a_sum_is_not_paid", state="none")
    broken(line, "paid_line_has_its_day_and_failed_line_its_reason", state="failed", reported_at=now, reported_by=by)
    broken(line, "result_of_a_payment_has_its_reporter", state="failed", failure="账户冻结")
    broken(line, "only_a_failed_payment_is_mended", mended_at=now, mended_by=by)
    broken(line, "only_a_failed_payment_is_sent_again", resent_in=other)
    broken(line, "paymentline_account_is_sealed_whole", account_masked="")


def test_of_a_correction(two):
    line = made(SEPTEMBER).lines.first()
    row = PaymentCorrection.objects.create(line=line, month=AUGUST, listed=0, rightful=600)
    broken(row, "correction_of_a_payment_is_of_a_month", month=date(2026, 8, 3))
    broken(row, "correction_of_a_payment_changes_something", rightful=0)
    row.pk = None
    with pytest.raises(IntegrityError, match="a_line_corrects_a_month_once"), transaction.atomic():
        row.save(force_insert=True)
