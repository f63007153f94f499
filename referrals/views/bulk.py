"""What is done for several referrals of the inbox at once: signing for them, giving them to a colleague (DESIGN 5, UI: lists)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from config.once import once
from documents.printing import render_sheet
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from .. import approvals, bulk, slips, transitions, words
from ..forms import ApproveManyForm, BulkForm, RemindManyForm
from ..permissions import has_inbox, reminds

TOLD = 10  # refusals told one by one; the rest is counted


@require_POST
@requires(has_inbox)
@once
def referral_receive_many(request: StaffRequest) -> HttpResponse:
    """批量签收."""
    form = BulkForm(request.POST, people=Post.objects.none())
    if not form.is_valid():
        return _back(request, form)
    done = bulk.each(
        form.cleaned_data["referrals"], request.posts, "receive", lambda row, by: transitions.receive(referral_id=row.pk, by=by)
    )
    tell(request, done, "签收")
    return _back(request, form)


@require_POST
@requires(has_inbox)
@once
def referral_assign_many(request: StaffRequest) -> HttpResponse:
    """批量分派: all of them to one colleague."""
    if not bulk.may_assign(request.posts):
        raise PermissionDenied("由本单位的审批人员（负责人）分派。")
    form = BulkForm(request.POST, people=bulk.colleagues(request.posts), is_assigning=True)
    if not form.is_valid():
        return _back(request, form)
    handler = form.cleaned_data["handler"]
    done = bulk.each(
        form.cleaned_data["referrals"], request.posts, "assign",
        lambda row, by: transitions.assign(referral_id=row.pk, handler=handler, by=by),
    )  # fmt: skip
    tell(request, done, f"分派给{handler.staff.name}")
    return _back(request, form)


@require_POST
@requires(has_inbox)
@once
def referral_approve_many(request: StaffRequest) -> HttpResponse:
    """批量批准: posted once from the list it shows what would be approved, posted from there it is done, each by itself."""
    if not bulk.may_assign(request.posts):
        raise PermissionDenied("由本单位的审批人员审定。")
    form = ApproveManyForm(request.POST)
    if not form.is_valid() and "referrals" in form.errors:
        return _back(request, form)
    ids = form.cleaned_data["referrals"]
    lines = approvals.listed(ids, request.posts)
    fitting = [line for line in lines if not line.why_not]
    is_meant = "confirm" in request.POST
    if is_meant:
        form = ApproveManyForm(request.POST, asks_words=any(line.needs_words for line in fitting))
    if is_meant and form.is_valid():
        done = bulk.each(
            ids, request.posts, "decide",
            lambda row, by: approvals.approve(row, shown=form.shown(row.pk), in_kind=form.cleaned_data["in_kind"], by=by),
        )  # fmt: skip
        tell(request, done, "批准", by_number=True)
        return _back(request, form)
    context = {
        "form": form, "lines": fitting, "left": [line for line in lines if line.why_not],
        "missing": len(set(ids)) - len(lines),
        "asks_words": any(line.needs_words for line in fitting), "tab": form.data.get("tab", ""),
    }  # fmt: skip
    return render(request, "referrals/referral_approve_many.html", context, status=422 if is_meant else 200)


@require_POST
@requires(reminds)
@once
def referral_remind_many(request: StaffRequest) -> HttpResponse:
    """批量催办: a notice for each to the unit whose turn it is."""
    form = RemindManyForm(request.POST)
    words.keep(request, form.data.get("text", ""))
    if not form.is_valid():
        return _back(request, form)
    text = form.cleaned_data["text"]
    done = bulk.each(
        form.cleaned_data["referrals"], request.posts, "remind", lambda row, by: transitions.remind(referral_id=row.pk, text=text, by=by)
    )
    if done.done:
        words.forget(request)
    tell(request, done, "催办")
    return _back(request, form)


@require_POST
@requires(has_inbox)
def referral_print_many(request: StaffRequest) -> HttpResponse:
    """The ticked ones on paper, each with its line in the record."""
    form = BulkForm(request.POST, people=Post.objects.none())
    if not form.is_valid():
        return _back(request, form)
    found = slips.slips(form.cleaned_data["referrals"], request.posts)
    with transaction.atomic():
        for referral, post, _ in found:
            transitions.print_slip(referral_id=referral.pk, by=post)
    context = {"slips": [slip for _, _, slip in found], "back": _list_url(form)}
    return render(request, "referrals/referral_print_many.html", context)


@require_POST
@requires(has_inbox)
def referral_print_notices(request: StaffRequest) -> HttpResponse:
    """The notices of the decisions of the ticked ones, each on a sheet of its own and with its line in the record."""
    form = BulkForm(request.POST, people=Post.objects.none())
    if not form.is_valid():
        return _back(request, form)
    found = slips.notices(form.cleaned_data["referrals"], request.posts)
    printed = [(referral, post, paper) for referral, post, paper in found if paper is not None]
    with transaction.atomic():
        for referral, post, paper in printed:
            transitions.print_notice(referral_id=referral.pk, number=paper.number, by=post)
    context = {
        "sheets": [render_sheet(paper) for _, _, paper in printed],
        "without": [referral.number for referral, _, paper in found if paper is None],
        "back": _list_url(form),
    }
    return render(request, "referrals/referral_print_notices.html", context)


def tell(request: StaffRequest, result: bulk.Result, what: str, *, by_number: bool = False) -> None:
    if result.done:
        which = f"：{'、'.join(result.numbers)}" if by_number else ""
        messages.success(request, f"已{what}{result.done}件{which}。")
    for sentence in result.refused[:TOLD]:
        messages.warning(request, f"没有{what}：{sentence}")
    if len(result.refused) > TOLD:
        messages.warning(request, f"另有{len(result.refused) - TOLD}件没有{what}，仍在列表中，请逐件打开查看。")


def _back(request: StaffRequest, form: BulkForm | ApproveManyForm | RemindManyForm) -> HttpResponse:
    """To the tab it came from; a form that lacked something says so there: ticks are lost, words come back (`words`)."""
    for errors in form.errors.values():
        for sentence in errors:
            messages.warning(request, str(sentence))
    return redirect(_list_url(form))


def _list_url(form: BulkForm | ApproveManyForm | RemindManyForm) -> str:
    tab = form.data.get("tab", "")
    query = f"?{urlencode({'tab': tab})}" if tab else ""
    return f"{reverse('referrals:referral_list')}{query}"
