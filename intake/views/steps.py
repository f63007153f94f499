"""What the steps of an application share: one form on a page of its own, and the way back to the part it belongs to."""

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from config.navigation import address
from organization.requests import StaffRequest

from ..models import Application
from ..transitions.edges import ANSWERED_IN_PLACE


def page_of(application: Application, part: str = "") -> str:
    """The page where the application is filled in, at one of its parts; after acceptance, the one that shows what came with it."""
    if application.status in ANSWERED_IN_PLACE:
        return reverse("intake:application_accept", args=[application.pk]) + (f"#{part}" if part else "")
    query = "?amend=1" if application.status == Application.Status.SUBMITTED else ""
    anchor = f"#{part}" if part else ""
    return reverse("intake:application_edit", args=[application.pk]) + query + anchor


def back_to(application: Application, part: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(page_of(application, part))


def progress_url(request: StaffRequest) -> str:
    """Where people ask how far it is, for the code on paper; nothing while that page does not exist. Holds no number of a person."""
    path = address("referrals:progress")
    return request.build_absolute_uri(path) if path else ""


def step(
    request: StaffRequest, form: forms.Form, heading: str, confirm: str, *, back: str, lead: str = "", tone: str = "primary"
) -> HttpResponse:
    context = {"form": form, "heading": heading, "confirm": confirm, "back": back, "lead": lead, "tone": tone}
    return render(request, "intake/step.html", context, status=422 if form.errors else 200)
