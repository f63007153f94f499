"""Set-based writing that can be taken back: every row a statement inserts or updates is kept as it was and as it is (SECURITY D9).

    effects.insert(batch, AssistanceRecord, "INSERT INTO households_assistancerecord (id, ...) SELECT r.new_id, ... FROM ... ", params)
    effects.update(batch, AssistanceRecord, "UPDATE households_assistancerecord AS t SET until = ... FROM ... WHERE ...", params)

`as_it_was` and `as_it_is` are no columns of a statement, as `old` and `new` may be. A row that a batch writes twice has two effects; they
are taken back the last first. Inner: called by the apply of an owner.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    from .models import Batch

KEEP = """
    WITH done AS (
        {statement} RETURNING WITH (OLD AS as_it_was, NEW AS as_it_is) {before} AS before, to_jsonb(as_it_is) AS after
    )
    INSERT INTO spreadsheets_effect (batch_id, "table", row_id, before, after)
    SELECT %s, %s, after ->> %s, before, after FROM done
"""


def insert(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any] = ()) -> int:
    """INSERT .. SELECT .., without ON CONFLICT DO UPDATE and RETURNING. How many rows it made."""
    return _keep(batch, model, statement, params, before="NULL::jsonb")


def update(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any] = ()) -> int:
    """UPDATE .. without RETURNING. How many rows it changed; a statement leaves alone what already is as it should be."""
    return _keep(batch, model, statement, params, before="to_jsonb(as_it_was)")


def _keep(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any], *, before: str) -> int:
    key: Any = model._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(KEEP.format(statement=statement, before=before), [*params, batch.pk, model._meta.db_table, key.column])
        return int(cursor.rowcount)
