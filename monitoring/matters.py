"""What a late duty is called where no person may be named: program, case number, step, last day (SECURITY: L sees no person).

A sensitive program reads 敏感项目; its step is not told, since the step would name it, nor its number: beside the unit the ledger of
referrals would tell by it what a person is given. The unit itself finds the matter by its link.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Model, QuerySet

from deadlines.models import Duty
from deadlines.rules import due_on
from intake.models import Application, Request
from referrals.models import Publicity, Referral, UrgentAid
from referrals.names import UNNAMED, names

UNNAMED_STEP = "办理"
SUPERVISE = "supervise"
UNIT_LABEL = "organization.unit"
NAMELESS = frozenset({UNIT_LABEL, "monitoring.delivery"})  # whose duties' titles name a unit and a month alone

# Whose number a duty's subject bears: the model, and the way to the number. Others have none, and are told by their step.
_NUMBERED: dict[str, tuple[type[Model], str]] = {
    "referrals.referral": (Referral, "number"),
    "referrals.publicity": (Publicity, "referral__number"),
    "referrals.urgentaid": (UrgentAid, "number"),
    "intake.application": (Application, "number"),
    "intake.request": (Request, "number"),
}


def numbers_of(duties: Iterable[Any]) -> dict[tuple[str, str], str]:
    """The case numbers of these duties' subjects, by label and id: one statement for each kind of subject among them."""
    keys: dict[str, list[str]] = {}
    for duty in duties:
        keys.setdefault(duty.subject_label, []).append(duty.subject_id)
    found: dict[tuple[str, str], str] = {}
    for label, ids in keys.items():
        if label in _NUMBERED:
            model, path = _NUMBERED[label]
            rows: QuerySet[Any] = model._base_manager.filter(pk__in=ids)
            found |= {(label, str(pk)): number for pk, number in rows.annotate(said=F(path)).values_list("pk", "said")}
    return found


def program_of(topic_code: str) -> str:
    """The program's name; nothing where the matter is of none."""
    if topic_code in names().sensitive:
        return UNNAMED
    return names().programs.get(topic_code, topic_code)


def step_of(duty: Any) -> str:
    return UNNAMED_STEP if duty.topic_code in names().sensitive else str(duty.kind_name)


def subject_of(duty: Any, numbers: dict[tuple[str, str], str]) -> str:
    """The case number, or what a standing task of a unit is called: both name nobody. Of a sensitive program nothing."""
    if duty.topic_code in names().sensitive:
        return ""
    number = numbers.get((duty.subject_label, duty.subject_id), "")
    return number or (str(duty.title) if duty.subject_label in NAMELESS else "")


def said(duty: Duty, numbers: dict[tuple[str, str], str]) -> str:
    """One line for a list, a paper and a notice: 临时救助，转办单ZB2026…，“审核”，应于2026年9月20日办结."""
    subject = subject_of(duty, numbers)
    parts = [part for part in (program_of(duty.topic_code), subject, f"“{step_of(duty)}”") if part]
    if duty.due_at is not None:
        day = due_on(duty.due_at)
        parts.append(f"应于{day.year}年{day.month}月{day.day}日办结")
    return "，".join(parts)


def said_of(duties: Sequence[Duty]) -> dict[Any, str]:
    """The same for several, by the duty's key."""
    numbers = numbers_of(duties)
    return {duty.pk: said(duty, numbers) for duty in duties}
