"""The window's lists: visits and applications of one's own township, of the county for the platform."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock, lists
from households.showing import shown_name
from organization.gates import requires
from organization.requests import StaffRequest

from ..desk import visit_row
from ..filters import ApplicationFilter, VisitFilter
from ..models import Application, Visit
from ..permissions import can_read_applications
from ..showing import programs_shown
from ..turns import turn_of

APPLICATIONS = lists.declare(
    lists.List(
        "intake:application_list",
        (
            lists.Column("number", "申请编号", is_fixed=True),
            lists.Column("applicant", "申请人", is_fixed=True),
            lists.Column("items", "申请项目"),
            lists.Column("unit", "受理窗口"),
            lists.Column("drafted", "起草时间", sort="-drafted_at", is_filled=True),
            lists.Column("submitted", "提交时间", is_extra=True),
            lists.Column("accepted", "受理时间"),
            lists.Column("responder", "首问责任人"),
            lists.Column("turn", "轮到谁"),
            lists.Column("status", "状态", is_fixed=True),
        ),
        sort="-drafted",
        filters=ApplicationFilter,
        personal=frozenset({"name"}),
    )
)
VISITS = lists.declare(
    lists.List(
        "intake:visit_list",
        (
            lists.Column("number", "登记号", is_fixed=True),
            lists.Column("person", "求助人", is_fixed=True),
            lists.Column("unit", "窗口"),
            lists.Column("arrived", "到达时间", sort="-arrived_at", is_filled=True),
            lists.Column("mode", "服务方式"),
            lists.Column("matter", "求助事由"),
            lists.Column("responder", "首问责任人"),
            lists.Column("clock", "答复", is_fixed=True),
        ),
        sort="-arrived",
        filters=VisitFilter,
    )
)


def _is_of_one_place(request: StaffRequest) -> bool:
    """Then the column of the window would say the same in every row."""
    return request.post.role in {"T", "TA"}


@require_GET
@requires(can_read_applications)
def application_list(request: StaffRequest) -> HttpResponse:
    chosen = APPLICATIONS.chosen(request)
    rows = Application.objects.visible_to(request.post).with_list_data()
    found = ApplicationFilter(chosen.filters, queryset=rows, request=request)
    table = chosen.table(found.qs, without={"unit"} if _is_of_one_place(request) else set(), form=found.form)
    template = "intake/_application_table.html" if request.htmx else "intake/application_list.html"  # type: ignore[attr-defined]
    post = request.post
    lines = [(row, shown_name(row.applicant.name, post), programs_shown(row, post), turn_of(row)) for row in table.rows]
    return render(request, template, {"filter": found, "table": table, "lines": lines})


@require_GET
@requires(can_read_applications)
def visit_list(request: StaffRequest) -> HttpResponse:
    chosen, now = VISITS.chosen(request), clock.now()
    rows = Visit.objects.visible_to(request.post).with_list_data()
    found = VisitFilter(chosen.filters, queryset=rows, request=request)
    table = chosen.table(found.qs, without={"unit"} if _is_of_one_place(request) else set(), form=found.form)
    context = {"filter": found, "table": table, "rows": [visit_row(visit, now, request.post) for visit in table.rows]}
    template = "intake/_visit_table.html" if request.htmx else "intake/visit_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)
