"""疑点 found: the rules asked of the county, new doubts given to their townships, disproved ones closed, one pulled from the pool (ZX-26).

How somebody closes one stands in `closing_doubts`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.urls import reverse

from audit.transitions import record, together
from config import clock
from config.protection.masks import mask_name
from config.verbs import edge, lock, recheck, save
from deadlines.models import Job
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, ask_job, close_all, open_duties
from organization.figures import figure
from organization.models import Post, Unit

from ..doubts import found
from ..doubts.rules import DoubtRule, Scene, rule_of, rules
from ..models import Doubt, DoubtRun
from ..permissions import can_find_doubts, can_pull_doubt
from . import entering_doubts

S = Doubt.Status
REVIEW, KIND_NAME, BASIS = "review_doubt", "疑点核查", "ZX-26：逐一复核"
FIND = "monitoring.find_doubts"
ELSEWHERE = "该户（人）已迁到其他乡镇（街道），由迁入地核查。"
EDGES: Mapping[str, frozenset[str]] = {S.POOL: frozenset({S.OPEN, S.CLOSED}), S.OPEN: frozenset({S.CLOSED})}
# Runs one after the other: the second finds what the first entered.
LOCK = 0x0D0B7
Progress = Callable[[int, int, str], None]


def quiet(done: int, total: int, step: str) -> None:
    """Tell nobody."""


def ask_to_find(*, by: Post) -> Job:
    """Have the rules asked in the background: each night, after a round, and when the platform wants it.

    Of no day: a job that waited over midnight sees the day it is done on. With the eyes of the day before it would disprove what was found
    since, which the next run would give out again with a new clock.

    Raises:
        PermissionDenied: neither the platform nor a job.
    """
    _refuse_others(by)
    return ask_job(FIND, arguments={}, by=by)


@transaction.atomic
def find_doubts(*, by: Post, only: Sequence[str] = (), progress: Progress = quiet) -> DoubtRun:
    """Every rule over the county as it is today, never as it was. What is found is the work of the jobs' post, whoever asked.

    Asked again on the same data it changes nothing.

    Raises:
        PermissionDenied: neither the platform nor a job.
    """
    _refuse_others(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    finder = Post.objects.the_system()
    run = DoubtRun(as_of=clock.today(), begun_at=clock.now(), begun_by=by)
    chosen = [each for each in rules() if not only or each.kind in only]
    kinds, total = [each.kind for each in chosen], len(chosen) + 2
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    scene = Scene(
        run.as_of, int(figure("doubt_same_need_months")), int(figure("doubt_refused_months")), int(figure("roll_absences_before_doubt"))
    )  # fmt: skip

    def said(place: int, each: DoubtRule) -> None:
        progress(place, total, f"比对：{Doubt.Kind(each.kind).label}")

    numbers = found.look(scene, chosen, said)
    for kind, number in numbers.items():
        counts[kind].update({"found": number} if number else {})
    progress(len(chosen), total, "与已有疑点对照")
    with together():
        _disprove(found.vanished(list(numbers)), counts, finder)
        _follow(entering_doubts.bring_up_to_date(), counts, finder)
        units = found.windows(clock.today())
        for kind in entering_doubts.enter(units, int(figure("doubt_acted_again")), finder):
            counts[kind]["new"] += 1
        progress(len(chosen) + 1, total, "交办各乡镇（街道）")
        capped = [each.kind for each in chosen if each.is_capped]
        most = int(figure("doubts_omitted_per_township_month"))
        entering_doubts.house(units)
        opened = _open(found.next_from_pool(kinds, capped, most, clock.today().replace(day=1), finder), finder)
        for doubt in opened:
            counts[doubt.kind]["opened"] += 1
        run.counts, run.finished_at = {kind: dict(numbers) for kind, numbers in counts.items() if numbers}, clock.now()
        save(run)
        record("doubt_run.finished", run, by=by, new=str(run.as_of), note=_sum(run))
    _tell(run, opened)
    return run


@transaction.atomic
def pull_doubt(*, doubt_id: UUID | str, by: Post) -> Doubt:
    """A township takes one from the pool, before the clock would give it: its clock starts now.

    Raises:
        AlreadyHandled: somebody pulled it, or it was disproved meanwhile.
    """
    doubt: Doubt = lock(Doubt.objects.visible_to(by).get_or_404(doubt_id))
    edge(doubt.status, S.OPEN, EDGES, refusal=lambda: _standing(doubt))
    recheck(doubt, can_pull_doubt, by)
    doubt.status, doubt.opened_at, doubt.opened_by = S.OPEN, clock.now(), by
    save(doubt, "status", "opened_at", "opened_by")
    _start_clocks([doubt], by)
    record("doubt.pulled", doubt, by=by, new=doubt.get_kind_display(), household_id=doubt.household_id)
    return doubt


def _standing(doubt: Doubt) -> str:
    """Who pulled or closed it, and when; what the clock gave, or the data disproved, nobody did."""
    at, by = (doubt.closed_at, doubt.closed_by) if doubt.closed_at else (doubt.opened_at, doubt.opened_by)
    who = f"（{clock.local(at):%Y-%m-%d %H:%M} {by.label}）" if at and by else ""
    return f"这条疑点现在是“{doubt.get_status_display()}”{who}，不用再领取。"


# ── parts of the run ────────────────────────────────────────────────────────────────────────────────────────────────


def _disprove(gone: Mapping[UUID, bool], counts: Mapping[str, Counter[str]], by: Post) -> None:
    """Closed with the reason by the data itself, and the clock with it. Whatever somebody closed in between stays theirs.

    Of what nobody was given yet the run's numbers tell alone: there may be many.
    """
    standing = Doubt.objects.standing().filter(pk__in=list(gone)).order_by("pk").select_for_update(of=("self",), no_key=True)
    quietly: dict[str, list[UUID]] = {}
    for doubt in standing:
        reason = ELSEWHERE if gone[doubt.pk] else rule_of(doubt.kind).disproved
        counts[doubt.kind]["closed"] += 1
        if doubt.status == S.POOL:
            quietly.setdefault(reason, []).append(doubt.pk)
            continue
        doubt.status, doubt.closed_at, doubt.closed_by = S.CLOSED, clock.now(), by
        doubt.outcome, doubt.reason = Doubt.Outcome.DISPROVED, reason
        save(doubt, "status", "closed_at", "closed_by", "outcome", "reason")
        close_all(subject=doubt, by=by)
        record("doubt.disproved", doubt, by=by, note=reason, household_id=doubt.household_id)
    for reason, keys in quietly.items():
        Doubt.objects.filter(pk__in=keys).update(
            status=S.CLOSED, closed_at=clock.now(), closed_by=by, outcome=Doubt.Outcome.DISPROVED, reason=reason
        )


def _follow(rows: Iterable[tuple[UUID, str, bool, bool]], counts: Mapping[str, Counter[str]], by: Post) -> None:
    """Standing doubts whose facts are others now; of an open one somebody is told by the record."""
    changed = [(pk, kind, is_open) for pk, kind, is_open, differs in rows if differs]
    for _, kind, _ in changed:
        counts[kind]["changed"] += 1
    for doubt in Doubt.objects.filter(pk__in=[pk for pk, _, is_open in changed if is_open]).order_by("pk"):
        record("doubt.changed", doubt, by=by, new=f"{len(doubt.evidence)}项", household_id=doubt.household_id)


def _open(keys: Sequence[UUID], by: Post) -> list[Doubt]:
    """Given to their townships, each with its clock."""
    Doubt.objects.in_pool().filter(pk__in=keys).update(status=S.OPEN, opened_at=clock.now(), opened_by=by)
    doubts = list(Doubt.objects.open().filter(pk__in=keys).select_related("household", "resident", "unit").order_by("-score", "pk"))
    _start_clocks(doubts, by)
    for doubt in doubts:
        record("doubt.opened", doubt, by=by, new=doubt.get_kind_display(), household_id=doubt.household_id)
    return doubts


def _start_clocks(doubts: Sequence[Doubt], by: Post) -> None:
    limit = Limit(Rule.WORKING_DAYS, int(figure("doubt_review_wd")))
    rows = [(doubt, _duty_of(doubt)) for doubt in doubts]
    open_duties(subjects=rows, kind=REVIEW, kind_name=KIND_NAME, limit=limit, basis=BASIS, by=by)


def _duty_of(doubt: Doubt) -> dict[str, Any]:
    who = str(doubt.household) if doubt.household else mask_name(doubt.resident.name) if doubt.resident else ""
    return {
        "unit": doubt.unit, "title": f"疑点核查（{doubt.get_kind_display()}）：{who}"[:120], "url": doubt.get_absolute_url(),
        "region_code": doubt.region_code, "topic_code": doubt.program_id or "",
    }  # fmt: skip


def _tell(run: DoubtRun, opened: Iterable[Doubt]) -> None:
    """One notice for each window, however many it was given."""
    given = Counter(doubt.unit_id for doubt in opened if doubt.unit_id)
    for unit in Unit.objects.filter(pk__in=given).order_by("pk"):
        announce(
            "doubt.opened", run, to=unit, title=f"新交办{given[unit.pk]}条疑点，请逐条核查",
            body="请在限期内逐条核查并选择处理结果。", url=reverse("monitoring:doubt_list"),
        )  # fmt: skip


def _sum(run: DoubtRun) -> str:
    return f"发现{run.total('found')}条，新增{run.total('new')}条，交办{run.total('opened')}条，消除{run.total('closed')}条"


def _refuse_others(by: Post) -> None:
    if not can_find_doubts(by):
        raise PermissionDenied("疑点比对由县级平台发起。")
