"""The one door of the record."""

from contextvars import ContextVar
from typing import Any

from django.db import models, transaction

from config import clock
from config.verbs import Actor

from .models import Event

# Set by `audit.middleware` for the length of a request: where the change came from.
request_facts: ContextVar[dict[str, Any]] = ContextVar("request_facts", default={})  # noqa: B039


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

    Values of protected fields never come here: `data`, `old`, `new` and `note` hold masked text or codes only.

    Raises:
        RuntimeError: outside a transaction, where the event could outlive a change that failed.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{verb}: an event is written in the transaction of its change")
    facts = request_facts.get()
    return Event.objects.create(
        at=clock.now(),
        verb=verb,
        subject_label=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_text=(subject_text or str(subject))[:120],
        household_id=household_id,
        application_id=application_id,
        by_id=by.staff_id if by else None,
        post_id=by.pk if by else None,
        post_label=by.label[:80] if by else "",
        unit_id=by.unit_id if by else None,
        old=old,
        new=new,
        note=note,
        data=data or {},
        address=facts.get("address"),
        request_id=facts.get("request_id", ""),
    )
