"""What the pages of orders show: lines of the list, one order with its rounds and the steps open to a post."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from config import clock
from deadlines import counting, lamps
from deadlines.models import Duty
from deadlines.rules import date_of
from documents.models import IssuedDocument
from organization.models import Post

from . import matters, papers, permissions
from .models import OrderReply, SupervisionOrder
from .querysets import SupervisionOrderQuerySet
from .transitions.orders import EDGES

S = SupervisionOrder.Status
TABS = {"open": "在办", "answer": "待审核", "draft": "待签发", "closed": "已办结", "withdrawn": "已撤销"}
DUTY_COLUMNS = ("subject_id", "id", "rule", "due_at", "amber_at", "closed_at", "outcome")


def tabs_of(post: Post) -> list[str]:
    """Drafts stand before the issuing side alone."""
    return [tab for tab in TABS if tab != "draft" or permissions.can_draft_order(post)]


def of_tab(rows: SupervisionOrderQuerySet, tab: str) -> SupervisionOrderQuerySet:
    states = {"open": [S.ISSUED], "answer": [S.REPLIED], "draft": [S.DRAFT], "closed": [S.ACCEPTED], "withdrawn": [S.WITHDRAWN]}
    return rows.filter(status__in=states[tab])


@dataclass(frozen=True, slots=True)
class Line:
    order: SupervisionOrder
    url: str
    lamp: Any
    due: str
    tone: str


def lines(orders: Sequence[SupervisionOrder], now: datetime) -> list[Line]:
    """The rows of a page, each with the lamp of the clock that runs or ran last: one statement for all of them."""
    clocks = _clocks([str(order.pk) for order in orders])
    calendar = counting.calendar_since(date_of(now))
    return [
        Line(
            order, order.get_absolute_url(), _lamp(clocks.get(str(order.pk)), now, calendar), _due(clocks.get(str(order.pk))),
            order.TONES[S(order.status)],
        )
        for order in orders
    ]  # fmt: skip


def _clocks(ids: Sequence[str]) -> dict[str, Any]:
    rows = Duty.objects.filter(subject_label="monitoring.supervisionorder", subject_id__in=ids, kind=matters.SUPERVISE)
    return {row.subject_id: row for row in rows.order_by("opened_at", "pk").values_list(*DUTY_COLUMNS, named=True)}


def _lamp(row: Any, now: datetime, calendar: Any) -> Any:
    """Why that day, is told on the page of the duty, which supervision does not open: no link here."""
    if row is None:
        return None
    is_closed = row.closed_at is not None
    colour = lamps.colour(now=now, due_at=row.due_at, amber_at=row.amber_at, is_closed=is_closed)
    if not is_closed:
        return lamps.lamp(colour, lamps.word(now=now, due_at=row.due_at, rule=row.rule, calendar=calendar), "")
    label = str(Duty.Outcome(row.outcome).label)
    word = lamps.closed_word(closed_at=row.closed_at, due_at=row.due_at, outcome=row.outcome, outcome_label=label)
    return lamps.lamp(colour, word, "")


def _due(row: Any) -> str:
    return counting.due_text(Duty(rule=row.rule, due_at=row.due_at)) if row is not None else ""


class OrderPage:
    """One order before a post that sees it. A step shows where the permission and the edge both hold."""

    def __init__(self, order: SupervisionOrder, post: Post) -> None:
        self.order, self.post = order, post

    def _may(self, target: str, predicate: Any) -> bool:
        return target in EDGES.get(self.order.status, frozenset()) and predicate(self.post, self.order)

    @property
    def may_issue(self) -> bool:
        return self.order.status == S.DRAFT and self._may(S.ISSUED, permissions.can_issue_order)

    @property
    def may_reply(self) -> bool:
        return self._may(S.REPLIED, permissions.can_draft_reply)

    @property
    def may_send(self) -> bool:
        return self._may(S.REPLIED, permissions.can_send_reply)

    @property
    def may_answer(self) -> bool:
        return self._may(S.ACCEPTED, permissions.can_answer_reply)

    @property
    def may_withdraw(self) -> bool:
        return self._may(S.WITHDRAWN, permissions.can_withdraw_order)

    @property
    def tone(self) -> str:
        return self.order.TONES[S(self.order.status)]

    @cached_property
    def lamp(self) -> Any:
        now = clock.now()
        return _lamp(_clocks([str(self.order.pk)]).get(str(self.order.pk)), now, counting.calendar_since(date_of(now)))

    @cached_property
    def paper(self) -> IssuedDocument | None:
        return papers.of(self.order) if papers.may_read(self.order, self.post) else None

    @cached_property
    def replies(self) -> list[OrderReply]:
        """What was sent, to both sides; a draft to the unit alone."""
        rows = self.order.replies.select_related("drafted_by__unit", "drafted_by__staff", "sent_by__unit", "sent_by__staff")
        is_unit = permissions.is_of_unit(self.post, self.order.unit)
        return [reply for reply in rows.select_related("answered_by__unit", "answered_by__staff") if reply.sent_at or is_unit]

    @property
    def draft(self) -> OrderReply | None:
        return next((reply for reply in self.replies if reply.sent_at is None), None)

    @property
    def terms(self) -> list[tuple[str, str]]:
        """Who drafted stands there where it was another than who issued."""
        order = self.order
        found = [("督办事项", order.matter), ("督办要求", order.demand), ("承办单位", order.unit.name), ("发出单位", order.issuer.name)]
        found.append(("回复时限", f"{order.reply_days}个工作日"))
        if order.issued_by is None or order.issued_by_id != order.drafted_by_id:
            found.append(("拟稿", f"{_minute(order.drafted_at)} {order.drafted_by.label}"))
        for what, at, by in (
            ("签发", order.issued_at, order.issued_by), ("办结", order.accepted_at, order.accepted_by),
            ("撤销", order.withdrawn_at, order.withdrawn_by),
        ):  # fmt: skip
            if at is not None and by is not None:
                found.append((what, f"{_minute(at)} {by.label}"))
        return [*found, ("撤销原因", order.withdraw_reason)] if order.withdraw_reason else found

    @property
    def matter_url(self) -> str:
        """The page of the late matter, for whoever works in the county's cases: never for supervision."""
        duty = self.order.duty
        if duty is None or self.post.unit.kind == "supervision" or not permissions.opens_matter(self.post, duty):
            return ""
        return duty.url or reverse("deadlines:duty_explain", args=[duty.pk])


def _minute(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
