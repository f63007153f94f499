"""Late matters of the county, for those who watch it (ZX-12, ZX-48): open duties past their date, charged to the unit that holds them.

The platform reads them through its gate. Supervision has no gate to duties; it reads here what names nobody (`matters`), and no link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from config import clock
from deadlines.lamps import colour, word
from deadlines.models import Duty, Reminder
from deadlines.rules import due_on
from organization.lineage import desks
from organization.models import Post
from referrals.names import names

from . import matters
from .models import SupervisionOrder, WrittenReminder
from .permissions import sees_late_matters

COLUMNS = ("id", "unit_id", "kind_name", "subject_label", "subject_id", "title", "url", "region_code", "topic_code", "rule", "due_at")
TO_HEAD, TO_PLATFORM = "to_head", "to_platform"


def late(post: Post, now: datetime) -> "QuerySet[Duty]":
    """What is overdue in the county. Replies to orders are no matters of their own: their order says that they are late."""
    rows = Duty.objects.all() if sees_late_matters(post) else Duty.objects.none()
    return rows.overdue(now).exclude(kind=matters.SUPERVISE)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list, its texts made ready. Supervision has neither `url` nor `why`, nor has anybody those of a sensitive matter of
    others': of that the unit, the days and the key by which it is pressed are left. Township, number or page beside the unit would tell
    whose it is."""

    key: str
    colour: str
    word: str
    unit: str
    program: str
    subject: str
    step: str
    township: str
    due: str
    days: int
    escalated: str
    pressed: str
    order_url: str
    url: str
    why: str


def lines(rows: Sequence[Any], post: Post, now: datetime) -> list[Line]:
    """The rows of a page in its order."""
    if not rows:
        return []
    keys = [row.id for row in rows]
    numbers, words, today = matters.numbers_of(rows), names(), clock.local(now).date()
    escalated, orders, reminders = _escalated(keys), _orders(keys, post), _reminders(keys)
    is_watching, own = post.unit.kind == "platform", desks(post)
    apart = {row.id for row in rows if row.topic_code in words.sensitive and row.unit_id not in own}
    return [
        Line(
            key=str(row.id), colour=colour(now=now, due_at=row.due_at, amber_at=row.due_at, is_closed=False),
            word=word(now=now, due_at=row.due_at, rule=row.rule, calendar=words.calendar), unit=words.units.get(row.unit_id, ""),
            program=matters.program_of(row.topic_code), subject=matters.subject_of(row, numbers), step=matters.step_of(row),
            township="" if row.id in apart else words.townships.get(row.region_code[:9], ""), due=due_on(row.due_at).isoformat(),
            days=(today - due_on(row.due_at)).days, escalated=escalated.get(row.id, ""),
            pressed="、".join(part for part in (orders.get(row.id, ("", ""))[0], reminders.get(row.id, "")) if part),
            order_url=orders.get(row.id, ("", ""))[1], url=row.url if is_watching and row.id not in apart else "",
            why=reverse("deadlines:duty_explain", args=[row.id]) if is_watching and row.topic_code not in words.sensitive else "",
        )
        for row in rows
    ]  # fmt: skip


def _escalated(keys: Sequence[Any]) -> dict[Any, str]:
    """How far it has been told upwards, by the sweep, for the date in force: what was told of a date that moved since does not count, as
    it does not for `DutyQuerySet.escalated`."""
    found: dict[Any, str] = {}
    rows = Reminder.objects.filter(duty_id__in=keys, stage__in=[TO_HEAD, TO_PLATFORM], duty__due_at=F("due_at")).order_by()
    for key, stage in rows.values_list("duty_id", "stage"):
        if found.get(key) != "已报县级平台":
            found[key] = "已报县级平台" if stage == TO_PLATFORM else "已报单位负责人"
    return found


def _orders(keys: Sequence[Any], post: Post) -> dict[Any, tuple[str, str]]:
    """Under an open order: that it is, to everybody here; which, to whoever may read the order."""
    rows = SupervisionOrder.objects.open().filter(duty_id__in=keys).order_by("issued_at")
    is_watching = post.unit.kind == "platform"
    found = {}
    for duty, pk, number, issuer in rows.values_list("duty_id", "pk", "number", "issuer_id"):
        may_read = is_watching or issuer == post.unit_id
        found[duty] = (f"督办单{number}" if may_read else "已督办", reverse("monitoring:order_detail", args=[pk]) if may_read else "")
    return found


def _reminders(keys: Sequence[Any]) -> dict[Any, str]:
    rows = WrittenReminder.objects.filter(duty_id__in=keys).order_by().values_list("duty_id", flat=True)
    return dict.fromkeys(rows, "已书面提醒")
