"""疑点核查 (ZX-26): the list by state and kind, one doubt, and the ways to close it, one by one."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, lists
from config.dates import add_months
from config.once import once
from config.submit import handled, late, submit
from households.models import Resident
from organization.figures import figure
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest
from referrals.forms import ChangeForm
from referrals.models import Change
from referrals.recording import RecordPage

from .. import permissions
from ..doubt_filters import DoubtFilter
from ..doubt_page import TABS, DoubtPage, lines
from ..doubt_permissions import can_close_doubt, can_draft_from_doubt
from ..forms.doubts import AidForm, CorrectForm, DismissForm
from ..models import Doubt, DoubtRun
from ..transitions import closing_doubts as closing
from ..transitions import pull_doubt

LIST = lists.declare(
    lists.List(
        "monitoring:doubt_list",
        (
            lists.Column("lamp", "核查期限", is_fixed=True),
            lists.Column("who", "对象", is_fixed=True),
            lists.Column("told", "依据", is_fixed=True),
            lists.Column("place", "乡镇（街道）"),
            lists.Column("found", "发现日期", sort="-found_at", is_filled=True),
            lists.Column("score", "分值", sort="-score", is_filled=True),
        ),
        sort="-score",
        filters=DoubtFilter,
    )
)


@require_GET
@requires(permissions.sees_doubts)
def doubt_list(request: StaffRequest) -> HttpResponse:
    """What waits for the township, what it may pull from, what is done; each by kind, with how many."""
    mine = Doubt.objects.visible_to(request.post)
    counts = _counts(mine)
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else "open"
    kind = request.GET.get("kind", "")
    kind = kind if kind in Doubt.Kind.values else ""
    rows = mine.filter(status=tab, **({"kind": kind} if kind else {}))
    chosen = LIST.chosen(request)
    found = DoubtFilter(chosen.filters, queryset=rows.with_list_data(), request=request)
    table = chosen.table(found.qs, form=found.form)
    context = {
        "filter": found,
        "table": table,
        "rows": lines(table.rows, request.post, clock.now()),
        "tabs": [_tab(label, counts.get((name, ""), 0), name == tab, tab=name) for name, label in TABS.items()],
        "kinds": _kinds(counts, tab, kind),
        "tab": tab,
        "run": DoubtRun.objects.visible_to(request.post).first(),
        "may_find": permissions.can_find_doubts(request.post),
    }
    template = "monitoring/_doubt_rows.html" if request.htmx else "monitoring/doubt_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _counts(mine: Any) -> dict[tuple[str, str], int]:
    """By state and kind, and by state alone: one statement."""
    found: dict[tuple[str, str], int] = {}
    for status, kind, number in mine.order_by().values_list("status", "kind").annotate(number=Count("pk")):
        found[status, kind] = number
        found[status, ""] = found.get((status, ""), 0) + number
    return found


def _kinds(counts: dict[tuple[str, str], int], tab: str, chosen: str) -> list[dict[str, Any]]:
    """The kinds that there are in this state."""
    every = [_tab("全部", counts.get((tab, ""), 0), not chosen, tab=tab)]
    named = [(kind, str(label)) for kind, label in Doubt.Kind.choices if counts.get((tab, kind)) or kind == chosen]
    return [*every, *(_tab(label, counts.get((tab, kind), 0), kind == chosen, tab=tab, kind=kind) for kind, label in named)]


def _tab(label: str, count: int, is_current: bool, **asked: str) -> dict[str, Any]:  # noqa: FBT001
    return {"label": label, "url": f"?{urlencode(asked)}", "is_current": is_current, "count": count}


def _found(request: StaffRequest, pk: UUID) -> tuple[Doubt, Post]:
    return through_any(request, lambda post: Doubt.objects.visible_to(post).with_page_data(), pk)


@require_GET
@requires(permissions.sees_doubts)
def doubt_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What was found, where it is looked at, and what may close it."""
    doubt, post = _found(request, pk)
    return render(request, "monitoring/doubt_detail.html", {"doubt": doubt, "page": DoubtPage(doubt, post)})


@require_POST
@requires(permissions.sees_doubts)
@once
def doubt_pull(request: StaffRequest, pk: UUID) -> HttpResponse:
    doubt, post = _found(request, pk)
    if not permissions.can_pull_doubt(post, doubt):
        raise PermissionDenied("疑点由所在乡镇（街道）领取。")
    pull_doubt(doubt_id=pk, by=post)
    messages.success(request, "已领取，核查期限从现在开始计算。")
    return redirect(doubt)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.sees_doubts)
@once
def doubt_aid(request: StaffRequest, pk: UUID) -> HttpResponse:
    """实施救助: what closes the doubt is the application, on whose page the clerk goes on."""
    doubt, post = _found(request, pk)
    if not can_draft_from_doubt(post, doubt):
        raise PermissionDenied("申请由所在乡镇（街道）综合救助窗口经办起草。")
    page = DoubtPage(doubt, post)
    form = AidForm(
        request.POST or None, applicants=page.applicants, programs=page.programs, has_draft=page.begun is not None,
        initial={"applicant": page.first_applicant},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        done = submit(form, lambda: closing.aid(doubt_id=pk, **form.said(), by=post))
        if done is not None:
            closed, taken = done
            drafted = "已起草申请" if page.begun is None else f"本户已有申请{page.begun.number}"
            messages.success(request, f"疑点已办结，{drafted}{'，已填入' + '、'.join(taken.added) if taken.added else ''}。请接着填写。")
            for refused in taken.refused:
                messages.warning(request, refused)
            return redirect("intake:application_edit", pk=closed.led_to_id)
    return _step(request, page, form, "实施救助", "办结并起草申请" if page.begun is None else "办结并填入本户申请")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.sees_doubts)
