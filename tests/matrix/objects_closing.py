"""Behind the addresses of closed days and months."""

from typing import Any

from config import clock
from config.dates import add_months
from monitoring.models import MonthClose
from monitoring.transitions import closing
from organization.models import Post
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.replay import remembered


def _clerk(scope: str) -> Post:
    return cast.member("clerk" if scope == "own" else "neighbour_clerk")


@arguments_of("monitoring:day_close_detail", shared=by_scope)
def a_closed_day(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": closing.close_day(day=clock.today(), said={}, by=_clerk(scope)).pk}


@remembered
def _months() -> list[MonthClose]:
    """The month of every township, of which the scopes name one each."""
    closing.open_months(month=add_months(clock.today().replace(day=1), -1), by=Post.objects.the_system())
    return list(MonthClose.objects.order_by("pk"))


@arguments_of("monitoring:month_close", shared=by_scope)
def a_month(scope: str, post: Post | None) -> dict[str, Any]:
    unit = _clerk(scope).unit_id
    return {"pk": next(row.pk for row in _months() if row.unit_id == unit)}


@body_of("monitoring:day_close")
def a_day() -> dict[str, Any]:
    return {"day": clock.today().isoformat()}


@body_of("monitoring:day_close_detail")
def a_line() -> dict[str, Any]:
    return {"text": "晚上又来一户，已登记。"}


@body_of("monitoring:month_close")
def a_remark() -> dict[str, Any]:
    return {"note": "本月无遗留。"}
