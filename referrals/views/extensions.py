"""The county platform answers a request for a longer limit (C-01)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from config.once import once
from config.submit import submit
from deadlines.rules import Limit, Rule
from organization.gates import requires
from organization.requests import StaffRequest

from .. import forms, transitions
from ..models import ExtensionRequest
from ..permissions import may_answer_extensions


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
            return redirect(asked.referral)
    limit = Limit(Rule(asked.referral.track.limit_unit), asked.limit)
    context = {"form": form, "asked": asked, "referral": asked.referral, "limit": limit}
    return render(request, "referrals/extension_answer.html", context, status=422 if form.errors else 200)
