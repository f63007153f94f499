"""The run as long work: its job, and each night's asking for it."""

from datetime import timedelta

from django.urls import reverse

from deadlines import jobs, periods
from organization.models import Post

from ..transitions.doubts import FIND, ask_to_find, find_doubts

AT_NIGHT = timedelta(hours=3)


def register() -> None:
    jobs.register(FIND, _found, title="疑点比对")
    periods.register("monitoring.find_doubts", "疑点比对", _asked, every="day", at=AT_NIGHT)


def _found(context: jobs.Context) -> jobs.Result:
    run = find_doubts(by=context.asked_by, progress=context.progress)
    numbers = {what: run.total(what) for what in ("found", "new", "opened", "changed", "closed")}
    return jobs.Result(
        url=reverse("monitoring:doubt_run_list"),
        text=f"发现{numbers['found']}条疑点，交办{numbers['opened']}条，消除{numbers['closed']}条",
        data=numbers,
    )


def _asked(period: periods.Period) -> str:  # noqa: ARG001
    ask_to_find(by=Post.objects.the_system())
    return "已安排疑点比对"
