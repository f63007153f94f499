"""A dry run: a draft's rule beside the one in force, over the whole register of today. Nobody is bound by it (issue 5)."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from config import clock
from config.dates import add_months
from config.verbs import TransitionError
from organization.figures import figure
from organization.models import Post
from programs.facts import catalogue_of_facts
from programs.figures import figures_on
from programs.models import ProgramVersion
from programs.permissions import can_draft
from programs.screening.language import RuleError

from ..models import ScreeningRun
from ..screening.county import Progress, asked_of, asked_on, quiet
from .county_screening import compare


def try_rule(*, version_id: int, by: Post, day: date | None = None, progress: Progress = quiet) -> ScreeningRun:
    """How many come out how by the rule in force and by the draft's, and for whom the answer changes.

    `day`: from when the draft is meant to hold: its figures are those of that day, the register is today's, as is the rule in force.

    Raises:
        PermissionDenied: whoever may not draft the program's versions.
        TransitionError: a day that is over, or too far ahead to be published for; there
            is no rule in force to compare with, or one of the two cannot be read.
    """
    draft: Any = ProgramVersion.objects.visible_to(by).select_related("program").get_or_404(version_id)
    if not can_draft(by, draft.program):
        raise PermissionDenied("试运行由本项目的部门或县级平台发起。")
    on = clock.today()
    if day is not None and not on <= day <= add_months(on, int(figure("planned_ahead_max"))):
        raise TransitionError("启用日期不能早于今天，也不能远过可以发布的日子。请看年份写对没有。")
    before = ProgramVersion.objects.in_force(on).filter(program=draft.program).select_related("program").first()
    if before is None or before.screening_rule is None:
        raise TransitionError("这个项目今天没有执行中的规则，不能比较。")
    try:
        sides = asked_on(before, on), replace(asked_of(draft, catalogue_of_facts(on), figures_on(day or on)), day=day)
    except RuleError as wrong:
        raise TransitionError(f"规则读不出来，请先改正：{wrong.message}") from wrong
    return compare(*sides, on, by=by, progress=progress)


@transaction.atomic
def drop_trials(*, before: date) -> int:
    """Forget dry runs that ended before that day, with whom they named; how many. Inner, of the job.

    Of a version that was published its last one stays: the second person decided by it.
    """
    midnight = datetime.combine(before, datetime.min.time(), tzinfo=clock.local(clock.now()).tzinfo)
    old = ScreeningRun.objects.comparisons().filter(finished_at__lt=midnight)
    gone = [run.pk for run in old.exclude(pk__in=_decided_by())]
    ScreeningRun.objects.filter(pk__in=gone).delete()
    return len(gone)


def _decided_by() -> list[Any]:
    """The last dry run of each published version; a later one cannot be: a published version is not tried."""
    runs = ScreeningRun.objects.comparisons().order_by("finished_at", "pk").values_list("rules__1__version", "pk")
    last = dict(runs)
    published = ProgramVersion.objects.published().filter(pk__in=last).values_list("pk", flat=True)
    return [last[version] for version in published]
