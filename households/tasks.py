"""Long work of this room, as its jobs call it (`deadlines.jobs`): ids in, a verb called."""

from django.urls import reverse

from deadlines import jobs

from .transitions.rule_trial import try_rule

TRIAL = "households.try_rule"


def rule_trial(context: jobs.Context) -> jobs.Result:
    """A draft's rule beside the one in force, over the county."""
    run = try_rule(version_id=context.arguments["version"], by=context.asked_by, progress=context.progress)
    changed = run.differences.count()  # type: ignore[attr-defined]
    return jobs.Result(
        url=reverse("households:rule_trial_detail", args=[run.pk]),
        text=f"已按现行规则和草稿比对{run.households}户{run.residents}人，{changed}条结果有变化",
        data={"run": str(run.pk)},
    )
