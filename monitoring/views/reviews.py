"""复核认证: how far townships are, the lists, one list ticked off (XX-25, XX-33)."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from organization.gates import requires
from organization.requests import StaffRequest

from ..forms.reviews import CheckForm, ReviewFilter, TogetherForm
from ..models import ReviewLine, ReviewList
from ..reviews import page as pages
from ..reviews.permissions import can_check, reads_reviews
from ..transitions import reviews as transitions

LONGEST_KEY = 19  # digits of a row's number


@require_GET
@requires(reads_reviews)
def review_board(request: StaffRequest) -> HttpResponse:
    """By township, of the lists that are open; a township reads its own."""
    context = {"places": pages.board(request.post, clock.today()), "is_township": request.post.role in {"T", "TA"}}
    return render(request, "monitoring/review_board.html", context)


@require_GET
@requires(reads_reviews)
def review_list_list(request: StaffRequest) -> HttpResponse:
    """The lists, newest period first."""
    form = ReviewFilter(request.GET, post=request.post)
    rows = ReviewList.objects.visible_to(request.post).with_list_data()
    rows = form.narrowed(rows) if form.is_valid() else rows.none()
    page = keyset.page(keyset.ordered(rows, "-month", is_filled=True), request, sort="-month")
    context = {"form": form, "page": page, "rows": pages.standings(page.rows, clock.today())}
    return render(request, "monitoring/review_list_list.html", context)


@require_GET
@requires(reads_reviews)
def review_list_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    found = _found(request, pk)
    return _list_page(request, found, TogetherForm())


@require_POST
@requires(reads_reviews)
@once
def review_lines_check(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Those that were ticked: nothing has changed. What a colleague has done meanwhile stays his, and is told."""
    found = _found(request, pk)
    if not can_check(request.post, found):
        raise PermissionDenied("清单由承办的乡镇（街道）复核。")
    form = TogetherForm(request.POST)
    lines = [int(key) for key in request.POST.getlist("lines") if key.isdecimal() and len(key) < LONGEST_KEY]
    if form.is_valid():
        done = transitions.done_before(found, lines, request.post)
        if count := submit(
            form, lambda: transitions.check_lines(list_id=pk, line_ids=lines, way=form.cleaned_data["way"], by=request.post)
        ):
            messages.success(request, f"已复核{count}项，仍符合。" + (f"另有{done}，没有再登记。" if done else ""))
            return redirect(found)
        if told := late(request, form, found):
            return told
    return _list_page(request, found, form, ticked=set(lines), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_reviews)
@once
def review_line_check(request: StaffRequest, pk: int) -> HttpResponse:
    """One of them, with what was found; what has changed leads on to a change of the aid."""
    line: ReviewLine = (
        ReviewLine.objects.visible_to(request.post).select_related("list__program", "list__region", *pages.RELATED).get_or_404(pk)
    )
    if not can_check(request.post, line.list):
        raise PermissionDenied("清单由承办的乡镇（街道）复核。")
    written = {"result": line.result or None, "way": line.way or None, "note": line.note, "seen": line.mark}
    form = CheckForm(request.POST or None, initial=written)
    if request.method == "POST" and form.is_valid():
        done = submit(form, lambda: transitions.check_line(line_id=pk, **form.cleaned_data, by=request.post))
        if done is not None:
            [shown] = pages.shown([done], request.post, clock.today())
            messages.success(request, "已记下。请接着提出变更。" if shown["change_url"] else "已记下。")
            return redirect(shown["change_url"] or line.list)
    if told := late(request, form, line.list if line.list.closed_at else reverse("monitoring:review_line_check", args=[pk])):
        return told
    [shown] = pages.shown([line], request.post, clock.today())
    context = {"form": form, "line": line, "shown": shown, "list": line.list}
    return render(request, "monitoring/review_line_check.html", context, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: UUID) -> ReviewList:
    found: ReviewList = ReviewList.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    return found


def _list_page(request: StaffRequest, found: ReviewList, form: Any, *, ticked: set[int] | None = None, status: int = 200) -> HttpResponse:
    rows = ReviewLine.objects.visible_to(request.post).filter(list=found)
    counts = keyset.tallies({tab: pages.of_tab(rows, tab) for tab in pages.TABS})
    asked = request.GET.get("tab", "")
    tab = asked if asked in pages.TABS else "waiting" if counts["waiting"] != "0" else "done"
    few = keyset.ordered(pages.of_tab(rows, tab).select_related(*pages.RELATED), "id")
    lines = keyset.page(few, request, sort="id", path=found.get_absolute_url())
    [standing] = pages.standings([found], clock.today())
    context = {
        "list": found, "standing": standing, "form": form, "keyset": lines, "tab": tab,
        "lines": pages.shown(lines.rows, request.post, clock.today()),
        "ticked": ticked or set(), "may_check": found.closed_at is None and can_check(request.post, found),
        "tabs": [_tab(found, name, tab, counts[name]) for name in pages.TABS],
    }  # fmt: skip
    return render(request, "monitoring/review_list_detail.html", context, status=status)


def _tab(found: ReviewList, name: str, chosen: str, count: str) -> dict[str, Any]:
    url = f"{found.get_absolute_url()}?{urlencode({'tab': name})}"
    return {"label": pages.TABS[name], "url": url, "is_current": name == chosen, "count": count}
