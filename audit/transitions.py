"""The one door of the record."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction

from config import clock, request_id
from config.verbs import Actor

from .models import Event

# Set by `audit.middleware` for the length of a request: where the change came from.
request_address: ContextVar[str] = ContextVar("request_address", default="")
_gathering: ContextVar[list[Event] | None] = ContextVar("gathering", default=None)

FROM = """
    INSERT INTO audit_event (
        at, verb, subject_label, by_id, post_id, post_label, unit_id, address, request_id,
        subject_id, subject_text, household_id, application_id, old, new, note, data, is_confidential
    )
    SELECT
        %s, %s, %s, %s, %s, %s, %s, %s::inet, %s,
        ({subject_id})::text, left(({subject_text})::text, 120), ({household_id})::uuid, ({application_id})::uuid,
        left(({old})::text, 200), left(({new})::text, 200), left(({note})::text, 500), {data}, {is_confidential}
    FROM {source}
"""


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Actor | None,
    old: str = "",
    new: str = "",
    note: str = "",
    data: dict[str, Any] | None = None,
    household_id: Any = None,
    application_id: Any = None,
    subject_text: str = "",
) -> Event:
    """Write the event of a change, in the caller's transaction: no change without its line, no line without its change.

    Values of protected fields never come here: `data`, `old`, `new` and `note` hold masked text or codes only. A subject that says
    `is_confidential` (an item of a sensitive program, its papers, an identity that is nobody's business) makes the line so (DESIGN 2).

    Raises:
        RuntimeError: outside a transaction, where the event could outlive a change that failed.
    """
    event = _line(verb, subject, by, subject_text=subject_text, household_id=household_id, application_id=application_id)
    event.old, event.new, event.note, event.data = old, new, note, data or {}
    gathering = _gathering.get()
    if gathering is None:
        event.save(force_insert=True)
    else:
        gathering.append(event)
    return event


@contextmanager
def together() -> Iterator[None]:
    """A verb that changes many rows at once: each change keeps its own line, in the order of the changes, and all go in one statement.

    Inside the verb's own transaction: the lines are written when the block ends, and none when it fails. A loader may gather the lines of
    many verbs, as long as none of them reads the record (a proposal's four eyes do).
    """
    if _gathering.get() is not None:
        yield
        return
    events: list[Event] = []
    token = _gathering.set(events)
    try:
        yield
    finally:
        _gathering.reset(token)
    Event.objects.bulk_create(events, batch_size=1_000)


def record_many(verb: str, changes: Iterable[tuple[models.Model, str, str]], *, by: Actor | None, note: str = "") -> int:
    """The same for many subjects changed by one verb, each with its old and new value: a line for each, in few statements.

    Raises:
        RuntimeError: outside a transaction.
    """
    events = []
    for subject, old, new in changes:
        event = _line(verb, subject, by)
        event.old, event.new, event.note = old, new, note
        events.append(event)
    Event.objects.bulk_create(events, batch_size=1_000)
    return len(events)


def record_from(
    verb: str,
    model: type[models.Model],
    source: str,
    params: Sequence[Any] = (),
    *,
    by: Actor | None,
    subject_id: str = "t.id",
    subject_text: str = "''",
    old: str = "''",
    new: str = "''",
    note: str = "''",
    data: str = "'{}'::jsonb",
    household_id: str = "NULL",
    application_id: str = "NULL",
    is_confidential: str = "false",
) -> int:
    """The same for what a statement changed: a line for each row of `source`, in one statement; how many.

    `source` is what stands behind FROM, `params` its values. The others are SQL expressions over it, never made of what people typed:

        record_from("record.ended", AssistanceRecord, "households_assistancerecord AS t JOIN ... WHERE ...", [batch.pk], by=by,
                    new="to_char(t.until, 'YYYY-MM-DD')", household_id="t.household_id")

    Raises:
        RuntimeError: outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{verb}: an event is written in the transaction of its change")
    of_whom = (by.staff_id, by.pk, by.label[:80], by.unit_id) if by else (None, None, "", None)
    asked = request_id.current() if request_id.is_known() else ""
    statement = FROM.format(
        subject_id=subject_id, subject_text=subject_text, old=old, new=new, note=note, data=data, household_id=household_id,
        application_id=application_id, is_confidential=is_confidential, source=source,
    )  # fmt: skip
    with transaction.get_connection().cursor() as cursor:
        values = [clock.now(), verb, model._meta.label_lower, *of_whom, request_address.get() or None, asked]
        cursor.execute(statement, [*values, *params])
        return int(cursor.rowcount)


def _line(verb: str, subject: models.Model, by: Actor | None, *, subject_text: str = "", **about: Any) -> Event:
    """A line that says who, when, from where and on what, not yet written."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{verb}: an event is written in the transaction of its change")
    return Event(
        at=clock.now(),
        verb=verb,
        subject_label=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_text=(subject_text or str(subject))[:120],
        by_id=by.staff_id if by else None,
        post_id=by.pk if by else None,
        post_label=by.label[:80] if by else "",
        unit_id=by.unit_id if by else None,
        address=request_address.get() or None,
        request_id=request_id.current() if request_id.is_known() else "",
        is_confidential=getattr(subject, "is_confidential", False),
        **about,
    )
