"""岗位交接: the posts of a unit with open work, and handing one of them to a colleague after a look at how much it is."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import submit
from organization.gates import requires, through_any
from organization.models import Post
from organization.permissions import can_hand_over
from organization.requests import StaffRequest

from .. import handovers, transitions
from ..forms import HandOverForm
from ..permissions import hands_over


@require_GET
@requires(hands_over)
def hand_over_list(request: StaffRequest) -> HttpResponse:
    """The approver's own unit; for the system administrator the county, in numbers alone. Who has gone stands first."""
    posts = Post.objects.visible_to(request.post).filter(granted_at__isnull=False)
    found = handovers.loads(posts, clock.today())
    return render(request, "referrals/hand_over_list.html", {"loads": found})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(hands_over)
@once
def post_hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    post, by = through_any(request, lambda one: Post.objects.visible_to(one).select_related("staff", "unit"), pk)
    if not can_hand_over(by, post):
        return redirect("referrals:hand_over_list")
    today = clock.today()
    people = Post.objects.visible_to(by).effective(today).filter(unit_id=post.unit_id).exclude(staff_id=post.staff_id)
    form = HandOverForm(request.POST or None, people=people.select_related("staff").order_by("rank", "pk"))
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        done = submit(form, lambda: transitions.hand_over(post_id=pk, to=to, by=by))
        if done:
            _tell(request, done, to)
            return redirect("referrals:hand_over_list")
    load: Any = next(iter(handovers.loads(Post.objects.visible_to(by).filter(pk=pk), today)), None)
    context = {"form": form, "post": post, "load": load}
    return render(request, "referrals/post_hand_over.html", context, status=422 if form.errors else 200)


def _tell(request: StaffRequest, done: transitions.HandedOver, to: Post) -> None:
    messages.success(request, f"已交接给{to.staff.name}：事项{done.duties}件，转办单{done.referrals}件。")
    if done.waiting:
        messages.warning(request, f"接手人应当回避或不能办理的事项{done.waiting}件，已放回本单位待办，请另安排人领办。")
    if done.left:
        messages.warning(request, f"因近亲属回避没有交接，请另行分派：{'、'.join(done.left)}。")
