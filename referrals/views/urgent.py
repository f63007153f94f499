"""先行救助: the list by what is due, the short form, one matter with its steps."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from households.models import Resident
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import transitions, urgent
from ..forms.urgent import ConfirmConsentForm, DeclineUrgentForm, LinkApplicationForm, ProposeUrgentForm, TelephoneForm, UrgentPapersForm
from ..models import UrgentAid
from ..permissions import can_propose_urgent, has_urgent
from ..urgent_page import TABS, UrgentPage, lines, of_tab

SORT = "-proposed_at"
Form = django_forms.Form


@require_GET
@requires(has_urgent)
def urgent_list(request: StaffRequest) -> HttpResponse:
    """By what is due: to be agreed to, papers to come, papers missing."""
    rows = UrgentAid.objects.visible_to(request.post)
    counts = keyset.tallies({tab: of_tab(rows, tab) for tab in ("proposed", "papers", "missing")})
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else next((name for name in counts if counts[name] != "0"), "proposed")
    page = keyset.page(keyset.ordered(of_tab(rows, tab).with_page_data(), SORT, is_filled=True), request, sort=SORT)
    tabs = [
        {"label": label, "url": f"?{urlencode({'tab': name})}", "is_current": name == tab, "count": counts.get(name)}
        for name, label in TABS.items()
    ]
    context = {
        "page": page,
        "lines": lines(page.rows, request.post),
        "tabs": tabs,
        "may_propose": can_propose_urgent(request.post) and bool(urgent.ways_of(request.post, clock.today())),
    }
    return render(request, "referrals/urgent_list.html", context)


@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_propose_urgent)
@once
def urgent_new(request: StaffRequest) -> HttpResponse:
    """Short: who, what happened, who vouches, how much. `?resident=` begins from somebody known."""
    post, known = request.post, _known(request)
    ways = urgent.ways_of(post, clock.today())
    ceiling = urgent.ceiling_of(ways[0].program.pk, post.region_code) if ways else None
    start = {"region": known.region_id} if known else {}
    form = ProposeUrgentForm(request.POST or None, ways=ways, post=post, known=known, ceiling=ceiling, initial=start)
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = {"resident_id": known.pk, "person_name": known.name} if known else {}
        if aid := submit(form, lambda: transitions.propose_urgent(**form.said(), **told, by=post)):
            messages.success(request, f"已登记{aid.number}，等负责人同意。负责人在场的请他用自己的账号同意；不在场的，登记电话同意。")
            return redirect(aid)
    context = {"form": form, "known": known, "ways": ways}
    return render(request, "referrals/urgent_new.html", context, status=422 if form.errors else 200)


def _known(request: StaffRequest) -> Resident | None:
    pk = request.GET.get("resident", "")
    found: Resident | None = Resident.objects.visible_to(request.post).get_or_404(pk) if pk else None
    return found


@require_GET
@requires(has_urgent)
def urgent_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    aid, post = _found(request, pk)
    page = UrgentPage(aid, post)
    context = {"page": page, "aid": aid, "phone": TelephoneForm(people=urgent.leaders(aid)) if page.may_phone else None}
    return render(request, "referrals/urgent_detail.html", context)


@require_POST
@requires(has_urgent)
@once
def urgent_agree(request: StaffRequest, pk: UUID) -> HttpResponse:
    aid = transitions.agree_urgent(aid_id=pk, by=_found(request, pk)[1])
    messages.success(request, "已同意，请立即发放。手续事后补齐。")
    return redirect(aid)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_urgent)
@once
def urgent_telephone(request: StaffRequest, pk: UUID) -> HttpResponse:
    aid, post = _found(request, pk)
    form = TelephoneForm(request.POST or None, people=urgent.leaders(aid))
    done = "已登记电话同意，请立即发放。负责人次个工作日本人确认。"
    return _step(
        request, aid, form, "登记电话同意", done, lambda: transitions.note_telephone_consent(aid_id=pk, by=post, **form.cleaned_data)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_urgent)
@once
def urgent_decline(request: StaffRequest, pk: UUID) -> HttpResponse:
    aid, post = _found(request, pk)
    form = DeclineUrgentForm(request.POST or None)
    return _step(
        request, aid, form, "不同意", "已记为未同意。", lambda: transitions.decline_urgent(aid_id=pk, by=post, **form.cleaned_data)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_urgent)
@once
def urgent_confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    aid, post = _found(request, pk)
    form = ConfirmConsentForm(request.POST or None)

    def confirm() -> UrgentAid:
        said = form.cleaned_data
        return transitions.confirm_consent(aid_id=pk, agreed=said["agreed"], note_text=said["note"], by=post)

    return _step(request, aid, form, "确认电话同意", "已确认。", confirm)


@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_urgent)
@once
def urgent_papers(request: StaffRequest, pk: UUID) -> HttpResponse:
    aid, post = _found(request, pk)
    is_township = aid.program_id == urgent.TEMPORARY
    seen = {"seen": str(last.pk) if (last := urgent.last_papers(aid)) else ""}
    form = UrgentPapersForm(request.POST or None, aid=aid, only_finding=not is_township, takes_number=is_township, initial=seen)
    return _step(request, aid, form, "补手续", "已登记。", lambda: transitions.add_papers(aid_id=pk, by=post, **form.said()))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_urgent)
@once
def urgent_link(request: StaffRequest, pk: UUID) -> HttpResponse:
    aid, post = _found(request, pk)
    form = LinkApplicationForm(request.POST or None, applications=UrgentPage(aid, post).applications)

    def link() -> UrgentAid:
        return transitions.link_application(aid_id=pk, application_id=form.cleaned_data["application"].pk, by=post)

    return _step(request, aid, form, "关联后续申请", "已关联。", link)


def _step(request: StaffRequest, aid: UrgentAid, form: Form, label: str, done: str, verb: Callable[[], UrgentAid]) -> HttpResponse:
    """One form of one step; what the verb refuses stands beside the field."""
    if request.method == "POST" and form.is_valid() and submit(form, verb) is not None:
        messages.success(request, done)
        return redirect(aid)
    if told := late(request, form, aid):
        return told
    context = {"form": form, "aid": aid, "label": label}
    return render(request, "referrals/urgent_step.html", context, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: UUID) -> tuple[UrgentAid, Post]:
    return through_any(request, lambda post: UrgentAid.objects.visible_to(post).with_page_data(), pk)
