"""The steps of a referral, one address each: a button that posts, or a page with its form. The verbs decide; pages ask and tell."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import handled, instead, say_handled, submit
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from .. import disputes, forms, routing, transitions
from ..changes import WITH_AMOUNT
from ..dossier import papers_asked
from ..lines import cap_of
from ..models import Referral, ReferralStage
from ..permissions import has_inbox
from ..steps import STEPS, acting, label_of, post_for, refuse_hindered, stale_advice
from ..transitions.edges import step as refuse_step
from .finding import Changed, advised, as_seen, changed_since, found, found_anew, last_stay, state_of

DISPUTING = frozenset({"dispute", "resend", "push_for_ruling", "rule"})
Build = Callable[[StaffRequest, Referral, ReferralStage | None], forms.SeenForm]


def _plain(form_class: type[forms.SeenForm], **initial: str) -> Build:
    """A form without choices of its own."""

    def build(request: StaffRequest, referral: Referral, stay: ReferralStage | None) -> forms.SeenForm:
        return form_class(request.POST or None, initial={"seen": state_of(referral, stay), **initial})

    return build


def _assign(request: StaffRequest, referral: Referral, stay: ReferralStage | None) -> forms.SeenForm:
    post = acting(request.posts, referral, STEPS["assign"].can)
    people = Post.objects.visible_to(post).effective(clock.today()).filter(unit_id=referral.unit_id).select_related("staff")
    return forms.AssignForm(request.POST or None, people=people.order_by("rank", "pk"), initial={"seen": state_of(referral, stay)})


def _propose(request: StaffRequest, referral: Referral, stay: ReferralStage | None) -> forms.SeenForm:
    asked = referral.amount_asked
    initial: dict[str, Any] = {"outcome": "approved", "amount": asked, "seen": state_of(referral, stay)}
    if stay and stay.proposed_at:
        initial |= {"proposal": stay.proposal, "outcome": stay.proposed_outcome, "amount": stay.proposed_amount}
    form = forms.ProposeForm(request.POST or None, cap=cap_of(referral), initial=initial)
    if (change := referral.asked_change) and change.kind not in WITH_AMOUNT:
        del form.fields["amount"]
        form.fields.pop("is_checked", None)
    return form


def _return(request: StaffRequest, referral: Referral, stay: ReferralStage | None) -> forms.SeenForm:
    names = [paper.name for paper in papers_asked(referral)]
    return forms.ReturnForm(request.POST or None, papers=names, initial={"seen": state_of(referral, stay)})


def _terminate(request: StaffRequest, referral: Referral, stay: ReferralStage | None) -> forms.SeenForm:
    """After a death its reason stands there already."""
    initial = {"seen": state_of(referral, stay)}
    person = referral.applicant
    if person is not None and person.died_on is not None:
        initial["reason"] = f"{'救助对象' if referral.resident_id == person.pk else '申请人'}于{person.died_on:%Y-%m-%d}死亡。"
    return forms.TerminateForm(request.POST or None, initial=initial)


def _naming_unit(form_class: type[Any], proposes: bool = False) -> Build:
    """A form that names a unit; the window and the platform find the unit chosen that the disputing one proposes."""

    def build(request: StaffRequest, referral: Referral, stay: ReferralStage | None) -> forms.SeenForm:
        initial = {"seen": state_of(referral, stay)}
        claim = referral.disputes.open().first() if proposes else None
        if claim is not None:
            initial[form_class.unit_field] = claim.proposed_unit_id
        units = routing.units_for(referral.township_code, clock.today()).order_by("kind", "name")
        return form_class(request.POST or None, units=units, initial=initial)

    return build


FORMS: dict[str, Build] = {
    "assign": _assign,
    "propose": _propose,
    "forward": _plain(forms.ForwardForm),
    "send_back": _plain(forms.SendBackForm),
    "return_for_supplement": _return,
    "resubmit": _plain(forms.ResubmitForm),
    "dispute": _naming_unit(forms.DisputeForm),
    "resend": _naming_unit(forms.ResendForm, proposes=True),
    "push_for_ruling": _plain(forms.PushForm),
    "rule": _naming_unit(forms.RuleForm, proposes=True),
    "feed_back": _plain(forms.FeedBackForm),
    "return_feedback": _plain(forms.ReturnFeedbackForm),
    "confirm": _plain(forms.ConfirmForm),
    "request_extension": _plain(forms.ExtensionForm),
    "begin_appraisal": _plain(forms.AppraisalForm),
    "withdraw": _plain(forms.WithdrawForm),
    "terminate": _terminate,
}


def press(request: StaffRequest, pk: UUID, verb: str) -> HttpResponse:
    """A button: done at once. On a page that is no longer true it does nothing and says who did what."""
    step, referral, seen = STEPS[verb], found(request, pk), request.POST.get("seen", "")
    try:
        if told := changed_since(seen, referral, last_stay(referral)):
            raise Changed(told, referral)
        post = post_for(request.posts, referral, step)
        as_seen(seen, referral, verb, lambda: getattr(transitions, verb)(referral_id=pk, by=post))
    except Changed as changed:
        return instead(request, f"{changed}本次没有办理。", referral)
    messages.success(request, step.done)
    return redirect(referral)


def walk(request: StaffRequest, pk: UUID, verb: str) -> HttpResponse:
    """A page with the verb's form. What was typed comes back with 422 where the verb refuses or the page was stale."""
    step, referral = STEPS[verb], found(request, pk)
    stay = last_stay(referral)
    seen = request.POST.get("seen", "")
    told = changed_since(seen, referral, stay) if request.method == "POST" else ""
    if not told:
        post = post_for(request.posts, referral, step)
        if request.method != "POST":
            refuse_step(referral, verb)
            refuse_hindered(verb, referral, stay, post)
    form = FORMS[verb](request, referral, stay)
    if told:
        form.is_valid()
        say_handled(form, told + stale_advice(referral, verb))
    elif request.method == "POST" and form.is_valid():
        if submit(form, lambda: advised(seen, referral, verb, lambda: getattr(transitions, verb)(referral_id=pk, **form.said(), by=post))):
            messages.success(request, step.done)
            return redirect(referral)
    if handled(form):
        referral, stay = found_anew(request, form, pk)
    context = {"form": form, "referral": referral, "step": step, "label": label_of(step, referral), "stay": stay}
    is_disputed = verb in DISPUTING
    context["claims"] = disputes.claims(referral) if is_disputed else []
    context["precedents"] = disputes.precedents(referral) if is_disputed else []
    context["names_unit"] = hasattr(form, "unit_field")
    return render(request, "referrals/referral_step.html", context, status=422 if form.errors else 200)


