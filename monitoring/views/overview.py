"""督查总览: where supervision lands, and the platform looks: numbers by unit, orders and reminders, the last bulletins."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock
from organization.gates import requires
from organization.requests import StaffRequest

from .. import standing
from ..models import Bulletin, SupervisionOrder
from ..permissions import issues_orders, sees_late_matters

SHOWN = 12


@require_GET
@requires(sees_late_matters)
def supervision_home(request: StaffRequest) -> HttpResponse:
    """Ten statements at most, whatever the county's size; no person, no case."""
    now = clock.now()
    orders = SupervisionOrder.objects.visible_to(request.post)
    units = standing.late_units(now)
    counted = standing.counted_by_unit(clock.today().year, now)
    context = {
        "units": units[:SHOWN],
        "more": max(len(units) - SHOWN, 0),
        "overdue": sum(row.overdue for row in units),
        "late_units": len(units),
        "awaiting_reply": orders.awaiting_reply().count(),
        "late_replies": orders.late(now).count(),
        "awaiting_answer": orders.awaiting_answer().count(),
        "counted": sum(row["counted"] for row in counted),
        "bulletins": Bulletin.objects.visible_to(request.post)[:4],
        "may_issue": issues_orders(request.post),
    }
    return render(request, "monitoring/supervision_home.html", context | {"year": clock.today().year})
