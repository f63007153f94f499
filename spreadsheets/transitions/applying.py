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

CLASHED = "入库时与刚刚办理的业务相冲突，没有留下任何改动。已按现在的数据重新比对，请核对后再提交。"


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


def _back(batch: Batch, owner: Owner, template: Template, sentence: str, by: Post) -> Batch:
    batch.refresh_from_db()
    batch.confirmed_at = batch.confirmed_by = batch.confirmed_by_staff = batch.proposed_at = batch.proposed_by = None
    save(batch, "confirmed_at", "confirmed_by", "confirmed_by_staff", "proposed_at", "proposed_by")
    compare(batch, owner, template)
    record("batch.held_up", batch, by=by, note=sentence[:500])
    batch.remarks = [*batch.remarks, [sentence[:200], 0]]
    save(batch, "remarks")
    return batch
