"""待遇发放: lists by month, one list with its lines and steps, and what the bank could not pay."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from config.verbs import TransitionError
from organization.gates import requires
from organization.kinds import TOWNSHIP
from organization.lineage import departments
from organization.models import Post
from organization.requests import StaffRequest
from programs.models import Program
from spreadsheets import downloads, step_up
from spreadsheets import transitions as handing
from spreadsheets.blank import blank
from spreadsheets.forms import FileForm
from spreadsheets.ground import ground
from spreadsheets.models import Batch
from spreadsheets.transitions.handing_in import FileOnItsWay

from ..forms.payments import ListForm, MendForm, RollForm
from ..models import PaymentLine, PaymentList
from ..payments import permissions, sheets
from ..payments.dropped import told_when_dropped
from ..payments.page import TABS, ListPage, Sums, condition, shown, sums_of
from ..sheets.payments import PaymentResults, template_of
from ..transitions import payment_results, payments

PRINTED = 3_000
STATUSES = {"": "全部", **dict(PaymentList.Status.choices)}
ALL_ROWS = 1_000_000  # a department's own list for its own bank is not cut


@require_GET
@requires(permissions.reads_payments)
def payment_list_list(request: StaffRequest) -> HttpResponse:
    """The newest month first; to a township with what is paid to its own people."""
    post = request.post
    status = request.GET.get("status", "")
    seen = _programs_seen(post)
    program = given if (given := request.GET.get("program", "")) in dict(seen) else ""
    mine = PaymentList.objects.visible_to(post)
    rows = mine.filter(**({"status": status} if status in PaymentList.Status.values else {}), **({"program": program} if program else {}))
    page = keyset.page(keyset.ordered(rows.with_list_data(), "-month", is_filled=True), request, sort="-month")
    sums = sums_of(PaymentLine.objects.visible_to(post), [row.pk for row in page.rows])
    context = {
        "page": page,
        "rows": [{"list": row, "sums": sums.get(row.pk, Sums())} for row in page.rows],
        "tabs": [_tab(label, "status", value, value == status) for value, label in STATUSES.items()],
        "programs": [(code, name, code == program) for code, name in seen],
        "program": program,
        "status": status,
        "may_make": permissions.makes_payments(post),
        "failures": keyset.tally(PaymentLine.objects.visible_to(post).open_failures()),
    }
    return render(request, "households/payment_list_list.html", context)


def _tab(label: str, name: str, value: str, is_current: bool) -> dict[str, Any]:
    return {"label": label, "url": f"?{name}={value}", "is_current": is_current, "count": None}


def _programs_seen(post: Post) -> list[tuple[str, str]]:
    seen = PaymentList.objects.visible_to(post).order_by().values("program_id")
    return [(row.pk, row.seed_name) for row in Program.objects.visible_to(post).filter(pk__in=seen).order_by("code")]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.makes_payments)
@once
def payment_list_new(request: StaffRequest) -> HttpResponse:
    own = Program.objects.visible_to(request.post).named().filter(department__in=departments(request.post), kind="cash").order_by("code")
    form = ListForm(request.POST or None, programs=[(row.pk, row.seed_name) for row in own])
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        row = submit(
            form, lambda: payments.make_list(program_code=said["program"], month=said["month"], kind=said["kind"], by=request.post)
        )
        if row is not None:
            messages.success(request, f"已编制{row.program}{row}，请核对变动后由另一审批岗月结。")
            return redirect(row)
    return render(request, "households/payment_list_new.html", {"form": form}, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: UUID) -> PaymentList:
    people = [f"{act}_by__{part}" for act in ("made", "closed", "sent", "settled") for part in ("unit", "staff")]
    row: PaymentList = PaymentList.objects.visible_to(request.post).select_related("program", "unit", *people).get_or_404(pk)
    return row


@require_GET
@requires(permissions.reads_payments)
@told_when_dropped
def payment_list_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the list pays, by what changed, and what may be done now."""
    return _page(request, _found(request, pk))


def _page(request: StaffRequest, row: PaymentList, roll_form: RollForm | None = None) -> HttpResponse:
    page = ListPage(row, request.post)
    asked = request.GET.get("tab", "all")
    tab = asked if asked in TABS else "all"
    rows = page.lines.filter(condition(row, tab)).select_related("payee", "list", "record")
    rows = rows.prefetch_related("corrections").distinct() if tab == "corrected" else rows.prefetch_related("corrections")
    listed = keyset.page(keyset.ordered(rows, "number", is_filled=True), request, sort="number", path=row.get_absolute_url())
    context = {
        "row": row, "page": page, "tab": tab, "tabs": page.tabs(tab), "listed": listed,
        "lines": shown(listed.rows, in_full=page.is_own), "roll_form": roll_form or RollForm(request=request),
    }  # fmt: skip
    has_errors = roll_form is not None and roll_form.errors
    return render(request, "households/payment_list_detail.html", context, status=422 if has_errors else 200)


