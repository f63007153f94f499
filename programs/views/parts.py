"""The parts of a draft, each a page with its form: words, months and quota, a track with its stages, papers."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from config.once import once
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..forms.drafts import (
    OpeningForm,
    PaperFormSet,
    PapersForm,
    PartForm,
    StageFormSet,
    TrackForm,
    WordsForm,
    papers_initial,
    stages_initial,
)
from ..models import ProgramVersion
from ..permissions import can_work_on_rules
from ..presenters import Road, departments, materials
from .drafts import editable, keep, latest_beside


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_words(request: StaffRequest, pk: int) -> HttpResponse:
    return _of_version(request, pk, WordsForm, transitions.revise_draft_words, "办理规定")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_opening(request: StaffRequest, pk: int) -> HttpResponse:
    return _of_version(request, pk, OpeningForm, transitions.revise_draft_opening, "受理月份和名额")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_track(request: StaffRequest, pk: int, key: str) -> HttpResponse:
    """A track with its stages. 看结果 shows the road that would come of them, and what is wrong with it, and saves nothing."""
    version = editable(request, pk)
    track = next((track for track in version.tracks.all() if track.key == key), None)
    if track is None:
        raise Http404("这一版没有这个办理情形。")
    form = TrackForm(request.POST or None, row=track, revision=version.revision)
    options = {"departments": departments(track)}
    stages: Any = StageFormSet(request.POST or None, initial=stages_initial(track), prefix="stage", form_kwargs=options)
    is_valid = request.method == "POST" and all([form.is_valid(), stages.is_valid()])
    rows = [stage.cleaned_data for stage in stages.rows] if is_valid else None
    if rows is not None and "do" not in request.POST:
        verb = transitions.revise_draft_track
        done = keep(
            request, version, form, lambda: verb(version_id=pk, key=key, fields=form.values, stages=rows, **_said(form), by=request.post)
        )
        if done:
            return done
    road = Road.of(track, form.values if is_valid else {}, rows)
    more: dict[str, Any] = {"row": track, "template": "programs/draft_track.html", "extra": {"road": road}}
    return _part(request, version, form, f"办理情形：{track.name}", stages=stages, **more)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_papers(request: StaffRequest, pk: int) -> HttpResponse:
    version = editable(request, pk)
    form = PapersForm(request.POST or None, row=version, revision=version.revision)
    options = {"materials": materials()}
    papers: Any = PaperFormSet(request.POST or None, initial=papers_initial(version), prefix="paper", form_kwargs=options)
    if request.method == "POST" and all([form.is_valid(), papers.is_valid()]):
        verb, rows = transitions.revise_draft_papers, [paper.cleaned_data for paper in papers.rows]
        done = keep(request, version, form, lambda: verb(version_id=pk, rows=rows, **_said(form), by=request.post))
        if done:
            return done
    return _part(request, version, form, "材料", papers=papers, template="programs/draft_papers.html")


def _of_version(request: StaffRequest, pk: int, form_class: type[PartForm], verb: Callable[..., Any], heading: str) -> HttpResponse:
    """A part that is columns of the version itself."""
    version = editable(request, pk)
    form = form_class(request.POST or None, row=version, revision=version.revision)
    if request.method == "POST" and form.is_valid():
        done = keep(request, version, form, lambda: verb(version_id=pk, fields=form.values, **_said(form), by=request.post))
        if done:
            return done
    return _part(request, version, form, heading)


def _said(form: Any) -> dict[str, Any]:
    return {"source": form.cleaned_data["source"], "seen_revision": form.cleaned_data["seen_revision"]}


def _part(
    request: StaffRequest, version: ProgramVersion, form: Any, heading: str, *, row: Any = None, template: str = "programs/draft_part.html",
    extra: dict[str, Any] | None = None, **more: Any,
) -> HttpResponse:  # fmt: skip
    wrong = bool(form.errors) or any(more[name].is_bound and not more[name].is_valid() for name in more)
    context = {"form": form, "version": version, "program": version.program, "heading": heading, "latest": [], **more, **(extra or {})}
    if wrong:
        newest = ProgramVersion.objects.visible_to(request.post).with_page_data().get_or_404(version.pk)
        newest_row = next((track for track in newest.tracks.all() if row is not None and track.pk == row.pk), newest)
        context["latest"] = latest_beside(form, newest_row)
    return render(request, template, context, status=422 if wrong else 200)
