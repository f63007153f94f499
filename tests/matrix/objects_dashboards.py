"""Behind the addresses of dashboards: a figure of work, and one of doubts, which departments do not see."""

from typing import Any

from organization.models import Post
from tests.matrix.objects import arguments_of, body_of


@arguments_of("monitoring:dashboard_figure", "monitoring:dashboard_export")
def _figure(scope: str, post: Post | None) -> dict[str, Any]:
    return {"key": "doubts" if scope == "doubts" else "lamps"}


@body_of("monitoring:dashboard_export")
def _nothing() -> dict[str, Any]:
    return {}
