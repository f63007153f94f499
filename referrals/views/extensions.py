"""Requests for a longer limit (C-01): listed for the county platform, answered by its approver."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from deadlines.rules import Limit, Rule
from organization.gates import requires
from organization.requests import StaffRequest

from .. import extensions, forms, transitions
from ..models import ExtensionRequest
from ..permissions import may_answer_extensions, watches

TABS = {"waiting": "待答复", "answered": "已答复"}


@require_GET
@requires(watches)
def extension_list(request: StaffRequest) -> HttpResponse:
    """Those that wait, the oldest first; those that were answered, the latest first."""
    tab = asked if (asked := request.GET.get("tab", "")) in TABS else "waiting"
    gate = ExtensionRequest.objects.visible_to(request.post)
    rows = gate.waiting() if tab == "waiting" else gate.filter(answered_at__isnull=False)
    sort = "requested_at" if tab == "waiting" else "-answered_at"
    page = keyset.page(keyset.ordered(rows.select_related(*extensions.RELATED), sort, is_filled=True), request, sort=sort)
    context = {
        "page": page,
        "lines": extensions.lines(page.rows, clock.now()),
        "tab": tab,
        "tabs": [{"label": label, "url": f"?tab={name}", "is_current": name == tab} for name, label in TABS.items()],
        "may_answer": may_answer_extensions(request.post),
    }
    return render(request, "referrals/extension_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(may_answer_extensions)
@once
def extension_answer(request: StaffRequest, pk: int) -> HttpResponse:
    gate = ExtensionRequest.objects.visible_to(request.post)
    related = ("program", "track", "stage", "application__applicant", "resident", "item")
    people = ("requested_by__staff", "requested_by__unit")
    asked = gate.select_related(*(f"referral__{name}" for name in related), *people).get_or_404(pk)
    form = forms.AnswerExtensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.answer_extension(request_id=pk, **form.said(), by=request.post)):
            messages.success(request, "已答复。")
            return redirect("referrals:extension_list")
    if told := late(request, form, asked.referral):
        return told
    limit = Limit(Rule(asked.referral.track.limit_unit), asked.limit)
    context = {"form": form, "asked": asked, "referral": asked.referral, "limit": limit}
    return render(request, "referrals/extension_answer.html", context, status=422 if form.errors else 200)
