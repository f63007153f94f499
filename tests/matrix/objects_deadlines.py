"""The house's own work behind the addresses of the matrix: texts that were parked, periodic works, one's own mobile."""

from typing import Any

from config import clock
from deadlines.models import OutboxMessage
from organization.models import Post
from organization.transitions import mobiles
from tests.matrix.objects import arguments_of, body_of, by_scope

NUMBER = "138" + "0000" + "1234"


@arguments_of("deadlines:outbox_retry", "deadlines:outbox_drop", shared=by_scope)
def a_parked_text(scope: str, post: Post | None) -> dict[str, Any]:
    now = clock.now()
    OutboxMessage.objects.create(
        kind="duty.overdue", channel="sms", dedupe_key="sms:matrix", payload={"notice": "of-the-matrix"}, created_at=now, tries=10,
        parked_at=now, last_error="网关忙",
    )  # fmt: skip
    return {}


@body_of("deadlines:outbox_retry", "deadlines:outbox_drop")
def rows_and_reason() -> dict[str, Any]:
    return {"rows": [OutboxMessage.objects.get(dedupe_key="sms:matrix").pk], "reason": "网关已恢复"}


@arguments_of("deadlines:period_run")
def a_periodic_work(scope: str, post: Post | None) -> dict[str, Any]:
    return {"key": "nobody.knows" if scope == "unknown" else "deadlines.forget_runs"}


@arguments_of("organization:texting_stop")
def a_mobile(scope: str, post: Post | None) -> dict[str, Any]:
    if post:
        mobiles.text_me(number=NUMBER, by=post)
    return {}


@body_of("organization:texting")
def a_number() -> dict[str, Any]:
    return {"number": NUMBER}


@body_of("organization:texting_stop")
def no_field() -> dict[str, Any]:
    return {}
