"""Whole lists: the holder says from which day on absence means no (issue 5)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.once import once
from organization.gates import requires
from organization.requests import StaffRequest

from .models import FactKind
from .permissions import can_confirm_list, confirms_lists
from .transitions import confirm_list


class ConfirmListForm(forms.Form):
    on = forms.DateField(label="到齐日期", widget=forms.DateInput(attrs={"type": "date"}))


@require_GET
@requires(confirms_lists)
def fact_lists(request: StaffRequest) -> HttpResponse:
    """The lists that the post may confirm, those not delivered yet first."""
    rows = FactKind.objects.visible_to(request.post).lists().select_related("holder").order_by("holder__number", "key")
    mine = [row for row in rows if can_confirm_list(request.post, row)]
    mine.sort(key=lambda row: row.listed_on is not None)
    return render(request, "programs/fact_lists.html", {"rows": mine, "today": clock.today()})


@require_POST
@requires(confirms_lists)
@once
def fact_list_confirm(request: StaffRequest, key: str) -> HttpResponse:
    form = ConfirmListForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写名单到齐的日期，如 2026-09-24。")
        return redirect("programs:fact_lists")
    kind = confirm_list(kind_key=key, on=form.cleaned_data["on"], by=request.post)
    messages.success(request, f"已确认“{kind.label}”的整份名单于{kind.listed_on:%Y-%m-%d}到齐。从这一天起，名单中没有的人即为否。")
    return redirect("programs:fact_lists")
