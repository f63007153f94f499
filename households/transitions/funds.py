"""资金预算: entered by the department, confirmed or sent back by the county platform, taken back by whoever entered it (TZ-36, LY-31)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.transitions import announce
from organization.models import Department, Post, Unit
from programs.models import Program

from ..funds.permissions import can_answer_budget, can_withdraw_budget, enters_budgets
from ..models import Budget

S = Budget.Status
EDGES: Mapping[str, frozenset[str]] = {S.ENTERED: frozenset({S.CONFIRMED, S.REFUSED, S.WITHDRAWN})}
AHEAD = 1  # years: a budget is known before its year begins


@transaction.atomic
def enter_budget(
    *, year: int, source: str, amount: Decimal, document: str, note: str = "", program: Program | None = None, by: Post
) -> Budget:
    """What a year has for a program, or for the department's programs together; below zero where a later paper takes away.

    Raises:
        PermissionDenied: a unit without programs, or another department's program.
        TransitionError: a year that is too far off.
    """
    department = _department(program, by)
    latest = clock.today().year + AHEAD
    if not 2021 <= year <= latest:
        raise TransitionError(f"年度须在2021到{latest}之间，请看年份写对没有。")
    row = Budget(
        department=department, program=program, year=year, source=source, amount=amount, document=without_numbers(document),
        note=without_numbers(note), entered_at=clock.now(), entered_by=by, entered_by_staff=by.staff,
    )  # fmt: skip
    save(row)
    record("budget.entered", row, by=by, new=_told(row), note=row.document)
    platform = Unit.objects.current(clock.today()).get(kind=Unit.Kind.PLATFORM)
    announce(
        "budget.entered", row, to=platform, title=f"{department.name}{row.year}年预算待确认", body=row.document, url=row.get_absolute_url()
    )
    return row


@transaction.atomic
def confirm_budget(*, budget_id: UUID | str, by: Post) -> Budget:
    """The second person: from now on it counts, and stays.

    Raises:
        AlreadyHandled: somebody answered it, who and when.
        TransitionError: by whoever entered it.
    """
    row = _answered(budget_id, S.CONFIRMED, can_answer_budget, "", by)
    record("budget.confirmed", row, by=by, new=_told(row))
    return row


@transaction.atomic
def refuse_budget(*, budget_id: UUID | str, reason: str, by: Post) -> Budget:
    row = _answered(budget_id, S.REFUSED, can_answer_budget, _reason(reason), by)
    record("budget.refused", row, by=by, note=row.reason)
    announce("budget.refused", row, to=row.entered_by.unit, title=f"{row.year}年预算已退回", body=row.reason, url=row.get_absolute_url())
    return row


@transaction.atomic
def withdraw_budget(*, budget_id: UUID | str, reason: str, by: Post) -> Budget:
    row = _answered(budget_id, S.WITHDRAWN, can_withdraw_budget, _reason(reason), by)
    record("budget.withdrawn", row, by=by, note=row.reason)
    return row


def _department(program: Program | None, by: Post) -> Department:
    """Whose budget it is: that of the program, which must be the post's own; else the post's department."""
    from organization.lineage import departments

    if not enters_budgets(by):
        raise PermissionDenied("预算由有救助项目的部门填报。")
    if program is None:
        return by.unit.department  # type: ignore[return-value]  # a department's post has one
    if program.department_id not in departments(by):
        raise PermissionDenied("只能填报本部门项目的预算。")
    return program.department


def _answered(budget_id: UUID | str, target: str, predicate: Any, reason: str, by: Post) -> Budget:
    row: Budget = Budget.objects.visible_to(by).get_or_404(budget_id)
    row = lock(row)
    edge(row.status, target, EDGES, refusal=lambda: _handled(row))
    recheck(row, predicate, by)
    if target != S.WITHDRAWN and row.entered_by_staff_id == by.staff_id:
        raise TransitionError("填报预算的人不能自己确认，请由另一人确认。")
    row.status, row.answered_at, row.answered_by, row.answered_by_staff, row.reason = target, clock.now(), by, by.staff, reason
    save(row, "status", "answered_at", "answered_by", "answered_by_staff", "reason")
    return row


def _handled(row: Budget) -> str:
    who, at = row.answered_by, row.answered_at
    if who is None or at is None:
        return "这笔预算还没有办理。"
    return f"{who.label}已于{clock.local(at):%Y-%m-%d %H:%M}办理，现为“{row.get_status_display()}”。"


def _reason(text: str) -> str:
    text = without_numbers(text)
    if not text:
        raise TransitionError("请写明原因。")
    return text


def _told(row: Budget) -> str:
    return f"{row.year}年{row.program or '本部门统筹'} {row.get_source_display()}{row.amount}元"
