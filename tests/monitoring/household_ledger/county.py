"""A small county of aid, and what a ledger of it must hold, counted row by row without a line of the product's."""

from datetime import date
from decimal import Decimal
from typing import Any

from households.models import AssistanceRecord, Membership, Resident
from organization.models import Post
from tests import cast
from tests.households.factories import HouseholdFactory, ResidentFactory, assistance, head_of, tag
from tests.replay import remembered

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


NAMES = ("low", "disabled", "once", "ended", "orphan", "next_door", "loose_aid")


def aided_county() -> dict[str, Any]:
    found: dict[str, Any] = dict(zip(NAMES, _rows(), strict=True))
    homes = {"home": found["low"].household, "alone": found["once"].household, "neighbour": found["orphan"].household}
    return found | homes | {"loose": found["loose_aid"].resident}


@remembered
def _rows() -> list[AssistanceRecord]:
    """Two households at home, one next door and somebody without one; aid of three departments, one of them sensitive."""
    home, alone, neighbour, loose = HouseholdFactory(), HouseholdFactory(alone=True), HouseholdFactory(in_neighbour=True), ResidentFactory()
    since = date(2026, 7, 1)
    tag(home, "subsistence", since=since)
    day = date(2026, 8, 20)
    return [
        assistance(home, "MZ01", amount=Decimal("1350.00"), since=since),
        assistance(head_of(home), "CL01", amount=80, since=since),
        assistance(alone, "MZ04", amount=2000, cadence="once", since=day, until=day),
        assistance(alone, "MZ01", amount=500, since=since, until=date(2026, 8, 30)),
        assistance(neighbour, "MZ09", amount=1500, since=since),
        assistance(head_of(neighbour), "CL01", amount=Decimal("80.50"), since=since),
        assistance(loose, "CL01", amount=60, since=since),
    ]  # fmt: skip


def expected(post: Post, month: date, last: date) -> tuple[int, int, Decimal, Decimal]:
    """Lines, people, the sum of the month and what was given once, as the post's gate has them."""
    lines, people, monthly, once = 0, set(), Decimal(0), Decimal(0)
    for record in AssistanceRecord.objects.select_related("program__department", "household", "resident", "unit"):
        in_month = month <= record.since <= last if record.cadence == "once" else _stands(record, last)
        if not in_month or not _is_read_by(post, record, last):
            continue
        reached = {row.resident_id for row in record.coverage.all() if record.cadence == "once" or _stands(row, last)}
        lines += max(len(reached), 1)
        people |= reached
        if record.cadence == "monthly":
            monthly += record.amount or 0
        elif record.cadence == "once":
            once += record.amount or 0
    return lines, len(people), monthly, once


def _stands(row: Any, on: date) -> bool:
    return row.since <= on and (row.until is None or row.until >= on)


def _is_read_by(post: Post, record: AssistanceRecord, on: date) -> bool:
    if post.role in {"D", "DA"}:
        return record.program.department_id == post.unit.department_id
    if record.program.is_sensitive:
        return False
    return post.role in {"B", "BA"} or _place_of(record, on).startswith(post.unit.region_id)


def _place_of(record: AssistanceRecord, on: date) -> str:
    if record.household is not None:
        return str(record.household.region_id)
    homes = [row.household for row in Membership.objects.filter(resident=record.resident).select_related("household") if _stands(row, on)]
    return str((homes[0] if homes else Resident.objects.get(pk=record.resident_id)).region_id)


READERS = (
    "assistant",
    "other_assistant",
    "clerk",
    "approver",
    "neighbour_clerk",
    "officer",
    "civil_officer",
    "neighbour_officer",
    "platform",
)


def readers() -> list[Post]:
    return [cast.member(name) for name in READERS]
