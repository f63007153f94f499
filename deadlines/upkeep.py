"""The room's own long work and what comes round."""

from datetime import date, timedelta

from config import clock
from organization.figures import figure
from organization.models import Post
from organization.upkeep import forget_form_tokens

from .jobs import Context, Result
from .periods import Period
from .transitions import ask_job, drop_jobs, drop_runs

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
