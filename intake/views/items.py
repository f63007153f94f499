"""What is asked for: found in the list, chosen with its way and its beneficiary; taken out again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest
from programs.models import Program
from programs.rules import normalised

from .. import offers, transitions
from ..beneficiaries import possible_beneficiaries
from ..duplicates import warnings_of
from ..forms.applications import ItemForm
from ..models import Application, ApplicationItem
from ..permissions import can_receive
from ..rules import SINGLE_PERSON_PROGRAMS
from .steps import back_to


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def item_add(request: StaffRequest, pk: UUID) -> HttpResponse:
    """First the list, searchable, each program with what keeps it from being asked for here; then the chosen one's form (`program`)."""
    application: Application = Application.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    words = normalised(request.GET.get("q", ""))
    found = offers.for_application(request.post, application, clock.today(), words=words)
    code = request.POST.get("program", "") or request.GET.get("program", "")
    chosen = next((offer for offer in found if offer.program.code == code and not offer.why_not), None)
    if chosen is None:
        template = "intake/_offers.html" if request.htmx else "intake/item_pick.html"  # type: ignore[attr-defined]
        return render(request, template, {"application": application, "groups": offers.grouped(found), "words": words})
    form = _form(request, application, chosen)
    done = submit(form, lambda: _add(request, application, chosen.program, form)) if request.method == "POST" and form.is_valid() else None
    if done is not None:
        messages.success(request, f"已添加：{chosen.name}。")
        for text in warnings_of(done):
            messages.warning(request, text)
        return back_to(application, "items")
    context = {"application": application, "offer": chosen, "form": form, "not_chosen": offers.not_chosen(chosen.version)}
    return render(request, "intake/item_add.html", context, status=422 if form.errors else 200)


def _form(request: StaffRequest, application: Application, offer: offers.Offer) -> ItemForm:
    whole = offer.program.beneficiary == Program.Beneficiary.HOUSEHOLD
    people = [] if whole else possible_beneficiaries(application.household, clock.today()).order_by("name_order", "pk")
    alone = application.as_single_person and offer.program.code in SINGLE_PERSON_PROGRAMS
    whom = (
        [("household", f"{application.applicant.name}（单人户）" if alone else "全家")]
        if whole
        else [(str(person.pk), person.name) for person in people]
    )
    return ItemForm(request.POST or None, tracks=offer.tracks, beneficiaries=whom, takes_amount=offer.program.kind == Program.Kind.CASH)


def _add(request: StaffRequest, application: Application, program: Program, form: ItemForm) -> ApplicationItem:
    data = form.cleaned_data
    whole = data["beneficiary"] == "household"
    return transitions.add_item(
        application_id=application.pk,
        program_code=program.code,
        track_key=data["track"],
        household_id=application.household_id if whole else None,
        resident_id=None if whole else data["beneficiary"],
        amount_asked=data.get("amount_asked"),
        cause=data["cause"],
        by=request.post,
    )


@require_POST
@requires(can_receive)
@once
def item_remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    item: ApplicationItem = ApplicationItem.objects.visible_to(request.post).select_related("program").get_or_404(pk)
    application = transitions.remove_item(item_id=pk, by=request.post)
    messages.success(request, f"已删除：{item.program.seed_name}。")
    return back_to(application, "items")
