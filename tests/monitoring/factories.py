"""Late duties, orders and written reminders in every state, reached by the verbs."""

from datetime import timedelta
from typing import Any

from config import clock
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from monitoring import transitions
from monitoring.models import SupervisionOrder, WrittenReminder
from organization.models import Post
from tests import cast
from tests.deadlines.factories import open_duty

DEMAND = "请查明超期原因，限期办结。"
REPLY = "已补齐材料并办结，原因是鉴定耗时。"
# Where an order may stand -> the verbs that lead there.
ORDERS = ("draft", "issued", "drafted", "replied", "sent_back", "accepted", "withdrawn")


def late_duty(by: Post | None = None, *, days: int = 21, **changed: Any) -> Duty:
    """Of the officer's unit unless said otherwise, opened so many days ago with three working days."""
    with clock.set_clock(clock.now() - timedelta(days=days)):
        return open_duty(by or cast.member("officer"), **{"limit": Limit(Rule.WORKING_DAYS, 3), "topic_code": "CL01", **changed})


def order_in(state: str = "issued", *, issuer: str = "platform_approver", duty: Duty | None = None, **given: Any) -> SupervisionOrder:
    """An order to the officer's unit about a late duty."""
    by = cast.member(issuer)
    said = {"duty_ids": [(duty or late_duty()).pk], "demand": DEMAND, "by": by, **given}
    if state == "draft":
        return transitions.draft_orders(**said)[0]
    [order] = transitions.issue_orders(**said)
    if state == "withdrawn":
        return transitions.withdraw_order(order_id=order.pk, reason="重复发出。", by=by)
    if state in {"drafted", "replied", "sent_back", "accepted"}:
        transitions.draft_reply(order_id=order.pk, text=REPLY, by=cast.member("officer"))
    if state in {"replied", "sent_back", "accepted"}:
        order = transitions.send_reply(order_id=order.pk, text=REPLY, by=cast.member("department_approver"))
    if state == "sent_back":
        order = transitions.send_back_reply(order_id=order.pk, reason="没有说明责任人。", by=by)
    if state == "accepted":
        order = transitions.accept_reply(order_id=order.pk, by=by)
    return order


def reminder_of(duty: Duty | None = None, *, reason: str = "", **given: Any) -> WrittenReminder:
    """To the officer's unit. `reason`: given, accepted or refused."""
    by = cast.member("platform_approver")
    [reminder] = transitions.issue_reminders(**{"duty_ids": [(duty or late_duty()).pk], "demand": DEMAND, "by": by, **given})
    if reason:
        transitions.give_reason(reminder_id=reminder.pk, text="等待市级鉴定结论。", by=cast.member("department_approver"))
    if reason == "accepted":
        transitions.accept_reason(reminder_id=reminder.pk, by=by)
    if reason == "refused":
        transitions.refuse_reason(reminder_id=reminder.pk, note="鉴定已于上月完成。", by=by)
    return reminder
