"""标准调整: proposed with its paper, confirmed by a second person, carried out by a job from its month on (TZ-36)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audit.transitions import record
from config import clock
from config.dates import add_months, month_words
from config.verbs import TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Job
from deadlines.rules import ONE_DAY
from deadlines.transitions import announce, ask_job
from organization.figures import figure
from organization.models import Parameter, Post, Unit
from organization.transitions.parameters import set_parameter
from organization.wording import shown

from ..models import StandardChange
from ..month_lock import lock_shared
from ..standards import counting
from ..standards.permissions import can_answer_standard, can_count_standard, can_propose_standard, can_withdraw_standard
from ..standards.rules import rules_of
from . import standard_records

S = StandardChange.Status
EDGES: Mapping[str, frozenset[str]] = {
    S.PROPOSED: frozenset({S.CONFIRMED, S.DECLINED, S.WITHDRAWN, S.PROPOSED}),
    S.CONFIRMED: frozenset({S.APPLIED, S.WITHDRAWN}),
}
DOCUMENT, NOTE, REASON, BACK = 100, 500, 300, 24
APPLY = "households.apply_standard"
Told = Callable[[int, int, str], None]  # how many parts are done of how many, and which is next


@transaction.atomic
def propose_standard(*, key: str, value: Any, month: date, document: str, note: str = "", by: Post) -> StandardChange:
    """A new value of a standard from a month on, with what it makes of every record in force from then.

    Raises:
        PermissionDenied: none of the department's programs follows the figure.
        TransitionError: no paper, no such figure, a month too far off or before a change that is carried out, nothing that changes.
        ConstraintBroken: a change of the same standard waits already.
    """
    month = month.replace(day=1)
    if not can_propose_standard(by, key):
        raise PermissionDenied("这项标准由主管部门或县级平台提出调整。")
    _refuse_month(month)
    _refuse_before_another(key, month)
    known = _value_before(key, month)
    _refuse_value(known, value, month)
    row = StandardChange(
        key=key, name=known.name, month=month, former_value=known.value, value=value,
        document=_words(document, "请填写调整标准的文号。", DOCUMENT), note=_words(note, "", NOTE),
        proposed_at=clock.now(), proposed_by=by, proposed_by_staff=by.staff, counted_at=clock.now(), counted_by=by,
    )  # fmt: skip
    save(row)
    _count(row)
    record("standard.proposed", row, by=by, old=shown(row.former_value)[:200], new=shown(value)[:200], note=row.document)
    platform = Unit.objects.current(clock.today()).get(kind=Unit.Kind.PLATFORM)
    announce(
        "standard.proposed", row, to=platform, title=f"{row.name}调整待确认", body=f"自{row.month_label}起，{row.document}",
        url=row.get_absolute_url(),
    )  # fmt: skip
    return row


@transaction.atomic
def recount_standard(*, change_id: UUID | str, by: Post) -> StandardChange:
    """Count again: records were granted, changed or ended since."""
    row = _taken_up(change_id, S.PROPOSED, can_count_standard, by)
    _count(row)
    row.counted_at, row.counted_by = clock.now(), by
    save(row, "counted_at", "counted_by")
    record("standard.recounted", row, by=by)
    return row


@transaction.atomic
def confirm_standard(*, change_id: UUID | str, by: Post) -> StandardChange:
    """The second person: the figure is set from its month on, and the records follow by a job or, of a month ahead, on its first day.

    Raises:
        TransitionError: the records are others than those that were counted; by whoever proposed it.
    """
    row = _taken_up(change_id, S.CONFIRMED, can_answer_standard, by)
    if row.proposed_by_staff_id == by.staff_id:
        raise TransitionError("提出标准调整的人不能自己确认，请由县级平台另一位审批人员确认。")
    counting.count(row)
    if counting.differs(row):
        raise TransitionError("测算以后救助记录有变动，请先“重新测算”，核对后再确认。")
    _set_figure(row, by)
    row.status, row.answered_at, row.answered_by, row.answered_by_staff = S.CONFIRMED, clock.now(), by, by.staff
    save(row, "status", "answered_at", "answered_by", "answered_by_staff")
    record("standard.confirmed", row, by=by, old=shown(row.former_value)[:200], new=shown(row.value)[:200], note=row.document)
    announce(
        "standard.confirmed", row, to=row.proposed_by.unit, title=f"{row.name}调整已确认", body=f"自{row.month_label}起执行",
        url=row.get_absolute_url(),
    )  # fmt: skip
    if row.month <= clock.today():
        _ask_for(row, by)
    return row


@transaction.atomic
def resume_standard(*, change_id: UUID | str, by: Post) -> Job:
    """Ask again for a confirmed change whose job ended without carrying it out.

    Raises:
        PermissionDenied: not who may confirm one.
        TransitionError: nothing is wanting, or its month has not come.
    """
    row: StandardChange = StandardChange.objects.visible_to(by).get_or_404(change_id)
    if not can_answer_standard(by, row):
        raise PermissionDenied("标准调整由县级平台审批人员确认、执行。")
    if row.status != S.CONFIRMED:
        raise TransitionError(f"这份标准调整现为“{row.get_status_display()}”，没有中断的步骤，不用再做。")
    if row.month > clock.today():
        raise TransitionError(f"这份标准调整从{row.month:%Y-%m-%d}起执行，到时自动执行，没有中断的步骤。")
    return _ask_for(row, by)


@transaction.atomic
def carry_out_standard(*, change_id: UUID | str, by: Post, told: Told | None = None) -> StandardChange:
    """All records follow, or none. Inner, of the job and of the first of a month; whoever comes second finds it done and leaves it alone.

    Raises:
        TransitionError: a month is being closed; a record is being changed at this moment.
    """
    row: StandardChange = lock(StandardChange(pk=UUID(str(change_id))))
    return row if row.status != S.CONFIRMED else _carry_out(row, by, told or _silent)


@transaction.atomic
def decline_standard(*, change_id: UUID | str, reason: str, by: Post) -> StandardChange:
    """The second person says no, and why."""
    row = _taken_up(change_id, S.DECLINED, can_answer_standard, by)
    if row.proposed_by_staff_id == by.staff_id:
        raise TransitionError("提出标准调整的人请用“撤回”。")
    return _end(row, S.DECLINED, "standard.declined", reason, by)


@transaction.atomic
def withdraw_standard(*, change_id: UUID | str, reason: str, by: Post) -> StandardChange:
    """The side that proposed it takes it back, as long as no record has followed it.

    Raises:
        TransitionError: the figure was set already for a month ahead: it is set anew on the page of parameters first.
    """
    row = _taken_up(change_id, S.WITHDRAWN, can_withdraw_standard, by)
    if row.status == S.CONFIRMED:
        raise TransitionError("这次调整已经确认，新标准已登记。要改的，另提一份调整，执行后以后一份为准。")
    return _end(row, S.WITHDRAWN, "standard.withdrawn", reason, by)


def apply_due_standards(*, by: Post) -> int:
    """On the first of its month a confirmed change is carried out, each in its own transaction; how many."""
    due = StandardChange.objects.filter(status=S.CONFIRMED, month__lte=clock.today()).order_by("month", "pk").values_list("pk", flat=True)
    for pk in list(due):
        carry_out_standard(change_id=pk, by=by)
    return len(due)


def _ask_for(row: StandardChange, by: Post) -> Job:
    return ask_job(APPLY, arguments={"change": str(row.pk)}, by=by, title=f"执行标准调整：{row.name}")


def _silent(_done: int, _total: int, _step: str) -> None:
    pass


def _carry_out(row: StandardChange, by: Post, told: Told) -> StandardChange:
    """Under the change's lock: what is counted now is written, and stands as the lines."""
    for rule in rules_of(row.key):
        lock_shared(rule.program)
    told(0, standard_records.PARTS, "按新标准测算救助记录")
    _lock_records(row)
    _count(row)
    try:
        changed = standard_records.write_records(row, by, told)
    except IntegrityError as clash:
        if "_never_overlap" not in str(clash):
            raise
        raise TransitionError("执行时有救助记录刚刚变动，请稍后再试。") from clash
    row.status, row.applied_at, row.applied_by = S.APPLIED, clock.now(), by
    save(row, "status", "applied_at", "applied_by")
    record("standard.applied", row, by=by, new=f"{changed}项", data={"count": changed})
    return row


