"""上报: proposed by a data manager, approved once by another person of the county platform, then run each month (SECURITY 6.4)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import BaseForm

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.verbs import TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.rules import ONE_DAY
from deadlines.transitions import announce, ask_job
from organization.figures import figure
from organization.models import Post, Unit

from .. import asking, filling, making, permissions
from ..downloads import filter_words
from ..ledgers import Asked, Ledger, ledger_of
from ..models import Export, ReportApproval, SuperiorForm
from ..querysets import ReportApprovalQuerySet
from .exporting import MAKE, new_export

S = ReportApproval.Status
EDGES: Mapping[str, frozenset[str]] = {
    S.PROPOSED: frozenset({S.APPROVED, S.REFUSED, S.ENDED}),
    S.APPROVED: frozenset({S.ENDED}),
}


@transaction.atomic
def propose_report(
    *, ledger: str, given: Mapping[str, str], recipient: str, address: str, purpose: str, in_clear: bool, day: int, of_month: str,
    until: date, columns: Sequence[str] = (), form: SuperiorForm | None = None, by: Post,
) -> ReportApproval:  # fmt: skip
    """Ask that a ledger may leave each month for one recipient. What it may be narrowed by stays as it is said here, but for the month.

    Raises:
        PermissionDenied: by anybody but a data manager.
        TransitionError: a filter by a person, columns the ledger lacks, numbers it has not, a last day that has passed or is too far.
    """
    if not permissions.can_propose_report(by):
        raise PermissionDenied("上报由部门或县级平台的数据管理员提出。")
    known = asking.ledger_for(ledger, by)
    kept = {name: value for name, value in asking.of_form(known.form(given, by), given).items() if name != "month"}
    if known.personal & set(kept):
        raise TransitionError("上报的筛选条件里不能有姓名或号码，请清空后再提出。")
    if in_clear and not known.may_in_clear:
        raise TransitionError("这份台账没有可以不脱敏的号码，不用选“号码不脱敏”。")
    _refuse_span(until)
    asked = Asked(by, _of_month(kept, known, by, clock.today()), in_clear)
    filled = asking.valid_form(known, asked)
    parts = making.chosen(known.parts(asked), columns)
    if form is not None:
        filling.part_of(form, parts)
    approval = ReportApproval(
        ledger=ledger, title=known.title, unit=by.unit, recipient=recipient.strip(), address=address.strip(),
        purpose=without_numbers(purpose), given=kept, filters=_words(filled, known), columns=list(columns), form=form, in_clear=in_clear,
        day=day, of_month=of_month, until=until, proposed_at=clock.now(), proposed_by=by, proposed_by_staff=by.staff,
    )  # fmt: skip
    save(approval)
    record("report.proposed", approval, by=by, new=str(approval)[:200], note=approval.purpose, data={"in_clear": in_clear})
    announce(
        "report.proposed", approval, to=Unit.objects.current(clock.today()).filter(kind=Unit.Kind.PLATFORM),
        title=f"待审批：{approval}"[:120], body=f"{by.label}提出，每月{day}日生成。{approval.purpose}"[:300],
        url=approval.get_absolute_url(),
    )  # fmt: skip
    return approval


def _refuse_span(until: date) -> None:
    """What leaves by itself each month is asked for anew now and then: nobody remembers an approval of many years ago."""
    today, most = clock.today(), int(figure("report_months_most"))
    if until < today:
        raise TransitionError("执行截止日不能早于今天。")
    if until > (last := add_months(today, most)):
        raise TransitionError(f"一项上报最长批准{most}个月，“执行至”请填{last:%Y-%m-%d}或以前；到期还要报的，到时再提一次。")


def _words(form: BaseForm, known: Ledger) -> str:
    """What narrows it, without the month, which follows the run."""
    form.fields.pop("month", None)
    return filter_words(form, personal=known.personal)[:300]


@transaction.atomic
def approve_report(*, approval_id: UUID | str, by: Post) -> ReportApproval:
    """Once: from now on it runs each month. What is in clear leaves in clear by this alone.

    Raises:
        PermissionDenied: by who proposed it, or by no approver of the platform.
        TransitionError: its last day has passed meanwhile, or is too far: proposed before there was a limit, or before it was shortened.
    """
    approval = _decided(approval_id, S.APPROVED, by)
    try:
        _refuse_span(approval.until)
    except TransitionError as refused:
        raise TransitionError(f"{refused}这一项提出时填的是{approval.until:%Y-%m-%d}，请选择不批准并写明，由提出人改好再提。") from refused
    save(approval, "status", "decided_at", "decided_by", "decided_by_staff")
    record("report.approved", approval, by=by, new=str(approval)[:200], data={"in_clear": approval.in_clear})
    _tell_proposer(approval, f"上报已批准：{approval}", f"每月{approval.day}日生成，执行至{approval.until:%Y-%m-%d}。")
    if ReportApproval.objects.due(clock.today()).filter(pk=approval.pk).exists():
        _run(approval, clock.today())  # this month's day has passed: nobody waits for the next
    return approval


@transaction.atomic
def refuse_report(*, approval_id: UUID | str, reason: str, by: Post) -> ReportApproval:
    """Raises as `approve_report` does; TransitionError: no reason."""
    approval = _decided(approval_id, S.REFUSED, by)
    approval.reason = _said(reason)
    save(approval, "status", "decided_at", "decided_by", "decided_by_staff", "reason")
    record("report.refused", approval, by=by, note=approval.reason)
    _tell_proposer(approval, f"上报未批准：{approval}", approval.reason)
    return approval


def _decided(approval_id: UUID | str, target: str, by: Post) -> ReportApproval:
    approval: ReportApproval = lock(ReportApproval.objects.visible_to(by).get_or_404(approval_id))
    edge(approval.status, target, EDGES, refusal=lambda: _standing(approval))
    recheck(approval, permissions.can_decide_report, by)
    approval.status, approval.decided_at, approval.decided_by, approval.decided_by_staff = target, clock.now(), by, by.staff
    return approval


@transaction.atomic
def end_report(*, approval_id: UUID | str, reason: str, by: Post) -> ReportApproval:
    """It runs no more; files that were made stand for their days.

    Raises:
        TransitionError: no reason.
    """
    approval: ReportApproval = lock(ReportApproval.objects.visible_to(by).get_or_404(approval_id))
    edge(approval.status, S.ENDED, EDGES, refusal=lambda: _standing(approval))
    recheck(approval, permissions.can_end_report, by)
    approval.status, approval.ended_at, approval.ended_by, approval.reason = S.ENDED, clock.now(), by, _said(reason)
    save(approval, "status", "ended_at", "ended_by", "reason")
    record("report.ended", approval, by=by, note=approval.reason)
    return approval


@transaction.atomic
def run_reports() -> int:
    """Ask for what is due this month and was not asked for yet; how many. By the system, each night, and any number of times.

    Rows come through the gate of whoever proposed it, or of another of its unit who may have the ledger today. Of last month too: what
    failed on its last days, or never began because nothing ran, is owed all the same. What somebody cancelled is not made against him:
    its people are told, and ask for it themselves.
    """
    started = sum(_run(approval, day) for day, approval in _not_begun(ReportApproval.objects.all(), clock.today()))
    for export in Export.objects.unmade(clock.today()).select_related("approval", "job").select_for_update(of=("self",)):
        if export.state == "cancelled":
            _tell_cancelled(export)
        else:
            started += _again(export, is_told=True)
    return started


@transaction.atomic
def make_report_again(*, approval_id: UUID | str, by: Post) -> int:
    """重新生成: what was cancelled, failed or never begun of this month and the last is asked for now; how many.

    Raises:
        TransitionError: it does not stand any more; nothing is owed; nobody of the unit may have the ledger today.
    """
    approval: ReportApproval = lock(ReportApproval.objects.visible_to(by).get_or_404(approval_id))
    recheck(approval, permissions.can_make_report_again, by)
    if approval.status != S.APPROVED or approval.until < clock.today():
        raise TransitionError("这项上报已不再执行，不能重新生成。还要报的，请重新提出。")
    unmade = list(Export.objects.unmade(clock.today()).filter(approval=approval).select_related("job").select_for_update(of=("self",)))
    not_begun = _not_begun(ReportApproval.objects.filter(pk=approval.pk), clock.today())
    if not unmade and not not_begun:
        raise TransitionError("没有要重新生成的：各月文件都已生成，或正在生成。")
    made = sum(_again(export, is_told=False) for export in unmade) + sum(_run(one, day) for day, one in not_begun)
    if not made:
        raise TransitionError("没有发起：台账已不提供，或单位已没有能看这份台账的在岗人员，请先处理。")
    record("report.asked_again", approval, by=by, new=f"{made}份")
    return made


def is_report_owed(approval: ReportApproval) -> bool:
    """Whether `make_report_again` would find anything."""
    one, today = ReportApproval.objects.filter(pk=approval.pk), clock.today()
    return Export.objects.unmade(today).filter(approval=approval).exists() or bool(_not_begun(one, today))


def _not_begun(approvals: ReportApprovalQuerySet, today: date) -> list[tuple[date, ReportApproval]]:
    """What has no run, with a day of the month it is owed for: this month's, and last month's that nothing began."""
    due = approvals.due(today).exclude(runs__period=f"{today:%Y-%m}").with_list_data().order_by("pk")
    missed = approvals.missed(today).with_list_data().order_by("pk")
    return [(today.replace(day=1) - ONE_DAY, approval) for approval in missed] + [(today, approval) for approval in due]


def _tell_cancelled(export: Export) -> None:
    if export.approval is not None:
        why = f"{export.period}的文件在生成时被取消。还要报的，请打开这项上报，按“重新生成”。"
        eyes = _eyes(export.approval, ledger_of(export.ledger))
        _tell_unit(export.approval, eyes, f"上报没有生成：{export.approval}", why, dedupe=f"{export.job_id}:cancelled")


def _again(export: Export, *, is_told: bool) -> bool:
    """What could not be made is tried again. By night its people hear of it: the job was the house's, which tells nobody."""
    approval = export.approval
    eyes = _eyes(approval, ledger_of(export.ledger)) if approval else None
    if approval is None or eyes is None:
        return False
    if is_told:
        why = f"{export.job.error if export.job else ''}已重新发起；仍不成功，请按原因处理。"
        _tell_unit(approval, eyes, f"上报没有生成：{approval}", why, dedupe=f"{approval.pk}:{export.period}:failed")
    export.job = ask_job(MAKE, arguments={"export": str(export.pk)}, by=Post.objects.the_system(), title=f"导出：{export.title}"[:120])
    export.eyes = eyes  # whose eyes they were may have left since
    save(export, "job", "eyes")
    return True


