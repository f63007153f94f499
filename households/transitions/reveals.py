"""A full number, or a sensitive fact, shown to a person: each look is a line of the record (SECURITY D12, abuse case 7)."""

from datetime import datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import make_aware
from django.views.decorators.debug import sensitive_variables

from audit.models import Event
from audit.reading import reveal
from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import TransitionError
from deadlines.transitions import announce
from organization.figures import figure
from organization.models import Post, Unit

from ..knowledge import shown_value
from ..models import Access, Fact, Household, Resident
from ..permissions import can_open_fact, can_see_number
from ..showing import whose_number
from .lookup import household_of

OWN_WORK = "办理本单位工作"


@sensitive_variables()
@transaction.atomic
def reveal_number(*, resident_id: Any, field: str, reason: str = "", by: Post) -> str:
    """ID number, telephone or account of one person in full. On one's own work the case is the reason, elsewhere what was typed.

    Past the day's mark the look is not refused; the platform is told, once a day.

    Raises:
        TransitionError: outside one's own work without a reason.
    """
    resident: Resident = whose_number(field, by).get_or_404(resident_id)
    if not can_see_number(by, field):
        raise PermissionDenied("您的岗位只能查看脱敏号码。")
    household = household_of(resident)
    value = reveal(
        row=resident, field=field, by=by, reason=_why(reason, resident, household, by), household_id=household.pk if household else None,
        subject_text=mask_name(resident.name),
    )  # fmt: skip
    warn_past_the_mark(by)
    return value


@sensitive_variables()
@transaction.atomic
def open_fact(*, fact_id: Any, reason: str = "", by: Post) -> tuple[str, str]:
    """The value of a sensitive fact, and its sealed detail: for whoever may see it at all, recorded, with a reason as for numbers."""
    fact: Fact = Fact.objects.visible_to(by).select_related("kind", "resident", "household").get_or_404(fact_id)
    if not can_open_fact(by, fact):
        raise PermissionDenied("您的岗位不能查看这一事项的内容。")
    household = fact.household or household_of(fact.resident)
    subject = fact.resident or fact.household
    reason = _why(reason, subject, household, by)
    found_with: dict[str, Any] = {
        "household_id": household.pk if household else None,
        "subject_text": mask_name(fact.resident.name) if fact.resident else str(fact.household),
    }
    detail = ""
    if fact.detail:
        detail = reveal(row=fact, field="detail", by=by, reason=reason, **found_with)
    else:
        data = {"field": "value", "what": fact.kind.label}
        record("personal_data.revealed", fact, by=by, note=reason[:500], data=data, **found_with)
    warn_past_the_mark(by)
    return shown_value(fact.kind, fact.value), detail


def _why(reason: str, subject: Resident | Household | None, household: Household | None, by: Post) -> str:
    """What was typed; on one's own work the case is the reason.

    Raises:
        TransitionError: neither.
    """
    if reason.strip():
        return reason.strip()
    if not is_own_work(by, subject):
        raise TransitionError("请填写查看原因，再显示完整内容。")
    return f"{OWN_WORK}（{household or '未归户人员'}）"


def is_own_work(by: Post, subject: Resident | Household | None) -> bool:
    """- a township's handlers: people of their township, and households taken on and not yet closed
    - departments: households that they were let in to and that are not yet closed
    - reviewers and the county look on: they say why."""
    if subject is None or by.role not in {"T", "D", "DA"}:
        return False
    if by.role == "T" and subject.region_id.startswith(by.region_code):
        return True
    household = subject if isinstance(subject, Household) else household_of(subject)
    if household is None:
        return False
    today = clock.today()
    return Access.objects.open(today).of_place(by).standing().filter(household=household).exists()


def warn_past_the_mark(by: Post) -> None:
    today = clock.today()
    mine = Event.objects.filter(by_id=by.staff_id, at__gte=make_aware(datetime.combine(today, time.min)))
    mark = figure("reveal_cap_per_day")
    if mine.filter(verb="personal_data.revealed").count() < mark or mine.filter(verb="personal_data.reveal_cap_reached").exists():
        return
    record("personal_data.reveal_cap_reached", by.unit, by=by, new=f"{mark}次")
    announce(
        "personal_data.reveal_cap_reached", by.unit, to=Unit.objects.filter(kind=Unit.Kind.PLATFORM, valid_until=None),
        title=f"{by.label}今天查看完整号码已达{mark}次", body="请了解情况；查看没有中断。", url=reverse("deadlines:notice_list"),
        dedupe=f"reveal_cap:{by.staff_id}:{today}",
    )  # fmt: skip
