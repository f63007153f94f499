"""The lines an amount may cross, and the day from which aid may count: what a decision is measured against (correction 2, LY-15, C-42)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config import clock
from organization.figures import figure_at
from programs.models import Track

from .models import Referral


@dataclass(frozen=True, slots=True)
class Lines:
    """`ceiling`: what a township may give itself; `cap`: above it the case goes to a conference (correction 2)."""

    applied_on: date
    ceiling: Decimal | None
    cap: Decimal | None


def lines_of(referral: Referral) -> Lines:
    return Lines(applied_on(referral), ceiling_of(referral), cap_of(referral))


def applied_on(referral: Referral) -> date:
    submitted = referral.application.submitted_at if referral.application else None
    return clock.local(submitted or referral.accepted_at).date()


def ceiling_of(referral: Referral) -> Decimal | None:
    """None where the county decides anyway."""
    return _figure(referral.track.ceiling_parameter, referral) if referral.track.route == Track.Route.TOWN else None


def cap_of(referral: Referral) -> Decimal | None:
    return _figure(referral.track.cap_parameter, referral)


def _figure(key: str, referral: Referral) -> Decimal | None:
    value = figure_at(key, region_code=referral.township_code, department_id=referral.program.department_id)
    return None if value is None else Decimal(str(value))