def _run(approval: ReportApproval, today: date) -> bool:
    """`today`: a day of the month that it is owed for."""
    ledger, system = ledger_of(approval.ledger), Post.objects.the_system()
    eyes = _eyes(approval, ledger)
    if ledger is None or eyes is None:
        why = "台账已不提供" if ledger is None else "单位已没有能看这份台账的在岗人员"
        _tell_unit(approval, eyes, f"上报没有生成：{approval}", f"{why}，请处理。", dedupe=f"{approval.pk}:{today:%Y-%m}")
        return False
    month = _month_of(approval, today)
    given = _of_month(approval.given, ledger, eyes, month)
    words = f"月份：{month.year}年{month.month}月；{approval.filters}".removesuffix("；未筛选") if "month" in given else approval.filters
    export = new_export(
        ledger, given, words, eyes=eyes, by=system, approval=approval, period=f"{today:%Y-%m}", in_clear=approval.in_clear,
        form=approval.form, reason=approval.purpose,
    )  # fmt: skip
    record("report.run", approval, by=system, new=export.period, data={"export": str(export.pk)})
    return True


def _eyes(approval: ReportApproval, ledger: Ledger | None) -> Post | None:
    posts = Post.objects.effective(clock.today()).filter(unit_id=approval.unit_id).select_related("unit__department", "staff")
    able = [post for post in posts.order_by("pk") if ledger is not None and ledger.may(post)]
    return min(able, key=lambda post: (post.pk != approval.proposed_by_id, not _fetches(post), post.pk), default=None)


