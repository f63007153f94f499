"""The catalogue for everybody: no sign-in, works without JavaScript, the filters in the address (ZX-51, ZX-54, TZ-35)."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config import clock
from organization.requests import StaffRequest

from ..caching import public_page
from ..filters import ProgramFilter
from ..models import Program, ProgramVersion
from ..presenters import GROUPINGS, ProgramPage, groups


@login_not_required
@require_safe
@public_page
def program_list(request: StaffRequest) -> HttpResponse:
    programs = Program.objects.visible_to(request.post)
    found = ProgramFilter(request.GET, queryset=programs, request=request)
    grouping = request.GET.get("group", "")
    grouping = grouping if grouping in GROUPINGS else "department"
    rows = list(found.qs.with_list_data(clock.today()))
    departments = list(programs.departments())
    context = {
        "frame_template": _frame(request),
        "filter": found,
        "groups": groups(rows, grouping),
        "found_count": len(rows),
        "program_count": sum(department.program_count for department in departments),
        "placeholder_count": sum(department.unnamed_count for department in departments),
        "departments": departments,
        "tabs": [_tab(request, key, label, grouping) for key, label in GROUPINGS.items()],
    }
    template = "programs/_program_results.html" if request.htmx else "programs/program_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@login_not_required
@require_safe
@public_page
def program_detail(request: StaffRequest, code: str) -> HttpResponse:
    page = _page(request, code)
    return render(request, "programs/program_detail.html", {"frame_template": _frame(request), "page": page, "program": page.program})


@login_not_required
@require_safe
@public_page
def program_guide(request: StaffRequest, code: str) -> HttpResponse:
    """办事指南: the same on one sheet of A4, to be handed over at the window."""
    page = _page(request, code)
    return render(request, "programs/program_guide.html", {"page": page, "program": page.program, "today": clock.today()})


@login_not_required
@require_safe
def api_docs(request: StaffRequest) -> HttpResponse:
    """The API's schema as a page, from local files only."""
    return render(request, "programs/api_docs.html")


def _page(request: StaffRequest, code: str) -> ProgramPage:
    versions = ProgramVersion.objects.visible_to(request.post).in_force(clock.today())
    version = versions.filter(program_id=code).with_page_data().first()
    if version is None:
        raise Http404("没有这个救助项目。")
    return ProgramPage(version, for_office=request.user.is_authenticated)


def _frame(request: StaffRequest) -> str:
    return "base.html" if request.user.is_authenticated else "public.html"


def _tab(request: StaffRequest, key: str, label: str, current: str) -> dict[str, object]:
    query = request.GET.copy()
    query["group"] = key
    return {"label": label, "url": f"?{query.urlencode()}", "is_current": key == current, "count": None}
