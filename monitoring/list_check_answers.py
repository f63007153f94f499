"""What the register knows of the people of a list: a handful of statements, whatever its length."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from config.protection.names import tidy_name
from households.models import AssistanceRecord, Coverage, IdentityTag, Membership, Resident
from spreadsheets.models import Batch

from . import list_check_rules

ROLL = "households.roll:"


@dataclass(slots=True)
class Known:
    """Somebody of the register, under a name, with those of the identities asked for that stand today."""

    name: str
    tags: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return "Known()"

    def is_named(self, name: str) -> bool:
        """A list without names asks for numbers alone."""
        return not name or tidy_name(name) == tidy_name(self.name)


def known(digests: Sequence[UUID], tags: Sequence[str], on: date) -> dict[UUID, Known]:
    """By the digest asked for. Who was merged is answered as the survivor; a temporary number finds nobody."""
    rows = Resident._base_manager.filter(id_number_digest__in=digests).exclude(id_type="none")
    keys = {digest: survivor or key for digest, survivor, key in rows.values_list("id_number_digest", "survivor_id", "pk") if digest}
    names = dict(Resident._base_manager.filter(pk__in=set(keys.values())).values_list("pk", "name"))
    held = _held(list(names), tags, on)
    return {digest: Known(names[key], held[key]) for digest, key in keys.items()}


def _held(people: list[Any], tags: Sequence[str], on: date) -> defaultdict[Any, set[str]]:
    """Identities of each, their household's and what aid in force proves among them."""
    found: defaultdict[Any, set[str]] = defaultdict(set)
    members: defaultdict[Any, list[Any]] = defaultdict(list)
    for person, home in Membership.objects.open().filter(resident__in=people).values_list("resident_id", "household_id"):
        members[home].append(person)
    rows = IdentityTag.objects.standing(on).filter(Q(resident__in=people) | Q(household__in=list(members)), kind__in=tags)
    for person, home, kind in rows.values_list("resident_id", "household_id", "kind"):
        for each in [person] if person else members[home]:
            found[each].add(kind)
    proofs = {code: tag for tag in tags for code in list_check_rules.proven_by(tag)}
    if proofs:
        _by_aid(found, people, members, proofs, on)
    return found


def _by_aid(found: Any, people: list[Any], members: dict[Any, list[Any]], proofs: dict[str, str], on: date) -> None:
    """Whom a record names, and of a household's without names all of it."""
    records = AssistanceRecord.objects.in_force(on).filter(program__in=proofs)
    for person, code in records.filter(resident__in=people).values_list("resident_id", "program_id"):
        found[person].add(proofs[code])
    covers = Coverage.objects.filter(resident__in=people, record__in=records.values("pk"), since__lte=on)
    for person, code in covers.exclude(until__lt=on).values_list("resident_id", "record__program_id"):
        found[person].add(proofs[code])
    for home, code in records.filter(household__in=list(members), coverage=None).values_list("household_id", "program_id"):
        for person in members[home]:
            found[person].add(proofs[code])


def as_of(tags: Iterable[str]) -> dict[str, str]:
    """By tag: 截至2026-09-05, the day of the last roll by which it stands; nothing where none was handed in: then the register of today."""
    days = dict(
        Batch.objects.standing()
        .filter(template__startswith=ROLL)
        .values("template")
        .annotate(day=Max("as_of"))
        .values_list("template", "day")
    )
    programs = {key.removeprefix(ROLL): day for key, day in days.items()}
    found = {}
    for tag in tags:
        own = [day for code, day in programs.items() if tag in list_check_rules.tags_of(code)]
        if own:
            found[tag] = f"截至{max(own):%Y-%m-%d}"
    return found
