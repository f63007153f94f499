from .bulletins import make_bulletin
from .doubts import ask_to_find, find_doubts, pull_doubt
from .orders import (
    accept_reply,
    draft_orders,
    draft_reply,
    issue_order,
    issue_orders,
    send_back_reply,
    send_reply,
    withdraw_order,
)
from .written_reminders import accept_reason, give_reason, issue_reminders, refuse_reason

__all__ = [
    "accept_reason",
    "accept_reply",
    "ask_to_find",
    "draft_orders",
    "draft_reply",
    "find_doubts",
    "give_reason",
    "issue_order",
    "issue_orders",
    "issue_reminders",
    "make_bulletin",
    "refuse_reason",
    "pull_doubt",
    "send_back_reply",
    "send_reply",
    "withdraw_order",
]