def _lock_records(row: StandardChange) -> None:
    from ..models import AssistanceRecord

    codes = [rule.program for rule in rules_of(row.key)]
    rows = AssistanceRecord.objects.filter(program__in=codes).exclude(until__lt=row.month).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _count(row: StandardChange) -> None:
    counting.count(row)
    standard_records.write_lines(row)


def _set_figure(row: StandardChange, by: Post) -> None:
    """The dated value, unless it stands already (a second change of one standard and month, or entered on the page of parameters)."""
    if not _refuse_another(row.key, row.name, row.month, row.value):
        set_parameter(key=row.key, value=row.value, valid_from=row.month, origin="county", source=row.document, by=by)


def _refuse_another(key: str, name: str, month: date, value: Any) -> bool:
    """Whether the value of that month stands in the parameters already.

    Raises:
        TransitionError: another value does.
    """
    standing = Parameter.objects.filter(key=key, region=None, department=None, valid_from=month).first()
    if standing is not None and standing.value != value:
        raise TransitionError(f"参数标准里“{name}”自{month:%Y-%m-%d}起已登记为{shown(standing.value)}，与这份调整不同，请先核对。")
    return standing is not None


def _refuse_month(month: date) -> None:
    today = clock.today().replace(day=1)
    latest, earliest = add_months(today, int(figure("planned_ahead_max"))), add_months(today, -BACK)
    if not earliest <= month <= latest:
        raise TransitionError(f"执行月份须在{month_words(earliest)}到{month_words(latest)}之间，请看年份写对没有。")


