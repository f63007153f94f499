"""What the window does about a request: find out who it is, make an application of it, answer, return, hand over, sign for."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from config.once import once
from config.protection.sealing import open_sealed
from config.submit import late, submit
from households import transitions as households
from households.models import Resident
from organization.gates import requires
from organization.requests import StaffRequest

from .. import receiving, transitions
from ..forms.applications import DraftForm, ReasonForm
from ..forms.requests import AdviceForm, HandOverForm, ReturnForm
from ..forms.visits import FinderForm, IdentifyForm
from ..models import Application, Request
from ..permissions import can_receive
from ..request_page import RequestPage
from .requests import detail, found

CHANNELS = {Request.Source.VILLAGE: Application.Channel.VILLAGE, Request.Source.PERSON: Application.Channel.WINDOW,
            Request.Source.PHONE: Application.Channel.WINDOW}  # fmt: skip


@sensitive_post_parameters("wanted")
@require_POST
@requires(can_receive)
@sensitive_variables("number", "form")
def request_find(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The number that was told, looked up in the whole county by one click; or another number, or a name in the own township.

    Sent twice it looks twice and changes nothing twice; the look leaves its line whatever the page says, so there is no token here.
    """
    row = found(request, pk)
    if not RequestPage(row, request.post, receiving.kept(request.session, row)).can_settle:
        return redirect(row)
    form = FinderForm(request.POST)
    form.fields["wanted"].required = not row.id_number
    if form.is_valid() and submit(form, lambda: _look(request, row, form)):
        return redirect(f"{row.get_absolute_url()}#who")
    return detail(request, row, finder=form)


@sensitive_variables()
def _look(request: StaffRequest, row: Request, form: FinderForm) -> bool:
    wanted = form.cleaned_data["wanted"]
    if wanted and not form.is_number:
        people = Resident.objects.named(wanted, request.post)[: receiving.CANDIDATES]
        receiving.keep(request.session, row, by_name=True, candidates=[str(person.pk) for person in people])
        return True
    number = wanted or open_sealed(row, "id_number")
    found_now = households.find_by_number(number=number, by=request.post)
    receiving.forget(request.session, row)
    receiving.keep_found(request, row, found_now, number)
    if found_now.is_here and found_now.resident:
        transitions.identify_request(request_id=row.pk, resident_id=found_now.resident.pk, by=request.post)
    return True


