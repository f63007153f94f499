"""It is known at last who somebody without papers is (RULES C4)."""

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import save
from organization.models import Post

from ..models import Resident, Unidentified


def note_identified(resident: Resident, by: Post) -> None:
    """It is known who it is: a number was entered, or the row merged. Inner, under the person's lock; of anybody else nothing happens."""
    row = Unidentified.objects.filter(resident=resident, identified_at=None).first()
    if row is None:
        return
    row.identified_at, row.identified_by = clock.now(), by
    save(row, "identified_at", "identified_by")
    record("unidentified.identified", row, by=by, subject_text=mask_name(resident.name))
