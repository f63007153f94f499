"""A request for a fact ends when the fact arrives, whoever writes it down. Inner, below the verbs of both."""

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import save
from deadlines.models import Duty
from deadlines.transitions import announce, close_duty
from organization.models import Post

from ..models import Fact, FactRequest
from .access import close_access

DUTY = "answer_fact"
S = FactRequest.Status
EDGES: dict[str, dict[str, frozenset[str]]] = {
    "answer_fact": {S.OPEN: frozenset({S.ANSWERED})},
    "decline_fact": {S.OPEN: frozenset({S.UNABLE})},
    "withdraw_request": {S.OPEN: frozenset({S.WITHDRAWN})},
    "reopen_request": {S.ANSWERED: frozenset({S.OPEN})},
}


def settle_by(fact: Fact, by: Post) -> None:
    """The open requests that this fact answers, closed by it; what only the applicant says, or no longer holds, answers nothing."""
    if fact.how == Fact.How.DECLARATION or (fact.valid_until is not None and fact.valid_until < clock.today()):
        return
    rows = FactRequest.objects.open().filter(kind=fact.kind_id, resident=fact.resident_id)
    rows = rows if fact.resident_id else rows.filter(household=fact.household_id)
    for request in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
        request.fact = fact
        finish(request, S.ANSWERED, by, note="" if by.unit_id == request.unit_id else f"由{by.unit.short_name}登记")


def finish(request: FactRequest, status: str, by: Post, *, cause: str = "", note: str = "") -> FactRequest:
    """The end written, the clock closed, the look limited, the asker told. Inner."""
    request.status, request.cause, request.answer_note = status, cause, note
    request.answered_at, request.answered_by = clock.now(), by
    save(request, "status", "cause", "answer_note", "answered_at", "answered_by", "fact")
    outcomes = {S.ANSWERED: Duty.Outcome.DONE, S.UNABLE: Duty.Outcome.RETURNED, S.WITHDRAWN: Duty.Outcome.CANCELLED}
    close_duty(subject=request, kind=DUTY, by=by, outcome=outcomes[S(status)])
    close_access(subject=request, by=by)
    event(f"fact_request.{status}", request, by)
    if by.unit_id != request.asked_by.unit_id:
        announce(
            f"fact_request.{status}", request, to=request.asked_by.unit, title=f"{title_of(request)}：{request.get_status_display()}",
            body="请重新筛查。" if status == S.ANSWERED else request.get_cause_display(), url=request.get_absolute_url(),
        )  # fmt: skip
    return request


def title_of(request: FactRequest) -> str:
    """What and whose, masked: for duties, notices and the record. What a sensitive fact is called stays out of them."""
    label = "敏感事项" if request.kind.is_sensitive else request.kind.label
    whose = mask_name(request.resident.name) if request.resident else f"户{request.household.number}"
    return f"核实{label}：{whose}"


def event(verb: str, request: FactRequest, by: Post) -> None:
    record(
        verb, request, by=by, new=request.unit.short_name, subject_text=title_of(request), household_id=request.household_id,
        data={"cause": request.get_cause_display() if request.cause else "", "fact": str(request.fact_id or "")},
    )  # fmt: skip
