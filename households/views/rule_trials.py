"""Dry runs of a draft's rule over the county: asked for as a job, and what came of each."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.once import once
from config.submit import submit
from deadlines.transitions import ask_job
from organization.figures import figure
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest
from programs.models import ProgramVersion
from programs.permissions import can_draft
from programs.proof import prove

from .. import tasks
from ..forms import LookIntoForm, TrialForm
from ..models import ScreeningRun
from ..permissions import can_look_into, can_screen_county
from ..rule_trial_page import day_of, is_changed_since, lines_of, rows_of, telling_of, trials_of, version_of
from ..transitions import look_into_trial


@require_safe
@requires(can_screen_county)
def rule_trial_list(request: StaffRequest, pk: int) -> HttpResponse:
    """The dry runs of one draft, and the button for the next."""
    version = _draft(request.post, pk)
    return _listed(request, version, TrialForm())


@require_POST
@requires(can_screen_county)
@once
def rule_trial_begin(request: StaffRequest, pk: int) -> HttpResponse:
    """Asked again while it is open and the draft unchanged, it is the same job."""
    version, form = _draft(request.post, pk), TrialForm(request.POST)
    if not form.is_valid():
        return _listed(request, version, form)
    day = form.cleaned_data["day"]
    arguments = {"version": pk, "revision": version.revision, **({"day": day.isoformat()} if day else {})}
    return redirect(ask_job(tasks.TRIAL, arguments=arguments, by=request.post))


def _listed(request: StaffRequest, version: ProgramVersion, form: TrialForm) -> HttpResponse:
    context = {"version": version, "runs": trials_of(version, request.post)[:50], "form": form}
    return render(request, "households/rule_trial_list.html", context, status=422 if form.errors else 200)


@require_safe
@requires(can_screen_county)
def rule_trial_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    run = ScreeningRun.objects.visible_to(request.post).comparisons().select_related("begun_by__unit", "begun_by__staff").get_or_404(pk)
    version = version_of(run, request.post)
    program, telling = version.program, telling_of(run, version, request.post)
    context = {
        "run": run,
        "version": version,
        "program": program,
        "measure": "户" if program.beneficiary == "household" else "人",
        "telling": telling,
        "lines": lines_of(run, telling),
        "rows": rows_of(run, request.post) if telling.names else {},
        "is_changed": is_changed_since(run, version),
        "day": day_of(run),
        "proof": prove(version, day_of(run)) if version.is_open_draft else None,
    }
    return render(request, "households/rule_trial_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_look_into)
@once
def rule_trial_look_into(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Why the platform reads who enters and leaves by a rule that asks what is sensitive; it reads them for some minutes."""
    run = ScreeningRun.objects.visible_to(request.post).comparisons().get_or_404(pk)
    version_of(run, request.post)
    form, back = LookIntoForm(request.POST or None), reverse("households:rule_trial_detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: look_into_trial(run_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            return redirect(back)
    context = {"form": form, "heading": "查看试运行中的敏感内容", "minutes": figure("reveal_shown_for"), "back": back}
    return render(request, "households/look_into.html", context, status=422 if form.errors else 200)


def _draft(post: Post, pk: int) -> ProgramVersion:
    version: ProgramVersion = ProgramVersion.objects.visible_to(post).select_related("program").get_or_404(pk)
    if not can_draft(post, version.program):
        raise PermissionDenied("试运行由本项目的部门或县级平台发起。")
    return version
