"""Behind the addresses of budgets: a paper of the officer's department, or of the civil one."""

from decimal import Decimal
from typing import Any

from organization.models import Post
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope


@arguments_of(*(f"funds:budget_{page}" for page in ("detail", "confirm", "refuse", "withdraw")), shared=by_scope)
def a_budget(scope: str, post: Post | None) -> dict[str, Any]:
    from households.transitions.funds import enter_budget

    by = cast.member("civil_officer" if scope == "dept" else "officer")
    return {"pk": enter_budget(year=2026, source="county", amount=Decimal(1000), document="忠财社〔2026〕1号", by=by).pk}


@body_of("funds:budget_enter")
def a_line_of_a_paper() -> dict[str, Any]:
    return {"year": "2026", "program": "", "source": "county", "amount": "1000", "document": "忠财社〔2026〕1号", "note": ""}


@body_of("funds:budget_refuse", "funds:budget_withdraw")
def a_reason() -> dict[str, Any]:
    return {"reason": "文号不符。"}
