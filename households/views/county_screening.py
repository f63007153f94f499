"""The county screened: asked for as a job, and what came of it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.once import once
from deadlines.transitions import ask_job
from organization.gates import requires
from organization.requests import StaffRequest

from .. import tasks
from ..county_page import page_of, program_of
from ..models import ScreeningRun
from ..permissions import can_screen_county

LISTED = 50
BEGUN = ("begun_by__unit", "begun_by__staff")


@require_GET
@requires(can_screen_county)
def screening_run_list(request: StaffRequest) -> HttpResponse:
    runs = ScreeningRun.objects.visible_to(request.post).whole().select_related(*BEGUN)[:LISTED]
    return render(request, "households/screening_run_list.html", {"runs": runs})


@require_POST
@requires(can_screen_county)
@once
def screening_run_begin(request: StaffRequest) -> HttpResponse:
    """A job of today's register; asked again while it is open, it is the same one."""
    return redirect(ask_job(tasks.COUNTY, arguments={"on": clock.today().isoformat()}, by=request.post))


@require_GET
@requires(can_screen_county)
def screening_run_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Of all programs, or of the one chosen by township."""
    run = ScreeningRun.objects.visible_to(request.post).whole().select_related(*BEGUN).get_or_404(pk)
    program = program_of(run, request.GET.get("program", ""), request.post)
    return render(request, "households/screening_run_detail.html", page_of(run, program, request.post))
