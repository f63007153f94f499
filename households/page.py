"""What a household's page shows to whom (DESIGN 2, SECURITY 权限表)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from audit.models import Event
from audit.presenters import phrase, told
from config import clock
from config.dates import age_on
from config.navigation import address
from organization.figures import figure
from organization.kinds import COUNTY_WIDE, LOCAL
from organization.lineage import desks
from organization.models import Post

from .knowledge import FactLine, Knowledge, Known, kin_matches, known_about, known_of_person, standing_declaration
from .links import Link, links_for
from .models import (
    Access,
    AssistanceRecord,
    Authorisation,
    FactRequest,
    Household,
    IdentityTag,
    KinDeclaration,
    Membership,
    Relative,
    Resident,
    Unidentified,
)
from .permissions import (
    CASEWORK,
    COUNTY,
    can_authorise,
    can_note_facts,
    can_propose_change,
    can_revise,
    can_revise_resident,
    can_see_number,
    can_see_screening,
)
from .register_card import RegisterCard, card_of
from .rules import is_of_age

TIMELINE = 50
OVERSEERS = frozenset({"T", "TA"}) | COUNTY


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the members' table. `is_unsigned`: an adult who has not authorised the check of means."""

    membership: Membership
    age: int | None
    tags: list[IdentityTag]
    is_unsigned: bool
    authorisation: Authorisation | None

    @property
    def resident(self) -> Resident:
        return self.membership.resident


@dataclass(frozen=True, slots=True)
class Whose:
    """Facts of one member, or of the whole household."""

    name: str
    facts: list[FactLine]


@dataclass(frozen=True, slots=True)
class Page:
    household: Household
    place: str
    members: list[Member]
    tags: list[IdentityTag]
    facts: list[Whose]
    records: list[AssistanceRecord]
    past: list[AssistanceRecord]
    former: list[Membership]
    relatives: list[Relative]
    declaration: KinDeclaration | None
    has_unnamed_kin: bool
    accesses: list[Access]
    entries: list[dict[str, Any]]
    rights: dict[str, bool]
    register: RegisterCard
    links: list[Link] = field(default_factory=list)

    @property
    def head(self) -> Resident | None:
        return next((m.resident for m in self.members if m.membership.relation == Membership.Relation.HEAD), None)

    @property
    def counted(self) -> int:
        """家庭人口, as it is put up in public too."""
        return sum(member.membership.is_counted for member in self.members)

    @property
    def actions(self) -> list[Link]:
        return [link for link in self.links if link.is_action]

    @property
    def matters(self) -> list[Link]:
        return [link for link in self.links if not link.is_action]

    @property
    def unsigned(self) -> list[Member]:
        return [member for member in self.members if member.is_unsigned]


def page_of(household: Household, post: Post) -> Page:
    """Everything of one household in a fixed number of queries. The caller fetched it through its gate.

    A department sees the card, its own facts and its own programs: neither history nor consent nor kin, which others decide by.
    """
    today = clock.today()
    known = known_about(household, today, post)
    is_department = post.unit.kind == "department"
    if is_guest := sees_card_only(household, post):
        known = _card_of(known, household, post)
    oversees = post.role in OVERSEERS and not is_guest
    declaration = standing_declaration(household) if oversees else None
    let_in = list(household.accesses.select_related("unit", "program").order_by("opened_at")) if oversees else []
    return Page(
        household=household,
        place=household.region.full_name,
        members=_members(household, known, asks=(can_authorise(post, household) or oversees) and not is_guest),
        tags=known.household.tags,
        facts=_facts(known),
        records=known.records,
        past=[] if is_guest else _past(household, post, today),
        former=[] if is_department or is_guest else _former(household),
        relatives=[] if is_department or is_guest else _relatives(household, today),
        declaration=declaration,
        has_unnamed_kin=oversees and not (declaration and declaration.has_kin) and bool(kin_matches(household)),
        accesses=[access for access in let_in if not access.is_confidential and (access.until is None or access.until >= today)],
        entries=_timeline(household, post, let_in) if oversees else [],
        rights=_rights(household, post, is_guest=is_guest),
        register=card_of(household, post),
        links=[] if is_guest else links_for(post, household),
    )


def sees_card_only(household: Household, post: Post) -> bool:
    """Who they are and where they live, nothing else (DESIGN 2): a township that was asked to visit a family which is not its own, and a
    department that was asked for a fact of it. The caller fetched it through its gate."""
    if post.unit.kind in COUNTY_WIDE or (post.unit.kind in LOCAL and household.region_id.startswith(post.region_code)):
        return False
    return not Household.objects.beyond_the_card(post).filter(pk=household.pk).exists()


def _card_of(known: Knowledge, household: Household, post: Post) -> Knowledge:
    """The people alone, and what the post was asked for and answered."""
    asked = set(FactRequest.objects.visible_to(post).filter(household=household).values_list("fact_id", flat=True))
    own, *members = (Known(one.membership, [line for line in one.facts if line.fact.pk in asked]) for one in known.all)
    return Knowledge(own, members)