@require_POST
@requires(has_inbox)
@once
def referral_receive(request: StaffRequest, pk: UUID) -> HttpResponse:
    return press(request, pk, "receive")


@require_POST
@requires(has_inbox)
@once
def referral_take(request: StaffRequest, pk: UUID) -> HttpResponse:
    """签收并承办, or 承办 where the unit has signed for it."""
    return press(request, pk, "take")


@require_POST
@requires(has_inbox)
@once
def referral_take_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    """接办: what a colleague who is away has in hand."""
    return press(request, pk, "take_over")


@require_POST
@requires(has_inbox)
@once
def referral_end_appraisal(request: StaffRequest, pk: UUID) -> HttpResponse:
    return press(request, pk, "end_appraisal")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_assign(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "assign")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_propose(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "propose")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_forward(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "forward")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_send_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "send_back")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_return_for_supplement(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "return_for_supplement")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_resubmit(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "resubmit")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_feed_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "feed_back")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_return_feedback(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "return_feedback")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "confirm")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_request_extension(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "request_extension")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_begin_appraisal(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "begin_appraisal")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "withdraw")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_terminate(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "terminate")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_dispute(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "dispute")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_resend(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "resend")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_push_for_ruling(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "push_for_ruling")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def referral_rule(request: StaffRequest, pk: UUID) -> HttpResponse:
    return walk(request, pk, "rule")
