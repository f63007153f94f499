"""The door by which a round's files come in: what is applied marks its item, what is undone takes the mark away (spreadsheets)."""

from organization.models import Post
from spreadsheets import declaration
from spreadsheets.models import Batch

KEY = "monitoring.rounds"


class RoundDoor:
    def applied(self, batch: Batch, by: Post) -> None:
        from .transitions.deliveries import mark_applied

        mark_applied(batch=batch, by=by)

    def undone(self, batch: Batch, by: Post) -> None:
        from .transitions.deliveries import mark_undone

        mark_undone(batch=batch, by=by)


def register() -> None:
    declaration.register_door(KEY, RoundDoor())
