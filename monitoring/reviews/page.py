"""What the pages of reviews show: how far townships are, the lists, one list with its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from households.models import AssistanceRecord, Membership
from households.showing import shown_name
from organization.models import Post
from referrals.models import Referral

from ..models import ReviewLine, ReviewList
from .lines import progress, standing

RELATED = ("record__program", "record__household__region", "record__resident__region", "resident__region", "checked_by__staff")
TABS = {"waiting": "待复核", "otherwise": "有变化", "done": "已复核"}


@dataclass(frozen=True)
class Standing:
    """A list with how far it is."""

    row: ReviewList
    total: int
    done: int
    otherwise: int
    is_late: bool

    @property
    def tone(self) -> str:
        return "green" if self.row.closed_at else "red" if self.is_late else "blue"

    @property
    def word(self) -> str:
        return "已完成" if self.row.closed_at else "超期" if self.is_late else "办理中"

    @property
    def share(self) -> int:
        return self.done * 100 // self.total if self.total else 100


def standings(rows: Sequence[ReviewList], today: date) -> list[Standing]:
    """Two statements for a page of lists."""
    counted = progress([row.pk for row in rows])
    return [Standing(row, *counted.get(row.pk, (0, 0, 0)), row.closed_at is None and row.due_on < today) for row in rows]


def board(post: Post, today: date) -> list[dict[str, Any]]:
    """By township, of what is open or was due in this period: how many lines, how far, how many lists are late."""
    rows = ReviewList.objects.visible_to(post).open().with_list_data().order_by("region_id", "kind", "class_key", "month")
    places: dict[str, dict[str, Any]] = {}
    for found in standings(list(rows), today):
        region = found.row.region
        place = places.setdefault(region.code, {"name": region.name, "total": 0, "done": 0, "otherwise": 0, "lists": 0, "late": 0})
        place["url"] = f"{reverse('monitoring:review_list_list')}?{urlencode({'township': region.code})}"
        for key, value in (("total", found.total), ("done", found.done), ("otherwise", found.otherwise), ("lists", 1)):
            place[key] += value
        place["late"] += found.is_late
    return [{**place, "share": place["done"] * 100 // place["total"] if place["total"] else 100} for place in places.values()]


def of_tab(rows: Any, tab: str) -> Any:
    if tab == "waiting":
        return rows.waiting()
    return rows.filter(result__in=["changed", "missing", "dead"]) if tab == "otherwise" else rows.exclude(result="")


def shown(lines: Sequence[ReviewLine], post: Post, on: date) -> list[dict[str, Any]]:
    """Whom each is about, where they live, what is under way of the aid: three statements for a page."""
    _follow(lines, on)
    homes = [line.record.household_id for line in lines if line.record.household_id]
    open_members = Membership.objects.open().filter(household__in=homes).order_by("household", "-relation", "-pk")
    heads = dict(open_members.values_list("household_id", "resident__name"))
    running = set(Referral.objects.filter(record__in=[line.record_id for line in lines]).open().values_list("record_id", flat=True))
    return [_shown(line, heads, running, post) for line in lines]


def _follow(lines: Sequence[ReviewLine], on: date) -> None:
    """What waits is shown with the record that a tick will review: since this morning a new standard may stand in its place. Not saved."""
    waiting = [line for line in lines if not line.result and line.record.until is not None and line.record.until < on]
    if not waiting:
        return
    found = standing([line.record_id for line in waiting], on)
    related = [name.removeprefix("record__") for name in RELATED if name.startswith("record__")]
    records = AssistanceRecord.objects.select_related(*related).in_bulk([found[pk] for pk in found])
    for line in waiting:
        line.record = records.get(found.get(line.record_id), line.record)


def _shown(line: ReviewLine, heads: dict[Any, str], running: set[Any], post: Post) -> dict[str, Any]:
    record = line.record
    person = line.resident or record.resident
    holder = record.household or record.resident
    kind = {"changed": "adjust", "missing": "hold", "dead": "stop"}.get(line.result, "")
    change = reverse("referrals:record_change", args=[record.pk])
    asked = {"review": 1, "kind": kind} | ({"reason": "death"} if line.result == "dead" else {})
    return {
        "line": line,
        "who": shown_name(person.name if person else heads.get(record.household_id, ""), post),
        "home": record.household,
        "village": holder.region.name if holder else "",
        "is_running": line.record_id in running,
        # what was found is opened as a change of the aid, as the review's own
        "change_url": f"{change}?{urlencode(asked)}" if kind and line.record_id not in running else "",
    }
