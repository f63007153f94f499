"""Parameters: read by everybody, set by the platform's approver (security figures: by the security administrator)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import submit

from ..filters import ParameterFilter
from ..forms import ParameterForm
from ..gates import requires
from ..models import Parameter
from ..permissions import can_set_parameter
from ..querysets import ADMINISTRATION
from ..requests import StaffRequest
from ..transitions import parameters
from ..unset import example, unset

PAGE = 50


@require_GET
@requires()
def parameter_list(request: StaffRequest) -> HttpResponse:
    rows = Parameter.objects.visible_to(request.post).in_force_on(clock.today()).select_related("region", "department")
    found = ParameterFilter(request.GET, queryset=rows)
    page = Paginator(found.qs, PAGE).get_page(request.GET.get("page"))
    template = "organization/_parameter_table.html" if request.htmx else "organization/parameter_list.html"  # type: ignore[attr-defined]
    missing = [] if request.htmx or page.number > 1 or found.form.has_changed() else unset()  # type: ignore[attr-defined]
    return render(request, template, {"filter": found, "page": page, "unset": missing})


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
@once
def parameter_detail(request: StaffRequest, key: str) -> HttpResponse:
    """Every value a parameter has had and will have; with the right to, a form for the next one."""
    history = list(
        Parameter.objects.visible_to(request.post)
        .filter(key=key)
        .select_related("region", "department", "set_by__staff", "set_by__unit")
        .order_by("-valid_from", "-pk")
    )
    known = history[0] if history else example(key)
    if known is None:
        raise Http404("没有这个参数。")
    may = can_set_parameter(request.post, key)
    if request.method == "POST" and not may:
        raise PermissionDenied("这个参数不由您的岗位设定。")
    form = ParameterForm(request.POST or None, by=request.post, key=key, known=known.value, is_set=bool(history)) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        row = submit(form, lambda: parameters.set_parameter(key=key, **form.cleaned_data, by=request.post))
        if row:
            messages.success(request, f"已设定：{row}，自 {row.valid_from} 起。")
            return redirect("organization:parameter_detail", key=key)
    status = 422 if form is not None and form.errors else 200
    shows_code = may or request.post.unit.kind in ADMINISTRATION
    context = {"known": known, "history": history, "form": form, "today": clock.today(), "shows_code": shows_code}
    return render(request, "organization/parameter_detail.html", context, status=status)
