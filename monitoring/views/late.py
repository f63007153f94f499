"""Late matters of the county, from which orders and written reminders are begun."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock, lists
from organization.gates import requires
from organization.requests import StaffRequest

from .. import lateness
from ..permissions import can_draft_order, can_issue_reminder, sees_late_matters
from ..supervision_filters import LateFilter

LIST = lists.declare(
    lists.List(
        "monitoring:late_list",
        (
            lists.Column("lamp", "时限", is_fixed=True),
            lists.Column("unit", "承办单位", is_fixed=True),
            lists.Column("program", "救助项目"),
            lists.Column("subject", "编号", is_fixed=True),
            lists.Column("step", "环节"),
            lists.Column("township", "乡镇（街道）"),
            lists.Column("due", "到期日", sort="due_at", is_filled=True),
            lists.Column("days", "超期天数"),
            lists.Column("escalated", "上报"),
            lists.Column("pressed", "督办提醒", is_fixed=True),
        ),
        sort="due",
        filters=LateFilter,
    )
)


@require_GET
@requires(sees_late_matters)
def late_list(request: StaffRequest) -> HttpResponse:
    """The longest overdue first."""
    now = clock.now()
    chosen = LIST.chosen(request)
    found = LateFilter(chosen.filters, queryset=lateness.late(request.post, now), request=request)
    table = chosen.table(found.qs.values_list(*lateness.COLUMNS, named=True), form=found.form)
    context = {
        "filter": found,
        "table": table,
        "rows": lateness.lines(table.rows, request.post, now),
        "may_order": can_draft_order(request.post),
        "may_remind": can_issue_reminder(request.post),
    }
    template = "monitoring/_late_rows.html" if request.htmx else "monitoring/late_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)
