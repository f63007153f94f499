"""What the page of a verification shows to whom."""

from dataclasses import dataclass, field

from config import clock
from config.protection.masks import mask_name
from deadlines.lamps import Lamp
from households.family import remade_at
from households.knowledge import shown_value
from households.permissions import can_search, can_see_fact
from organization.models import Post

from .lamps import lamps_of
from .models import Verification, VisitRequest
from .permissions import can_read_situation, can_see_visits, can_work_on
from .reading import facts_of, heads_of

Term = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    verification: Verification
    household: str
    lamp: Lamp | None
    course: list[Term]
    conclusions: list[Term]
    result: list[Term]
    situations: list[Term] = field(default_factory=list)
    figures: list[Term] = field(default_factory=list)
    members: list[tuple[str, str, str, str]] = field(default_factory=list)
    can_start: bool = False
    can_edit: bool = False
    visits: list[VisitRequest] = field(default_factory=list)
    household_url: str = ""
    remade: str = ""


def page_of(verification: Verification, post: Post) -> Page:
    """A department sees how it was done and what was concluded; the township and the platform also what was found."""
    status, reads = Verification.Status, can_read_situation(post, verification)
    works = can_work_on(post, verification)
    return Page(
        verification,
        _household(verification, is_full=reads),
        lamps_of([verification], post).get(str(verification.pk)),
        _course(verification, is_full=reads),
        _conclusions(verification, is_full=reads),
        _result(verification),
        _situations(verification) if reads else [],
        [(fact.kind.label, shown_value(fact.kind, fact.value)) for fact in facts_of(verification) if can_see_fact(post, fact.kind)],
        members=_members(verification) if works else [],
        can_start=works and verification.status == status.PENDING,
        visits=list(verification.visit_requests.select_related("unit").order_by("asked_at")) if reads and can_see_visits(post) else [],
        can_edit=works and verification.status in {status.CHECKING, status.FIELD},
        household_url=verification.household.get_absolute_url() if can_search(post) else "",
        remade=_remade(verification),
    )


def _remade(verification: Verification) -> str:
    """What it is worth since members left for another family or came from one: under way it goes on, finished it proves nothing more."""
    moment = remade_at(verification.household_id)
    if moment is None or moment < (verification.finished_at or verification.opened_at):
        return ""
    day = f"{clock.local(moment):%Y-%m-%d}"
    if verification.status == Verification.Status.DONE:
        told = f"这个家庭已于{day}分户、转户或并户，这项核查说的是变动以前的家庭，不再互认。"
        return f"{told}需要核查的在办申请已另行建立核查；新的申请受理时重新核查。"
    if verification.is_over:
        return ""
    return f"核查期间，这个家庭于{day}分户、转户或并户。请按现在的成员核实收入、支出和财产；变动以前入户的，须重新入户。"


def _household(verification: Verification, *, is_full: bool) -> str:
    household = verification.household
    name = heads_of([household.pk]).get(household.pk, "")
    shown = (name if is_full else mask_name(name)) or "无成员"
    return f"{shown}（户编号 {household.number}）{household.region.full_name}"


def _members(verification: Verification) -> list[tuple[str, str, str, str]]:
    """Name, relation to the head, sex, birth: the head of the paper form."""
    rows = verification.household.memberships.open().select_related("resident").order_by("relation", "pk")
    return [
        (row.resident.name, row.get_relation_display(), row.resident.get_sex_display(), str(row.resident.birth_on or "")) for row in rows
    ]


def _course(verification: Verification, *, is_full: bool) -> list[Term]:
    """Opened, started, how, by whom, whom they met."""
    moments = [("建立时间", verification.opened_at), ("启动时间", verification.started_at), ("完成时间", verification.finished_at)]
    moments.append(("撤销时间", verification.ended_at))
    terms = [("核查编号", verification.number), ("承办单位", verification.unit.name)]
    terms += [(label, f"{clock.local(moment):%Y-%m-%d %H:%M}") for label, moment in moments if moment]
    terms.append(("核查方式", verification.methods_text))
    terms.append(("调查人员", "、".join(f"{row.staff.name}（{row.unit.short_name}）" for row in verification.investigators.all())))
    if verification.visited_on:
        terms.append(("入户日期", str(verification.visited_on)))
    if is_full and verification.person_met:
        terms.append(("见到的人", verification.person_met.name))
    if verification.end_reason:
        terms.append(("撤销原因", verification.end_reason))
    return terms


def _result(verification: Verification) -> list[Term]:
    if verification.valid_until is None:
        return []
    return [("核查结果", verification.get_finding_display()), ("有效期至", str(verification.valid_until))]


def _conclusions(verification: Verification, *, is_full: bool) -> list[Term]:
    terms = [("核查结论", verification.conclusion), *([("对策建议", verification.advice)] if is_full else [])]
    return [(term, text) for term, text in terms if text]


def _situations(verification: Verification) -> list[Term]:
    terms = [
        ("家庭基本情况", verification.family_situation), ("家庭经济状况", verification.economic_situation),
        ("未见本人的说明", verification.met_note),
    ]  # fmt: skip
    return [(term, text) for term, text in terms if text]
