"""看板: the figures of a post's place, one figure, how each is computed, and the screen on a wall. No person stands on any of them."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.polling import poll
from organization.gates import requires
from organization.requests import StaffRequest
from spreadsheets import downloads
from spreadsheets.caps import most_rows

from ..dashboards import page
from ..dashboards.forms import SPANS, DashboardForm
from ..dashboards.questions import is_of_village, reads, reads_work
from ..dashboards.registry import Figure, figure_of


@require_GET
@requires(reads)
def dashboard(request: StaffRequest) -> HttpResponse:
    """Filter and period stand in the link: whoever is sent it sees the same, of what he may see."""
    form = DashboardForm(request.GET, request.post)
    if not form.is_valid():
        return render(request, "monitoring/dashboard.html", _frame(request, form) | {"themes": []}, status=422)
    found = page.cards(form.question)
    context = _frame(request, form) | {
        "themes": page.themes(found),
        "spans": [_span(form, months, label) for months, label in SPANS],
        "screen_url": "" if is_of_village(request.post) else f"{reverse('monitoring:dashboard_screen')}?{form.question.asked()}",
    }
    return render(request, "monitoring/dashboard.html", context)


@require_GET
@requires(reads)
def dashboard_figure(request: StaffRequest, key: str) -> HttpResponse:
    """One figure, with how it is computed below it."""
    figure = _figure(request, key)
    form = DashboardForm(request.GET, request.post)
    if not form.is_valid():
        return render(request, "monitoring/dashboard_figure.html", _frame(request, form) | {"figure": figure, "card": None}, status=422)
    question = form.question
    context = _frame(request, form) | {
        "figure": figure,
        "card": page.card(figure, question),
        "unheeded": page.narrowed(figure, question),
        "back": f"{reverse('monitoring:dashboard')}?{question.asked()}",
    }
    return render(request, "monitoring/dashboard_figure.html", context)


@require_POST
@requires(reads)
def dashboard_export(request: StaffRequest, key: str) -> HttpResponseBase:
    """The table behind a chart, asked for by the page's own address."""
    figure = _figure(request, key)
    form = DashboardForm(request.GET, request.post)
    if not form.is_valid():
        raise Http404("没有这张表。")
    part = page.part_of(figure, form.question)
    return downloads.answer(request, part, filters=downloads.filter_words(form), by=request.post, name=figure.title)


@require_GET
@requires(reads)
def dashboard_explained(request: StaffRequest) -> HttpResponse:
    return render(request, "monitoring/dashboard_explained.html", {"themes": page.explained(request.post)})


@require_GET
@requires(reads_work)
@poll
def dashboard_screen(request: StaffRequest) -> HttpResponse:
    """For a wall: it asks again by itself, which keeps no session alive."""
    form = DashboardForm(request.GET, request.post)
    if not form.is_valid():
        raise Http404("没有这个看板。")
    question = form.question
    context = {
        "place": page.heading_of(request.post),
        "period": question.words,
        "now": clock.now(),
        "cards": page.screen_cards(question),
        "back": f"{reverse('monitoring:dashboard')}?{question.asked()}",
    }
    return render(request, "monitoring/dashboard_screen.html", context)


def _figure(request: StaffRequest, key: str) -> Figure:
    figure = figure_of(key)
    if figure is None or not figure.may(request.post):
        raise Http404("没有这个指标。")
    return figure


def _frame(request: StaffRequest, form: DashboardForm) -> dict[str, Any]:
    return {"filter_form": form, "place": page.heading_of(request.post), "most": most_rows(request.post)}


def _span(form: DashboardForm, months: str, label: str) -> dict[str, Any]:
    question = form.question
    return {"label": label, "url": f"?{question.asked(months=months)}", "is_current": str(question.months) == months}
