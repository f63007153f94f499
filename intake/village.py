"""An assistant's day on one page: what the village registered, and how far its people's applications are (TZ-08, ZX-19).

Never a condition, an amount, a fact or a sensitive program: states, names of programs and of papers that are missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from config import clock
from config.navigation import address
from organization.models import Post

from .models import Application, Paper, Request
from .onward import Matter, matters_of
from .request_list import RequestRow, rows_of
from .turns import Turn, turn_of

SHOWN = 20
MOST = 60  # applications of one village that are under way, the newest first
RECENT = timedelta(days=31)
# The page of reported changes belongs to the room above: its button stands here while that page exists.
CHANGE = "referrals:report_list"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """One application as its village sees it."""

    application: Application
    turn: Turn | None
    matters: list[Matter]
    missing: list[str] = field(default_factory=list)


class VillagePage:
    def __init__(self, post: Post) -> None:
        self.post = post
        self._mine = Request.objects.visible_to(post)

    @cached_property
    def to_do(self) -> list[RequestRow]:
        """Not pushed yet, or sent back: the assistant's turn."""
        rows = self._mine.filter(registered_unit=self.post.unit, status__in=["registered", "returned"])
        return self._rows(rows.order_by("-is_urgent", "registered_at"))

    @cached_property
    def waiting(self) -> list[RequestRow]:
        """At the window, urgent ones first."""
        rows = self._mine.filter(registered_unit=self.post.unit, status__in=["pushed", "handed_over"])
        return self._rows(rows.order_by("-is_urgent", "registered_at"))

    @cached_property
    def answered(self) -> list[RequestRow]:
        rows = self._mine.filter(registered_unit=self.post.unit, settled_at__gte=clock.now() - RECENT)
        return self._rows(rows.filter(status__in=["answered", "withdrawn", "accepted"]).order_by("-settled_at"))

    @cached_property
    def before(self) -> list[RequestRow]:
        """Registered by oneself in a village where one works no more."""
        return self._rows(self._mine.exclude(registered_unit=self.post.unit).order_by("-registered_at"))

    def _rows(self, rows: Any) -> list[RequestRow]:
        return rows_of(rows.with_list_data()[:SHOWN], self.post)

    @property
    def is_cut(self) -> bool:
        return len(self.under_way) >= MOST

    @property
    def change_url(self) -> str:
        return address(CHANGE)

    @cached_property
    def under_way(self) -> list[UnderWay]:
        """Applications of the village's families that are not ended. One that asks for sensitive programs alone is not there at all."""
        found = Application.objects.of_village(self.post).open().with_list_data().order_by("-drafted_at", "-pk")[:MOST]
        rows = [row for row in found if not row.listed_items or any(not item.program.is_sensitive for item in row.listed_items)]
        matters, missing = matters_of(self.post, rows), missing_papers(rows)
        return [UnderWay(row, turn_of(row), matters.get(row.pk, []), missing.get(row.pk, [])) for row in rows]


def missing_papers(applications: Sequence[Application]) -> dict[Any, list[str]]:
    """Names of what must still be brought. A paper that only a sensitive program asks for is not named."""
    owed: dict[Any, list[str]] = {}
    rows = Paper.objects.filter(application__in=applications, is_required=True, is_confidential=False).owed()
    for application, name in rows.order_by("name").values_list("application_id", "name"):
        owed.setdefault(application, []).append(name)
    return owed