def _refuse_before_another(key: str, month: date) -> None:
    """What a later change has cut and counted is not cut again under it: its sums came from the standard before."""
    later = StandardChange.objects.filter(key=key, status=S.APPLIED, month__gt=month).order_by("-month").first()
    if later is not None:
        raise TransitionError(f"{later.name}自{later.month_label}起的调整已经执行，不能再提更早月份的调整。以前月份有差错的，请逐户调整。")


def _value_before(key: str, month: date) -> Parameter:
    known = Parameter.objects.in_force(key, on=month - ONE_DAY)
    if known is None:
        raise TransitionError(f"“{key}”在{month_words(month)}以前没有登记过标准，不能调整。")
    return known


def _refuse_value(known: Parameter, value: Any, month: date) -> None:
    _refuse_another(known.key, known.name, month, value)
    if value == known.value:
        raise TransitionError("新标准与原标准相同，没有要调整的。")
    entries = value.values() if isinstance(value, dict) else [value]
    if any(entry is None or entry <= 0 for entry in entries):
        raise TransitionError("各档标准都须大于0。")


def _end(row: StandardChange, status: str, verb: str, reason: str, by: Post) -> StandardChange:
    row.status, row.answered_at, row.answered_by, row.answered_by_staff = status, clock.now(), by, by.staff
    row.reason = _words(reason, "请写明原因。", REASON)
    save(row, "status", "answered_at", "answered_by", "answered_by_staff", "reason")
    record(verb, row, by=by, note=row.reason)
    announce(
        verb, row, to=row.proposed_by.unit, title=f"{row.name}调整{row.get_status_display()}", body=row.reason, url=row.get_absolute_url()
    )
    return row


def _words(text: str, lack: str, most: int) -> str:
    text = text.strip()
    if not text and lack:
        raise TransitionError(lack)
    if len(text) > most:
        raise TransitionError(f"最多填写{most}个字，请精简。")
    return without_numbers(text)


def _taken_up(change_id: UUID | str, target: str, predicate: Any, by: Post) -> StandardChange:
    row: StandardChange = StandardChange.objects.visible_to(by).get_or_404(change_id)
    row = lock(row)
    edge(row.status, target, EDGES, refusal=lambda: _handled(row))
    recheck(row, predicate, by)
    return row


def _handled(row: StandardChange) -> str:
    if row.answered_by is None or row.answered_at is None:
        return "这份标准调整还没有确认，不能这样办理。"
    return f"{row.answered_by.label}已于{clock.local(row.answered_at):%Y-%m-%d %H:%M}办理，现为“{row.get_status_display()}”。"
