"""Staged rows as the pipeline lays them down, for the owners' own tests: cells read and typed, numbers sealed for the row's `new_id`."""

import uuid
from datetime import date
from typing import Any

from config import clock
from config.protection.sealing import seal_many
from households.models import Resident
from organization.models import Post, Unit
from spreadsheets.declaration import Field, Template
from spreadsheets.models import Batch, StagedRow
from tests import cast


def batch_of(template: Template, *, unit: Unit, by: Post, as_of: date | None = None) -> Batch:
    return Batch.objects.create(
        template=template.key, title=template.title, unit=unit, as_of=as_of or clock.today(), status="ready", file_name="名册.xlsx",
        file_digest=uuid.uuid4(), size=1, handed_in_at=clock.now(), handed_in_by=by, handed_in_by_staff_id=by.staff_id,
    )  # fmt: skip


def stage(batch: Batch, template: Template, rows: list[dict[str, Any]]) -> None:
    """Each row by keys of the template; its person's number under the key that `template.person` names."""
    made, keys = [], [uuid.uuid4() for _ in rows]
    sealed = seal_many(Resident, "id_number", [(key, row.get(template.person, "")) for key, row in zip(keys, rows, strict=True)])
    for number, (key, columns, row) in enumerate(zip(keys, sealed, rows, strict=True), 2):
        cells = {name: value for name, value in row.items() if value is not None and name != template.person}
        made.append(
            StagedRow(
                batch=batch,
                number=number,
                cells={**cells, template.person: columns.masked},
                person_digest=columns.digest,
                new_id=key,
                sealed={template.person: {"s": columns.sealed, "d": str(columns.digest)}},
                name=row.get("name", ""),
                region_code=row.get("village") or row.get("township", cast.HOME),
            )  # fmt: skip
        )
    for field in template.fields:
        if field.is_sealed and field.key != template.person and field.sealed_in:
            _seal(made, field, [row.get(field.key, "") for row in rows])
    StagedRow.objects.bulk_create(made)


def _seal(made: list[StagedRow], field: Field, texts: list[str]) -> None:
    """A further number of somebody, sealed for the row that it would become."""
    for row, columns in zip(
        made, seal_many(*field.sealed_in, [(r.new_id, text) for r, text in zip(made, texts, strict=True)]), strict=True
    ):
        if columns.sealed:
            row.cells = {**row.cells, field.key: columns.masked}
            row.sealed = {**row.sealed, field.key: {"s": columns.sealed, "d": str(columns.digest)}}


def rows_of(batch: Batch) -> list[StagedRow]:
    return list(batch.staged.order_by("number", "id"))
