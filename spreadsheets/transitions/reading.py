"""From the octets to rows that can be looked at: read in a process apart, sealed, staged, compared (DESIGN 7, SECURITY R10)."""

from collections.abc import Callable
from contextlib import nullcontext
from uuid import UUID

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.keys import SealBroken
from config.protection.numbers import without_id_numbers
from config.verbs import TransitionError, lock, save
from organization.figures import figure
from organization.models import Post

from .. import headings, parsing, reading, staging, uploads
from ..apart import apart
from ..declaration import Template
from ..ground import ground
from ..models import Batch, Mapping, StagedRow, Upload
from .comparing import changes, compare, make_known
from .edges import S, known

LOST = "暂存的文件打不开了，请重新上传。"
Told = Callable[[int, str], None]


def _silent(_: int, __: str) -> None:
    """Nobody listens."""


@sensitive_variables("unsealed")
@transaction.atomic
def read(*, batch_id: UUID | str, by: Post, told: Told = _silent) -> Batch:
    """Read, seal and stage the file, and compare it; or say in a sentence why that cannot be, and what to do.

    Inner, of the job. Called again, after a runner that died or by a second one, it finds the batch read and leaves it alone. A batch whose
    rows stand already is compared alone.
    """
    batch: Batch = lock(Batch.objects.get(pk=batch_id))
    if batch.status != S.READING:
        return batch
    try:
        with transaction.atomic():
            owner, template = known(batch)
            is_staged = StagedRow.objects.filter(batch=batch).exists()
            with nullcontext() if is_staged else apart():
                unsealed = {} if is_staged else _stage(batch, template, told)
                told(batch.rows, "与现有数据比对")
                compare(batch, owner, template)
                staging.seal_rest(batch, template, unsealed)
            make_known(batch)
    except headings.ColumnsRefused as refused:
        columns = {"missing": [field.key for field in refused.missing], "unknown": list(refused.unknown), "found": refused.found}
        return _refuse(batch, str(refused), by, columns=staging.columns_without_numbers(columns))
    except TransitionError as refused:
        return _refuse(batch, str(refused), by)
    if not batch.columns.get("remembered"):  # else it stays until it is confirmed: what is remembered may be wrong
        Upload.objects.filter(batch=batch).delete()
    record("batch.read", batch, by=by, new=f"{batch.rows}行", data={"changes": changes(batch), "errors": batch.counts.get("error", 0)})
    return batch


@sensitive_variables()
def _stage(batch: Batch, template: Template, told: Told) -> dict[int, str]:
    """By number what `staging.seal_rest` is still to seal."""
    mapping = Mapping.objects.filter(unit=batch.unit_id, template=template.remembered_as).values_list("headings", flat=True).first() or {}
    most = int(figure("import_rows_max"))
    begun = reading.begin(lambda: _octets(batch), looks_for=headings.looks_for(template, mapping), rows_max=most)
    stands = ground(clock.today())  # while it looks at the file
    found = begun()
    parsed = parsing.parse(found, template, mapping, ground=stands)
    batch.rows, unsealed = staging.stage(batch, template, parsed.blocks, lambda done: told(done, "读取并检查"))
    if not batch.rows:
        raise reading.FileRefused("nothing_below")
    if template.is_whole and batch.rows <= found.wrong_rows:
        raise reading.FileRefused("wrong_rows_alone")
    columns = {
        "found": parsed.columns, "remembered": list(parsed.remembered),
        "unknown": list(parsed.ignored), "absent": list(parsed.absent), "left_out": parsed.left_out,
    }  # fmt: skip
    batch.columns = staging.columns_without_numbers(columns)
    return unsealed


@sensitive_variables()
def _octets(batch: Batch) -> bytes:
    upload = Upload.objects.filter(batch=batch).first()
    if upload is None:
        raise TransitionError(LOST)
    try:
        return uploads.open_sealed(batch.pk, upload.sealed)
    except SealBroken as broken:
        raise TransitionError(LOST) from broken


def _refuse(batch: Batch, sentence: str, by: Post, *, columns: dict[str, object] | None = None) -> Batch:
    """The file stays only where saying which column is which may help: where it has a heading that nothing was done with."""
    batch.refresh_from_db()
    batch.status, batch.refusal, batch.columns = S.REFUSED, without_id_numbers(sentence)[:300], columns or {}
    save(batch, "status", "refusal", "columns")
    if not batch.columns.get("unknown"):
        Upload.objects.filter(batch=batch).delete()
    record("batch.refused", batch, by=by, note=batch.refusal)
    return batch
