"""The number that a person's file held is kept when another takes its place."""

from django.views.decorators.debug import sensitive_variables

from config import clock
from config.protection.sealing import seal
from config.verbs import save
from organization.models import Post

from ..models import FormerNumber, Resident
from ..month_lock import lock_shared


@sensitive_variables()
def keep_former_number(resident: Resident, number: str, by: Post) -> FormerNumber:
    """Inner, of the correction, whose event tells of it. No ledger is closed before the correction stands: else its lines would hold the
    old number, and the moment of this row would say that they hold the new one.

    Raises:
        TransitionError: a month is being closed.
    """
    lock_shared("")
    row = FormerNumber(resident=resident, replaced_at=clock.now(), replaced_by=by)
    seal(row, id_number=number)
    save(row)
    return row
