"""Two rows of one person become one (合并重复人员). Inner, under the locks that `registry.begin_confirm` has taken."""

from typing import Any

from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.protection.sealing import open_sealed, seal
from organization.models import Post

from ..models import Membership, RegistryChange, Resident
from .carrying import carry, carry_of_resident
from .identifying import note_identified
from .members import MemberInput, join
from .moving import end
from .residents import touch


def merge_residents(change: RegistryChange, by: Post) -> Resident:
    """What is known goes over to the survivor; the double stays, keeps its number, and leads there. Past memberships stay with it.

    Whoever was merged into the double before leads to the survivor too: every reader goes one step.
    """
    gone: Any = change.resident
    stays: Any = change.survivor
    _fill_gaps(gone, stays)
    _one_home(gone, stays, by)
    carry_of_resident(gone, stays, by)
    note_identified(gone, by)
    stays.revised_at, stays.revised_by = clock.now(), by
    stays.save()
    gone.survivor, gone.merged_at, gone.merged_by = stays, clock.now(), by
    gone.revised_at, gone.revised_by = clock.now(), by
    gone.save(update_fields=["survivor", "merged_at", "merged_by", "revised_at", "revised_by"])
    carry(Resident._base_manager.filter(survivor=gone).order_by("pk"), "survivor", stays, "resident.carried", by)
    record(
        "resident.merged", gone, by=by, new=stays.get_id_type_display(), note=change.reason, subject_text=mask_name(gone.name),
        data={"survivor": str(stays.pk)},
    )  # fmt: skip
    return stays


@sensitive_variables()
def _fill_gaps(gone: Resident, stays: Resident) -> None:
    """What only the double knew of telephone, account, place and birth."""
    for name in ("phone", "bank_account"):
        if getattr(gone, f"{name}_digest") and not getattr(stays, f"{name}_digest"):
            seal(stays, **{name: open_sealed(gone, name)})
    for column in ("registered_place", "bank_name", "birth_on"):
        if not getattr(stays, column):
            setattr(stays, column, getattr(gone, column))


def _one_home(gone: Resident, stays: Resident, by: Post) -> None:
    """The double leaves its household; a survivor without one takes its place there."""
    rows = {row.resident_id: row for row in Membership.objects.open().filter(resident__in=[gone, stays]).select_related("household")}
    home = rows.get(gone.pk)
    if home is None:
        return
    end(home, "合并重复人员", by)
    if stays.pk not in rows:
        stays.region_id = home.household.region_id
        join(home.household, stays, MemberInput(home.relation, lives_together=home.lives_together, is_counted=home.is_counted), by=by)
    touch(home.household, by)
