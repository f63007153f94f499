"""The county screened: all rules in force, or one rule as it is and as it may become. Work of a job, minutes long at most."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from audit.transitions import record
from config import clock
from config.verbs import save
from organization.models import Post
from programs.facts import catalogue_of_facts
from programs.figures import figures_on

from ..models import ScreeningRun
from ..permissions import can_screen_county
from ..screening.county import (
    Counted,
    Progress,
    Steps,
    count,
    count_both,
    described,
    differences,
    never,
    quiet,
    rules_in_force,
    take_snapshot,
)
from ..screening.sql import Asked
from ..small_counts import least_shown, told


@transaction.atomic
def screen_county(
    *, on: date | None = None, by: Post, progress: Progress = quiet, is_cancelled: Callable[[], bool] = never
) -> ScreeningRun:
    """How many of each township come out how for every program, on the register and the versions of that day (ZX-40, DESIGN 4).

    `progress(done, total, step)` is called between the steps; what it raises ends the work and leaves nothing.

    Raises:
        PermissionDenied: neither the platform nor a department.
        Cancelled: `is_cancelled` said so between two steps.
    """
    _refuse_outsiders(by)
    steps, run = Steps(4, progress, is_cancelled), _begun(on or clock.today(), by)
    steps.say(0, "读取各项目规则和标准")
    catalogue = catalogue_of_facts(run.screened_on)
    rules = rules_in_force(run.screened_on, catalogue, figures_on(run.screened_on))
    steps.say(1, "汇集全县家庭和人员数据")
    take_snapshot(rules, run.screened_on, catalogue)
    steps.say(2, f"逐户逐人比对{len(rules)}个项目")
    counted = count(rules, catalogue)
    steps.say(3, "保存结果")
    run.rules, run.counts = [described(asked) for asked in rules], counted.counts
    _finish(run, counted)
    record("screening_run.finished", run, by=by, new=str(run.screened_on), note=_size(run))
    return run


@transaction.atomic
def compare(
    before: Asked, after: Asked, on: date, *, by: Post, progress: Progress = quiet, is_cancelled: Callable[[], bool] = never
) -> ScreeningRun:
    """One program's rule as it is and as it may become, over the county: counts of both, and a row for whom it comes out otherwise.

    `before` and `after` are of one program (`screening.county.asked_of`); the run's `counts_before` and `counts` are by township,
    `run.differences.visible_to(post)` the rows within a post's gate. Raises as `screen_county`.
    """
    _refuse_outsiders(by)
    if (before.code, before.beneficiary) != (after.code, after.beneficiary):
        raise ValueError("a comparison is of one program")
    steps, run = Steps(4, progress, is_cancelled), _begun(on, by)
    run.is_comparison = True
    steps.say(0, "汇集全县家庭和人员数据")
    catalogue = catalogue_of_facts(on)
    take_snapshot((before, after), on, catalogue)
    steps.say(1, "按现行规则和修改后的规则逐户逐人比对")
    first, second = count_both(before, after, catalogue)
    steps.say(2, "保存结果")
    run.rules = [described(before), described(after)]
    run.counts_before, run.counts = first.counts, second.counts
    _finish(run, second)
    steps.say(3, "保存有变化的家庭和人员")
    changed = _keep_differences(run)
    record("screening_run.compared", run, by=by, new=after.code, note=f"{_size(run)}，{told(changed, least_shown())}结果有变化")
    return run


def _keep_differences(run: ScreeningRun) -> int:
    """A row for whom it comes out otherwise; how many."""
    columns = "run_id, household_id, resident_id, before, after"
    statement = f"INSERT INTO households_screeningdifference ({columns}) SELECT %s, d.* FROM ({differences()}) d"  # noqa: S608 - constants
    with connection.cursor() as cursor:
        cursor.execute(statement, [run.pk])
        return int(cursor.rowcount)


def _refuse_outsiders(by: Post) -> None:
    if not can_screen_county(by):
        raise PermissionDenied("全县筛查由县级平台和各部门发起。")


def _begun(on: date, by: Post) -> ScreeningRun:
    return ScreeningRun(screened_on=on, begun_at=clock.now(), begun_by=by)


def _finish(run: ScreeningRun, counted: Counted) -> None:
    run.households, run.residents, run.finished_at = counted.households, counted.residents, clock.now()
    save(run)


def _size(run: ScreeningRun) -> str:
    return f"{run.households}户{run.residents}人"
