"""What is masked, shown for a while: a fragment for htmx, a small page without JavaScript (SECURITY D12)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from config.submit import submit
from organization.figures import figure
from organization.gates import requires
from organization.requests import StaffRequest

from ..forms import RevealForm
from ..models import Fact
from ..permissions import can_open_fact, can_search, can_see_number
from ..showing import whose_number
from ..transitions import open_fact, reveal_number
from ..transitions.reveals import is_own_work


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_search)
def number_reveal(request: StaffRequest, pk: UUID, field: str) -> HttpResponse:
    """POST shows one number of one person, and is a line of the record; GET masks it again."""
    resident = whose_number(field, request.post).get_or_404(pk)
    if not can_see_number(request.post, field):
        raise PermissionDenied("您的岗位只能查看脱敏号码。")
    shown = {"url": reverse("households:number_reveal", args=[pk, field]), "text": str(getattr(resident, field)), "whose": resident.name}
    return _show(request, shown, resident, lambda reason: reveal_number(resident_id=pk, field=field, reason=reason, by=request.post))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_search)
def fact_open(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The value of a sensitive fact with its sealed words."""
    fact = Fact.objects.visible_to(request.post).select_related("kind", "resident", "household").get_or_404(pk)
    if not can_open_fact(request.post, fact):
        raise PermissionDenied("您的岗位不能查看这一事项的内容。")
    shown = {"url": reverse("households:fact_open", args=[pk]), "text": "内容已隐去", "whose": fact.kind.label}
    return _show(
        request, shown, fact.resident or fact.household, lambda reason: _words(open_fact(fact_id=pk, reason=reason, by=request.post))
    )


def _words(found: tuple[str, str]) -> str:
    return "：".join(part for part in found if part)


@sensitive_variables()
def _show(request: StaffRequest, shown: dict[str, Any], subject: Any, verb: Callable[[str], str]) -> HttpResponse:
    """`verb` takes the reason, which is asked for where this is not the post's own work."""
    asks = not is_own_work(request.post, subject)
    form = RevealForm(request.POST if request.POST.get("reason") is not None else None)
    if request.method == "POST" and (not asks or form.is_valid()):
        value = submit(form, lambda: verb("" if not asks else form.cleaned_data["reason"]))
        if value is not None:
            shown = {**shown, "value": value or "尚未登记", "seconds": figure("reveal_shown_for") * 60}
    context = {**shown, "form": form if asks and request.method == "POST" and "value" not in shown else None}
    is_fragment = request.htmx  # type: ignore[attr-defined]
    template = "households/_revealed.html" if is_fragment else "households/revealed.html"
    return render(request, template, context, status=422 if context["form"] else 200)
