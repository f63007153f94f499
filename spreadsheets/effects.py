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

# Kept by the stretch: a row of its own for each would cost as much as what it remembers, its key and its foreign key among it.
STRETCH = 500
KEEP = f"""
    WITH done AS (
        {{statement}}
        RETURNING WITH (OLD AS as_it_was, NEW AS as_it_is)
            as_it_is.{{key}}::text AS row_id, {{before}} AS before, to_jsonb(as_it_is) AS after
    ), placed AS (
        SELECT row_id, before, after, (row_number() OVER () - 1) / {STRETCH} AS stretch FROM done
    ), kept AS (
        INSERT INTO spreadsheets_effect (batch_id, "table", row_ids, before, after)
        SELECT %s, %s, array_agg(row_id), {{befores}}, array_agg(after) FROM placed GROUP BY stretch
        RETURNING cardinality(row_ids) AS rows
    )
    SELECT COALESCE(sum(rows), 0) FROM kept
"""  # noqa: S608 - a number of ours
# Behind FROM: a line for each row that an entry wrote. Of one row the statements follow each other by `id`: one writes it once.
EACH = """(
    SELECT e.id, e.batch_id, e."table", w.row_id, w.before, w.after, w.place
    FROM spreadsheets_effect e CROSS JOIN LATERAL unnest(e.row_ids, e.before, e.after) WITH ORDINALITY AS w (row_id, before, after, place)
)"""


def insert(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any] = ()) -> int:
    """INSERT .. SELECT .., without ON CONFLICT DO UPDATE and RETURNING. How many rows it made."""
    return _keep(batch, model, statement, params, before="NULL::jsonb", befores="'{}'::jsonb[]")


def update(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any] = ()) -> int:
    """UPDATE .. without RETURNING. How many rows it changed; a statement leaves alone what already is as it should be."""
    return _keep(batch, model, statement, params, before="to_jsonb(as_it_was)", befores="array_agg(before)")


def _keep(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any], *, before: str, befores: str) -> int:
    key: Any = model._meta.pk
    asked = KEEP.format(statement=statement, key=key.column, before=before, befores=befores)
    with connection.cursor() as cursor:
        cursor.execute(asked, [*params, batch.pk, model._meta.db_table])
        return int(cursor.fetchone()[0])
