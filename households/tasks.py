"""Long work of this room, as its jobs call it (`deadlines.jobs`): ids in, a verb called; and what asks for one each day."""

from datetime import date, timedelta

from django.urls import reverse

from config import clock
from deadlines import jobs
from deadlines.transitions import ask_job
from organization.figures import figure
from organization.models import Post

from .small_counts import least_shown, told
from .transitions import screen_county
from .transitions.rule_trial import drop_trials, try_rule
from .transitions.standards import apply_due_standards, carry_out_standard

COUNTY, TRIAL, DROP_TRIALS = "households.screen_county", "households.try_rule", "households.drop_trials"


def county_screening(context: jobs.Context) -> jobs.Result:
    """All rules over the county on the day that stands among the arguments."""
    run = screen_county(on=date.fromisoformat(context.arguments["on"]), by=context.asked_by, progress=context.progress)
    return jobs.Result(
        url=run.get_absolute_url(),
        text=f"已按{len(run.rules)}个项目的规则比对{run.households}户{run.residents}人",
        data={"run": str(run.pk)},
    )


def rule_trial(context: jobs.Context) -> jobs.Result:
    """A draft's rule beside the one in force, over the county."""
    day = context.arguments.get("day")
    first = date.fromisoformat(day) if day else None
    run = try_rule(version_id=context.arguments["version"], day=first, by=context.asked_by, progress=context.progress)
    changed = told(run.differences.count(), least_shown())
    return jobs.Result(
        url=reverse("households:rule_trial_detail", args=[run.pk]),
        text=f"已按现行规则和草稿比对{run.households}户{run.residents}人，{changed}结果有变化",
        data={"run": str(run.pk)},
    )


def standard_applied(context: jobs.Context) -> jobs.Result:
    """A confirmed change of a standard, over every record that follows it."""
    change = carry_out_standard(change_id=context.arguments["change"], by=context.asked_by, told=context.progress)
    return jobs.Result(url=change.get_absolute_url(), text=f"{change.name}已按新标准执行，调整了多少项见该页")


def trials_dropped(context: jobs.Context) -> jobs.Result:
    """Dry runs that ended before the day, with whom they named."""
    count = drop_trials(before=date.fromisoformat(context.arguments["before"]))
    return jobs.Result(text=f"清理{count}次规则试运行", data={"count": count})


def forget_trials() -> None:
    """Dry runs go as long after their end as jobs do (`job_kept_days`). Idempotent."""
    before = clock.today() - timedelta(days=figure("job_kept_days"))
    ask_job(DROP_TRIALS, arguments={"before": before.isoformat()}, by=Post.objects.the_system())


def apply_standards() -> str:
    """Changes of standards whose month has come. Idempotent."""
    return f"执行{apply_due_standards(by=Post.objects.the_system())}份"
