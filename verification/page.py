"""What the page of a verification shows to whom."""

from dataclasses import dataclass, field

from config import clock
from config.protection.masks import mask_name
from deadlines import counting
from deadlines.lamps import Lamp, lamp
from deadlines.models import Duty
from households.models import Fact
from organization.models import Post

from .models import Verification
from .permissions import can_read_situation, can_work_on
from .reading import facts_of, head_of

Term = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    verification: Verification
    household: str
    lamp: Lamp | None
    course: list[Term]
    result: list[Term]
    situations: list[Term] = field(default_factory=list)
    figures: list[Term] = field(default_factory=list)
    can_start: bool = False
    can_edit: bool = False


def page_of(verification: Verification, post: Post) -> Page:
    """A department sees how it was done and what was concluded; the township and the platform also what was found."""
    status, reads = Verification.Status, can_read_situation(post, verification)
    works = can_work_on(post, verification)
    return Page(
        verification,
        _household(verification, is_full=reads),
        lamp_of(verification, _duty(verification)),
        _course(verification, is_full=reads),
        _result(verification, is_full=reads),
        _situations(verification) if reads else [],
        [(fact.kind.label, shown(fact)) for fact in facts_of(verification)] if reads else [],
        can_start=works and verification.status == status.PENDING,
        can_edit=works and verification.status in {status.CHECKING, status.FIELD},
    )


def _household(verification: Verification, *, is_full: bool) -> str:
    household = verification.household
    name = head_of([household.pk]).get(household.pk, "")
    place = household.region.parent.name if household.region.parent and household.region.level == "village" else ""
    return f"{name if is_full else mask_name(name)} {household.number} {place}{household.region.name}".strip()


def _duty(verification: Verification) -> Duty | None:
    return Duty.objects.open().about(verification).first()


def lamp_of(verification: Verification, duty: Duty | None) -> Lamp | None:
    """The date to start by; once finished, whether it is still valid."""
    today = clock.today()
    if verification.valid_until:
        is_valid = verification.valid_until >= today
        return lamp("blue" if is_valid else "grey", f"有效期至{verification.valid_until}" if is_valid else "已过有效期")
    return counting.lamp_of(duty, clock.now(), counting.calendar_for(duty)) if duty else None


def _course(verification: Verification, *, is_full: bool) -> list[Term]:
    """Opened, started, how, by whom, whom they met."""
    moments = [("建立时间", verification.opened_at), ("启动时间", verification.started_at), ("完成时间", verification.finished_at)]
    terms = [("核查编号", verification.number), ("承办单位", verification.unit.name)]
    terms += [(label, f"{clock.local(moment):%Y-%m-%d %H:%M}") for label, moment in moments if moment]
    terms.append(("核查方式", "、".join(str(Verification.Method(method).label) for method in verification.methods)))
    terms.append(("调查人员", "、".join(f"{row.staff.name}（{row.unit.short_name}）" for row in verification.investigators.all())))
    if verification.visited_on:
        terms.append(("入户日期", str(verification.visited_on)))
    if is_full and verification.person_met:
        terms.append(("见到的人", verification.person_met.name))
    return terms


def _result(verification: Verification, *, is_full: bool) -> list[Term]:
    terms = [("核查结果", verification.get_finding_display()), ("核查结论", verification.conclusion)]
    if is_full:
        terms.append(("对策建议", verification.advice))
    return [*terms, ("有效期至", str(verification.valid_until or ""))]


def _situations(verification: Verification) -> list[Term]:
    terms = [("家庭基本情况", verification.family_situation), ("家庭经济状况", verification.economic_situation)]
    return [*terms, ("未见本人的说明", verification.met_note)] if verification.met_note else terms


def shown(fact: Fact) -> str:
    """The value of a figure of this room as people read it."""
    if isinstance(fact.value, bool):
        return "是" if fact.value else "否"
    return f"{fact.value}元"
