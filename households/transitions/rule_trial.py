"""A dry run: a draft's rule beside the one in force, over the whole register of today. Nobody is bound by it (issue 5)."""

from typing import Any

from django.core.exceptions import PermissionDenied

from config import clock
from config.verbs import TransitionError
from organization.models import Post
from programs.models import ProgramVersion
from programs.permissions import can_draft
from programs.screening.language import RuleError

from ..models import ScreeningRun
from ..screening.county import Progress, asked_on, quiet
from .county_screening import compare


def try_rule(*, version_id: int, by: Post, progress: Progress = quiet) -> ScreeningRun:
    """How many come out how by the rule in force and by the draft's, and for whom the answer changes.

    Raises:
        PermissionDenied: whoever may not draft the program's versions.
        TransitionError: there is no rule in force to compare with, or one of the two cannot be read.
    """
    draft: Any = ProgramVersion.objects.visible_to(by).select_related("program").get_or_404(version_id)
    if not can_draft(by, draft.program):
        raise PermissionDenied("试运行由本项目的部门或县级平台发起。")
    on = clock.today()
    before = ProgramVersion.objects.in_force(on).filter(program=draft.program).select_related("program").first()
    if before is None or before.screening_rule is None:
        raise TransitionError("这个项目今天没有执行中的规则，不能比较。")
    try:
        sides = asked_on(before, on), asked_on(draft, on)
    except RuleError as wrong:
        raise TransitionError(f"规则读不出来，请先改正：{wrong.message}") from wrong
    return compare(*sides, on, by=by, progress=progress)
