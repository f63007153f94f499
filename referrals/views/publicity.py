"""公示: the notice put up, on paper and on the page; objections; its end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import late, submit
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import transitions
from ..forms.publicity import EndPublicityForm, ObjectionForm, PostPublicityForm
from ..models import Publicity, Referral
from ..notice import notice_of
from ..permissions import can_publicise, can_see_publicity
from ..publicity_page import page_of, paper_of
from ..steps import acting
from ..transitions.edges import step as refuse_step
from ..transitions.publicity import refuse_posting

RELATED = ("application__applicant", "resident", "case_household__region__parent", "program", "version", "track", "stage", "window")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_see_publicity)
@once
def publicity_post(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Print the notice, put it up, register it: what it says stands beside the form."""
    referral = _referral(request, pk)
    by = _worker(request, referral)
    form = PostPublicityForm(*_sent(request))
    if request.method == "POST" and form.is_valid():
        row = submit(form, lambda: transitions.post_publicity(referral_id=pk, **form.cleaned_data, by=by))
        if row:
            messages.success(request, f"公示已登记，到{row.ends_on} 24时为止。")
            return redirect("referrals:publicity_detail", pk=row.pk)
        if told := late(request, form, referral):
            return told
    refuse_step(referral, "post_publicity")
    refuse_posting(referral, clock.today())
    context = {"form": form, "referral": referral, "notice": notice_of(referral, clock.today())}
    return render(request, "referrals/publicity_post.html", context, status=422 if form.errors else 200)


@require_GET
@requires(can_see_publicity)
def publicity_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    return render(request, "referrals/publicity_detail.html", {"page": page_of(_publicity(request, pk), request.posts)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_see_publicity)
@once
def publicity_object(request: StaffRequest, pk: UUID) -> HttpResponse:
    publicity = _publicity(request, pk)
    form = ObjectionForm(*_sent(request))
    return _step(request, publicity, form, transitions.object, label="登记异议", done="异议已登记，请核实后登记公示结果。")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_see_publicity)
@once
def publicity_end(request: StaffRequest, pk: UUID) -> HttpResponse:
    publicity = _publicity(request, pk)
    form = EndPublicityForm(*_sent(request), has_objection=bool(publicity.objection))
    return _step(request, publicity, form, transitions.end_publicity, label="登记公示结果", done="公示结果已登记。")


@require_GET
@requires(can_see_publicity)
def publicity_print(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The notice as it hangs: A4, masked, with whom to tell."""
    publicity = _publicity(request, pk)
    back = reverse("referrals:publicity_detail", args=[pk])
    return render(request, "referrals/publicity_print.html", {"paper": paper_of(publicity.referral, publicity, back)})


@require_GET
@requires(can_see_publicity)
def publicity_preview(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The same before it is registered, to be printed and put up today."""
    referral = _referral(request, pk)
    _worker(request, referral)
    refuse_posting(referral, clock.today())
    back = reverse("referrals:publicity_post", args=[pk])
    return render(request, "referrals/publicity_print.html", {"paper": paper_of(referral, notice_of(referral, clock.today()), back)})


def _step(
    request: StaffRequest, publicity: Publicity, form: forms.Form, verb: Callable[..., Publicity], *, label: str, done: str
) -> HttpResponse:
    """A form of one verb on a notice, its facts above it."""
    by = _worker(request, publicity.referral)
    if form.is_valid() and submit(form, lambda: verb(publicity_id=publicity.pk, **form.cleaned_data, by=by)) is not None:
        messages.success(request, done)
        return redirect("referrals:publicity_detail", pk=publicity.pk)
    if told := late(request, form, reverse("referrals:publicity_detail", args=[publicity.pk])):
        return told
    context = {"page": page_of(publicity, request.posts), "form": form, "label": label}
    return render(request, "referrals/publicity_step.html", context, status=422 if form.errors else 200)


def _sent(request: StaffRequest) -> tuple[Any, Any]:
    """What a form is bound to: also a post in which nothing was filled in."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _referral(request: StaffRequest, pk: UUID) -> Referral:
    row: Referral
    row, _ = through_any(request, lambda post: Referral.objects.readable_by(post).select_related(*RELATED), pk)
    return row


def _publicity(request: StaffRequest, pk: UUID) -> Publicity:
    row: Publicity
    related = [f"referral__{name}" for name in RELATED]
    row, _ = through_any(request, lambda post: Publicity.objects.readable_by(post).select_related(*related), pk)
    return row


def _worker(request: StaffRequest, referral: Referral) -> Post:
    """The one of the person's posts that puts up notices of this referral."""
    post = acting(request.posts, referral, can_publicise)
    if post is None:
        raise PermissionDenied("公示由持有这个环节的窗口或部门的经办人员登记。")
    return post
