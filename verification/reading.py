"""Questions about verifications and the people in them. No writes."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from config import clock
from households.models import Fact, Household, KinDeclaration, Membership, Relative, Resident
from organization.kinds import TOWNSHIP
from organization.models import Post, Unit

from .models import Verification

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


def recognised(household: Household, on: date) -> Verification | None:
    """The newest finished verification that is valid that day: no unit of the county asks again (ZX-40)."""
    return Verification.objects.for_household(household.pk).valid(on).with_page_data().order_by("-finished_at").first()


def verified_since(household_id: "UUID", *, since: datetime) -> Verification | None:
    """What satisfies a track that verifies before it decides: finished since the acceptance, or valid on its day.

    What was recognised then stays so, though it ends on the way (ZX-40 互认): nobody opened another one, and nobody could now. Not so where
    the family has parted or joined another since: then another one is opened with it (`transitions.follow_family`)."""
    done = Verification.objects.for_household(household_id).filter(status=Verification.Status.DONE).of_the_present_family()
    return done.filter(Q(finished_at__gte=since) | Q(valid_until__gte=clock.local(since).date())).order_by("-finished_at").first()


def people_of(household: Household, on: date, to: date | None = None) -> "QuerySet[Resident]":
    """Who could be met for the family that day, or on any from it `to` the other: its members, their guardians and obligors outside it.

    Whoever died or left since was met all the same. A member entered since was there before the register knew: it is corrected for that.
    """
    stayed = Q(until=None) | Q(until__gte=on)
    members = Membership.objects.filter(stayed, household=household).order_by().values("resident_id")
    outside = Relative.objects.filter(stayed, since__lte=to or on, resident__in=members).order_by().values("relative_id")
    return Resident.objects.filter(Q(died_on=None) | Q(died_on__gte=on), pk__in=members.union(outside)).order_by("name_order", "pk")


def people_to_name(verification: Verification, since: date) -> "QuerySet[Resident]":
    """Whom a form offers as met on a day from then on. Whoever was saved as met stays, so that saving again takes nobody away."""
    people, met = people_of(verification.household, since, clock.today()), verification.person_met_id
    return people | Resident.objects.filter(pk=met) if met else people


def serving(township_code: str, on: date) -> "QuerySet[Post]":
    """Posts held on that day in the township, its window, offices and villages, whether or not they are held today (C-10, QJ-05)."""
    places = Q(unit__kind__in=TOWNSHIP, unit__region_id=township_code) | Q(
        unit__kind=Unit.Kind.VILLAGE_WINDOW, unit__region__code__startswith=township_code
    )
    held = Q(ended_at=None) | Q(ended_at__date__gt=on)
    rows = Post.objects.filter(places, held, granted_at__isnull=False, valid_from__lte=on, valid_until__gte=on)
    if on >= clock.today():
        rows = rows.filter(staff__is_active=True)
    return rows.select_related("staff", "unit").order_by("unit_id", "staff__name", "pk")


def declared_as_kin(household: Household) -> str:
    """The name of the member of staff whom the household declared as a close relative."""
    row = KinDeclaration.objects.standing().filter(household=household, has_kin=True).first()
    return row.staff_name if row else ""


def source_of(verification: Verification) -> str:
    """What its facts name as their source, and are found by."""
    return f"核查 {verification.number}"


def facts_of(verification: Verification) -> "QuerySet[Fact]":
    """What it found about the family's means: replaced ones too, since that is what this verification said."""
    rows = Fact.objects.filter(household_id=verification.household_id, source=source_of(verification))
    return rows.select_related("kind").order_by("kind__label")


def heads_of(household_ids: "Sequence[UUID]") -> "dict[UUID, str]":
    """The head's name, else that of the first member, for each household."""
    rows = Membership.objects.open().filter(household_id__in=household_ids).select_related("resident")
    names: dict[UUID, str] = {}
    for row in rows.order_by("household_id", "relation", "pk"):
        names.setdefault(row.household_id, row.resident.name)
    return names
