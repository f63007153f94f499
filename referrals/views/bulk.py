"""What is done for several referrals of the inbox at once: signing for them, giving them to a colleague (DESIGN 5, UI: lists)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from config.once import once
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from .. import bulk, transitions
from ..forms import BulkForm
from ..permissions import has_inbox

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


def tell(request: StaffRequest, result: bulk.Result, what: str) -> None:
    if result.done:
        messages.success(request, f"已{what}{result.done}件。")
    for sentence in result.refused[:TOLD]:
        messages.warning(request, f"没有{what}：{sentence}")
    if len(result.refused) > TOLD:
        messages.warning(request, f"另有{len(result.refused) - TOLD}件没有{what}，仍在列表中，请逐件打开查看。")


def _back(request: StaffRequest, form: BulkForm) -> HttpResponse:
    """To the tab it came from; a form that lacked something says so there, since nothing but ticks could be lost."""
    for errors in form.errors.values():
        for sentence in errors:
            messages.warning(request, str(sentence))
    tab = form.data.get("tab", "")
    query = f"?{urlencode({'tab': tab})}" if tab else ""
    return redirect(f"{reverse('referrals:referral_list')}{query}")
