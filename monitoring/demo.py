"""The demo's supervision: orders in every state and written reminders that stand, were answered and counted, about the demo's late matters.

The other share has its own townships; what is late at the four streets and the departments is enough for all of it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from config import clock
from deadlines.counting import calendar_since
from deadlines.models import Duty
from deadlines.rules import SHANGHAI
from deadlines.transitions import drain
from households.payments import demo as payments_demo
from households.sheets import demo as sheets_demo
from organization.demo import SHARES
from organization.models import Post, Unit

from . import demo_closing, demo_ledger, demo_list_checks, demo_reviews, demo_rounds, matters, transitions
from .models import DoubtRun, SupervisionOrder
from .permissions import is_head_of, is_of_unit
from .transitions.summaries import count_changed
from .transitions.work_summaries import count_work

DEMAND = "请查明超期原因，明确责任人，限期办结，并回复办理情况。"
REPLY = "已查明：申请人补交材料较晚，经办人未及时登记。已补办登记，本周内办结，今后每日核对待办。"
SAID = "请尽快办结；确有正当理由不能按期办理的，请在平台上说明。"
REASON = "鉴定机构尚未出具结论，已电话催办，预计下周送达。"
ORDERS = ("issued", "drafted", "replied", "sent_back", "accepted", "withdrawn", "draft")
REMINDERS = ("", "given", "accepted", "refused", "", "")


def load_share(share: int, *, by: Post) -> None:
    """Through the verbs, at the clock's time of each; safe to repeat."""
    if share == SHARES - 1:
        with transaction.atomic():
            demo_rounds.load(by)  # before the files that wait today: no round is handed in beside them
        sheets_demo.load()
    if DoubtRun.objects.count() < SHARES:  # whichever share is ready last finds what all of them hold
        transitions.find_doubts(by=by)
    if share == SHARES - 1:
        with transaction.atomic():
            demo_closing.load(by)
            demo_list_checks.load(by)
            demo_ledger.load(by)
            demo_reviews.load(by)
    if share != SHARES - 1 or SupervisionOrder.objects.filter(issuer__kind=Unit.Kind.PLATFORM).exists():
        return
    with transaction.atomic():
        desk = _Desk()
        late = desk.late()
        for state, duty in zip(ORDERS, late, strict=False):
            desk.order(duty, state)
        for reason, duty in zip(REMINDERS, late, strict=False):
            desk.remind(duty, reason)
        desk.order_of_supervision()
        for every in ("week", "month"):
            transitions.make_bulletin(every=every, by=by)
    drain()


def finish(*, by: Post) -> None:  # noqa: ARG001 - numbers are nobody's act
    """The dashboards have their figures from the first page on, not from the first minute of a worker or the first night. What is paid is
    of the whole county: a list made while the other share gives aid has moved before it is closed."""
    payments_demo.load()
    count_changed()
    count_work()


class _Desk:
    """Who acts, and when: on the working days before today, so that some dates have passed."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.posts = list(Post.objects.effective(clock.today()).select_related("unit__region", "staff").order_by("pk"))
        self.platform = self._of(Unit.Kind.PLATFORM, Post.Rank.APPROVER)
        self.supervision = self._of(Unit.Kind.SUPERVISION)
        self.calendar = calendar_since(clock.today() - timedelta(days=60))

    def _of(self, kind: str, rank: str = "") -> Post:
        return next(post for post in self.posts if post.unit.kind == kind and rank in {"", post.rank})

    def late(self) -> Iterator[Duty]:
        """Late by then already, at a unit with somebody to answer."""
        rows = Duty.objects.overdue(self.ago(8)).filter(is_promise=False).exclude(kind=matters.SUPERVISE)
        for duty in rows.select_related("unit__region").order_by("due_at", "pk"):
            if self.head(duty.unit) and self.member(duty.unit) and duty.unit.kind != Unit.Kind.PLATFORM:
                yield duty

    def ago(self, days: int) -> datetime:
        """Ten o'clock of the working day so many working days back."""
        day = self.calendar.workday_before(clock.local(self.now).date(), days)
        return min(datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(hours=10), self.now)

    def head(self, unit: Unit) -> Post | None:
        return next((post for post in self.posts if is_head_of(post, unit) and post.staff_id != self.platform.staff_id), None)

    def member(self, unit: Unit) -> Post | None:
        return next((post for post in self.posts if is_of_unit(post, unit) and post.rank == Post.Rank.HANDLER), None)

    def order(self, duty: Duty, state: str) -> None:
        """One order, as far as its state."""
        given: dict[str, Any] = {"duty_ids": [duty.pk], "demand": DEMAND, "by": self.platform}
        with clock.set_clock(self.ago(7)):
            if state == "draft":
                transitions.draft_orders(**given)
                return
            [order] = transitions.issue_orders(**given)
        with clock.set_clock(self.ago(5)):
            if state == "withdrawn":
                transitions.withdraw_order(order_id=order.pk, reason="事项已另行交办，不再督办。", by=self.platform)
            elif state != "issued":
                transitions.draft_reply(order_id=order.pk, text=REPLY, by=self.member(order.unit) or self.platform)
        if state in {"replied", "sent_back", "accepted"}:
            with clock.set_clock(self.ago(4)):
                transitions.send_reply(order_id=order.pk, text=REPLY, by=self.head(order.unit) or self.platform)
        with clock.set_clock(self.ago(3)):
            if state == "sent_back":
                transitions.send_back_reply(order_id=order.pk, reason="没有写明责任人和办结日期，请补充。", by=self.platform)
            elif state == "accepted":
                transitions.accept_reply(order_id=order.pk, by=self.platform)

    def remind(self, duty: Duty, reason: str) -> None:
        """One reminder of three working days, so that it has come due; then what the unit said and what it was told."""
        with clock.set_clock(self.ago(6)):
            [reminder] = transitions.issue_reminders(duty_ids=[duty.pk], demand=SAID, days=3, by=self.platform)
        if not reason:
            return
        with clock.set_clock(self.ago(4)):
            transitions.give_reason(reminder_id=reminder.pk, text=REASON, by=self.head(reminder.unit) or self.platform)
        with clock.set_clock(self.ago(2)):
            if reason == "accepted":
                transitions.accept_reason(reminder_id=reminder.pk, note="已核实鉴定机构的受理回执。", by=self.platform)
            elif reason == "refused":
                transitions.refuse_reason(reminder_id=reminder.pk, note="鉴定结论已于上月出具，理由不成立。", by=self.platform)

    def order_of_supervision(self) -> None:
        """In words, to two departments at once."""
        units = [post.unit for post in self.posts if post.unit.kind == Unit.Kind.DEPARTMENT and post.rank == Post.Rank.APPROVER][:2]
        with clock.set_clock(self.ago(2)):
            transitions.issue_orders(
                units=units,
                matter="上半年救助政策宣传和公示栏更新情况",
                demand="请对照专项督查方案自查，回复整改情况。",
                by=self.supervision,
            )
