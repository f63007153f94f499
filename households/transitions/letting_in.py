"""A unit sees the households on its roll, while they are on it (DESIGN 2: the import of a unit's own roll opens them)."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models

from config import clock
from organization.desks import desk_of
from organization.figures import figure
from organization.kinds import TOWNSHIP
from organization.models import Unit
from spreadsheets import effects

from ..models import Access, AssistanceRecord

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.models import Batch

    from ..sheets.roll_templates import Roll

OPEN = """
    INSERT INTO households_access (
        household_id, unit_id, township_code, reason, program_id, subject_label, subject_id, opened_at, opened_by_id
    )
    SELECT COALESCE(o.holder_household, o.household_id), %s, '', 'roll', %s, %s, {subject}::text, %s, %s
    FROM roll_outcome o WHERE COALESCE(o.holder_household, o.household_id) IS NOT NULL AND {where}
"""
FRESH = "o.new_id"  # the subject was made by this entry: nobody can have been let in on account of it
CLOSE = """
    UPDATE households_access t SET until = %s, closed_at = %s, closed_by_id = %s
    WHERE t.subject_label = %s AND t.closed_at IS NULL AND t.subject_id IN (SELECT id::text FROM {ids} AS over (id))
"""


def giver(batch: "Batch", roll: "Roll") -> Unit:
    """Who gives the aid: the township that hands its own in, else the program's department, whoever handed the roll in for it (ZX-22)."""
    return batch.unit if batch.unit.kind in TOWNSHIP else desk_of(roll.program.department, clock.today())


def let_in_by(
    batch: "Batch", roll: "Roll", where: str, params: list[Any], by: "Post", *,
    model: type[models.Model] = AssistanceRecord, subject: str = FRESH,
) -> None:  # fmt: skip
    """The department of the roll, on account of what each row of `roll_outcome` made. A township sees its own households anyway.

    The line of what it was opened for says so too: the access itself names who opened it, when, and on whose account.
    """
    unit = giver(batch, roll)
    if unit.kind != "department":
        return
    values = [unit.pk, roll.code, model._meta.label_lower, clock.now(), by.pk]
    again = "" if subject == FRESH else "ON CONFLICT DO NOTHING"
    effects.insert(batch, Access, OPEN.format(where=where, subject=subject) + again, [*values, *params])


def close_of(batch: "Batch", ids: str, params: list[Any], by: "Post", model: type[models.Model] = AssistanceRecord) -> None:
    """Whoever was let in for the sake of these may look for some days more."""
    until = clock.today() + timedelta(days=figure("access_after_close"))
    values = [until, clock.now(), by.pk, model._meta.label_lower, *params]
    effects.update(batch, Access, CLOSE.format(ids=ids), values, sets=("until", "closed_at", "closed_by_id"))
