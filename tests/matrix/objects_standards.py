"""Behind the addresses of standards: a change that the civil department (platform: the county platform) proposed."""

from datetime import date
from typing import Any

from organization.models import Post
from organization.transitions import parameters
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope

KEY = "living_subsidy_standard_mz02"


def _known() -> None:
    parameters.set_parameter(
        key=KEY, value=90, valid_from=date(2026, 1, 1), origin="county", source="县标准", by=cast.member("platform_approver")
    )


@arguments_of("standards:change_propose", shared=by_scope)
def a_standard(scope: str, post: Post | None) -> dict[str, Any]:
    _known()
    return {"key": KEY}


@arguments_of(
    *(f"standards:change_{page}" for page in ("detail", "recount", "confirm", "progress", "resume", "decline", "withdraw")), shared=by_scope
)
def a_proposed_change(scope: str, post: Post | None) -> dict[str, Any]:
    from households.transitions.standards import propose_standard

    _known()
    by = cast.member("platform" if scope == "platform" else "civil_officer")
    return {"pk": propose_standard(key=KEY, value=120, month=date(2026, 9, 1), document="忠民发〔2026〕9号", by=by).pk}


@body_of("standards:change_propose")
def a_new_value() -> dict[str, Any]:
    return {"value": "120", "month": "2026-10", "document": "忠民发〔2026〕9号", "note": ""}


@body_of("standards:change_decline", "standards:change_withdraw")
def a_reason() -> dict[str, Any]:
    return {"reason": "文号不对。"}
