from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from config.submit import late, submit
from organization.requests import StaffRequest

from ..forms.standards import ReasonForm


def answered_with_reason(request: StaffRequest, row: Any, *, title: str, template: str, verb: Callable[[str], Any]) -> HttpResponse:
    """The page that asks why, before what somebody proposed is refused or taken back; what was typed is kept. `title`: the act in words."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and submit(form, lambda: verb(form.cleaned_data["reason"])):
        messages.success(request, f"已{title}。")
        return redirect(row)
    if told := late(request, form, row):
        return told
    return render(request, template, {"form": form, "row": row, "title": title}, status=422 if form.errors else 200)
