"""What this room keeps sealed beside protected columns moves to the current key (S10): blank forms, files on their way in and out.

Beside other work: what a verb holds now is left out, stays counted, and is found by the next pass. Inner, of `rotate_field_keys`.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models.functions import Substr
from django.views.decorators.debug import sensitive_variables

from config.arrays import array
from config.protection.keys import SealBroken, provider
from config.protection.rotation import Store
from config.protection.sealing import VERSION
from config.verbs import save

from .. import asking, staging, storage, uploads
from ..models import Batch, Export, SuperiorForm, Upload

ROWS = 2_000  # at once: the batch is held for as long
OTHER = """
    s.sealed <> '{}' AND EXISTS (
        SELECT FROM jsonb_each(s.sealed) AS cell WHERE cell.value ? 's' AND NOT starts_with(cell.value ->> 's', %s)
    )
"""
WAITING = f"SELECT s.batch_id, count(*) FROM spreadsheets_stagedrow s WHERE {OTHER} GROUP BY s.batch_id"  # noqa: S608 - above
ROWS_OF = f"""
    SELECT s.id, s.number, s.new_id, s.sealed::text FROM spreadsheets_stagedrow s
    WHERE s.batch_id = %s AND s.id > %s AND {OTHER} ORDER BY s.id LIMIT {ROWS}
"""  # noqa: S608 - above
MOVED = """
    UPDATE spreadsheets_stagedrow s SET sealed = k.sealed::jsonb FROM unnest(%s::bigint[], %s::text[]) AS k (id, sealed) WHERE k.id = s.id
"""
Again = Callable[[UUID, bytes], bytes]


# ── columns of octets: the key's id, a colon, and what is sealed ────────────────────────────────────────────────────
def _on_other_keys(model: type[models.Model], name: str) -> "models.QuerySet[models.Model]":
    mark = provider().current.encode() + b":"
    rows = model._base_manager.exclude(**{name: b""})
    return rows.annotate(mark=Substr(name, 1, len(mark), output_field=models.BinaryField())).exclude(mark=mark)


def _count(model: type[models.Model], name: str) -> int:
    return _on_other_keys(model, name).count()


def _move(model: type[models.Model], name: str, again: Again) -> Iterator[str]:
    for pk in list(_on_other_keys(model, name).order_by("pk").values_list("pk", flat=True)):
        try:
            _move_one(model, name, again, pk)
        except SealBroken:
            yield str(pk)


@sensitive_variables()
@transaction.atomic
def _move_one(model: type[models.Model], name: str, again: Again, pk: UUID) -> None:
    rows = _on_other_keys(model, name).filter(pk=pk)
    sealed = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).values_list(name, flat=True).first()
    if sealed is not None:
        model._base_manager.filter(pk=pk).update(**{name: again(pk, sealed)})


@sensitive_variables()
def _octets_again(pk: UUID, sealed: bytes) -> bytes:
    return uploads.seal(pk, uploads.open_sealed(pk, sealed))


@sensitive_variables()
def _given_again(pk: UUID, sealed: bytes) -> bytes:
    return asking.seal(pk, asking.unseal(pk, sealed))


def _column(title: str, model: type[models.Model], name: str, again: Again) -> Store:
    return Store(title, partial(_count, model, name), partial(_move, model, name, again), (f"{model._meta.db_table}.{name}",))


# ── staged rows ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _waiting() -> dict[UUID, int]:
    """By batch, how many rows. Of one that was entered too: its wrong rows are handed out for as long as they are kept."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [_mark()])
        return dict(cursor.fetchall())


def _mark() -> str:
    return f"{VERSION}:{provider().current}:"


def _count_rows() -> int:
    return sum(_waiting().values())


def _move_rows() -> Iterator[str]:
    for batch_id in _waiting():
        after = 0
        while True:
            after, broken = _move_some(batch_id, after)
            yield from broken
            if not after:
                break


@sensitive_variables()
@transaction.atomic
def _move_some(batch_id: UUID, after: int) -> tuple[int, list[str]]:
    """The next rows of a batch: behind which one they end, 0 for no more, and those that do not open.

    The batch is held, as by every verb that writes its rows: a row that is mended and saved whole would bring back the old key's token,
    and an entry copies tokens as they are.
    """
    batch = Batch.objects.filter(pk=batch_id).select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if batch is None:
        return 0, []
    fields = {field.key: field for field in batch.declared.fields} if batch.declared else {}
    moved: list[tuple[int, str]] = []
    broken: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(ROWS_OF, [batch_id, after, _mark()])
        rows = cursor.fetchall()
        for pk, number, new_id, text in rows:
            try:
                moved.append((pk, json.dumps(_cells_again(fields, new_id, json.loads(text)))))
            except SealBroken:
                broken.append(f"{batch_id} 第{number}行")
        if moved:
            cursor.execute(MOVED, list(map(array, zip(*moved, strict=True))))
    return (rows[-1][0] if rows else 0), broken


@sensitive_variables()
def _cells_again(fields: dict[str, Any], new_id: UUID, cells: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Raises SealBroken also of a column that this version of the house does not know: nobody can open it, nor enter the file."""
    for key, kept in cells.items():
        if "s" in kept and not kept["s"].startswith(_mark()):
            if key not in fields:
                raise SealBroken("模板已没有这一列。")
            kept["s"] = staging.sealed_again(fields[key], new_id, kept["s"])
    return cells


# ── files that wait to be fetched ───────────────────────────────────────────────────────────────────────────────────
def _files() -> list[UUID]:
    """Of files under another key. One that is gone needs none."""
    kept = Export.objects.exclude(storage_name="").order_by("pk").values_list("pk", "storage_name")
    return [pk for pk, name in kept if storage.key_of(name) not in {"", provider().current}]


def _count_files() -> int:
    return len(_files())


def _move_files() -> Iterator[str]:
    for pk in _files():
        try:
            _move_file(pk)
        except SealBroken:
            yield str(pk)


@transaction.atomic
def _move_file(pk: UUID) -> None:
    """The file gets a new place, the row points to it, then the old one goes."""
    kept = Export.objects.filter(pk=pk).exclude(storage_name="")
    export = kept.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if export is None:
        return
    old = export.storage_name
    export.storage_name = storage.write(export.pk, storage.read(export.pk, old)).name
    save(export, "storage_name")
    transaction.on_commit(lambda: storage.remove(old))


STORES = (
    _column("套表空表", SuperiorForm, "file_sealed", _octets_again),
    _column("待读的导入文件", Upload, "sealed", _octets_again),
    Store("待入库的行", _count_rows, _move_rows, ("spreadsheets_stagedrow.sealed",)),
    _column("导出的筛选内容", Export, "given_sealed", _given_again),
    Store("导出文件", _count_files, _move_files),
)
