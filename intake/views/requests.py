"""A request as everybody meets it: one short form, the list of one's own, the page that shows how far it is."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from households.models import Household, Resident
from organization.figures import figure
from organization.gates import requires
from organization.models import Unit
from organization.requests import StaffRequest

from .. import offers, receiving, transitions
from ..beneficiaries import members
from ..forms.applications import ReasonForm
from ..forms.requests import AdditionForm, AdviceForm, HandOverForm, RequestForm, ReturnForm
from ..forms.visits import FinderForm
from ..models import Request, RequestHandover
from ..permissions import can_push, can_read_requests, can_register
from ..request_list import rows_of, tabs_of
from ..request_page import RequestPage

DECLINED = 50  # as many as a window looks back on


@require_GET
@requires(can_read_requests)
def request_list(request: StaffRequest) -> HttpResponse:
    """Urgent ones first, then who waits longest; what is done, the newest first."""
    tabs = tabs_of(request.post)
    asked = request.GET.get("tab", "")
    tab = asked if asked in tabs else next(iter(tabs))
    counts = keyset.tallies({name: part.rows for name, part in tabs.items()})
    chosen = tabs[tab]
    page = keyset.page(chosen.segments(), request)
    is_window = request.post.unit.kind == Unit.Kind.TOWNSHIP_WINDOW
    context = {
        "declined": RequestHandover.objects.declined_by(request.post)[:DECLINED] if is_window and tab == "done" else None,
        "tabs": [
            {"label": part.label, "url": f"?tab={name}", "is_current": name == tab, "count": counts[name]} for name, part in tabs.items()
        ],
        "page": page,
        "rows": rows_of(page.rows, request.post),
        "can_register": can_register(request.post),
        "is_window": is_window,
    }
    return render(request, "intake/request_list.html", context)


@sensitive_post_parameters("number", "phone", "name", "matter")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_register)
@once
@sensitive_variables("form")
def request_new(request: StaffRequest) -> HttpResponse:
    """The one form. `behalf`: somebody asks in the person's place (代办). `household`: for a member of that family, whom nobody types.
    A village may push later, `keep`."""
    asked = request.POST if request.method == "POST" else request.GET
    is_on_behalf = asked.get("behalf") == "1"
    named = [offer for offer in offers.offers(request.post, clock.today()) if not offer.program.is_sensitive]
    family = _family(request, asked.get("household", ""))
    given = {"people": family[1]} if family else {}
    form = RequestForm(request.POST or None, by=request.post, is_on_behalf=is_on_behalf, offered=offers.choices(named), **given)
    if request.method == "POST" and form.is_valid():
        push = request.POST.get("then") != "keep"
        made = submit(form, lambda: transitions.register_request(**form.as_arguments(), push=push, by=request.post))
        if made is not None:
            done = f"已推送到{made.window.short_name}" if made.pushed_at else "已登记，还没有推送"
            messages.success(request, f"{done}，编号{made.number}。")
            return redirect(made)
    context = {"form": form, "is_on_behalf": is_on_behalf, "place": request.post.unit.region, "is_village": request.post.role == "V"}
    context["household"] = family[0] if family else None
    return render(request, "intake/request_new.html", context, status=422 if form.errors else 200)


def _family(request: StaffRequest, pk: str) -> tuple[Household, list[Resident]] | None:
    """The household a page of it led from, through its gate, and who of it may be helped."""
    if not pk:
        return None
    household: Household = Household.objects.visible_to(request.post).get_or_404(pk)
    return household, list(members(household).order_by("memberships__relation", "name_order", "pk"))


@require_GET
@requires(can_read_requests)
def request_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    return detail(request, found(request, pk))


def found(request: StaffRequest, pk: UUID) -> Request:
    row: Request = Request.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    return row


def detail(request: StaffRequest, row: Request, **typed: forms.Form) -> HttpResponse:
    """The whole page; `typed`: the one form that was refused, as it was filled in."""
    page = RequestPage(row, request.post, receiving.kept(request.session, row))
    given: dict[str, Any] = {"addition": AdditionForm(), "finder": FinderForm()}
    if page.can_settle:
        given |= {"answer": AdviceForm(auto_id="answer_%s"), "back": ReturnForm(auto_id="return_%s")}
        given["hand_over"] = HandOverForm(by=request.post, auto_id="hand_over_%s")
    context = {"page": page, "request_row": row, "forms": given | typed, "refused": next(iter(typed), "")}
    return render(request, "intake/request_detail.html", context, status=422 if typed else 200)


@require_POST
@requires(can_register)
@once
def request_push(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What was kept back goes as it is; what came back goes with what was missing."""
    row = found(request, pk)
    form = AdditionForm(request.POST)
    form.fields["addition"].required = row.status == Request.Status.RETURNED
    if form.is_valid():
        addition = form.cleaned_data["addition"]
        pushed = submit(form, lambda: transitions.push_request(request_id=pk, addition=addition, by=request.post))
        if pushed is not None:
            messages.success(request, f"已推送到{pushed.window.short_name}。")
            return redirect(pushed)
    if told := late(request, form, row):
        return told
    return detail(request, row, addition=form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_register)
@once
def request_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = found(request, pk)
    if not can_push(request.post, row):
        raise PermissionDenied("只有登记的单位可以撤销。")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.withdraw_request(request_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, f"求助 {row.number} 已撤销。")
            return redirect(row)
    if told := late(request, form, row):
        return told
    lead = "登记错了、重复了，或者已经不需要的，写明理由撤销。撤销后不再办理。"
    context = {"form": form, "heading": f"撤销求助 {row.number}", "confirm": "撤销", "back": row.get_absolute_url(), "lead": lead}
    return render(request, "intake/step.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_read_requests)
@sensitive_variables("value", "shown")
def request_number(request: StaffRequest, pk: UUID, field: str) -> HttpResponse:
    """POST shows number or telephone, and is a line of the record; GET masks it again."""
    if field not in {"id_number", "phone"}:
        raise Http404("没有找到，或不在您的权限范围内。")
    row = found(request, pk)
    shown: dict[str, Any] = {"url": request.path, "text": str(getattr(row, field)), "whose": row.name, "form": None}
    if request.method == "POST":
        value = transitions.reveal_number_of_request(request_id=pk, field=field, by=request.post)
        shown |= {"value": value or "尚未登记", "seconds": figure("reveal_shown_for") * 60}
    template = "households/_revealed.html" if request.htmx else "households/revealed.html"  # type: ignore[attr-defined]
    return render(request, template, shown)
