"""Which cases cannot be decided before the family's means were looked at? Asked of the rooms above: this floor knows no case.

A room that holds such cases registers, in AppConfig.ready, what names them for a household's id:

    needs.register(lambda household_id: [Need(application, application.unit, application.accepted_at, title), ...])
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from organization.models import Unit

from .models import Verification
from .reading import verified_since


@dataclass(frozen=True, slots=True)
class Need:
    """One case: the window that answers for it, since when it is accepted, and how a duty names it (masked)."""

    subject: models.Model
    unit: Unit
    since: datetime
    title: str


Provider = Callable[[Any], Iterable[Need]]
_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    _PROVIDERS.append(provider)


def needs_of(household_id: Any, *, besides: models.Model | None = None) -> list[Need]:
    """The cases that wait for a verification of this household, oldest first. One that a finished verification serves waits for none."""
    found = [need for provider in _PROVIDERS for need in provider(household_id) if need.subject != besides]
    return sorted((need for need in found if not verified_since(household_id, since=need.since)), key=lambda need: need.since)


def keeper(verification: Verification, needs: Iterable[Need]) -> Need | None:
    """For whom its township goes on: for a case of its own, or for one elsewhere while the family lives in the township.

    A township without either would visit a family that is no longer its own, for a case that it does not have.
    """
    township = verification.unit.region_id
    is_home = verification.household.township_code == township
    return next((need for need in needs if is_home or need.unit.region_id == township), None)
