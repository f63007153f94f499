"""An application begun, filled in, submitted, withdrawn."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from config import clock
from config.navigation import address
from config.once import once
from config.submit import late, submit
from config.verbs import TransitionError, lock
from households.models import Household
from households.page import sees_card_only
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..beneficiaries import possible_applicants
from ..forms.applications import ApplicantForm, AssessmentForm, DraftForm, ReasonForm
from ..models import Application, Visit
from ..permissions import can_read_applications, can_receive, can_work_on
from ..transitions.applications import GUEST
from ..transitions.edges import EDITABLE
from ..worksheet import Worksheet
from .picks import picks_kept, put_into
from .steps import back_to, page_of, step


@sensitive_post_parameters("helper_phone")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def application_new(request: StaffRequest) -> HttpResponse:
    """Who applies for which household: asked of somebody who came, or of a household's page."""
    visit, household = _origin(request)
    members = list(possible_applicants(household, clock.today()).order_by("name_order", "pk"))
    first = {"applicant": str(visit.resident_id) if visit else "", "channel": _channel_of(visit)}
    form = DraftForm(request.POST or None, members=members, initial=first)
    if request.method == "POST" and form.is_valid():
        made = submit(
            form,
            lambda: transitions.draft(household_id=household.pk, visit_id=visit and visit.pk, **form.as_arguments(), by=request.post),
        )
        if made is not None:
            messages.success(request, f"已建立申请草稿 {made.number}，请接着填写。")
            if picks := picks_kept(request, household):
                put_into(request, made, picks)
            return redirect("intake:application_edit", pk=made.pk)
    context = {"form": form, "visit": visit, "household": household}
    return render(request, "intake/application_new.html", context, status=422 if form.errors else 200)


def _origin(request: StaffRequest) -> tuple[Visit | None, Household]:
    """`visit` or `household`, of the link or of the form: opaque ids, through their gates."""
    asked = request.POST if request.method == "POST" else request.GET
    if number := asked.get("visit"):
        visit: Visit = Visit.objects.visible_to(request.post).get_or_404(number)
        return visit, _household(request, visit.household_id)
    return None, _household(request, asked.get("household") or None)


def _household(request: StaffRequest, pk: Any) -> Household:
    household: Household = Household.objects.visible_to(request.post).get_or_404(pk)
    if sees_card_only(household, request.post):
        raise PermissionDenied(GUEST)
    return household


def _channel_of(visit: Visit | None) -> str:
    return Application.Channel.VILLAGE if visit and visit.mode == Visit.Mode.ON_BEHALF else Application.Channel.WINDOW


@sensitive_post_parameters("helper_phone", "health", "cause")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_read_applications)
@once
def application_edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The paper form's parts on one page. 暂存 keeps what stands there, whole or not."""
    application: Application = Application.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    sheet = Worksheet(application, request.post)
    if request.method != "POST" and (elsewhere := _elsewhere(request, application)):
        return redirect(elsewhere)
    if request.method == "POST" and not can_work_on(request.post, application):
        raise PermissionDenied("您的岗位不能修改这份申请。")
    applicant, assessment = _forms(request, sheet)
    if request.method == "POST" and applicant.is_valid() & assessment.is_valid():
        if _save(request, sheet, applicant, assessment):
            is_on = request.POST.get("then") == "item_add"  # on to the list of programs, with what was typed saved
            return redirect("intake:item_add", pk=pk) if is_on else back_to(application)
    context = {"application": application, "sheet": sheet, "applicant": applicant, "assessment": assessment}
    return render(request, "intake/application_edit.html", context, status=422 if applicant.errors or assessment.errors else 200)


def _elsewhere(request: StaffRequest, application: Application) -> str:
    """Where an application is worked on that is no draft any more: acceptance, and after it the case."""
    if application.status not in EDITABLE:
        return address("referrals:case_detail", application.pk) or reverse("intake:application_accept", args=[application.pk])
    if application.status == Application.Status.SUBMITTED and "amend" not in request.GET:
        return reverse("intake:application_accept", args=[application.pk])
    return "" if can_work_on(request.post, application) else reverse("intake:application_accept", args=[application.pk])


def _forms(request: StaffRequest, sheet: Worksheet) -> tuple[ApplicantForm, AssessmentForm]:
    application, typed = sheet.application, request.POST or None
    first = {name: getattr(application, name) for name in ("channel", "helper_name", "helper_relation", "single_person_reason")}
    first |= {"applicant": str(application.applicant_id), "as_single_person": application.as_single_person}
    applicant = ApplicantForm(typed, members=sheet.applicants, phone_masked=str(application.helper_phone), initial=first)
    return applicant, AssessmentForm(typed, initial=AssessmentForm.initial_of(sheet.assessment))


@transaction.atomic
def _save(request: StaffRequest, sheet: Worksheet, applicant: ApplicantForm, assessment: AssessmentForm) -> bool:
    """Whole or not, it is kept; a whole assessment counts. Under the application's lock from the look at whose hand was last to the end."""
    application = sheet.application
    if submit(applicant, lambda: _as_seen(request, sheet)) is None:
        return False
    who = {**applicant.cleaned_data, "helper_phone": applicant.new_phone}
    who["applicant_id"] = who.pop("applicant")
    if applicant.has_changed():
        if submit(applicant, lambda: transitions.revise(application_id=application.pk, **who, by=request.post)) is None:
            return False
    missing = assessment.missing
    if not (assessment.is_empty and sheet.assessment is None):
        verb = transitions.keep_assessment if missing else transitions.assess
        if submit(assessment, lambda: verb(application_id=application.pk, fields=assessment.cleaned_data, by=request.post)) is None:
            return False
    note = f"评估和初审还没有填完：{'、'.join(missing)}。" if missing else ""
    messages.success(request, f"已暂存。{note}")
    return True


def _as_seen(request: StaffRequest, sheet: Worksheet) -> Application:
    """Raises TransitionError: somebody has written since the page was opened."""
    application = lock(sheet.application)
    if stale := sheet.staleness(request.POST.get("seen")):
        raise TransitionError(stale)
    return application


@require_POST
@requires(can_receive)
@once
def application_submit(request: StaffRequest, pk: UUID) -> HttpResponse:
    application = transitions.submit(application_id=pk, by=request.post)
    messages.success(request, f"申请 {application.number} 已提交，请核对后受理。")
    return redirect("intake:application_accept", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def application_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Before acceptance. A draft that nobody needs ends the same way, with its reason."""
    application: Application = Application.objects.visible_to(request.post).select_related("applicant").get_or_404(pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.withdraw(application_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, f"申请 {application.number} 已撤回。")
            return redirect("intake:window")
    if told := late(request, form, page_of(application)):
        return told
    lead = "撤回后这份申请不再办理。申请人以后还可以重新申请。"
    return step(
        request, form, f"撤回申请 {application.number}（{application.applicant.name}）", "撤回", lead=lead, back=page_of(application)
    )
