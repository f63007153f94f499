"""请单位核实: a unit asked for a fact that it holds, its answer, and the asking taken back."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.rules import Limit, Rule
from deadlines.transitions import open_duty
from organization.desks import desk_of
from organization.figures import figure
from organization.models import Post
from programs.models import FactKind

from ..models import Access, Fact, FactRequest, Household
from ..permissions import can_answer_fact, can_ask_fact, can_withdraw_request
from .access import let_in
from .knowledge import note_fact
from .settling import DUTY, EDGES, S, event, finish, title_of
from .standing import refuse_gone


@transaction.atomic
def ask_for_fact(*, household_id: Any, kind_key: str, resident_id: Any = None, reason: str = "", by: Post) -> FactRequest:
    """Ask the desk of the department that holds the fact; it is let in for it, and has some working days (issue 5).

    Raises:
        Http404, PermissionDenied: the household does not exist for `by`, or is not the own township's.
        TransitionError: nobody holds the fact, it is known, the person is of another household, or the household is closed.
        AlreadyHandled: it was asked for and is not answered; by whom and when.
    """
    household: Household = lock(Household.objects.visible_to(by).get_or_404(household_id))
    recheck(household, can_ask_fact, by)
    refuse_gone(household)
    kind = FactKind.objects.select_related("holder").filter(pk=kind_key).first()
    if kind is None or kind.is_derived or kind.holder is None:
        raise TransitionError("这一事项没有掌握部门，不能请单位核实。请入户核查后登记，或请申请人提供材料。")
    request = FactRequest(
        household=household, resident_id=_resident(household, kind, resident_id), kind=kind, unit=desk_of(kind.holder, clock.today()),
        reason=without_numbers(reason), asked_at=clock.now(), asked_by=by,
    )  # fmt: skip
    _refuse_second(request)
    _refuse_known(request)
    try:
        save(request)
    except ConstraintBroken as clash:
        if clash.name == "one_open_request_per_fact":
            raise AlreadyHandled(clash.messages[0]) from clash
        raise
    let_in(household=household, unit=request.unit, reason=Access.Reason.FACT, subject=request, by=by)
    open_duty(
        subject=request, kind=DUTY, kind_name="核实事项", unit=request.unit, title=title_of(request), by=by,
        limit=Limit(Rule.WORKING_DAYS, figure("fact_request_limit")), url=request.get_absolute_url(),
        region_code=household.township_code, basis="请单位核实事实时限：平台暂定",
    )  # fmt: skip
    event("fact_request.asked", request, by)
    return request


def _resident(household: Household, kind: FactKind, resident_id: Any) -> UUID | None:
    """The member it is about; None for a fact of the household."""
    if kind.scope == FactKind.Scope.HOUSEHOLD:
        return None
    member = household.memberships.open().filter(resident=resident_id).first() if _is_uuid(resident_id) else None
    if member is None:
        raise TransitionError(f"“{kind.label}”是个人的事项，请选择这个家庭的成员。")
    found: UUID = member.resident_id
    return found


def _is_uuid(text: Any) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def _refuse_second(request: FactRequest) -> None:
    rows = FactRequest.objects.open().filter(household=request.household, resident=request.resident_id, kind=request.kind)
    standing = rows.select_related("asked_by__unit", "asked_by__staff", "unit").first()
    if standing is not None:
        asked = f"{standing.asked_by.label}已于{clock.local(standing.asked_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"{asked}请{standing.unit.short_name}核实这一事项，尚未答复，不用重复提出。")


def _refuse_known(request: FactRequest) -> None:
    """What is valid is never asked for again (互认): the page may show a screening of before it was known."""
    rows = Fact.objects.valid(clock.today()).exclude(how=Fact.How.DECLARATION).filter(kind=request.kind, resident=request.resident_id)
    if (rows if request.resident_id else rows.filter(household=request.household)).exists():
        raise TransitionError("这一事项已有有效数据，不用再请单位核实。请重新筛查。")


@sensitive_variables()
@transaction.atomic
def answer_fact(
    *, request_id: Any, value: Any, found_on: date, valid_until: date | None = None, source: str = "", detail: str = "", by: Post
) -> FactRequest:
    """The holder says what its register says: it becomes a fact, known once for everybody, and the fact closes the request.

    Raises:
        AlreadyHandled: answered or withdrawn; by whom and when.
        ValidationError: a value of another type, or one that no longer holds, by field.
    """
    request: FactRequest = FactRequest.objects.visible_to(by).with_page_data().get_or_404(request_id)
    lock(request.resident or request.household)  # as every fact is written: the subject before the request
    _begin(request, "answer_fact", can_answer_fact, by)
    if valid_until is not None and valid_until < clock.today():
        raise ValidationError({"valid_until": "有效期已过的不能作为答复。现在没有有效数据的，请点“不能提供”，写明原因。"})
    whose = {"resident": request.resident} if request.resident else {"household": request.household}
    note_fact(
        kind_key=request.kind_id, **whose, value=value, how=Fact.How.REGISTER, found_on=found_on, valid_until=valid_until, source=source,
        detail=detail, is_answer=True, by=by,
    )  # fmt: skip
    return FactRequest.objects.with_page_data().get(pk=request.pk)


@transaction.atomic
def decline_fact(*, request_id: Any, cause: str, note: str, by: Post) -> FactRequest:
    """查无此人 or 暂不掌握, with the reason."""
    request: FactRequest = FactRequest.objects.visible_to(by).with_page_data().get_or_404(request_id)
    request = _begin(request, "decline_fact", can_answer_fact, by)
    if cause not in FactRequest.Cause.values:
        raise ValidationError({"cause": "请选择不能提供的情形。"})
    note = without_numbers(note)
    if not note:
        raise ValidationError({"note": "请写明原因，便于窗口另行核实。"})
    return finish(request, S.UNABLE, by, cause=cause, note=note)


@transaction.atomic
def withdraw_request(*, request_id: Any, by: Post) -> FactRequest:
    """Those who asked no longer need it."""
    request: FactRequest = FactRequest.objects.visible_to(by).with_page_data().get_or_404(request_id)
    request = _begin(request, "withdraw_request", can_withdraw_request, by)
    return finish(request, S.WITHDRAWN, by)


def _begin(request: FactRequest, verb: str, can: Any, by: Post) -> FactRequest:
    """Lock, edge, gate and permission again."""
    request = lock(request)
    [target] = EDGES[verb][S.OPEN]
    edge(request.status, target, EDGES[verb], refusal=lambda: answered_text(request))
    recheck(request, can, by)
    return request


def answered_text(request: FactRequest) -> str:
    """Who was first, when, and with what answer."""
    if request.answered_by is None or request.answered_at is None:
        return "这项核实请求待答复。"
    return f"{request.answered_by.label}已于{clock.local(request.answered_at):%Y-%m-%d %H:%M}办理：{request.get_status_display()}。"
