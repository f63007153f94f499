"""Set-based writing that can be taken back: what a statement inserts or updates is kept as it was, and known again (SECURITY D9).

    effects.insert(batch, AssistanceRecord, "INSERT INTO households_assistancerecord (id, ...) SELECT r.new_id, ... FROM ... ", params)
    effects.update(batch, AssistanceRecord, "UPDATE households_assistancerecord AS t SET until = ... FROM ... WHERE ...", params)
    effects.update(batch, Coverage, "UPDATE ... SET until = ...", params, sets=("until",))

Of each row the old values are kept, all of them or of the columns that the statement `sets`, and two digests of the whole row: as it was,
by which an undo proves that it is so again, and as it was left, by which it sees that nobody has changed it since. A row as JSON costs ten
times its digest. `as_it_was` and `as_it_is` are no columns of a statement, as `old` and `new` may be. A row that a batch writes twice has
two effects; they are taken back the last first. Inner: called by the apply of an owner.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    from .models import Batch

# Kept by the stretch: a row of its own for each would cost as much as what it remembers, its key and its foreign key among it.
STRETCH = 500
# Of all columns of a row: 64 bits, made in a tenth of the time of its JSON. Two rows that differ have one digest once in 10^19.
DIGEST = "hash_record_extended({row}, 0)"
KEEP = f"""
    WITH done AS (
        {{statement}}
        RETURNING WITH (OLD AS as_it_was, NEW AS as_it_is)
            as_it_is.{{key}}::text AS row_id, {{before}} AS before, {{was}} AS was, {DIGEST.format(row="as_it_is")} AS left_as
    ), placed AS (
        SELECT row_id, before, was, left_as, (row_number() OVER () - 1) / {STRETCH} AS stretch FROM done
    ), kept AS (
        INSERT INTO spreadsheets_effect (batch_id, "table", row_ids, before, was, left_as)
        SELECT %s, %s, array_agg(row_id), {{befores}}, {{wases}}, array_agg(left_as) FROM placed GROUP BY stretch
        RETURNING cardinality(row_ids) AS rows
    )
    SELECT COALESCE(sum(rows), 0) FROM kept
"""  # noqa: S608 - a number of ours
# Behind FROM: a line for each row that an entry wrote. Of one row the statements follow each other by `id`: one writes it once.
EACH = """(
    SELECT e.id, e.batch_id, e."table", w.row_id, w.before, w.was, w.left_as, w.place
    FROM spreadsheets_effect e
    CROSS JOIN LATERAL unnest(e.row_ids, e.before, e.was, e.left_as) WITH ORDINALITY AS w (row_id, before, was, left_as, place)
)"""


def insert(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any] = ()) -> int:
    """INSERT .. SELECT .., without ON CONFLICT DO UPDATE and RETURNING. How many rows it made."""
    shape = {"before": "NULL::jsonb", "was": "NULL::bigint", "befores": "'{}'::jsonb[]", "wases": "'{}'::bigint[]"}
    return _keep(batch, model, statement, params, shape)


def update(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any] = (), *, sets: Sequence[str] = ()) -> int:
    """UPDATE .. without RETURNING. How many rows it changed; a statement leaves alone what already is as it should be.

    `sets`: the columns that it writes, where it is worth keeping those alone. An undo that finds another one changed refuses.
    """
    named = ", ".join(f"'{column}', as_it_was.{column}" for column in sets)
    before = f"jsonb_build_object({named})" if sets else "to_jsonb(as_it_was)"
    shape = {"before": before, "was": DIGEST.format(row="as_it_was"), "befores": "array_agg(before)", "wases": "array_agg(was)"}
    return _keep(batch, model, statement, params, shape)


def _keep(batch: "Batch", model: type[models.Model], statement: str, params: Sequence[Any], shape: dict[str, str]) -> int:
    key: Any = model._meta.pk
    asked = KEEP.format(statement=statement, key=key.column, **shape)
    with connection.cursor() as cursor:
        cursor.execute(asked, [*params, batch.pk, model._meta.db_table])
        return int(cursor.fetchone()[0])