def _fetches(post: Post) -> bool:
    """Whether the file can be fetched by the post, as `Export.objects.visible_to` has it."""
    return post.is_data_manager or post.rank == Post.Rank.APPROVER


def _month_of(approval: ReportApproval, today: date) -> date:
    first = today.replace(day=1)
    return add_months(first, -1) if approval.of_month == ReportApproval.Of.LAST else first


def _of_month(given: Mapping[str, str], ledger: Ledger, by: Post, month: date) -> dict[str, str]:
    """What is asked, for this month where the ledger knows months."""
    has_month = "month" in ledger.form(given, by).fields
    return {**given, "month": f"{month:%Y-%m}"} if has_month else dict(given)


def _said(reason: str) -> str:
    reason = without_numbers(reason)[:200]
    if not reason:
        raise TransitionError("请写明原因。")
    return reason


def _tell_unit(approval: ReportApproval, eyes: Post | None, title: str, body: str, dedupe: str) -> None:
    """Whoever the rows are taken through, the proposer as long as he is there; of a unit that has nobody left, the platform."""
    to = eyes.staff if eyes is not None else Unit.objects.current(clock.today()).filter(kind=Unit.Kind.PLATFORM)
    announce("report.failed", approval, to=to, title=title[:120], body=body[:300], url=approval.get_absolute_url(), dedupe=dedupe)


def _tell_proposer(approval: ReportApproval, title: str, body: str) -> None:
    announce(
        "report.decided", approval, to=approval.proposed_by_staff, title=title[:120], body=body[:300], url=approval.get_absolute_url(),
    )  # fmt: skip


def _standing(approval: ReportApproval) -> str:
    moments = (
        (approval.ended_at, approval.ended_by),
        (approval.decided_at, approval.decided_by),
        (approval.proposed_at, approval.proposed_by),
    )
    at, by = next((at, by) for at, by in moments if at is not None)
    since = f"{clock.local(at):%Y-%m-%d %H:%M} {by.label if by else ''}"
    return f"这项上报现为“{approval.get_status_display()}”（{since}），不能再做这一步。"


def standing_runs(approval: ReportApproval, post: Post) -> list[Export]:
    """The last twelve files of an approval, as far as the post sees them."""
    return list(Export.objects.visible_to(post).filter(approval=approval).with_list_data()[:12])