@require_POST
@requires(can_receive)
@once
def request_identify(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = IdentifyForm(request.POST)
    if not form.is_valid():
        raise Http404("没有找到，或不在您的权限范围内。")
    row = transitions.identify_request(request_id=pk, resident_id=form.cleaned_data["resident"], by=request.post)
    receiving.forget(request.session, row)
    return redirect(row)


@require_POST
@requires(can_receive)
@once
@sensitive_variables("number")
def request_take_on(request: StaffRequest, pk: UUID) -> HttpResponse:
    """在本窗口受理: somebody registered in another township asks here."""
    row = found(request, pk)
    number = receiving.number_kept(request.session, row)
    households.take_on(token=receiving.kept(request.session, row).token, by=request.post)
    seen = households.find_by_number(number=number, by=request.post)
    if seen.resident:
        transitions.identify_request(request_id=pk, resident_id=seen.resident.pk, by=request.post)
    receiving.forget(request.session, row)
    messages.success(request, "已在本窗口受理，可以查看这个家庭，为其登记申请。")
    return redirect(row)


@require_POST
@requires(can_receive)
@once
@sensitive_variables("content")
def request_open_household(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The form that registers a household, with what was told of the person already in it: put aside, sealed, as a registration of one's
    own (暂存), so that no address and no session carries it."""
    row = found(request, pk)
    if not RequestPage(row, request.post, receiving.kept(request.session, row)).can_settle:
        return redirect(row)
    head = {
        "relation": "02", "name": row.name, "id_type": "none" if row.without_papers else "resident",
        "number": open_sealed(row, "id_number") if row.id_number else "", "phone": open_sealed(row, "phone") if row.phone else "",
        "sex": "", "birth_on": "", "lives_together": True,
    }  # fmt: skip
    content = {"address": {"region": row.region_id, "setting": "", "address": row.address}, "members": [head]}
    draft = households.put_aside(content=content, by=request.post)
    return redirect(f"{reverse('households:household_open')}?{urlencode({'draft': draft.pk, 'next': row.get_absolute_url()})}")


@sensitive_post_parameters("helper_phone")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def request_accept(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Who applies, by which way, with whose help: what was told stands there already."""
    row = found(request, pk)
    page = RequestPage(row, request.post, receiving.kept(request.session, row))
    if page.household is None:
        messages.info(request, "请先确定求助人是谁、属于哪个家庭，再转为申请。")
        return redirect(row)
    form = DraftForm(request.POST or None, members=page.applicants, initial=_first(row))
    if request.method == "POST" and form.is_valid():
        household = page.household.pk
        verb = transitions.accept_request
        made = submit(form, lambda: verb(request_id=pk, household_id=household, **form.as_arguments(), by=request.post))
        if made is not None:
            messages.success(request, f"已转为申请草稿 {made.number}，求助登记的内容已带入，请接着填写。")
            return redirect("intake:application_edit", pk=made.pk)
    if told := late(request, form, row):
        return told
    context = {"form": form, "page": page, "request_row": row}
    return render(request, "intake/request_accept.html", context, status=422 if form.errors else 200)


def _first(row: Request) -> dict[str, Any]:
    channel = CHANNELS.get(Request.Source(row.source), Application.Channel.DISCOVERED)
    helper = {"helper_name": row.helper_name, "helper_relation": row.helper_relation}
    return {"applicant": str(row.resident_id), "channel": channel, **helper}


@require_POST
@requires(can_receive)
@once
def request_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = AdviceForm(request.POST, auto_id="answer_%s")
    return _settle(request, pk, form, transitions.answer_request, "已答复，登记人（{}）可以看到。", "answer")


@require_POST
@requires(can_receive)
@once
def request_return(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _settle(request, pk, ReturnForm(request.POST, auto_id="return_%s"), transitions.return_request, "已退回{}。", "back")


def _settle(request: StaffRequest, pk: UUID, form: Form, verb: Callable[..., Any], said: str, place: str) -> HttpResponse:
    """One sentence to whoever registered it; what the verb refuses comes back at its place on the page."""
    row = found(request, pk)
    if form.is_valid() and submit(form, lambda: verb(request_id=pk, **form.cleaned_data, by=request.post)) is not None:
        messages.success(request, said.format(row.registered_unit.short_name))
        return redirect(row)
    if told := late(request, form, row):
        return told
    return detail(request, row, **{place: form})


@require_POST
@requires(can_receive)
@once
def request_hand_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    row, form = found(request, pk), HandOverForm(request.POST, by=request.post, auto_id="hand_over_%s")
    if form.is_valid():
        given = {"to_unit_id": form.cleaned_data["to_unit"].pk, "reason": form.cleaned_data["reason"]}
        if submit(form, lambda: transitions.hand_over_request(request_id=pk, **given, by=request.post)):
            messages.success(request, f"已移交{form.cleaned_data['to_unit'].short_name}。对方签收以前，仍由本窗口负责。")
            return redirect(row)
    if told := late(request, form, row):
        return told
    return detail(request, row, hand_over=form)


@require_POST
@requires(can_receive)
@once
def request_acknowledge(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = transitions.acknowledge_request(request_id=pk, by=request.post)
    messages.success(request, "已签收，从现在起由本窗口办理。")
    return redirect(row)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def request_decline(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Whose colleague has declined it, or from whom it was taken back, sees it no longer: the verb alone may tell who was first."""
    mine = Request.objects.visible_to(request.post)
    if mine.filter(pk=pk).exists() and not found(request, pk).handovers.filter(to_unit=request.post.unit).exists():
        raise PermissionDenied("这件求助没有移交给本窗口。")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        declined = submit(form, lambda: transitions.decline_request(request_id=pk, reason=form.cleaned_data["reason"], by=request.post))
        if declined is not None:
            messages.success(request, f"已退回{declined.window.short_name}，仍由该窗口负责，本窗口不再看到这件求助。")
            return redirect("intake:request_list")
        if told := late(request, form, mine.filter(pk=pk).first() or "intake:request_list"):
            return told
    row = found(request, pk)
    lead = "不属于本辖区的，写明理由退回移交的窗口。"
    context = {"form": form, "heading": f"不接收求助 {row.number}", "confirm": "退回", "back": row.get_absolute_url(), "lead": lead}
    return render(request, "intake/step.html", context, status=422 if form.errors else 200)


@require_POST
@requires(can_receive)
@once
def request_recall(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = transitions.recall_request(request_id=pk, by=request.post)
    messages.success(request, "已收回，由本窗口接着处理。")
    return redirect(row)