def _rights(household: Household, post: Post, *, is_guest: bool) -> dict[str, bool]:
    return {
        "revise": can_revise(post, household) and not household.is_closed,
        "consent": can_authorise(post, household) and not is_guest,
        "note": can_note_facts(post) and not is_guest,
        "screening": can_see_screening(post) and not is_guest,
        "numbers": can_see_number(post, "id_number"),
        "record": post.role in CASEWORK - {"V"} and not is_guest,
        "oversee": post.role in OVERSEERS and not is_guest,
        "address": post.unit.kind != "department",
        "phone": can_see_number(post, "phone"),
        "account": (can_see_number(post, "bank_account") or can_revise(post, household)) and not is_guest,
        "account_in_full": can_see_number(post, "bank_account"),
    }


def _members(household: Household, known: Knowledge, *, asks: bool) -> list[Member]:
    today, full_age = clock.today(), figure("full_age")
    standing = household.authorisations.standing().select_related("registered_by__unit", "registered_by__staff") if asks else []
    signed = {row.resident_id: row for row in standing}
    found = []
    for line in known.members:
        membership = line.membership
        if membership is None:
            continue
        person = membership.resident
        is_asked = asks and membership.is_counted and not person.is_dead and is_of_age(person.birth_on, today, full_age)
        age = age_on(person.birth_on, person.died_on or today) if person.birth_on else None
        found.append(Member(membership, age, line.tags, is_asked and person.pk not in signed, signed.get(person.pk)))
    return found


def _facts(known: Knowledge) -> list[Whose]:
    groups = [Whose("全家", known.household.facts)]
    groups += [Whose(line.membership.resident.name, line.facts) for line in known.members if line.membership]
    return [group for group in groups if group.facts]


def _past(household: Household, post: Post, today: Any) -> list[AssistanceRecord]:
    """Ended aid, and what was given once before today."""
    rows = AssistanceRecord.objects.about_household(household.pk).filter(until__lt=today).shown_to(post).with_list_data()
    return list(rows.order_by("-since", "pk")[:TIMELINE])


def _former(household: Household) -> list[Membership]:
    return list(household.memberships.exclude(until=None).select_related("resident").order_by("-until", "pk"))


def _relatives(household: Household, today: Any) -> list[Relative]:
    members = household.memberships.open().values("resident_id")
    rows = Relative.objects.filter(resident__in=members).standing(today).select_related("resident", "relative__region__parent")
    return list(rows.order_by("resident__name_order", "pk"))


def _timeline(household: Household, post: Post, let_in: Iterable[Access]) -> list[dict[str, Any]]:
    """Without what a sensitive program brought about, but for the own unit's acts: who did it would tell the program (DESIGN 2). Nor does
    a unit stand in it that was let in for nothing else."""
    own, others = desks(post), {access.unit_id for access in let_in if not access.is_confidential}
    hidden = {access.unit_id for access in let_in if access.is_confidential} - others - set(own)
    rows = Event.objects.filter(Q(is_confidential=False) | Q(unit_id__in=own), household_id=household.pk).exclude(unit_id__in=hidden)
    events = told(rows).order_by("-id")[:TIMELINE]
    return [{"at": event.at, "who": event.post_label, "text": _sentence(event)} for event in events]


def _sentence(event: Event) -> str:
    """With whom it was about, where that is a person of the household."""
    whose = event.subject_text.rpartition("：")[2]
    about = whose if event.subject_label in _NAMED and not whose.startswith("户编号") else ""
    return f"{phrase(event)}（{about}）" if about else phrase(event)


_NAMED = frozenset(
    f"households.{model}" for model in ("resident", "membership", "relative", "authorisation", "identitytag", "assistancerecord", "fact")
)


@dataclass(frozen=True, slots=True)
class ResidentPage:
    """Somebody without a household that the post sees: an outside relative, or a person not yet of any household."""

    resident: Resident
    place: str
    age: int | None
    facts: list[Whose]
    tags: list[IdentityTag]
    records: list[AssistanceRecord]
    relative_of: list[Relative]
    can_revise: bool
    sees_numbers: bool
    sees_account: bool
    sees_account_in_full: bool
    unknown: Unidentified | None
    merge_url: str


def resident_page_of(resident: Resident, post: Post) -> ResidentPage:
    today = clock.today()
    known = known_of_person(resident, today, post)
    seen = Relative.objects.visible_to(post).standing(today).filter(relative=resident).select_related("resident")
    return ResidentPage(
        resident=resident,
        place=resident.region.full_name,
        age=age_on(resident.birth_on, today) if resident.birth_on else None,
        facts=[Whose(resident.name, known.facts)] if known.facts else [],
        tags=known.tags,
        records=known.records,
        relative_of=list(seen.order_by("pk")),
        can_revise=can_revise_resident(post, resident),
        sees_numbers=can_see_number(post, "id_number"),
        sees_account=can_see_number(post, "bank_account") or can_revise_resident(post, resident),
        sees_account_in_full=can_see_number(post, "bank_account"),
        unknown=Unidentified.objects.filter(resident=resident).first() if post.unit.kind != "department" else None,
        merge_url=address("referrals:registry_merge_residents", resident.pk) if can_propose_change(post) else "",
    )
