"""Behind the addresses of reviews: the list of the month of urban 低保, of the home township or of the neighbour."""

from datetime import date
from typing import Any

from monitoring.models import ReviewLine
from monitoring.transitions import reviews
from organization.models import Post
from tests.households.factories import HouseholdFactory, assistance
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.replay import remembered


@remembered
def _line(scope: str) -> ReviewLine:
    assistance(HouseholdFactory(alone=True, setting="urban", in_neighbour=scope == "town"), since=date(2026, 5, 1))
    reviews.open_lists(by=Post.objects.the_system())
    return ReviewLine.objects.get()


@arguments_of("monitoring:review_list_detail", "monitoring:review_lines_check", shared=by_scope)
def a_list(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _line(scope).list_id}


@arguments_of("monitoring:review_line_check", shared=by_scope)
def a_line(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _line(scope).pk}


@body_of("monitoring:review_lines_check")
def ticked() -> dict[str, Any]:
    return {"way": "phone", "lines": [str(pk) for pk in ReviewLine.objects.values_list("pk", flat=True)]}


@body_of("monitoring:review_line_check")
def found() -> dict[str, Any]:
    return {"result": "still", "way": "visit", "note": ""}
