"""资金: a year's programs with what each has and spends, and the papers behind it (TZ-36, LY-31)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest
from programs.models import Program
from spreadsheets import downloads
from spreadsheets.caps import most_rows
from spreadsheets.ledgers import Asked

from ..forms.funds import BudgetForm, FundsForm
from ..funds import figures, ledgers, permissions
from ..models import Budget
from ..transitions import funds as transitions
from .reasons import answered_with_reason

PAPERS = 200
WHY = "households/budget_reason.html"


@require_GET
@requires(permissions.reads_funds)
def fund_list(request: StaffRequest) -> HttpResponse:
    """Every program of the year before the post, what runs short first told."""
    year = ledgers.year_of(request.GET)
    rows = figures.lines(request.post, year, clock.today())
    papers = Budget.objects.visible_to(request.post).of_year(year).with_list_data()[:PAPERS]
    total = figures.total_of(rows, request.post)
    context = {
        "tiles": [
            (label, *figures.short_sum(value), tone)
            for label, value, tone in (
                ("预算", total.budget, "blue"),
                ("已批全年需支", total.granted, "grey"),
                ("截至本月应发", total.due, "grey"),
                ("结余", total.left, "green"),
            )
        ],
        "year": year,
        "other_year": asked[:20] if (asked := request.GET.get("year", "").strip()) not in {"", str(year)} else "",
        "first_year": ledgers.years()[-1],
        "form": FundsForm({"year": year}, years=ledgers.years()),
        "rows": rows,
        "total": total,
        "short": [row for row in rows if row.is_short],
        "papers": [(row, row.TONES[Budget.Status(row.status)], ledgers.hides_program(row, request.post)) for row in papers],
        "may_enter": permissions.enters_budgets(request.post),
        "export_url": f"{reverse('funds:fund_export')}?year={year}",
        "most": most_rows(request.post),
    }
    return render(request, "households/fund_list.html", context)


@require_POST
@requires(permissions.reads_funds)
def fund_export(request: StaffRequest) -> HttpResponseBase:
    """The same year as a workbook: numbers of departments, nobody's name."""
    year = ledgers.year_of(request.GET)
    parts = ledgers.parts(Asked(by=request.post, given={"year": str(year)}))
    return downloads.answer(request, *parts, filters=f"{year}年", by=request.post, name=f"{year}年资金台账")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.enters_budgets)
@once
def budget_enter(request: StaffRequest) -> HttpResponse:
    programs = Program.objects.visible_to(request.post).filter(pk__in=[program.pk for program in figures.programs_of(request.post)])
    form = BudgetForm(request.POST or None, programs=programs, initial={"year": clock.today().year})
    if request.method == "POST" and form.is_valid():
        if row := submit(form, lambda: transitions.enter_budget(**form.cleaned_data, by=request.post)):
            messages.success(request, "已填报，县级平台确认后计入预算。")
            return redirect(row)
    return render(request, "households/budget_enter.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(permissions.reads_funds)
def budget_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _found(request, pk)
    is_open = row.status == Budget.Status.ENTERED
    context = {
        "row": row,
        "tone": row.TONES[Budget.Status(row.status)],
        "terms": _terms(row, hides=ledgers.hides_program(row, request.post)),
        "may_answer": is_open and permissions.can_answer_budget(request.post, row) and row.entered_by_staff_id != request.post.staff_id,
        "may_withdraw": is_open and permissions.can_withdraw_budget(request.post, row),
    }
    return render(request, "households/budget_detail.html", context)


@require_POST
@requires(permissions.reads_funds)
@once
def budget_confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = transitions.confirm_budget(budget_id=_found(request, pk).pk, by=request.post)
    messages.success(request, "已确认，计入预算。")
    return redirect(row)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.reads_funds)
@once
def budget_refuse(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _found(request, pk)
    if not permissions.can_answer_budget(request.post, row):
        raise PermissionDenied("预算由县级平台审批人员确认。")
    return answered_with_reason(
        request, row, title="退回", template=WHY,
        verb=lambda reason: transitions.refuse_budget(budget_id=pk, reason=reason, by=request.post),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.reads_funds)
@once
def budget_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _found(request, pk)
    if not permissions.can_withdraw_budget(request.post, row):
        raise PermissionDenied("由填报的部门撤回。")
    return answered_with_reason(
        request, row, title="撤回", template=WHY,
        verb=lambda reason: transitions.withdraw_budget(budget_id=pk, reason=reason, by=request.post),
    )  # fmt: skip


def _found(request: StaffRequest, pk: UUID) -> Budget:
    found: Budget = Budget.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    return found


def _terms(row: Budget, *, hides: bool) -> list[tuple[str, Any]]:
    found = [
        ("年度", f"{row.year}年"), ("部门", row.department.name),
        ("救助项目", "敏感项目" if hides else str(row.program or "不分项目，本部门统筹")), ("资金来源", row.get_source_display()),
        ("金额（元）", f"{row.amount:,.2f}"), ("文号", row.document), ("说明", "" if hides else row.note),
        ("填报", f"{clock.local(row.entered_at):%Y-%m-%d %H:%M} {row.entered_by.label}"),
    ]  # fmt: skip
    if row.answered_at and row.answered_by:
        found.append((row.get_status_display(), f"{clock.local(row.answered_at):%Y-%m-%d %H:%M} {row.answered_by.label}"))
    return [*found, ("原因", row.reason)] if row.reason else found
