"""What the pages of 先行救助 show: the list by what is due, and one matter with its two people, its papers and what can be done now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from config import clock
from config.templatetags.frame import money
from deadlines import counting
from deadlines.lamps import Lamp
from deadlines.models import Duty
from households.showing import shown_name
from households.transitions.lookup import household_of
from intake.models import Application
from organization.models import Post
from programs.models import Program

from . import urgent
from .models import UrgentAid
from .permissions import can_agree_urgent, can_paper_urgent
from .transitions.urgent import PAPERS

U = UrgentAid.Status
TABS = {"proposed": "待同意", "papers": "待补手续", "missing": "手续未补", "completed": "手续已补齐", "declined": "未同意"}
TONES = {U.PROPOSED: "amber", U.GIVEN: "blue", U.COMPLETED: "green", U.DECLINED: "grey"}


def of_tab(rows: Any, tab: str) -> Any:
    """手续未补: given, and the days for the papers have passed. Read from the duty, never stored."""
    late = Duty.objects.open().filter(
        subject_label=UrgentAid._meta.label_lower, subject_id=Cast(OuterRef("pk"), CharField()), kind=PAPERS, due_at__lte=clock.now()
    )
    match tab:
        case "papers":
            return rows.filter(~Exists(late), status=U.GIVEN)
        case "missing":
            return rows.filter(Exists(late), status=U.GIVEN)
    return rows.filter(status=tab)


@dataclass(frozen=True, slots=True)
class Line:
    aid: UrgentAid
    name: str
    given: str
    lamp: Lamp | None
    missing: str
    tone: str


def lines(rows: Iterable[UrgentAid], post: Post) -> list[Line]:
    """Of one page: with the lamp of what runs, in two statements."""
    aids = list(rows)
    duties = _duties(aids)
    now = clock.now()
    calendar = counting.calendar_since(clock.today()) if duties else None
    found = []
    for aid in aids:
        duty = duties.get(str(aid.pk))
        lamp = counting.lamp_of(duty, now, calendar) if duty and calendar else None
        found.append(Line(aid, shown_name(aid.person_name, post), given(aid), lamp, "、".join(urgent.missing(aid)), TONES[U(aid.status)]))
    return found


def _duties(aids: "list[UrgentAid]") -> dict[str, Duty]:
    """The most urgent open duty of each."""
    ids = [str(aid.pk) for aid in aids]
    rows = Duty.objects.open().filter(subject_label=UrgentAid._meta.label_lower, subject_id__in=ids).order_by("-due_at")
    return {duty.subject_id: duty for duty in rows}


def given(aid: UrgentAid) -> str:
    return "、".join(part for part in (money(aid.amount), aid.in_kind) if part)


class UrgentPage:
    """One matter as a post sees it: what happened, who agreed, what is missing, what can be done now."""

    def __init__(self, aid: UrgentAid, post: Post) -> None:
        self.aid, self.post = aid, post
        self.name = shown_name(aid.person_name, post)
        self.tone = TONES[U(aid.status)]
        self.missing = urgent.missing(aid)

    @property
    def lamp(self) -> Lamp | None:
        duty = _duties([self.aid]).get(str(self.aid.pk))
        return counting.lamp_of(duty, clock.now(), counting.calendar_for(duty)) if duty else None

    @property
    def is_late(self) -> bool:
        """手续未补."""
        return Duty.objects.open().about(self.aid, PAPERS).filter(due_at__lte=clock.now()).exists()

    @property
    def may_agree(self) -> bool:
        is_other = self.post.staff_id != self.aid.proposed_by_staff_id
        return self.aid.status == U.PROPOSED and is_other and can_agree_urgent(self.post, self.aid)

    @property
    def may_phone(self) -> bool:
        return self.aid.status == U.PROPOSED and can_paper_urgent(self.post, self.aid)

    @property
    def may_confirm(self) -> bool:
        aid = self.aid
        waits = aid.consent == UrgentAid.Consent.TELEPHONE and not aid.confirmation
        return waits and can_agree_urgent(self.post, aid) and not urgent.why_not_confirm(aid, self.post)

    @property
    def may_paper(self) -> bool:
        return self.aid.status == U.GIVEN and can_paper_urgent(self.post, self.aid)

    @property
    def may_link(self) -> bool:
        given_already = self.aid.status in {U.GIVEN, U.COMPLETED}
        return given_already and self.aid.application_id is None and can_paper_urgent(self.post, self.aid) and self.applications.exists()

    @property
    def applications(self) -> "QuerySet[Application]":
        """Of the household that was helped."""
        home = self.aid.household or household_of(self.aid.resident)
        rows = Application.objects.visible_to(self.post).filter(household=home) if home else Application.objects.none()
        return rows.order_by("-drafted_at")

    @property
    def also(self) -> list[Program]:
        """Where else help is found (correction 15)."""
        return list(Program.objects.filter(pk__in=urgent.ALSO.get(UrgentAid.Event(self.aid.event), ())).order_by("pk"))

    @property
    def terms(self) -> list[tuple[str, Any]]:
        aid = self.aid
        said: list[tuple[str, Any]] = [
            ("救助项目", f"{aid.program}（{aid.track.name}）"), ("受助人", f"{self.name}{'（全家）' if aid.household_id else ''}"),
            ("发生地", aid.region.full_name), ("事由", f"{aid.get_event_display()}，{aid.happened_on:%Y-%m-%d}"),
            ("发生了什么", aid.story), ("谁证明", aid.voucher), ("给予", given(aid)), ("再次救助的理由", aid.repeat_reason),
            ("登记", _hand(aid.proposed_at, aid.proposed_by)),
            ("同意", f"{aid.leader.label}，{aid.get_consent_display()}" if aid.leader else ""),
            ("救助时间", _hand(aid.given_at, aid.given_by)),
            ("电话同意的确认", f"{aid.get_confirmation_display()} {_hand(aid.confirmed_at, aid.confirmed_by)} {aid.confirm_note}".strip()),
            ("未同意", f"{_hand(aid.declined_at, aid.declined_by)}：{aid.decline_reason}" if aid.decline_reason else ""),
        ]  # fmt: skip
        return [(term, text) for term, text in said if text]

    @property
    def papers(self) -> list[tuple[str, Any]]:
        aid = self.aid
        said = [
            ("身份核实", aid.identity_note), ("诚信承诺书", aid.promised_on or ""), ("核对授权书", aid.authorised_on or ""),
            ("事后核实情况", aid.finding), ("补齐", _hand(aid.completed_at, aid.completed_by)),
            ("后续申请", aid.application.number if aid.application else ""),
        ]  # fmt: skip
        return [(term, text) for term, text in said if text]


def _hand(moment: Any, post: Post | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M} {post.staff.name}" if moment and post else ""
