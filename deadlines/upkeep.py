"""The room's own long work."""

from datetime import date

from .jobs import Context, Result
from .transitions import drop_jobs


def drop_jobs_before(context: Context) -> Result:
    """Jobs that ended before the day, with what they left."""
    count = drop_jobs(before=date.fromisoformat(context.arguments["before"]))
    return Result(text=f"清理{count}个任务", data={"count": count})
