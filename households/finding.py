"""One field finds people: by ID number, household number, name or initials. What was found is kept in the session, never in an address.

Names are looked for within the own gate alone; an exact number goes through the verb, which logs what lies beyond it.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.dates import age_on
from config.protection.identity import check_id_number, guess_id_type
from config.protection.masks import mask_name
from config.protection.names import name_key, tidy_name
from config.protection.sealing import open_apart, seal_apart
from config.protection.typed import tidy_identifier
from organization.kinds import LOCAL
from organization.models import Post

from .models import Household, Membership, Resident
from .permissions import COUNTY
from .transitions import Found

SESSION = "household_search"
EXPECTED = "households_expected"
EXPECTED_AT_MOST = 20
SEAL_LABEL = "household-search"
SHOWN = 50
_HOUSEHOLD = re.compile(r"ZH\d{15}")
_NUMBER = re.compile(r"(?=.*\d{6})[0-9A-Z.+\-]{6,30}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed: `kind` is number, household or name; `fault` says why it cannot be looked for."""

    kind: str
    text: str
    fault: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Wanted({self.kind})"


@sensitive_variables()
def wanted(typed: str, post: Post) -> Wanted:
    """Read the one field. One character of a name is too little beyond a township: a department is let in all over the county."""
    number = tidy_identifier(typed)
    if _HOUSEHOLD.fullmatch(number):
        return Wanted("household", number)
    if _NUMBER.fullmatch(number):
        check = check_id_number(number, guess_id_type(number), on=clock.today(), allow_synthetic=settings.IS_DEMO)
        advice = (f"按升位规则应为 {check.suggestion}，请与证件核对一致后查找。",) if check.suggestion else ()
        return Wanted("number", check.normalised, (*check.errors, *advice))
    name = tidy_name(typed)
    key = name_key(name)
    if not any(mark.isalnum() for mark in key):
        return Wanted("name", name, ("请输入证件号码、姓名、姓名拼音首字母或户编号。",))
    if len(key) < 2 and post.unit.kind not in LOCAL:
        return Wanted("name", name, ("全县范围查找请至少输入两个字，或姓加首字母，如“张xf”。",))
    return Wanted("name", name)


def people_named(term: str, post: Post) -> list[UUID]:
    """Ids of people within the gate, one more than a page shows."""
    return list(Resident.objects.named(term, post).values_list("pk", flat=True)[: SHOWN + 1])


# ── the session ─────────────────────────────────────────────────────────────────────────────────────────────────────


@sensitive_variables()
def remember(request: HttpRequest, typed: Wanted, *, people: list[UUID] | None = None, found: Found | None = None) -> None:
    """Keep the answer for the next page; what was typed stands sealed."""
    request.session[SESSION] = {
        "kind": typed.kind,
        "typed": seal_apart(SEAL_LABEL, typed.text, _bound_to(request)),
        "people": [str(pk) for pk in people or []],
        "outside": _card(found) if found and found.is_outside else None,
    }


def _card(found: Found) -> dict[str, Any]:
    return {
        "masked_name": found.masked_name,
        "township_name": found.township_name,
        "has_household": found.has_household,
        "has_open_case": found.has_open_case,
        "token": found.outside_token,
    }


@sensitive_variables()
def typed_before(request: HttpRequest, kind: str) -> str:
    """What was last looked for, if it was of this kind: to be typed only once."""
    kept = request.session.get(SESSION)
    return open_apart(SEAL_LABEL, kept["typed"], _bound_to(request)) if kept and kept["kind"] == kind else ""


@sensitive_variables()
def expect(request: HttpRequest, key: str, number: str) -> None:
    """A number that a room above looked for in vain, kept sealed under that room's own key for the form that registers its holder."""
    held: dict[str, str] = request.session.get(EXPECTED, {})
    held.pop(key, None)
    held[key] = seal_apart(SEAL_LABEL, number, _bound_to(request))
    request.session[EXPECTED] = dict(list(held.items())[-EXPECTED_AT_MOST:])


@sensitive_variables()
def expected(request: HttpRequest, key: str) -> str:
    """The number kept under a key in this session; nothing for any other key."""
    token = request.session.get(EXPECTED, {}).get(key)
    return open_apart(SEAL_LABEL, token, _bound_to(request)) if token else ""


def _bound_to(request: HttpRequest) -> str:
    return f"session.{SESSION}.{request.user.pk}"


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody found, with the household that the post may open."""

    resident: Resident
    name: str
    age: int | None
    household: Household | None
    relation: str
    place: str
    members: str


def rows_of(people: list[UUID], post: Post) -> list[Row]:
    """In the order of names; households and members in a fixed number of queries. The platform reads masked names in lists."""
    residents = Resident.objects.visible_to(post).filter(pk__in=people).select_related("region__parent").order_by("name_order", "pk")
    homes = {
        m.resident_id: m
        for m in Membership.objects.visible_to(post).open().filter(resident__in=people).order_by().only("resident", "household", "relation")
    }
    households = {h.pk: h for h in Household.objects.filter(pk__in={m.household_id for m in homes.values()}).with_list_data()}
    is_masked, today = post.role in COUNTY, clock.today()
    return [_row(resident, homes.get(resident.pk), households, is_masked, today) for resident in residents]


def _row(resident: Resident, home: Membership | None, households: dict[Any, Any], is_masked: bool, today: Any) -> Row:
    shown = mask_name if is_masked else str
    household = households.get(home.household_id) if home else None
    others = [shown(m.resident.name) for m in household.members if m.resident_id != resident.pk] if household else []
    return Row(
        resident=resident,
        name=shown(resident.name),
        age=age_on(resident.birth_on, today) if resident.birth_on else None,
        household=household,
        relation=home.get_relation_display() if home and household else "",
        place=(household or resident).region.full_name,
        members="、".join(others),
    )
