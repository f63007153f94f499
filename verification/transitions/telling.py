"""Under which household and application the events of a verification are found."""

from typing import Any
from uuid import UUID

from django.db import models

from ..models import Verification


def about(verification: Verification) -> dict[str, Any]:
    return {
        "household_id": verification.household_id,
        "application_id": _application(verification.opened_for_label, verification.opened_for_id),
    }


def application_of(subject: models.Model) -> UUID | None:
    return _application(subject._meta.label_lower, str(subject.pk))


def _application(label: str, pk: str) -> UUID | None:
    return UUID(pk) if label == "intake.application" else None
