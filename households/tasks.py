"""Long work of this room, as its jobs call it (`deadlines.jobs`): ids in, a verb called."""

from datetime import date

from django.urls import reverse

from deadlines import jobs

from .small_counts import least_shown, told
from .transitions import screen_county
from .transitions.rule_trial import try_rule

COUNTY, TRIAL = "households.screen_county", "households.try_rule"


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
