"""免申请名单: the lists of a unit, one list with its people, and what the unit says of them."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import keyset
from config.once import once
from config.submit import late, submit
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import monthly, transitions
from ..forms import EntriesForm, SetAsideForm
from ..models import ListEntry, MonthlyList
from ..permissions import confirms, has_lists
from .bulk import tell

State = ListEntry.State


@require_GET
@requires(has_lists)
def monthly_list_list(request: StaffRequest) -> HttpResponse:
    """The newest first, each with how many wait."""
    rows = MonthlyList.objects.visible_to(request.post).select_related("program", "unit")
    page = keyset.page(keyset.ordered(rows, "-month", is_filled=True), request, sort="-month")
    counts = monthly.counted(page.rows)
    context = {
        "page": page,
        "lines": [{"list": row, "counts": counts[row.pk]} for row in page.rows],
        "programs": monthly.of_post(request.post),
    }
    return render(request, "referrals/monthly_list_list.html", context)


@require_POST
@requires(has_lists)
@once
def monthly_list_prepare(request: StaffRequest) -> HttpResponse:
    """This month's list now, without waiting for the job; done again it adds what is new."""
    listed = transitions.prepare(program_code=request.POST.get("program", ""), by=request.post)
    waiting = listed.entries.proposed().count()
    messages.success(request, f"已生成{listed}，待确认{waiting}。" if waiting else f"已核对{listed}，没有待确认的。")
    return redirect(listed)


@require_GET
@requires(has_lists)
def monthly_list_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One list: who waits, who was confirmed, who was left out, who no longer belongs there."""
    listed, post = _found(request, pk)
    counts = monthly.counted([listed])[listed.pk]
    asked = request.GET.get("state", "")
    state = State(asked) if asked in State.values else State.PROPOSED
    rows = ListEntry.objects.visible_to(post).filter(monthly_list=listed, state=state).with_list_data()
    page = keyset.page(keyset.ordered(rows, "region_code", is_filled=True), request, sort="region_code")
    context = {
        "listed": listed,
        "page": page,
        "lines": monthly.lines(page.rows, listed, post),
        "state": state,
        "tabs": [_tab(each, state, counts) for each in State],
        "may_confirm": confirms(post, listed),
    }
    return render(request, "referrals/monthly_list_detail.html", context)


@require_POST
@requires(has_lists)
@once
def monthly_list_confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    """批量确认 of a page; leaving somebody out is done one by one."""
    listed, post = _found(request, pk)
    if not confirms(post, listed):
        raise PermissionDenied("由确认单位的审批人员确认名单。")
    form = EntriesForm(request.POST)
    if form.is_valid():
        tell(request, monthly.confirm_each(form.cleaned_data["entries"], post), "确认")
    for errors in form.errors.values():
        messages.warning(request, str(errors[0]))
    return redirect(listed)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_lists)
@once
def list_entry_set_aside(request: StaffRequest, pk: UUID) -> HttpResponse:
    entry, post = _entry(request, pk)
    form = SetAsideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.set_entry_aside(entry_id=pk, reason=form.cleaned_data["reason"], by=post)):
            messages.success(request, "已记为暂不列入。")
            return redirect(entry.monthly_list)
    if told := late(request, form, entry.monthly_list):
        return told
    context = {"form": form, "line": monthly.lines([entry], entry.monthly_list, post)[0], "listed": entry.monthly_list}
    return render(request, "referrals/list_entry_set_aside.html", context, status=422 if form.errors else 200)


@require_POST
@requires(has_lists)
@once
def list_entry_take_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    entry, post = _entry(request, pk)
    transitions.take_entry_back(entry_id=pk, by=post)
    messages.success(request, "已重新列入，待确认。")
    return redirect(entry.monthly_list)


def _found(request: StaffRequest, pk: UUID) -> tuple[MonthlyList, Post]:
    return through_any(request, lambda post: MonthlyList.objects.visible_to(post).select_related("program", "unit"), pk)


def _entry(request: StaffRequest, pk: UUID) -> tuple[ListEntry, Post]:
    rows = ("monthly_list__program", "monthly_list__unit")
    return through_any(request, lambda post: ListEntry.objects.visible_to(post).with_list_data().select_related(*rows), pk)


def _tab(state: State, current: State, counts: dict[str, int]) -> dict[str, object]:
    url = f"?{urlencode({'state': state.value})}"
    return {"label": state.label, "url": url, "is_current": state == current, "count": counts.get(state.value, 0)}
