"""Rotation of field keys while the house is open (S10): values move to the current key batch by batch; digests and masks do not change.

The index key is not rotated here: a new one changes every digest at once, which is a migration with the house closed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, models, transaction
from django.views.decorators.debug import sensitive_variables
from psycopg2.extras import execute_values

from .fields import Protected, protected_columns
from .keys import SealBroken, provider
from .sealing import VERSION, seal_many, unseal


@dataclass
class Progress:
    """What a pass over one column did. `broken` names the rows that do not open: they stay as they are."""

    model: type[models.Model]
    name: str
    moved: int
    broken: list[str]

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.name}"


@dataclass(frozen=True, slots=True)
class Store:
    """What else lies sealed under the keys, beside protected columns: named, counted and moved by the room that keeps it.

    `move` moves all to the current key and yields the ids of those that do not open. `columns`: the `table.column` it keeps, if any.
    """

    name: str
    on_other_keys: Callable[[], int]
    move: Callable[[], Iterator[str]]
    columns: tuple[str, ...] = ()


STORES: list[Store] = []


def register(store: Store) -> None:
    """Called in AppConfig.ready, so that an old key never goes while a store still needs it."""
    if store.name not in {known.name for known in STORES}:
        STORES.append(store)


def on_other_keys(model: type[models.Model], name: str) -> "models.QuerySet[models.Model]":
    """Rows whose value is not under the current key."""
    column = f"{name}_sealed"
    current = {f"{column}__startswith": f"{VERSION}:{provider().current}:"}
    return model._base_manager.exclude(**{column: ""}).exclude(**current)


def rotate_all(batch: int) -> Iterator[Progress]:
    """Move every protected value to the current key; safe to stop and start again, and beside other work."""
    for model, declaration in protected_columns():
        yield _rotate(model, declaration, batch)


def _rotate(model: type[models.Model], declaration: Protected, batch: int) -> Progress:
    progress = Progress(model, declaration.name, 0, [])
    after: object = None
    while True:
        with transaction.atomic():
            waiting = on_other_keys(model, declaration.name).order_by("pk")
            if after is not None:
                waiting = waiting.filter(pk__gt=after)
            # A row that a verb holds now is left out, and found by the next pass.
            held = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)[:batch]
            rows = list(held.values_list("pk", f"{declaration.name}_sealed"))
            if not rows:
                return progress
            _move(model, declaration.name, rows, progress)
        after = rows[-1][0]


@sensitive_variables()
def _move(model: type[models.Model], name: str, rows: list[tuple[object, str]], progress: Progress) -> None:
    plain: list[tuple[object, str]] = []
    for pk, token in rows:
        try:
            plain.append((pk, unseal(model, name, pk, token)))
        except SealBroken:
            progress.broken.append(str(pk))
    tokens = [(str(pk), columns.sealed) for (pk, _), columns in zip(plain, seal_many(model, name, plain), strict=True)]
    if tokens:
        _write(model, f"{name}_sealed", tokens)
    progress.moved += len(tokens)


def _write(model: type[models.Model], column: str, tokens: list[tuple[str, str]]) -> None:
    """One statement for the batch; the value's columns and nothing else of the row."""
    quote = connection.ops.quote_name
    table, key = quote(model._meta.get_field(column).model._meta.db_table), quote(model._meta.pk.column or model._meta.pk.get_attname())
    kind = model._meta.pk.db_type(connection)
    statement = (
        f"UPDATE {table} AS row SET {quote(column)} = new.token "  # noqa: S608 - names from the model, values as parameters
        f"FROM (VALUES %s) AS new (pk, token) WHERE row.{key} = new.pk::{kind}"
    )
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, statement, tokens, page_size=len(tokens))
