"""The verbs of verification."""

from .asking import answer_visit, ask_visit, decline_visit, withdraw_visit
from .opening import follow_family, hold, let_go, open_for
from .work import finish, note, start

__all__ = [
    "answer_visit", "ask_visit", "decline_visit", "finish", "follow_family", "hold", "let_go", "note", "open_for", "start",
    "withdraw_visit",
]  # fmt: skip