@require_POST
@requires(permissions.reads_payments)
@told_when_dropped
@once
def payment_list_remake(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = payments.remake_list(list_id=pk, by=request.post)
    messages.success(request, "已按现在的救助记录重新编制。")
    return redirect(row)


@require_POST
@requires(permissions.reads_payments)
@told_when_dropped
@once
def payment_list_drop(request: StaffRequest, pk: UUID) -> HttpResponse:
    payments.drop_list(list_id=pk, by=request.post)
    messages.success(request, "已删除未月结的名册。")
    return redirect("payments:payment_list_list")


@require_POST
@requires(permissions.reads_payments)
@told_when_dropped
@once
def payment_list_close(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = payments.close_list(list_id=pk, by=request.post)
    messages.success(request, f"{row.program}{row}已月结，不再改动；可以下载花名册送财政或银行。")
    return redirect(row)


@require_POST
@requires(permissions.reads_payments)
@told_when_dropped
def payment_list_roll(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """发放花名册 in clear, to the department whose payment it is: with its purpose, written down before the first octet leaves, and with
    the password, however few rows there are."""
    row = _found(request, pk)
    _refuse(permissions.can_work_on(request.post, row), "由项目的主管部门下载明文花名册。")
    if row.status == PaymentList.Status.DRAFT:
        raise TransitionError("名册还没有月结，不能送发放。请先由另一审批岗复核月结。")
    form = RollForm(request.POST, request=request)
    if form.is_valid():
        lines, reason = PaymentLine.objects.visible_to(request.post).filter(list=row), form.cleaned_data[step_up.REASON]
        if submit(form, lambda: payments.send_list(list_id=pk, reason=reason, by=request.post)):
            part, filters = sheets.roll(lines, title=f"{row.program}{row}", in_clear=True), f"{row.program}；{row}"
            return downloads.answer(request, part, filters=filters, by=request.post, most=ALL_ROWS, reason=reason)
    return _page(request, row, form)


@require_POST
@requires(permissions.reads_payments)
@told_when_dropped
def payment_list_changes(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """变动清单: a sheet for each kind of change, numbers masked."""
    row = _found(request, pk)
    lines = PaymentLine.objects.visible_to(request.post).filter(list=row)
    name = f"{row.program}{row}变动清单"
    return downloads.answer(request, *sheets.changes(lines), filters=f"{row.program}；{row}", by=request.post, name=name)


@require_GET
@requires(permissions.reads_payments)
@told_when_dropped
def payment_list_print(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The list on A4, masked, with room for the signatures."""
    row = _found(request, pk)
    page = ListPage(row, request.post)
    lines = page.lines.filter(payable__gt=0).select_related("payee", "list", "record").prefetch_related("corrections").order_by("number")
    context = {"row": row, "page": page, "lines": shown(lines[:PRINTED], in_full=page.is_own), "most": PRINTED}
    return render(request, "households/payment_list_print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.makes_payments)
@told_when_dropped
@once
def payment_list_results(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The bank's file goes in by the import, whose preview follows."""
    row = _found(request, pk)
    _refuse(permissions.can_work_on(request.post, row), "由项目的主管部门登记发放结果。")
    is_post = request.method == "POST"
    form = FileForm(request.POST if is_post else None, request.FILES if is_post else None)
    if is_post and form.is_valid():
        batch = submit(form, lambda: _handed_in(request, row, form))
        if batch:
            return redirect(batch)
    context = {"form": form, "row": row, "is_sent": row.status in {"sent", "settled"}}
    return render(request, "households/payment_list_results.html", context, status=422 if form.errors else 200)


def _handed_in(request: StaffRequest, row: PaymentList, form: FileForm) -> Batch:
    try:
        batch = payment_results.hand_in_results(list_id=row.pk, by=request.post, **form.said())
    except FileOnItsWay as standing:
        messages.warning(request, str(standing))
        return standing.batch
    messages.success(request, "已上传，正在读取。")
    return batch


@require_POST
@requires(permissions.makes_payments)
@told_when_dropped
def payment_list_blank(request: StaffRequest, pk: UUID) -> StreamingHttpResponse:
    """The lines that wait, for the bank to fill in what became of each."""
    row = _found(request, pk)
    _refuse(permissions.can_work_on(request.post, row), "由项目的主管部门登记发放结果。")
    template = template_of(row)
    rows = PaymentResults().rows_for(request.post, template)
    handing.hand_out_blank(title=template.title, rows=len(rows), by=request.post)
    name = content_disposition_header(as_attachment=True, filename=f"{template.title} {clock.today():%Y-%m-%d}.xlsx") or "attachment"
    headers = {"Content-Disposition": name}
    return StreamingHttpResponse(blank(template, ground(clock.today()), rows=rows), content_type=downloads.XLSX, headers=headers)


@require_GET
@requires(permissions.reads_payments)
def payment_failure_list(request: StaffRequest) -> HttpResponse:
    """What the bank could not pay and nobody has sent again: first what waits for an account."""
    tab = request.GET.get("tab", "open")
    mine = PaymentLine.objects.visible_to(request.post).open_failures()
    is_mended = tab == "mended"
    rows = mine.filter(mended_at__isnull=not is_mended).select_related("payee", "list__program", "record").prefetch_related("corrections")
    page = keyset.page(keyset.ordered(rows, "-reported_at", is_filled=True), request, sort="-reported_at")
    in_full = request.post.unit.kind in TOWNSHIP or permissions.makes_payments(request.post)
    context = {
        "page": page,
        "lines": shown(page.rows, in_full=in_full),
        "tabs": [_tab("待核对账户", "tab", "open", not is_mended), _tab("已更正、待重发", "tab", "mended", is_mended)],
    }
    return render(request, "households/payment_failure_list.html", context)


def _line(request: StaffRequest, pk: UUID) -> PaymentLine:
    related = ("payee", "list__program", "list__unit", "record__household", "record__resident", "former", "resent_in__list__program")
    people = [f"{act}_by__{part}" for act in ("reported", "mended") for part in ("unit", "staff")]
    line: PaymentLine = PaymentLine.objects.visible_to(request.post).select_related(*related, *people).get_or_404(pk)
    return line


@require_GET
@requires(permissions.reads_payments)
def payment_line_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _line_page(request, _line(request, pk), MendForm())


def _line_page(request: StaffRequest, line: PaymentLine, form: django_forms.Form) -> HttpResponse:
    may_mend = permissions.can_mend(request.post, line)
    [told] = shown([line], in_full=may_mend or permissions.can_work_on(request.post, line.list))
    is_open = line.state == "failed" and line.resent_in_id is None and line.mended_at is None
    context = {
        "line": line,
        "told": told,
        "form": form if is_open and may_mend else None,
        "terms": _terms(line, told, tells_account=may_mend or request.post.unit.kind not in TOWNSHIP),
    }
    return render(request, "households/payment_line_detail.html", context, status=422 if form.errors else 200)


def _terms(line: PaymentLine, told: dict[str, Any], *, tells_account: bool) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [
        ("领款人", told["who"]), ("证件号码", told["id_number"]), ("所在地", told["place"]), ("开户银行", line.bank_name or "—"),
        ("银行账号", told["account"] or "没有登记"), ("本月金额", f"{line.amount:,.2f}元"), ("补发", f"{line.arrears:,.2f}元"),
        ("重发", f"{line.resent:,.2f}元"), ("扣回", f"{line.deduction:,.2f}元"), ("应发", f"{line.payable:,.2f}元"),
    ]  # fmt: skip
    if line.owed:
        found.append(("尚待扣回", f"{line.owed:,.2f}元"))
    if line.paid_on:
        found.append(("发放日期", f"{line.paid_on:%Y-%m-%d}"))
    if line.failure:
        found.append(("失败原因", line.failure))
    if line.mended_at and line.mended_by:
        found.append(("账户更正", f"{clock.local(line.mended_at):%Y-%m-%d %H:%M} {line.mended_by.label}，等待重发"))
        if line.payee and line.resent_in_id is None and tells_account:
            found.append(("重发账户", f"{line.payee.bank_name} {line.payee.bank_account}".strip()))
    return found


@require_POST
@requires(permissions.reads_payments)
@once
def payment_line_mend(request: StaffRequest, pk: UUID) -> HttpResponse:
    line = _line(request, pk)
    form = MendForm(request.POST)
    if form.is_valid():
        is_new = form.cleaned_data["how"] == "new"
        if submit(form, lambda: payment_results.mend_payment(line_id=pk, is_new_account=is_new, by=request.post)):
            messages.success(request, "已登记，主管部门在下一份名册或补发名册中重发。")
            return redirect(line)
    return late(request, form, line) or _line_page(request, line, form)


def _refuse(may: bool, words: str) -> None:
    if not may:
        raise PermissionDenied(words)
