"""The county asked for doubts: by the platform, as a job, and what came of the last times."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config.once import once
from organization.gates import requires
from organization.requests import StaffRequest

from ..doubts.numbers import numbers_of
from ..models import DoubtRun
from ..permissions import can_find_doubts
from ..transitions import ask_to_find

LISTED = 30


@require_GET
@requires(can_find_doubts)
def doubt_run_list(request: StaffRequest) -> HttpResponse:
    """The last one by kind, the others in one line each."""
    runs = list(DoubtRun.objects.visible_to(request.post).select_related("begun_by__unit", "begun_by__staff")[:LISTED])
    return render(request, "monitoring/doubt_run_list.html", {"runs": runs, "rows": numbers_of(runs[0]) if runs else []})


@require_POST
@requires(can_find_doubts)
@once
def doubt_run_begin(request: StaffRequest) -> HttpResponse:
    """A job on today's data; asked again while it is open, it is the same one."""
    return redirect(ask_to_find(by=request.post))
