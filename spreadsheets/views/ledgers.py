"""台账: which there are, the first rows of one by its form, and its export."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.once import once
from config.verbs import TransitionError
from organization.figures import figure
from organization.gates import requires
from organization.requests import StaffRequest

from .. import asking, permissions, step_up, transitions
from ..caps import most_rows
from ..cells import Kind
from ..downloads import Part
from ..ledgers import Asked, Ledger, ledgers_for
from ..models import Export, SuperiorForm

SHOWN = 50
CUT = 60  # characters of a cell that a page shows


@require_GET
@requires(permissions.takes_ledgers)
def ledger_list(request: StaffRequest) -> HttpResponse:
    post = request.post
    context = {
        "ledgers": ledgers_for(post),
        "keeps_forms": permissions.keeps_forms(post),
        "can_report": permissions.can_propose_report(post),
        "sees_reports": permissions.sees_reports(post),
    }
    return render(request, "spreadsheets/ledger_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.takes_ledgers)
def ledger_detail(request: StaffRequest, key: str) -> HttpResponse:
    """The first rows of each sheet. A filter that may hold a name is sent in the body, never in the address."""
    ledger = asking.ledger_for(key, request.post)
    if ledger.page:
        return redirect(ledger.page)
    given = asking.plain(request.POST if request.method == "POST" else _open(ledger, request))
    given = given or asking.defaults(ledger, request.post)
    form = ledger.form(given, request.post)
    is_valid = form.is_valid()
    parts = ledger.parts(Asked(request.post, given)) if is_valid else []
    context = {
        "ledger": ledger,
        "form": form,
        "sheets": [sheet_of(part) for part in parts],
        "brought": list(asking.of_form(form, given).items()),
        "most": most_rows(request.post),
        "shown": SHOWN,
        "mark": int(figure("export_rows_max")),
        "can_report": permissions.can_propose_report(request.post),
        "forms": SuperiorForm.objects.visible_to(request.post).filled().filter(ledger=key) if is_valid else [],
        "keeps_forms": permissions.keeps_forms(request.post),
    }
    return render(request, "spreadsheets/ledger_detail.html", context, status=200 if is_valid else 422)


def _open(ledger: Ledger, request: StaffRequest) -> dict[str, Any]:
    return {name: value for name, value in request.GET.items() if name not in ledger.personal}


def sheet_of(part: Part) -> dict[str, Any]:
    """The first rows as words, and how many there are."""
    total = asking.count(part)
    lines = [
        [{"label": column.label, "text": words(value, column.kind)} for column, value in zip(part.columns, row, strict=True)]
        for row in asking.first_rows(part, SHOWN)
    ]
    counted = f"超过{asking.COUNTED:,}行" if total > asking.COUNTED else f"共{total:,}行"
    return {"title": part.title, "columns": part.columns, "lines": lines, "counted": counted, "is_more": total > len(lines)}


def words(value: Any, kind: Kind) -> str:
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d}" if kind == Kind.DATE else f"{clock.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    text = "" if value is None else str(value)
    return text if len(text) <= CUT else f"{text[: CUT - 1]}…"


@require_POST
@requires(permissions.takes_ledgers)
def ledger_export(request: StaffRequest, key: str) -> HttpResponse:
    """Ask for what the form says as a file, or filled into a superior's form. Beyond 500 rows: password and reason first (403)."""
    ledger = asking.ledger_for(key, request.post)
    given = asking.plain(request.POST)
    form = ledger.form(given, request.post)
    return asked_for(request, ledger, form, None)


def asked_for(request: StaffRequest, ledger: Ledger, form: BaseForm, into: SuperiorForm | None) -> HttpResponse:
    """A wrong password counts though the page is refused: it is asked for outside of what `once` takes back."""
    given = asking.of_form(form, form.data)
    reason = ""
    if form.is_valid() and asking.is_large(ledger.parts(Asked(request.post, given))):
        try:
            reason = step_up.reason_given(request, ledger.title)
        except step_up.NotProven as asked:
            return asked.response
    return _ask(request, ledger.key, given, reason, into)


@once
def _ask(request: StaffRequest, key: str, given: dict[str, str], reason: str, into: SuperiorForm | None) -> HttpResponse:
    try:
        export: Export = transitions.ask_export(ledger=key, given=given, form=into, reason=reason, by=request.post)
    except TransitionError as refused:
        messages.error(request, str(refused))
        return redirect("exports:ledger_detail", key=key)
    messages.success(request, "已开始生成，完成后在本页下载。")
    return redirect(export)
