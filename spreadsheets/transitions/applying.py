"""The entry of a file: one transaction, all of it or nothing (SECURITY R9, D9)."""

from uuid import UUID

from django.db import IntegrityError, connection, transaction

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, lock, save
from organization.models import Post

from ..declaration import Owner, Template, door_of
from ..models import Batch
from .comparing import changes, compare
from .edges import S, known

CLASHED = "入库时与刚刚办理的业务相冲突。"
LONGEST = 500  # characters of what an owner says against it


@transaction.atomic
def apply(*, batch_id: UUID | str) -> Batch:
    """Enter what was confirmed, in the name of who confirmed it. What moved since the comparison brings the file back to its preview.

    Inner, of the job. Called again, after a runner that died or by a second one, it finds the batch entered and leaves it alone.
    """
    batch: Batch = lock(Batch.objects.get(pk=batch_id))
    if batch.status != S.APPLYING or batch.confirmed_by is None:
        return batch
    owner, template = known(batch)
    by = batch.confirmed_by
    try:
        with transaction.atomic():
            return _enter(batch, owner, template, by)
    except TransitionError as refused:
        return _back(batch, owner, template, str(refused), by)
    except IntegrityError:
        return _back(batch, owner, template, CLASHED, by)


def _enter(batch: Batch, owner: Owner, template: Template, by: Post) -> Batch:
    owner.apply(batch, template, by)
    batch.status, batch.applied_at, batch.applied_by = S.APPLIED, clock.now(), by
    save(batch, "status", "applied_at", "applied_by")
    door = door_of(batch.door)
    if door is not None:
        door.applied(batch, by)
    counted = {outcome: int(batch.counts.get(outcome, 0)) for outcome in ("new", "changed", "gone", "same", "error", "skipped")}
    record("batch.applied", batch, by=by, new=f"{changes(batch)}条", data={"template": batch.template, **counted})
    with connection.cursor() as cursor:  # what refers to nothing shows now, inside the savepoint
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return batch


def next_step(batch: Batch) -> str:
    """Of a file whose entry did not come about: the owner says why, and what was done with it since and comes next is the same for all."""
    return f"已重新比对，请核对后再{'提交第二人确认' if batch.needs_second else '确认入库'}。"


def _back(batch: Batch, owner: Owner, template: Template, sentence: str, by: Post) -> Batch:
    batch.refresh_from_db()
    batch.confirmed_at = batch.confirmed_by = batch.confirmed_by_staff = batch.proposed_at = batch.proposed_by = None
    save(batch, "confirmed_at", "confirmed_by", "confirmed_by_staff", "proposed_at", "proposed_by")
    compare(batch, owner, template)
    said = sentence if len(sentence) <= LONGEST else f"{sentence[: LONGEST - 1]}…"
    record("batch.held_up", batch, by=by, note=said)
    batch.remarks = [*batch.remarks, [f"没有入库：{said}{next_step(batch)}", 0]]
    save(batch, "remarks")
    return batch
