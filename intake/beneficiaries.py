"""Who may apply in a household, for whom, and whom an approval then reaches (RULES B2, XX-12)."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from households.models import Household, Relative, Resident

from .models import Application, ApplicationItem


def members(household: Household) -> "QuerySet[Resident]":
    """The household's living members."""
    return Resident.objects.alive().filter(memberships__household=household, memberships__until=None)


def possible_applicants(household: Household, on: date) -> "QuerySet[Resident]":
    """A member, or a guardian outside the household who applies for a member."""
    guardians = Relative.objects.standing(on).filter(role=Relative.Role.GUARDIAN, resident__in=members(household)).values("relative")
    return _together(members(household).values("pk").union(guardians.order_by(), all=True))


def possible_beneficiaries(household: Household, on: date) -> "QuerySet[Resident]":
    """A member, or a ward whose guardian is a member (a child in difficulty, a ward in a home)."""
    wards = Relative.objects.standing(on).filter(role=Relative.Role.GUARDIAN, relative__in=members(household)).values("resident")
    return _together(members(household).values("pk").union(wards.order_by(), all=True))


def applies_alone(application: Application) -> bool:
    """Whether who applies as a household of one (XX-12) is a member: whoever acts for a member is named as the helper."""
    return members(application.household).filter(pk=application.applicant_id).exists()


def name_beneficiary_of_household_aid(item: ApplicationItem) -> None:
    """Aid for a household goes to the household that applies, or to the applicant alone, who then counts as a household of one (XX-12).

    So two members may each be helped alone, side by side, and nobody twice.
    """
    item.household, item.resident = (None, item.application.applicant) if item.is_for_one_alone else (item.application.household, None)


def _together(ids: Any) -> "QuerySet[Resident]":
    return Resident.objects.alive().filter(pk__in=ids)


def covered_residents(item: ApplicationItem) -> list[Resident]:
    """Whom an approval of the item reaches, for `Coverage` of its record.

    - a resident's item, or aid for a household asked for alone (XX-12): that resident
    - otherwise the household's counted, living members.
    """
    if item.resident is not None:
        return [item.resident]
    household = item.household or item.application.household
    counted = members(household).filter(memberships__household=household, memberships__until=None, memberships__is_counted=True)
    return list(counted.order_by("memberships__relation", "pk"))


def applies_here(application: Application, on: date) -> bool:
    """Whether the applicant still belongs to the household, or is guardian of a member."""
    return possible_applicants(application.household, on).filter(pk=application.applicant_id).exists()
