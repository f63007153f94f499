"""People, facts, identities and aid written into the register at once: for screening, where hundreds cost a handful of statements."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from config import clock
from households.models import AssistanceRecord, Coverage, Fact, Household, IdentityTag, Membership, Resident, ScreeningRun
from organization.models import Post, Unit

Holder = Household | Resident


class Register:
    """Rows are gathered by the methods and written by `write`, in one statement for each table."""

    def __init__(self, by: Post) -> None:
        self.by, self.now = by, clock.now()
        self.unit = Unit.objects.get(kind="department", department__code="MZ")
        self.households: list[Household] = []
        self.residents: list[Resident] = []
        self.members: list[Membership] = []
        self.facts: list[Fact] = []
        self.tags: list[IdentityTag] = []
        self.records: list[AssistanceRecord] = []
        self.coverage: list[Coverage] = []

    def household(self, region: str, setting: str = "rural") -> Household:
        home = Household(
            number=f"ZH{uuid.uuid4().hex[:20]}", region_id=region, setting=setting, opened_at=self.now, opened_by=self.by,
            revised_at=self.now, revised_by=self.by,
        )  # fmt: skip
        self.households.append(home)
        return home

    def person(
        self, home: Household, relation: str = "02", *, born: date | None, is_counted: bool = True, has_number: bool = True, **more: Any
    ) -> Resident:
        number = {"id_number_sealed": "v1:t:AAAA", "id_number_masked": "500233", "id_number_digest": uuid.uuid4()} if has_number else {}
        given = {"id_type": "other" if has_number else "none", "entered_at": self.now, "entered_by": self.by, **number, **more}
        someone = Resident(name="虚某", region_id=home.region_id, birth_on=born, is_synthetic=True, **given)
        self.residents.append(someone)
        self.members.append(
            Membership(
                household=home, resident=someone, relation=relation, is_counted=is_counted, since=date(1990, 1, 1), added_at=self.now,
                added_by=self.by,
            )
        )  # fmt: skip
        return someone

    def fact(self, holder: Holder, kind: str, value: Any, *, is_superseded: bool = False, **more: Any) -> None:
        given = {"how": "register", "found_on": clock.today(), **more}
        end = {"superseded_at": self.now, "superseded_by": self.by} if is_superseded else {}
        self.facts.append(Fact(kind_id=kind, value=value, found_at=self.now, found_by=self.by, **_of(holder), **end, **given))

    def tag(self, holder: Holder, kind: str, since: date, until: date | None = None) -> None:
        dates = {"since": since, "until": until, "granted_at": self.now, "granted_by": self.by}
        self.tags.append(IdentityTag(kind=kind, unit=self.unit, **_of(holder), **dates))

    def record(
        self, holder: Holder, program: str, since: date, until: date | None = None, *, cadence: str = "monthly",
        reaches: Iterable[tuple[Resident, date, date | None]] = (),
    ) -> None:  # fmt: skip
        row = AssistanceRecord(
            program_id=program, region_code=holder.region_id, amount=100, cadence=cadence, since=since, until=until, source="roll",
            unit=self.unit, granted_at=self.now, granted_by=self.by, **_of(holder),
        )  # fmt: skip
        self.records.append(row)
        self.coverage += [Coverage(record=row, resident=who, since=start, until=end) for who, start, end in reaches]

    def write(self) -> None:
        for rows in (self.households, self.residents, self.members, self.facts, self.tags, self.records, self.coverage):
            if rows:
                type(rows[0])._base_manager.bulk_create(rows)


def _of(holder: Holder) -> dict[str, Any]:
    return {"household": holder} if isinstance(holder, Household) else {"resident": holder}


def finished_run(by: Post, **changed: Any) -> ScreeningRun:
    """A county screening that somebody asked for, of one program: without asking the register."""
    given: dict[str, Any] = {
        "screened_on": clock.today(), "rules": [{"program": "MZ01", "version": 1, "figures": {}}], "households": 3, "residents": 5,
        "counts": {"500233001": {"MZ01": {"eligible": 1, "unknown": 2}}}, **changed,
    }  # fmt: skip
    return ScreeningRun.objects.create(begun_at=clock.now(), begun_by=by, finished_at=clock.now(), **given)
