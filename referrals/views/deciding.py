"""The decision: one form for both answers, a page that says what will follow, and only then the verb (ZX-32, ZX-33)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from config import clock
from config.once import once
from config.submit import handled, say_handled, submit
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from .. import rules, transitions
from ..decision import doubts, sentence
from ..forms import DecideChangeForm, DecideForm
from ..lines import Lines, lines_of
from ..models import Referral, ReferralStage
from ..permissions import has_inbox
from ..steps import STEPS, post_for, refuse_hindered, stale_advice
from ..transitions.edges import step as refuse_step
from .finding import advised, changed_since, found, found_anew, last_stay, state_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_decide(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Post once to be told what will follow, post that page to decide. What was typed comes back wherever the verb refuses."""
    referral = found(request, pk)
    stay, lines = last_stay(referral), lines_of(referral)
    seen = request.POST.get("seen", "")
    told = changed_since(seen, referral, stay)
    if not told:
        post = post_for(request.posts, referral, STEPS["decide"])
        if request.method != "POST":
            refuse_step(referral, "decide")
            refuse_hindered("decide", referral, stay, post)
    form = _form(request, referral, stay, lines)
    context: dict[str, Any] = {"form": form, "referral": referral, "stay": stay, "lines": lines}
    if told:
        form.is_valid()
        say_handled(form, told + stale_advice(referral, "decide"))
    elif request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        decided = _decide(form, referral, seen, post, is_meant="confirm" in request.POST)
        if decided and "confirm" in request.POST:
            messages.success(request, sentence(decided, is_done=True))
            return redirect(decided)
        if decided:
            told_first = {"question": sentence(decided, is_done=False), "doubts": doubts(decided, stay)}
            return render(request, "referrals/referral_decide_confirm.html", {**context, **told_first})
    if handled(form):
        referral, stay = found_anew(request, form, pk)
        context |= {"referral": referral, "stay": stay, "lines": lines_of(referral)}
    return render(request, "referrals/referral_decide.html", context, status=422 if form.errors else 200)


def _decide(form: DecideForm | DecideChangeForm, referral: Referral, seen: str, post: Post, *, is_meant: bool) -> Referral | None:
    """The decision on what the page showed; or its rehearsal, which every rule has passed and nothing remains of."""

    def verb() -> Referral:
        return advised(seen, referral, "decide", lambda: transitions.decide(referral_id=referral.pk, **form.said(), by=post))

    return submit(form, verb if is_meant else lambda: rehearsed(verb))


def rehearsed(verb: Callable[[], Referral]) -> Referral:
    with transaction.atomic():
        result = verb()
        transaction.set_rollback(True)
    return result


def _form(request: StaffRequest, referral: Referral, stay: ReferralStage | None, lines: Lines) -> DecideForm | DecideChangeForm:
    has_benefit = referral.program.kind not in rules.WITHOUT_BENEFIT
    proposed = bool(stay and stay.proposed_at)
    initial = {
        "seen": state_of(referral, stay),
        "outcome": stay.proposed_outcome if stay and proposed else "",
        "amount": stay.proposed_amount if stay and proposed else referral.amount_asked,
        "start_on": rules.starts_on(referral.version.pay_start, decided_on=clock.today(), applied_on=lines.applied_on),
    }
    if change := referral.asked_change:
        return DecideChangeForm(request.POST or None, change=change, initial=initial | {"start_on": change.from_month})
    return DecideForm(request.POST or None, has_benefit=has_benefit, is_capped=lines.cap is not None, initial=initial)