@once
def doubt_stop(request: StaffRequest, pk: UUID, record: UUID) -> HttpResponse:
    """取消资格: a stop, hold or adjustment of one record, by the form on which a township opens every change."""
    doubt, post = _found(request, pk)
    if not can_close_doubt(post, doubt):
        raise PermissionDenied("疑点由所在乡镇（街道）的窗口或社会事务办办结。")
    row = (
        closing.records_of(doubt).visible_to(post).shown_to(post).select_related("program", "version", "household__region__parent", "unit")
    )
    page = RecordPage(row.get_or_404(record), post, [post])
    people = Resident.objects.visible_to(post).filter(pk__in=[person.pk for person in page.covered])
    form = ChangeForm(
        request.POST or None, kinds=page.kinds, people=people, most_months=int(figure("gradual_exit_max")), initial=_initial(doubt, page)
    )
    del form.fields["origin"]
    if request.method == "POST" and form.is_valid():
        done = submit(form, lambda: closing.stop(doubt_id=pk, record_id=record, change=form.said(), by=post))
        if done is not None:
            referral = done[1]
            messages.success(request, f"疑点已办结，已提出“{referral.deed}”，转办单{referral.number}，现由{referral.unit.name}办理。")
            return redirect(referral)
    if over := _over(request, doubt, form):
        return over
    context = {"form": form, "page": page, "doubt": doubt, "doubt_page": DoubtPage(doubt, post)}
    return render(request, "monitoring/doubt_stop.html", context, status=422 if form.errors else 200)


def _initial(doubt: Doubt, page: RecordPage) -> dict[str, Any]:
    """Of somebody dead, what C-19 asks: the aid is stopped, or adjusted where others have it too."""
    initial: dict[str, Any] = {"kind": "stop", "from_month": add_months(clock.today().replace(day=1), 1)}
    if doubt.kind != Doubt.Kind.AFTER_DEATH:
        return initial
    dead = {str(key) for key in closing.ids_in(doubt, "people")}
    reached = {str(person.pk) for person in page.covered}
    initial["reason_code"] = Change.Reason.DEATH
    return initial | ({"kind": "adjust", "leaver": next(iter(dead & reached))} if dead & reached and reached - dead else {})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.sees_doubts)
@once
def doubt_correct(request: StaffRequest, pk: UUID) -> HttpResponse:
    """更正信息: the pages on which it is done, what was done since, and then the end of the doubt."""
    doubt, post = _closable(request, pk)
    form = CorrectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: closing.correct(doubt_id=pk, **form.cleaned_data, by=post)):
            return _closed(request, doubt)
    return _step(request, DoubtPage(doubt, post), form, "更正信息", "已更正，办结", template="monitoring/doubt_correct.html")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.sees_doubts)
@once
def doubt_dismiss(request: StaffRequest, pk: UUID) -> HttpResponse:
    doubt, post = _closable(request, pk)
    form = DismissForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: closing.dismiss(doubt_id=pk, **form.cleaned_data, by=post)):
            return _closed(request, doubt)
    return _step(request, DoubtPage(doubt, post), form, "维持现状或数据有误", "办结")


def _closable(request: StaffRequest, pk: UUID) -> tuple[Doubt, Post]:
    doubt, post = _found(request, pk)
    if not can_close_doubt(post, doubt):
        raise PermissionDenied("疑点由所在乡镇（街道）的窗口或社会事务办办结。")
    return doubt, post


def _over(request: StaffRequest, doubt: Doubt, form: django_forms.Form) -> HttpResponse | None:
    """A form come back to after the doubt was closed leads to what came of it; so does one sent second, with the verb's answer.

    Where the doubt stands, something else was handled first (a change of that kind is on its way): the form stays, to choose another.
    """
    if handled(form):
        doubt.refresh_from_db(fields=["status"])
        return late(request, form, doubt) if doubt.status != Doubt.Status.OPEN else None
    if request.method == "POST" or doubt.status != Doubt.Status.CLOSED:
        return None
    messages.info(request, "疑点已办结，不用再办理。")
    return redirect(doubt)


def _closed(request: StaffRequest, doubt: Doubt) -> HttpResponse:
    messages.success(request, "疑点已办结。")
    return redirect(doubt)


def _step(
    request: StaffRequest,
    page: DoubtPage,
    form: django_forms.Form,
    title: str,
    button: str,
    *,
    template: str = "monitoring/doubt_step.html",
) -> HttpResponse:
    if over := _over(request, page.doubt, form):
        return over
    context = {"form": form, "page": page, "doubt": page.doubt, "title": title, "button": button}
    return render(request, template, context, status=422 if form.errors else 200)
