"""Every truth of the room's tables, broken once past form and verb."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from config import clock
from monitoring.models import Bulletin, BulletinLine, OrderReply, ReminderReason, SupervisionOrder, WrittenReminder
from organization.models import Unit
from tests.deadlines.factories import open_duty

pytestmark = pytest.mark.django_db


def broken(row, constraint, **changed):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changed)


def refused(constraint, model, **columns):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model._base_manager.create(**columns)


def issued_order(officer, platform_approver, **changed):
    given = {
        "number": "忠督办〔2026〕1号", "issuer": platform_approver.unit, "unit": officer.unit,
        "matter": "高龄津贴超期", "demand": "限期办结", "reply_days": 5, "status": "issued",
        "drafted_at": clock.now(), "drafted_by": platform_approver, "issued_at": clock.now(), "issued_by": platform_approver,
    }  # fmt: skip
    return SupervisionOrder.objects.create(**{**given, **changed})


@pytest.fixture
def order(officer, platform_approver):
    return issued_order(officer, platform_approver, duty=open_duty(officer))


@pytest.fixture
def reply(order, officer):
    return OrderReply.objects.create(
        order=order, text="已办结。", drafted_at=clock.now(), drafted_by=officer, drafted_by_staff=officer.staff,
        sent_at=clock.now(), sent_by=officer, sent_by_staff=officer.staff,
    )  # fmt: skip


@pytest.fixture
def reminder(officer, platform_approver):
    return WrittenReminder.objects.create(
        number="忠民提醒〔2026〕1号", unit=officer.unit, duty=open_duty(officer), matter="高龄津贴", demand="请办理", working_days=5,
        due_at=clock.now() + timedelta(days=7), issued_at=clock.now(), issued_by=platform_approver,
    )  # fmt: skip


@pytest.fixture
def reason(reminder, officer):
    return ReminderReason.objects.create(
        reminder=reminder, text="等待鉴定结论", given_at=clock.now(), given_by=officer, given_by_staff=officer.staff
    )


def test_order_and_its_number(order, officer, platform_approver):
    with pytest.raises(IntegrityError, match="orders_are_numbered_once"), transaction.atomic():
        issued_order(officer, platform_approver)
    with pytest.raises(IntegrityError, match="one_open_order_per_duty_and_issuer"), transaction.atomic():
        issued_order(officer, platform_approver, number="忠督办〔2026〕2号", duty=order.duty)
    broken(order, "issued_order_says_who_when_and_number", number="")
    broken(order, "issued_order_says_who_when_and_number", issued_at=None)
    broken(order, "issued_order_says_who_when_and_number", status="draft")


def test_order_says_what_to_whom_and_until_when(order):
    broken(order, "order_says_what_and_what_is_wanted", matter="")
    broken(order, "order_says_what_and_what_is_wanted", demand="")
    broken(order, "order_gives_days_to_reply", reply_days=0)
    broken(order, "order_goes_to_another_unit", unit=order.issuer)


def test_order_ends_with_who_when_and_why(order, platform_approver):
    broken(order, "accepted_order_says_who_and_when", status="accepted")
    broken(order, "accepted_order_says_who_and_when", accepted_at=clock.now(), accepted_by=platform_approver)
    whole = {"status": "withdrawn", "withdrawn_at": clock.now(), "withdrawn_by": platform_approver}
    broken(order, "withdrawn_order_says_who_when_and_why", **whole)
    broken(order, "withdrawn_order_says_who_when_and_why", withdraw_reason="重复")


def test_reply(reply, order, officer, platform_approver):
    refused(
        "one_unanswered_reply_per_order", OrderReply, order=order, text="再答", drafted_at=clock.now(), drafted_by=officer,
        drafted_by_staff=officer.staff,
    )  # fmt: skip
    broken(reply, "reply_to_an_order_has_its_words", text="")
    broken(reply, "sent_reply_says_who_and_when", sent_by=None)
    broken(reply, "answered_reply_was_sent_and_says_who", verdict="accepted")
    whole = {"answered_at": clock.now(), "answered_by": platform_approver, "answered_by_staff": platform_approver.staff}
    unsent = {"sent_at": None, "sent_by": None, "sent_by_staff": None}
    broken(reply, "answered_reply_was_sent_and_says_who", verdict="accepted", **whole, **unsent)
    broken(reply, "reply_sent_back_says_why", verdict="sent_back", **whole)
    broken(reply, "reply_sent_back_says_why", reason="不清楚")
    own = {"verdict": "accepted", "answered_at": clock.now(), "answered_by": officer, "answered_by_staff": officer.staff}
    broken(reply, "nobody_answers_a_reply_of_their_own", **own)
    OrderReply.objects.filter(pk=reply.pk).update(verdict="accepted", **whole)
    again = {"drafted_at": clock.now(), "drafted_by": officer, "drafted_by_staff": officer.staff, "sent_at": clock.now()}
    again |= {"sent_by": officer, "sent_by_staff": officer.staff, "verdict": "accepted", **whole}
    refused("one_accepted_reply_per_order", OrderReply, order=order, text="再答", **again)


def test_written_reminder(reminder, officer, platform_approver):
    refused(
        "one_written_reminder_per_duty", WrittenReminder, number="忠民提醒〔2026〕2号", unit=officer.unit, duty=reminder.duty, matter="一",
        demand="二", working_days=5, due_at=clock.now() + timedelta(days=7), issued_at=clock.now(), issued_by=platform_approver,
    )  # fmt: skip
    broken(reminder, "written_reminder_says_what_and_what_is_wanted", demand="")
    broken(reminder, "written_reminder_gives_days", working_days=0)
    broken(reminder, "written_reminder_is_due_after_it_is_issued", due_at=reminder.issued_at)


def test_reason(reason, reminder, officer, platform_approver):
    given = {"reminder": reminder, "text": "再说", "given_at": clock.now(), "given_by": officer, "given_by_staff": officer.staff}
    refused("one_unanswered_reason_per_reminder", ReminderReason, **given)
    broken(reason, "reason_for_not_doing_has_its_words", text="")
    broken(reason, "answered_reason_says_who_and_when", answer="accepted")
    whole = {"answered_at": clock.now(), "answered_by": platform_approver, "answered_by_staff": platform_approver.staff}
    broken(reason, "refused_reason_says_why", answer="refused", **whole)
    own = {"answer": "accepted", "answered_at": clock.now(), "answered_by": officer, "answered_by_staff": officer.staff}
    broken(reason, "nobody_answers_a_reason_of_their_own", **own)
    ReminderReason.objects.filter(pk=reason.pk).update(answer="accepted", **whole)
    refused("one_accepted_reason_per_reminder", ReminderReason, **given, answer="accepted", **whole)


def test_bulletin():
    bulletin = Bulletin.objects.create(every="week", first_on=date(2026, 9, 14), last_on=date(2026, 9, 20), as_of_at=clock.now())
    line = {"bulletin": bulletin, "unit": Unit.objects.order_by("pk")[0]}
    BulletinLine.objects.create(**line)
    refused("one_line_per_unit_and_bulletin", BulletinLine, **line)
    other = {"bulletin": bulletin, "unit": Unit.objects.order_by("pk")[1]}
    refused("line_of_a_bulletin_adds_up", BulletinLine, **other, finished=1, in_time=2)
    refused("one_bulletin_per_period", Bulletin, every="week", first_on=date(2026, 9, 14), last_on=date(2026, 9, 20), as_of_at=clock.now())
    refused(
        "bulletin_ends_after_it_begins", Bulletin, every="month", first_on=date(2026, 9, 2), last_on=date(2026, 9, 1), as_of_at=clock.now()
    )
    broken(bulletin, "a bulletin never changes", every="month")
    broken(bulletin.lines.get(), "a bulletin never changes", pending=3)
