"""What stands on rows that an entry made, told by the rooms above: asked before an entry is taken back (docs/adr/0029)."""

from typing import TYPE_CHECKING, Any, Protocol

from django.db import connection, models
from django.db.models.expressions import RawSQL

from .declaration import owner_of

if TYPE_CHECKING:
    from organization.models import Post

    from .models import Batch

# Of an insert no earlier row is kept (`effects`).
MADE = """SELECT unnest(row_ids)::{type} FROM spreadsheets_effect WHERE batch_id = %s AND "table" = %s AND before = '{{}}'"""


class Holder(Protocol):
    def holds(self, batch: "Batch") -> str:
        """Why an entry is not taken back, as a sentence; "" where nothing of it stands in the way. Reads only: pages ask it too."""

    def let_go(self, batch: "Batch", by: "Post") -> None:
        """Take away what jobs alone hung on the rows it made. Inner, of the undo, in its transaction."""


_holders: dict[str, Holder] = {}


def register(key: str, holder: Holder) -> None:
    _holders[key] = holder


def holds(batch: "Batch") -> str:
    """Why its entry is not taken back: of the rooms above, and of the owner of its template, to whom it may be final."""
    return next((sentence for each in _holders.values() if (sentence := each.holds(batch))), "") or _of_owner(batch)


def _of_owner(batch: "Batch") -> str:
    refusal, template = getattr(owner_of(batch.template), "refusal_of_undo", None), batch.declared
    return str(refusal(batch, template)) if refusal is not None and template is not None else ""


def let_go(batch: "Batch", by: "Post") -> None:
    for each in _holders.values():
        each.let_go(batch, by)


def made(batch: "Batch", model: type[models.Model]) -> RawSQL:
    """The keys of a table's rows that the entry made, for `__in`."""
    key: Any = model._meta.pk
    return RawSQL(MADE.format(type=key.db_type(connection)), [batch.pk, model._meta.db_table])  # noqa: S611 - a type of the schema
