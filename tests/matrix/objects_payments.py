"""Behind the addresses of payments: the officer's list of September, drafted, closed or sent, and the civil department's."""

from datetime import date
from typing import Any

from config import clock
from households.models import PaymentLine, PaymentList
from households.transitions.payments import close_list, make_list, send_list
from organization.models import Post
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.replay import remembered

PROGRAM = {"dept": ("MZ01", "civil_officer", "civil_approver"), "own": ("CL02", "officer", "department_approver")}


@remembered
def _list(scope: str) -> PaymentList:
    """`own`, `dept`: drafts; with `closed`, `sent` behind them what became of it."""
    whose, _, stage = scope.partition(" ")
    code, maker, closer = PROGRAM[whose]
    home = HouseholdFactory(alone=True)
    subject = home if code == "MZ01" else factories.head_of(home)
    factories.assistance(subject, code, since=date(2026, 1, 1))
    by = cast.member(maker)
    row = make_list(program_code=code, month=clock.today().replace(day=1), by=by)
    if stage:
        row = close_list(list_id=row.pk, by=cast.member(closer))
    if stage in {"sent", "failed"}:
        row = send_list(list_id=row.pk, reason="送财政国库股", by=by)
    if stage == "failed":
        row.lines.update(state="failed", failure="账户已注销", reported_at=clock.now(), reported_by=by)
    return row


@arguments_of(
    "payments:payment_list_detail", "payments:payment_list_remake", "payments:payment_list_drop", "payments:payment_list_close",
    "payments:payment_list_roll", "payments:payment_list_changes", "payments:payment_list_print", "payments:payment_list_results",
    "payments:payment_list_blank", shared=by_scope,
)  # fmt: skip
def a_list(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _list(scope).pk}


@arguments_of("payments:payment_line_detail", "payments:payment_line_mend", shared=by_scope)
def a_line(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": PaymentLine.objects.get(list=_list(scope)).pk}


@body_of("payments:payment_list_new")
def a_new_list() -> dict[str, Any]:
    factories.assistance(factories.head_of(HouseholdFactory(alone=True)), "CL02", since=date(2026, 1, 1))
    return {"program": "CL02", "month": f"{clock.today():%Y-%m}", "kind": "regular"}


@body_of("payments:payment_list_roll")
def a_reason() -> dict[str, Any]:
    return {"step_up_reason": "送财政国库股", "step_up_password": cast.PASSWORD}


@body_of("payments:payment_line_mend")
def a_look() -> dict[str, Any]:
    return {"how": "same"}
