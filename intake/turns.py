"""Whose turn an application is, and since when, as its own row says it; once sent out, each of its referrals says it for itself."""

from dataclasses import dataclass
from datetime import datetime

from .models import Application

S = Application.Status


@dataclass(frozen=True, slots=True)
class Turn:
    """Who has to do something, and since when."""

    who: str
    since: datetime | None


def turn_of(application: Application) -> Turn | None:
    """Nobody's, where it has ended. Since when papers are missing stands on the notice that asks for them, not on the application."""
    window = application.unit.short_name
    match application.status:
        case S.DRAFT:
            return Turn(f"{window}，起草", application.drafted_at)
        case S.SUBMITTED:
            return Turn(f"{window}，审查材料", application.submitted_at)
        case S.SUPPLEMENT:
            return Turn("申请人，补正材料", None)
        case S.ACCEPTED:
            return Turn(f"{window}，转办", application.accepted_at)
        case S.IN_PROGRESS:
            return Turn("各承办单位，见转办事项", application.accepted_at)
    return None
