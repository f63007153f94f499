"""The rules by which reminders are made: the system administrator changes them from a day on, the platform reads them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import submit
from organization.figures import figure
from organization.forms import ReasonForm
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..forms import ReminderRuleForm
from ..models import ReminderRule, Stage
from ..permissions import can_change_reminders, can_read_reminders
from ..reminder_words import sentence


@require_GET
@requires(can_read_reminders)
def reminder_rules(request: StaffRequest) -> HttpResponse:
    """Stage by stage in the order in which they come: what holds today, what held before, what is to hold."""
    today, hour = clock.today(), figure("digest_hour")
    rows = ReminderRule.objects.visible_to(request.post).select_related("made_by__staff", "made_by__unit").order_by("-valid_from")
    history: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        of_stage = history.setdefault(row.stage, [])
        is_to_come = row.valid_from > today and not of_stage  # the last change of its stage, before its day
        of_stage.append({"rule": row, "sentence": sentence(row, hour), "state": row.state_on(today), "is_to_come": is_to_come})
    stages = [{"stage": stage, "rows": history.get(stage, [])} for stage in Stage]
    context = {"stages": stages, "can_change": can_change_reminders(request.post), "digest_hour": hour}
    return render(request, "deadlines/reminder_rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_change_reminders)
@once
def reminder_rule_change(request: StaffRequest, stage: str) -> HttpResponse:
    """First what it would mean, in a sentence, then the change."""
    if stage not in Stage.values:
        raise Http404("没有这种提醒。")
    rows = ReminderRule.objects.visible_to(request.post).filter(stage=stage).order_by("-valid_from")
    last = rows[0]
    form = ReminderRuleForm(request.POST or None, stage=Stage(stage), last=last)
    preview = ""
    if request.method == "POST" and form.is_valid():

        def change() -> ReminderRule:
            return transitions.change_reminder_rule(stage=stage, **form.cleaned_data, by=request.post)

        if "confirm" in request.POST:
            if submit(form, change):
                messages.success(request, f"已调整：{Stage(stage).label}，自{form.cleaned_data['valid_from']:%Y-%m-%d}起。")
                return redirect("deadlines:reminder_rules")
        elif rehearsed := submit(form, lambda: transitions.rehearse(change)):
            preview = f"自{rehearsed.valid_from:%Y-%m-%d}起：{sentence(rehearsed, figure('digest_hour'))}"
    context = {"form": form, "stage": Stage(stage), "now": sentence(last, figure("digest_hour")), "last": last, "preview": preview}
    return render(request, "deadlines/reminder_rule_change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_change_reminders)
@once
def reminder_rule_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """A change that is not in force yet: what it would have meant, and why it goes."""
    rule: ReminderRule = ReminderRule.objects.visible_to(request.post).get_or_404(pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if submit(form, lambda: transitions.withdraw_reminder_rule(rule_id=pk, reason=reason, by=request.post)):
            messages.success(request, f"已撤回{Stage(rule.stage).label}自{rule.valid_from:%Y-%m-%d}起的调整，仍按原规则提醒。")
            return redirect("deadlines:reminder_rules")
    context = {"form": form, "rule": rule, "sentence": sentence(rule, figure("digest_hour"))}
    return render(request, "deadlines/reminder_rule_withdraw.html", context, status=422 if form.errors else 200)
