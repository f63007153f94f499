"""What the addresses of doubts name: of the home township (town: of the neighbouring one), open or in the pool."""

from typing import Any

from organization.models import Post
from tests.households.factories import HouseholdFactory
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.monitoring.doubting import SEEN, doubt_of, doubt_of_aid


def _a_doubt(scope: str) -> Any:
    if scope == "town":
        return doubt_of("identity", subject=HouseholdFactory(in_neighbour=True), evidence=SEEN)
    return doubt_of(in_pool=scope == "pool")


@arguments_of(*(f"monitoring:doubt_{page}" for page in ("detail", "pull", "aid", "correct", "dismiss")), shared=by_scope)
def a_doubt(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _a_doubt(scope).pk}


@arguments_of("monitoring:doubt_stop", shared=by_scope)
def a_doubt_of_aid(scope: str, post: Post | None) -> dict[str, Any]:
    doubt, record = doubt_of_aid()
    return {"pk": doubt.pk, "record": record.pk}


@body_of("monitoring:doubt_stop")
def to_be_stopped() -> dict[str, Any]:
    return {
        "kind": "stop", "reason_code": "income", "reason": "就业后收入超过标准。", "from_month": "2026-10", "amount": "", "months": "",
        "leaver": "", "seen": "",
    }  # fmt: skip


@body_of("monitoring:doubt_aid")
def applied_for_by_nobody() -> dict[str, Any]:
    return {"applicant": "", "picks": [], "reason": "上门核实，符合。"}


@body_of("monitoring:doubt_correct")
def corrected() -> dict[str, Any]:
    return {"reason": "已更正。"}


@body_of("monitoring:doubt_dismiss")
def kept() -> dict[str, Any]:
    return {"outcome": "kept", "reason": "已核实。"}
