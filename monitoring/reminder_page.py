"""What the pages of written reminders show."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from config import clock
from documents.models import IssuedDocument
from organization.models import Post

from . import papers, permissions
from .models import ReminderReason, WrittenReminder

State = WrittenReminder.State
OWES = frozenset({State.STANDING, State.COUNTED, State.DONE_LATE})


@dataclass(frozen=True, slots=True)
class Line:
    reminder: WrittenReminder
    url: str
    due: str
    label: str
    tone: str


def lines(rows: Sequence[Any]) -> list[Line]:
    return [
        Line(row, row.get_absolute_url(), row.due_on.isoformat(), State(row.state).label, WrittenReminder.TONES[State(row.state)])
        for row in rows
    ]


class ReminderPage:
    """One reminder, read with its state, before a post that sees it."""

    def __init__(self, reminder: Any, post: Post) -> None:
        self.reminder, self.post = reminder, post
        self.state = State(reminder.state)
        self.label, self.tone = self.state.label, WrittenReminder.TONES[self.state]

    @cached_property
    def reasons(self) -> list[ReminderReason]:
        rows = self.reminder.reasons.select_related("given_by__unit", "given_by__staff", "answered_by__unit", "answered_by__staff")
        return list(rows)

    @property
    def waiting(self) -> ReminderReason | None:
        return next((reason for reason in self.reasons if not reason.answer), None)

    @property
    def may_give_reason(self) -> bool:
        return self.state in OWES and self.waiting is None and permissions.can_give_reason(self.post, self.reminder)

    @property
    def may_answer(self) -> bool:
        return self.waiting is not None and permissions.can_answer_reason(self.post, self.reminder)

    @cached_property
    def paper(self) -> IssuedDocument | None:
        return papers.of(self.reminder) if papers.may_read(self.reminder, self.post) else None

    @property
    def matter_url(self) -> str:
        duty = self.reminder.duty
        if not permissions.opens_matter(self.post, duty):
            return ""
        return duty.url or reverse("deadlines:duty_explain", args=[duty.pk])

    @property
    def terms(self) -> list[tuple[str, str]]:
        row = self.reminder
        found = [
            ("提醒事项", row.matter), ("提醒内容", row.demand), ("被提醒单位", row.unit.name),
            ("最迟办结", f"{row.due_on:%Y-%m-%d}（{row.working_days}个工作日）"),
            ("发出", f"{clock.local(row.issued_at):%Y-%m-%d %H:%M} {row.issued_by.label}"),
        ]  # fmt: skip
        if row.duty.closed_at:
            # The moment stands beside the number in the lists behind 按期率.
            when = f"{clock.local(row.duty.closed_at):%Y-%m-%d %H:%M}" if permissions.opens_matter(self.post, row.duty) else "不写时间"
            found.append(("事项办结", f"{when}（{row.duty.get_outcome_display()}）"))
        return found
