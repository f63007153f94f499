"""The figures counted once more, by a plain reading of every row: shares no line with the product."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from households.models import AssistanceRecord, Coverage, Membership, RecordChange
from monitoring.models import SummaryCell
from programs.models import Program

Key = tuple[str, int | None, str | None, bool]


def stands(row: Any, day: date) -> bool:
    return row.since <= day and (row.until is None or day <= row.until)


def next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def home_of(record: AssistanceRecord, day: date) -> Any:
    if record.household_id:
        return record.household_id
    rows = [row for row in Membership.objects.filter(resident_id=record.resident_id) if row.until is None or row.until > day]
    return min(rows, key=lambda row: (row.since, row.pk)).household_id if rows else record.resident_id


def is_held(record: AssistanceRecord, first: date, last: date) -> bool:
    holds = RecordChange.objects.filter(record=record, kind="hold")
    return any(hold.since <= first and (hold.until is None or hold.until >= last) for hold in holds)


def due(record: AssistanceRecord, first: date, last: date) -> bool:
    """Whether something is paid for it in the month."""
    if record.since > last or (record.until is not None and record.until < first):
        return False
    if record.cadence == "monthly":
        return not is_held(record, first, last)
    return record.since.month == first.month if record.cadence == "yearly" else record.since >= first


def keys_of(record: AssistanceRecord, secretive: set[int]) -> list[Key]:
    """What is sensitive stands in no sum but that of its department with it. `secretive`: departments that have such programs."""
    place, home, code, is_sensitive = record.region_code[:9], record.program.department_id, record.program_id, record.program.is_sensitive
    found: list[tuple[int | None, str | None, bool]] = [(home, code, is_sensitive)]
    if not is_sensitive:
        found += [(None, None, False), (home, None, False)]
    if home in secretive:
        found.append((home, None, True))
    return [(town, *which) for town in ("", place) for which in found]


def counted(first: date, *, within: str = "") -> dict[Key, dict[str, Any]]:
    last, eve = next_month(first) - timedelta(days=1), first - timedelta(days=1)
    secretive = {row.department_id for row in Program.objects.all() if row.is_sensitive}
    sets: dict[Key, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    sums: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for record in AssistanceRecord.objects.select_related("program"):
        if not record.region_code.startswith(within):
            continue
        reached = list(Coverage.objects.filter(record=record))
        for key in keys_of(record, secretive):
            if record.cadence == "once":
                if first <= record.since <= last:
                    sets[key]["once_records"].add(record.pk)
                    sets[key]["once_households"].add(home_of(record, record.since))
                    sets[key]["once_people"] |= {row.resident_id for row in reached}
                    sums[key]["once_amount"] += record.amount or 0
                    sums[key]["paid"] += record.amount or 0
                continue
            for name, day in (("now", last), ("past", eve)):
                if stands(record, day):
                    sets[key][f"homes_{name}"].add(home_of(record, day))
                    sets[key][f"people_{name}"] |= {row.resident_id for row in reached if stands(row, day)}
            if stands(record, last):
                sets[key]["records"].add(record.pk)
                sums[key]["amount"] += (record.amount or 0) if record.cadence == "monthly" else 0
            if due(record, first, last):
                sums[key]["paid"] += record.amount or 0
    return {key: _figures(sets[key], sums[key]) for key in {*sets, *sums}}


def _figures(sets: dict[str, set[Any]], sums: dict[str, Decimal]) -> dict[str, Any]:
    homes, past_homes, people, past_people = (sets[name] for name in ("homes_now", "homes_past", "people_now", "people_past"))
    found = {
        "records": len(sets["records"]), "households": len(homes), "people": len(people), "amount": sums["amount"],
        "new_households": len(homes - past_homes), "new_people": len(people - past_people),
        "stopped_households": len(past_homes - homes), "stopped_people": len(past_people - people), "paid": sums["paid"],
        **{name: len(sets[name]) for name in ("once_records", "once_households", "once_people")}, "once_amount": sums["once_amount"],
    }  # fmt: skip
    assert set(found) == set(SummaryCell.FIGURES)
    return found


def standing_cells(first: date) -> dict[Key, dict[str, Any]]:
    """What the cells say, without those of nothing."""
    rows = SummaryCell.objects.filter(month=first)
    found = {
        (row.township_code, row.department_id, row.program_id, row.with_sensitive): {
            name: getattr(row, name) for name in SummaryCell.FIGURES
        }
        for row in rows
    }
    return {key: figures for key, figures in found.items() if any(figures.values())}


def without_nothing(found: dict[Key, dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    return {key: figures for key, figures in found.items() if any(figures.values())}
