"""What people sign at the window: the promise, each adult's authorisation, the kin declaration; on which text and which day."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from config.once import once
from config.submit import submit
from households import transitions as households
from households.forms import KinForm
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..forms.consent import AuthoriseForm, SignedForm
from ..models import Application
from ..permissions import can_receive
from ..worksheet import Worksheet
from .steps import back_to, page_of, step


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def application_promise(request: StaffRequest, pk: UUID) -> HttpResponse:
    application = _application(request, pk)
    form = SignedForm(request.POST or None)
    return _signed(
        request, application, form, "登记诚信承诺书", lambda data: transitions.promise(application_id=pk, by=request.post, **data)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def application_authorise(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Of one adult or of several who signed on the same day; afterwards the papers are looked through again."""
    application = _application(request, pk)
    form = AuthoriseForm(request.POST or None, unsigned=Worksheet(application, request.post).unsigned)

    def authorise(data: dict[str, Any]) -> bool:
        people = data.pop("residents")
        for resident_id in people:
            households.authorise(household_id=application.household_id, resident_id=resident_id, by=request.post, **data)
        transitions.relist_papers(application_id=pk, by=request.post)
        return True

    return _signed(request, application, form, "登记核对授权书", authorise)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def application_declare_kin(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Once per household; a later declaration replaces the earlier (XX-16)."""
    application = _application(request, pk)
    form = KinForm(request.POST or None, household=application.household)
    return _signed(
        request,
        application,
        form,
        "近亲属申报",
        lambda _: households.declare_kin(household_id=application.household_id, by=request.post, **form.content),
    )


def _application(request: StaffRequest, pk: UUID) -> Application:
    application: Application = Application.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    return application


def _signed(
    request: StaffRequest, application: Application, form: forms.Form, heading: str, verb: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    done = submit(form, lambda: verb(dict(form.cleaned_data))) if request.method == "POST" and form.is_valid() else None
    if done is not None:
        messages.success(request, f"已登记：{heading.removeprefix('登记')}。")
        return back_to(application, "consent")
    return step(request, form, f"{heading}：{application.applicant.name}", "登记", back=page_of(application, "consent"))
