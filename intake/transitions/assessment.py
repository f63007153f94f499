"""Needs assessment, 初审 and 综合救助意见: kept as far as it has come, and finished."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from config import clock
from config.verbs import save
from config.words import without_numbers
from organization.models import Post

from ..models import Assessment
from .applications import note
from .edges import take_up

FIELDS = (
    "difficulties", "cause", "family_structure", "health", "labour", "labour_note", "rigid_spending", "monthly_income",
    "in_difficulty", "opinion", "proposal",
)  # fmt: skip
NEEDED = {
    "difficulties": "请至少选择一种困难类型。",
    "cause": "请填写困难情况和原因。",
    "labour": "请选择劳动能力和条件。",
    "in_difficulty": "请选择初审结论。",
    "opinion": "请填写初审意见；初审为“否”的，写明理由。",
}


@transaction.atomic
def assess(*, application_id: Any, fields: Mapping[str, Any], by: Post) -> Assessment:
    """Needs assessment, 初审 and 综合救助意见, in one form (TZ-13, ZX-31, K-06). A 否 gives its reason and stops nobody from applying.

    Saving what stands there already changes nothing and leaves no line.

    Raises:
        ValidationError: what is still lacking, by field.
        TransitionError: an ID number in the opinion, which goes into the record.
    """
    application = take_up(application_id, "assess", by)
    assessment, is_changed = _filled(application, fields)
    if assessment.is_whole and not is_changed:
        return assessment
    if lacking := {name: sentence for name, sentence in NEEDED.items() if getattr(assessment, name) in (None, "", [])}:
        raise ValidationError(lacking)
    assessment.opinion = without_numbers(assessment.opinion)
    assessment.assessed_at, assessment.assessed_by = clock.now(), by
    save(assessment)
    note("application.assessed", application, by, new=str(assessment), note=assessment.opinion)
    return assessment


@transaction.atomic
def keep_assessment(*, application_id: Any, fields: Mapping[str, Any], by: Post) -> Assessment:
    """暂存: what has been written so far, whole or not. It counts as assessed only once `assess` has found it whole.

    What stands there already changes nothing and leaves no line.
    """
    application = take_up(application_id, "keep_assessment", by)
    assessment, is_changed = _filled(application, fields)
    if not is_changed:
        return assessment
    assessment.assessed_at, assessment.assessed_by = None, None
    save(assessment)
    note("application.assessment_kept", application, by)
    return assessment


def _filled(application: Any, fields: Mapping[str, Any]) -> tuple[Assessment, bool]:
    """The row with what was typed, and whether that differs from what is stored."""
    stored = Assessment.objects.filter(application=application).first()
    assessment = stored or Assessment(application=application)
    values = {name: fields[name] for name in FIELDS if name in fields}
    is_changed = stored is None or any(getattr(assessment, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(assessment, name, value)
    return assessment, is_changed
