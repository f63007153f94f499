"""套表: uploaded, placed, mapped once, filled."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import keyset
from config.once import once
from config.submit import submit
from config.verbs import TransitionError
from organization.gates import requires
from organization.requests import StaffRequest

from .. import asking, layout, permissions, transitions, uploads
from ..export_forms import FormMapping, KeepForm, PlaceForm
from ..ledgers import Asked, ledger_of
from ..models import SuperiorForm
from ..transitions.superior_forms import labels_of
from .ledgers import asked_for


def _found(request: StaffRequest, pk: UUID) -> SuperiorForm:
    row: SuperiorForm = SuperiorForm.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    return row


def _in_use(request: StaffRequest, pk: UUID) -> SuperiorForm:
    row = _found(request, pk)
    if row.withdrawn_at is not None:
        raise TransitionError("这张套表已停用，请上传新的空表。")
    return row


@require_GET
@requires(permissions.keeps_forms)
def form_list(request: StaffRequest) -> HttpResponse:
    rows = SuperiorForm.objects.visible_to(request.post).with_list_data()
    page = keyset.page(keyset.ordered(rows, "-uploaded_at", is_filled=True), request, sort="-uploaded_at")
    lines = [{"form": form, "ledger": _title(form)} for form in page.rows]
    return render(request, "spreadsheets/form_list.html", {"page": page, "lines": lines})


def _title(form: SuperiorForm) -> str:
    ledger = ledger_of(form.ledger)
    return ledger.title if ledger else "台账已不提供"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.keeps_forms)
@once
def form_keep(request: StaffRequest, key: str) -> HttpResponse:
    """Upload the blank workbook for a ledger."""
    ledger = asking.ledger_for(key, request.post)
    parts = ledger.parts(Asked(request.post, asking.defaults(ledger, request.post)))
    is_post = request.method == "POST"
    form = KeepForm(request.POST if is_post else None, request.FILES if is_post else None, parts=parts)
    if is_post and form.is_valid():
        kept = submit(form, lambda: transitions.keep_form(ledger=key, by=request.post, **form.said()))
        if kept:
            messages.success(request, "已上传。请核对每一列填什么，保存后就能每月填充。")
            return redirect("exports:form_map", pk=kept.pk)
    context = {"form": form, "ledger": ledger}
    return render(request, "spreadsheets/form_keep.html", context, status=422 if form.errors else 200)


@require_GET
@requires(permissions.keeps_forms)
def form_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is filled where, and the ledger's form to fill it by."""
    form = _found(request, pk)
    ledger = ledger_of(form.ledger)
    narrowing = None
    if ledger is not None and ledger.may(request.post) and form.mapped_at and not form.withdrawn_at:
        narrowing = ledger.form(asking.defaults(ledger, request.post), request.post)
    context = {"superior": form, "ledger": _title(form), "narrowing": narrowing, "columns": _columns(form)}
    return render(request, "spreadsheets/form_detail.html", context)


def _columns(form: SuperiorForm) -> list[dict[str, str]]:
    rows = sorted(form.columns.items(), key=lambda pair: int(pair[0]))
    named = {"#serial": "序号（自动编号）"}
    return [
        {
            "letter": layout.get_column_letter(int(at)),
            "text": f"固定填“{to['constant']}”" if "constant" in to else named.get(to["label"], to["label"]),
        }
        for at, to in rows
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.keeps_forms)
@once
def form_place(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Where the guess of the first row was wrong."""
    superior = _in_use(request, pk)
    book = layout.opened(uploads.blank_form(superior))
    initial = {"sheet": superior.sheet, "first_row": superior.first_row}
    form = PlaceForm(request.POST if request.method == "POST" else None, initial=initial, sheets=layout.sheets_of(book))
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.place_form(form_id=pk, by=request.post, **form.cleaned_data)):
            return redirect("exports:form_map", pk=pk)
    return render(request, "spreadsheets/form_place.html", {"form": form, "superior": superior}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.keeps_forms)
@once
def form_map(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Each heading found, and what is to stand under it; beside it what the form holds there now."""
    superior = _in_use(request, pk)
    book = layout.opened(uploads.blank_form(superior))
    first = superior.first_row
    form = FormMapping(
        request.POST if request.method == "POST" else None,
        headings=layout.headings(book[superior.sheet], first),
        labels=labels_of(superior.ledger, superior.part, request.post),
        columns=superior.columns,
        summed=layout.summed(book, superior.sheet, first),
        computed=layout.computed(book[superior.sheet], first),
    )
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.map_form(form_id=pk, columns=form.said(), by=request.post)):
            messages.success(request, "已保存。以后每月直接填充即可。")
            if over := form.overwritten():
                messages.warning(request, f"{'、'.join(over)}列原有公式，填充时会被替换。要保留公式的，请改为“不填”。")
            return redirect(superior)
    context: dict[str, Any] = {"form": form, "superior": superior, "ledger": _title(superior), "lines": form.lines()}
    return render(request, "spreadsheets/form_map.html", context, status=422 if form.errors else 200)


@require_POST
@requires(permissions.keeps_forms)
def form_fill(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Fill it by the ledger's form: a job, like every export."""
    superior = _in_use(request, pk)
    if superior.mapped_at is None:
        raise TransitionError("请先对应各列填什么，再填充。")
    ledger = asking.ledger_for(superior.ledger, request.post)
    return asked_for(request, ledger, ledger.form(asking.plain(request.POST), request.post), superior)


@require_POST
@requires(permissions.keeps_forms)
@once
def form_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = _found(request, pk)
    transitions.withdraw_form(form_id=form.pk, by=request.post)
    messages.success(request, "已停用。")
    return redirect("exports:form_list")
