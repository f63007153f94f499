"""The lists of requests by what is to be done about them: the window's own work first, everybody else's by whether it is settled."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from config import keyset
from households.showing import shown_name
from organization.models import Post, Unit

from .models import Request
from .request_page import turn_of
from .turns import Turn


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    rows: Any
    is_done: bool = False

    def segments(self) -> list[keyset.Segment]:
        """Open ones: urgent before all others, in each the longest waiting first."""
        rows = self.rows.with_list_data()
        if self.is_done:
            return [keyset.Segment(rows, "registered_at", is_descending=True)]
        return [keyset.Segment(rows.filter(is_urgent=urgent), "registered_at") for urgent in (True, False)]


@dataclass(frozen=True, slots=True)
class RequestRow:
    request: Request
    name: str
    turn: Turn | None


def tabs_of(post: Post) -> dict[str, Tab]:
    """The window: to settle or to sign for, handed over, registered here, done. Everybody else: open and done."""
    rows = Request.objects.visible_to(post)
    if post.unit.kind == Unit.Kind.TOWNSHIP_WINDOW:
        ended = [status for status in Request.Status if status not in Request.OPEN]
        return {
            "desk": Tab("待处理", rows.on_the_desk_of(post.unit_id)),
            "given": Tab("已移交，等对方签收", rows.filter(status="handed_over", window=post.unit)),
            "own": Tab("本窗口登记", rows.filter(registered_unit=post.unit), is_done=True),
            "done": Tab("已处理", rows.filter(window=post.unit, status__in=[*ended, "returned"]), is_done=True),
        }
    ended = [status for status in Request.Status if status not in Request.OPEN]
    return {"open": Tab("办理中", rows.open()), "done": Tab("已有结果", rows.filter(status__in=ended), is_done=True)}


def rows_of(requests: Iterable[Request], post: Post) -> list[RequestRow]:
    return [RequestRow(request, shown_name(request.name, post), turn_of(request)) for request in requests]
