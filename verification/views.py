"""Pages of verification: the township's list, the page of everybody it is recognised by, and the form."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from config import keyset
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from . import transitions
from .filters import VerificationFilter
from .forms import MethodsForm, VerificationForm, initial_of
from .listing import SORTS, TABS, listed, tabs
from .models import Verification
from .page import page_of
from .permissions import can_list, can_look, can_work_on

DONE = {
    "start": "核查已启动。",
    "save": "已暂存，还没有完成。",
    "finish": "核查已完成，全县各单位在有效期内互认，不再重复核查。",
}


@require_GET
@requires(can_list)
def verification_list(request: StaffRequest) -> HttpResponse:
    """The own township's; for the platform the county's. The same address gives the page, or the table alone to htmx."""
    rows = Verification.objects.visible_to(request.post).of_work(request.post)
    tab = asked if (asked := request.GET.get("tab", "")) in TABS else "pending"
    found = VerificationFilter(request.GET, queryset=rows.of_tab(tab).with_page_data())
    page = keyset.page(keyset.ordered(found.qs, SORTS[tab]), request, sort=SORTS[tab])
    context = {"filter": found, "page": page, "rows": listed(page.rows, request.post), "tab": tab, "tabs": tabs(tab, rows)}
    template = "verification/_verification_table.html" if request.htmx else "verification/verification_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_GET
@requires(can_look)
def verification_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is recognised by everybody (ZX-40), and for who may read them the situations in words and figures."""
    verification = Verification.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    return render(request, "verification/verification_detail.html", {"page": page_of(verification, request.post)})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_look)
@once
def verification_edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Start, 暂存, finish: one form, the button says which."""
    verification = Verification.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    if not can_work_on(request.post, verification):
        raise PermissionDenied("核查由受理的乡镇（街道）经办人员填写。")
    if request.method != "POST" and verification.is_over:
        return redirect(verification)
    step = request.POST.get("step", "save")
    form = _form(request, verification, step)
    if request.method == "POST" and form.is_valid() and _done(step, form, request, pk):
        messages.success(request, DONE.get(step, DONE["save"]))
        return redirect("verification:verification_detail" if step == "finish" else "verification:verification_edit", pk=pk)
    context = {"form": form, "page": page_of(verification, request.post)}
    return render(request, "verification/verification_edit.html", context, status=422 if form.errors else 200)


def _form(request: StaffRequest, verification: Verification, step: str) -> MethodsForm:
    data = request.POST if request.method == "POST" else None
    if step == "start" or (data is None and verification.status == Verification.Status.PENDING):
        return MethodsForm(data)
    return VerificationForm(data, verification=verification, is_whole=data is None or step == "finish", initial=initial_of(verification))


def _done(step: str, form: MethodsForm, request: StaffRequest, pk: UUID) -> bool:
    """Whether the step was taken: what is refused stands in the form.

    Not so a start that a colleague was quicker with. Its form is of no use any more: the sentence leads back to the page as it is now.
    """
    if not isinstance(form, VerificationForm):
        transitions.start(verification_id=pk, methods=form.cleaned_data["methods"], by=request.post)
        return True
    verb = transitions.finish if step == "finish" else transitions.note
    given = {"fields": form.content, "investigators": form.investigators, "seen_at": form.cleaned_data["seen_at"]}
    return submit(form, lambda: verb(verification_id=pk, **given, by=request.post)) is not None
