"""定期工作: each work, its rhythm, its last run and its next; what failed is asked for again here."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.once import once
from organization.gates import requires
from organization.requests import StaffRequest

from .. import periods, transitions
from ..models import PeriodRun
from ..permissions import can_see_periods


@require_GET
@requires(can_see_periods)
def period_list(request: StaffRequest) -> HttpResponse:
    latest, now = PeriodRun.objects.visible_to(request.post).last_of_each(), clock.now()
    rows = [_row(work, latest.get(work.key), now) for work in periods.works()]
    return render(request, "deadlines/period_list.html", {"rows": rows, "failing": sum(row["tone"] == "red" for row in rows)})


@require_POST
@requires(can_see_periods)
@once
def period_run(request: StaffRequest, key: str) -> HttpResponse:
    run = transitions.ask_for_run(key=key, by=request.post)
    messages.success(request, f"已要求立即办理（{run.period}），一分钟内开始，稍后刷新看结果。")
    return redirect("deadlines:period_list")


def _row(work: periods.Periodic, run: PeriodRun | None, now: Any) -> dict[str, Any]:
    word, tone = _state(run, now)
    is_done = run is not None and run.finished_at is not None
    return {
        "work": work,
        "run": run,
        "word": word,
        "tone": tone,
        "next_at": work.next_due(now) if is_done or run is None else run.next_try_at,
        "can_ask": _can_ask(work, run, now),
    }


def _can_ask(work: periods.Periodic, run: PeriodRun | None, now: Any) -> bool:
    """What failed is tried again at any time; another period only where it may be brought forward."""
    if run is not None and run.finished_at is None:
        return True
    return (run is None or run.starts_at < work.period_at(now).starts_at) and work.may_begin(now)


def _state(run: PeriodRun | None, now: Any) -> tuple[str, str]:
    if run is None:
        return "尚未办过", "grey"
    if run.finished_at is not None:
        return "已办成", "green"
    if run.error:
        return "未办成", "red"
    return ("待办", "blue") if run.tried_at is None else ("办理中或中断", "amber")
