"""What lies on a window's desk: who is being received, and the unit's own work by kind, with counts (UI: one's own work first).

A tab is a kind of duty of the unit, whoever opened it: rooms above add work to a tab by opening a duty of its kind, without a line here,
and whatever is of no named kind stands under 其他, so that nothing lies on the desk unseen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from config import clock, keyset
from deadlines.lamps import Lamp
from deadlines.models import Duty
from households.showing import shown_name
from organization.models import Post

from .models import Application, Request, Visit
from .request_list import Tab
from .visit_clock import clock_of

DRAFT, REQUEST = "draft", "request"
# Kinds of duty by tab; the last ones are opened by the room above.
KINDS = {"accept": ("accept",), "supplement": ("supplement",), "returned": ("resubmit",), "tell": ("tell",)}
NAMED = ["request", *(kind for kinds in KINDS.values() for kind in kinds)]
OTHER = "other"
TABS = {REQUEST: "求助", DRAFT: "草稿", "accept": "待受理", "supplement": "待补正", "returned": "退回补正", "tell": "待告知", OTHER: "其他"}
SHOWN = 12  # visits on the desk; all of them stand in the list of visits


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit as the window shows it. `seconds` since the arrival let the script count on from what the server said."""

    visit: Visit
    who: str
    lamp: Lamp | None
    seconds: int
    url: str


def visit_row(visit: Visit, now: datetime, post: Post) -> VisitRow:
    who = shown_name(visit.resident.name, post) if visit.resident else "未登记姓名"
    seconds = int((now - visit.arrived_at).total_seconds())
    return VisitRow(visit, who, clock_of(visit, now), seconds, reverse("intake:visit_detail", args=[visit.pk]))


class Desk:
    """The desk of one window now."""

    def __init__(self, post: Post) -> None:
        self.post, self.now = post, clock.now()
        self._visits = Visit.objects.visible_to(post).filter(unit=post.unit)
        self.duties = Duty.objects.inbox([post]).open().filter(is_promise=False)

    @property
    def _midnight(self) -> datetime:
        return clock.local(self.now).replace(hour=0, minute=0, second=0, microsecond=0)

    def visits(self) -> list[VisitRow]:
        """Today's: who still waits first, the longest waiting on top; then the answered ones, the last first."""
        today = self._visits.filter(arrived_at__gte=self._midnight).with_list_data()
        waiting = list(today.unanswered().order_by("arrived_at", "pk")[:SHOWN])
        done = list(today.filter(answered_at__isnull=False).order_by("-arrived_at", "-pk")[: SHOWN - len(waiting)])
        return [visit_row(visit, self.now, self.post) for visit in [*waiting, *done]]

    def left_over(self) -> int:
        """Visits of the last month before today that nobody has answered."""
        since = self._midnight - timedelta(days=31)
        return self._visits.unanswered().filter(arrived_at__range=(since, self._midnight)).count()

    def drafts(self) -> QuerySet[Any]:
        rows = Application.objects.visible_to(self.post).filter(unit=self.post.unit, status=Application.Status.DRAFT)
        return rows.with_list_data()

    def requests(self) -> Tab:
        """Pushed here, or handed over to be signed for; urgent ones first."""
        return Tab(TABS[REQUEST], Request.objects.visible_to(self.post).on_the_desk_of(self.post.unit_id))

    def work(self, tab: str) -> QuerySet[Any]:
        rows = self.duties.exclude(kind__in=NAMED) if tab == OTHER else self.duties.filter(kind__in=KINDS[tab])
        return rows.with_list_data()

    def counts(self) -> dict[str, Any]:
        """How much lies under each tab: the duties in one statement, drafts and requests in another."""
        tallies = {tab: Count("pk", filter=Q(kind__in=kinds)) for tab, kinds in KINDS.items()}
        tallies[OTHER] = Count("pk", filter=~Q(kind__in=NAMED))
        lists = keyset.tallies({DRAFT: self.drafts(), REQUEST: self.requests().rows})
        return {**lists, **self.duties.aggregate(**tallies)}
