"""标准调整: the standards and their changes, a new change, one with what it makes of each record (TZ-36)."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.models import Parameter
from organization.requests import StaffRequest

from ..forms.standards import StandardForm
from ..models import StandardChange
from ..standards import page as pages
from ..standards import permissions
from ..transitions import standards as transitions
from .reasons import answered_with_reason

WHY = "households/standard_reason.html"
TABS = {"computed": "可以测算", "problems": "不能测算"}


@require_GET
@requires(permissions.reads_standards)
def change_list(request: StaffRequest) -> HttpResponse:
    """What is in force, and every change with what became of it."""
    rows = StandardChange.objects.visible_to(request.post).with_list_data()
    page = keyset.page(keyset.ordered(rows, "-proposed_at"), request, sort="-proposed_at")
    context = {
        "page": page,
        "rows": [(row, row.TONES[StandardChange.Status(row.status)]) for row in page.rows],
        "standards": pages.standards(request.post),
        "may_propose": permissions.proposes_standards(request.post),
    }
    return render(request, "households/standard_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.proposes_standards)
@once
def change_propose(request: StaffRequest, key: str) -> HttpResponse:
    """The new standard and its paper; what it makes of each record is counted at once."""
    known = Parameter.objects.in_force(key, on=clock.today())
    if known is None or not permissions.can_propose_standard(request.post, key):
        raise Http404("没有这项标准，或不由您的单位提出调整。")
    form = StandardForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid():
        if row := submit(form, lambda: transitions.propose_standard(key=key, **form.said(), by=request.post)):
            messages.success(request, "已测算，请核对。县级平台确认后执行。")
            return redirect(row)
    return render(request, "households/standard_propose.html", {"form": form, "known": known}, status=422 if form.errors else 200)


@require_GET
@requires(permissions.reads_standards)
def change_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Sums, what cannot be computed and why, townships, and each record that the post sees."""
    change = _found(request, pk)
    page = pages.ChangePage(change, request.post)
    tab = request.GET.get("tab", "") if request.GET.get("tab", "") in TABS else "computed"
    lines = keyset.page(keyset.ordered(pages.lines_of(change, request.post, tab), "id"), request, sort="id")
    counts = {"computed": page.sums["computed"], "problems": page.sums["problems"]}
    context = {
        "page": page,
        "change": change,
        "lines": pages.shown_lines(lines.rows, request.post),
        "keyset": lines,
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"?{urlencode({'tab': name})}#lines", "is_current": name == tab, "count": counts[name]}
            for name, label in TABS.items()
        ],
    }
    return render(request, "households/standard_detail.html", context)


@require_POST
@requires(permissions.reads_standards)
@once
def change_recount(request: StaffRequest, pk: UUID) -> HttpResponse:
    change = transitions.recount_standard(change_id=_found(request, pk).pk, by=request.post)
    messages.success(request, "已重新测算，请核对。")
    return redirect(change)


@require_POST
@requires(permissions.reads_standards)
@once
def change_confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    change = transitions.confirm_standard(change_id=_found(request, pk).pk, by=request.post)
    is_ahead = change.month > clock.today()
    messages.success(request, f"已确认，{change.month_label}1日自动执行。" if is_ahead else "已确认，正在执行。")
    return redirect(change)


@require_GET
@requires(permissions.reads_standards)
def change_progress(request: StaffRequest, pk: UUID) -> HttpResponse:
    """How far the carrying out is, asked for by the page; once it has ended the page is called anew."""
    change = _found(request, pk)
    page = pages.ChangePage(change, request.post)
    response = render(request, "households/_standard_progress.html", {"change": change, "page": page})
    if not page.is_waiting:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@requires(permissions.reads_standards)
@once
def change_resume(request: StaffRequest, pk: UUID) -> HttpResponse:
    change = _found(request, pk)
    transitions.resume_standard(change_id=pk, by=request.post)
    messages.success(request, "已重新发起。")
    return redirect(change)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.reads_standards)
@once
def change_decline(request: StaffRequest, pk: UUID) -> HttpResponse:
    change = _found(request, pk)
    if not permissions.can_answer_standard(request.post, change):
        raise PermissionDenied("标准调整由县级平台审批人员确认。")
    return answered_with_reason(
        request, change, title="不予确认", template=WHY,
        verb=lambda reason: transitions.decline_standard(change_id=pk, reason=reason, by=request.post),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.reads_standards)
@once
def change_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    change = _found(request, pk)
    if not permissions.can_withdraw_standard(request.post, change):
        raise PermissionDenied("由提出的单位撤回。")
    return answered_with_reason(
        request, change, title="撤回", template=WHY,
        verb=lambda reason: transitions.withdraw_standard(change_id=pk, reason=reason, by=request.post),
    )  # fmt: skip


def _found(request: StaffRequest, pk: UUID) -> StandardChange:
    found: StandardChange = StandardChange.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    return found
