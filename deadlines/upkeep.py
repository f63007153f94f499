"""The room's own long work and what comes round."""

from datetime import date, datetime, timedelta

from django.urls import reverse

from config import clock
from organization.figures import figure
from organization.models import Post, Unit
from organization.transitions.sessions import forget_sessions
from organization.upkeep import forget_form_tokens

from .jobs import Context, Result
from .models import CalendarYear, Duty
from .periods import Period
from .rules import start_of
from .transitions import announce, ask_job, drop_jobs, drop_runs

PARTS_KEPT = timedelta(days=2)  # what comes round within a day fills two days of the page's history


def drop_jobs_before(context: Context) -> Result:
    """Jobs that ended before the day, with what they left."""
    count = drop_jobs(before=date.fromisoformat(context.arguments["before"]))
    return Result(text=f"清理{count}个任务", data={"count": count})


def forget_jobs(period: Period) -> None:
    """Jobs that ended longer than `job_kept_days` ago go, by a job like any other."""
    before = period.first - timedelta(days=figure("job_kept_days"))
    ask_job("deadlines.drop_jobs", arguments={"before": before.isoformat()}, by=Post.objects.the_system())


def forget_runs(period: Period) -> str:
    """What is past of periodic work goes after `period_kept_days`, parts of a day after two."""
    before = period.starts_at - timedelta(days=figure("period_kept_days"))
    return f"清理{drop_runs(parts_before=clock.now() - PARTS_KEPT, before=before)}条"


def forget_tokens(period: Period) -> str:
    """For the room below this one, which knows no periods."""
    return f"清理{forget_form_tokens()}个"


def forget_old_sessions(period: Period) -> str:
    """Likewise."""
    return f"清理{forget_sessions()}个"


def ask_for_calendar(period: Period) -> str:
    """From 1 November on next year's working calendar is missed: the system administrators are told once (RULES C1).

    The State Council's office publishes the arrangement about then.
    """
    year = period.last.year + 1
    if CalendarYear.objects.filter(year=year).exists():
        return f"{year}年工作日历已导入"
    units = Unit.objects.current(clock.today()).filter(kind=Unit.Kind.SYSTEM_ADMINISTRATION)
    guessed = Duty.objects.falling_back()
    body = (
        f"现有{guessed}件在办事项的到期日暂按周一至周五推算，导入后自动重新推算并通知各单位。"
        if guessed
        else "导入前，涉及该年的到期日暂按周一至周五推算。"
    )
    told = announce(
        "calendar.year_missing", CalendarYear(pk=year), to=list(units), title=f"请导入{year}年工作日历（国务院办公厅放假安排）", body=body,
        url=f"{reverse('deadlines:calendar_load')}?year={year}", dedupe=f"calendar.year_missing:{year}",
    )  # fmt: skip
    return f"{year}年工作日历未导入，已通知{told}个单位"


def first_of_november(first: date) -> datetime:
    return start_of(first.replace(month=11))
