"""From the preview to the entry: asked for by who handed in, confirmed by a second person where much changes (SECURITY D9, ZX-22)."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, save
from config.words import without_numbers
from deadlines.models import Job
from deadlines.transitions import announce, ask_job
from organization.figures import figure
from organization.models import Post, Unit

from .. import permissions
from ..models import Batch
from .comparing import changes, is_jump, jump_in_words
from .edges import APPLY, S, known, taken_up
from .obstacles import obstacle

REASON = 200


@transaction.atomic
def propose(*, batch_id: UUID | str, jump_reason: str = "", by: Post) -> Batch:
    """Ask for the entry: at once where little changes, else once a second person has confirmed it.

    Raises:
        TransitionError: rows that must be mended first; a list that jumps, without a reason.
    """
    batch = taken_up(batch_id, S.PROPOSED, permissions.can_mend, by)
    _refuse_unready(batch)
    batch.jump_reason = without_numbers(jump_reason)[:REASON] or batch.jump_reason
    _refuse_silence(batch)
    batch.proposed_at, batch.proposed_by = clock.now(), by
    if not batch.needs_second:
        return _go(batch, by, "proposed_at", "proposed_by", "jump_reason")
    batch.status = S.PROPOSED
    save(batch, "status", "proposed_at", "proposed_by", "jump_reason")
    record("batch.proposed", batch, by=by, new=f"{changes(batch)}条", note=batch.jump_reason)
    announce(
        "batch.proposed", batch, to=_seconds(batch), title=f"待确认入库：{batch}",
        body=f"{by.label}提交，变更{changes(batch)}条，须由另一人确认。", url=batch.get_absolute_url(),
    )  # fmt: skip
    return batch


@transaction.atomic
def confirm(*, batch_id: UUID | str, by: Post) -> Batch:
    """The second person: the entry begins. What is confirmed is what somebody else asked for, with the reason that he gave: whoever mends
    a row or writes the reason himself is the first.

    Raises:
        PermissionDenied: by who handed it in, wrote in it or asked for it.
        AlreadyHandled: nobody has asked for it, or it was sent back meanwhile.
        TransitionError: as `propose`.
    """
    batch = taken_up(batch_id, S.APPLYING, _as_second, by)
    if batch.status != S.PROPOSED:
        raise AlreadyHandled("这个文件还没有提交确认，或者已被退回。请由上传人核对后提交，再由您确认。")
    _refuse_unready(batch)
    _refuse_silence(batch)
    return _go(batch, by)


@transaction.atomic
def send_back(*, batch_id: UUID | str, reason: str, by: Post) -> Batch:
    """Not to be entered as it is: back to who handed it in, who may also take back what he asked for. An entry that broke off goes back
    the same way; a job that comes late finds nothing to enter.

    Raises:
        AlreadyHandled: it was sent back before, or nobody asked for it.
        TransitionError: no reason; its entry is under way.
    """
    batch = taken_up(batch_id, S.READY, lambda post, row: permissions.can_mend(post, row) or permissions.can_confirm(post, row), by)
    if batch.status == S.APPLYING and Job.objects.open().filter(kind=APPLY, arguments={"batch": str(batch.pk)}).exists():
        raise TransitionError("正在入库，不能退回。请等入库结束。")
    if batch.status == S.READY:
        raise AlreadyHandled("这个文件没有提交确认，或者已被退回，不用再退回。")
    reason = without_numbers(reason)
    if not reason:
        raise TransitionError("请写明退回的原因。")
    batch.status, batch.proposed_at, batch.proposed_by = S.READY, None, None
    batch.confirmed_at = batch.confirmed_by = batch.confirmed_by_staff = None
    save(batch, "status", "proposed_at", "proposed_by", "confirmed_at", "confirmed_by", "confirmed_by_staff")
    record("batch.sent_back", batch, by=by, note=reason[:REASON])
    if by.staff_id != batch.handed_in_by_staff_id:
        announce(
            "batch.sent_back", batch, to=batch.handed_in_by_staff, title=f"导入文件被退回：{batch}", body=reason[:REASON],
            url=batch.get_absolute_url(),
        )  # fmt: skip
    return batch


def _as_second(post: Post, batch: Batch) -> bool:
    """Raises PermissionDenied: who could confirm another's file, and has a hand in this one."""
    may = permissions.can_confirm(post, batch)
    if not may and (sentence := permissions.no_second(post, batch)):
        raise PermissionDenied(sentence)
    return may


def _go(batch: Batch, by: Post, *changed: str) -> Batch:
    batch.status, batch.confirmed_at, batch.confirmed_by, batch.confirmed_by_staff = S.APPLYING, clock.now(), by, by.staff
    save(batch, "status", "confirmed_at", "confirmed_by", "confirmed_by_staff", *changed)
    record("batch.confirmed", batch, by=by, new=f"{changes(batch)}条", note=batch.jump_reason)
    ask_job(APPLY, arguments={"batch": str(batch.pk)}, by=by, title=f"入库：{batch.title}")
    return batch


def _refuse_unready(batch: Batch) -> None:
    known(batch)
    if sentence := obstacle(batch):
        raise TransitionError(sentence)


def _refuse_silence(batch: Batch) -> None:
    if is_jump(batch) and not batch.jump_reason:
        stop = int(figure("roll_change_stop"))
        said = f"{jump_in_words(batch)}，达到{stop}%的核对线"
        raise TransitionError(f"{said}。请核对文件是否选对、是否完整，确认无误的写明原因再提交。")


def _seconds(batch: Batch) -> list[Unit]:
    """Whom the file waits for: the unit, or the county platform where nobody else of it could confirm."""
    if permissions.has_second(batch) or batch.handed_in_by.unit_id == batch.unit_id and batch.unit.kind == Unit.Kind.PLATFORM:
        return [batch.unit]
    return list(Unit.objects.current(clock.today()).filter(kind=Unit.Kind.PLATFORM))
