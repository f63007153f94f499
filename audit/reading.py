"""Looking at unmasked personal data: the one way a person gets a plain value, and the line it leaves (SECURITY D12, S8)."""

from functools import partial
from typing import Any, TypeVar

from django.db import models, transaction
from django.http import HttpResponse
from django.views.decorators.debug import sensitive_variables

from config.protection.fields import declared
from config.protection.sealing import open_sealed
from config.verbs import Actor, GatedQuerySet, TransitionError

from .transitions import record

Answer = TypeVar("Answer", bound=HttpResponse)


def leaves_a_line(answer: Answer, verb: str, subject: models.Model, *, by: Actor, household_id: Any = None) -> Answer:
    """The same answer, whose opening is a line of the record: for a page that tells much about somebody at once.

    The view only reads. The line is written behind it, before the first octet leaves (`audit.middleware`): no line, no page.
    """
    answer.line_of_reading = partial(record, verb, subject, by=by, household_id=household_id)  # type: ignore[attr-defined]
    return answer


@sensitive_variables()
@transaction.atomic
def reveal(
    *,
    row: models.Model,
    field: str,
    by: Actor,
    reason: str,
    household_id: Any = None,
    application_id: Any = None,
    subject_text: str = "",
) -> str:
    """The plain value of one protected field of one row, with the event `personal_data.revealed` in the same transaction.

    The row is read again through its gate. On open work of one's own unit the reason is the case, elsewhere what was typed.
    `subject_text` names a row in the record whose own words hold a whole name.

    Raises:
        Http404: the row is not visible to `by`.
        TransitionError: without a reason.
        SealBroken: the stored token does not open; the attempt leaves no event, since nothing was seen.
    """
    if not reason.strip():
        raise TransitionError("请填写查看原因，再显示完整内容。")
    gate: GatedQuerySet = type(row)._default_manager.all()  # type: ignore[assignment]
    current = gate.visible_to(by).get_or_404(row.pk)
    value = open_sealed(current, field)
    record(
        "personal_data.revealed",
        current,
        by=by,
        note=reason.strip()[:500],
        data={"field": field, "what": declared(type(current), field).verbose_name},
        household_id=household_id,
        application_id=application_id,
        subject_text=subject_text,
    )
    return value
