"""我的任务: what one asked for, how far it is, what came of it. The platform looks over all, without results."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from config import keyset
from config.once import once
from config.polling import poll
from organization.gates import requires, through_any
from organization.kinds import COUNTY_WIDE
from organization.models import Post
from organization.requests import StaffRequest

from .. import transitions
from ..models import Job
from ..permissions import can_cancel_job, can_see_result


@require_GET
@requires()
def job_list(request: StaffRequest) -> HttpResponse:
    return render(request, "deadlines/job_list.html", _list(request))


@require_GET
@requires()
@poll
def job_rows(request: StaffRequest) -> HttpResponse:
    """The rows alone, asked for by the page as long as something is under way."""
    return render(request, "deadlines/_job_rows.html", _list(request))


@require_GET
@requires()
def job_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    return render(request, "deadlines/job_detail.html", _one(request, pk))


@require_GET
@requires()
@poll
def job_progress(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The same without its page; any page may bring it in for a job that it asked for."""
    return render(request, "deadlines/_job.html", _one(request, pk))


@require_POST
@requires()
@once
def job_cancel(request: StaffRequest, pk: UUID) -> HttpResponse:
    _, post = through_any(request, lambda held: Job.objects.visible_to(held), pk)
    job = transitions.cancel_job(job_id=pk, by=post)
    messages.success(request, "任务已取消。" if not job.is_open else "已请求取消，任务在下一步停下，已做的全部撤回。")
    return redirect(job)


def _list(request: StaffRequest) -> dict[str, Any]:
    """One's own over all posts; the platform may look at everybody's."""
    oversees = request.post.unit.kind in COUNTY_WIDE
    shows_all = oversees and request.GET.get("tab") == "all"
    rows = Job.objects.visible_to(request.post) if shows_all else Job.objects.of_posts(request.posts)
    segments = keyset.ordered(rows.with_list_data(), "-asked_at", is_filled=True)
    page = keyset.page(segments, request, sort="-asked_at", path=reverse("jobs:job_list"))
    tabs = [
        {"label": "我发起的", "url": "?", "is_current": not shows_all, "count": None},
        {"label": "全县", "url": "?tab=all", "is_current": shows_all, "count": None},
    ]
    rows_shown = [_row(job, request.post) for job in page.rows]
    return {
        "page": page,
        "jobs": rows_shown,
        "tabs": tabs if oversees else [],
        "shows_all": shows_all,
        "is_waiting": any(job.is_open for job in page.rows),
        "query": request.GET.urlencode(),
    }


def _one(request: StaffRequest, pk: UUID) -> dict[str, Any]:
    job, post = through_any(request, lambda held: Job.objects.visible_to(held).with_list_data(), pk)
    return _row(job, post)


def _row(job: Job, post: Post) -> dict[str, Any]:
    return {
        "job": job,
        "shows_result": can_see_result(post, job),
        "can_cancel": job.is_open and not job.is_stopping and can_cancel_job(post, job),
    }
