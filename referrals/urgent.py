"""What urgent aid may give, and what is still missing of its papers: pure of forms and pages (C-36, correction 15)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from audit.models import Event
from config import clock
from config.dates import add_months
from households.models import Membership
from organization.figures import figure_at
from organization.models import Absence, Post, Unit
from programs.models import Program, ProgramVersion, Track

from .models import UrgentAid

TEMPORARY = "MZ04"
# Where else somebody in an emergency is helped (correction 15): a fire is no natural disaster.
ALSO = {UrgentAid.Event.FIRE: ("HS01", "CS01", "XC04"), UrgentAid.Event.ACCIDENT: ("HS01", "CS01", "XC04"),
        UrgentAid.Event.ILLNESS: ("HS01", "CS01", "XC04", "YB01")}  # fmt: skip
CEILING = "urgent_ceiling_mz04"
# C-38 speaks of 临时救助; what is given on the spot is asked about in the same rhythm.
REPEAT = "same_cause_repeat_mz04"


def last_papers(aid: UrgentAid) -> Event | None:
    """When papers were last written down, and by whom: a form says which it has seen."""
    found: Event | None = Event.objects.about(aid).filter(verb="urgent_aid.papers_added").order_by("id").last()
    return found


@dataclass(frozen=True, slots=True)
class Way:
    """One program that a unit gives at once, by its track."""

    program: Program
    version: ProgramVersion
    track: Track

    @property
    def is_township(self) -> bool:
        return bool(self.track.route == Track.Route.TOWN)


def ways_of(post: Post, on: date) -> list[Way]:
    """What this post's unit may give first: a township 临时救助急难型, a department what its programs give on the spot."""
    if post.unit.kind == Unit.Kind.DEPARTMENT:
        how: dict[str, Any] = {
            "version__obtained": ProgramVersion.Obtained.ON_THE_SPOT,
            "version__program__department": post.unit.department_id,
        }
    else:
        how = {"version__program": TEMPORARY, "is_urgent": True}
    tracks = Track.objects.filter(version__in=ProgramVersion.objects.in_force(on), is_active=True, **how)
    rows = tracks.select_related("version__program__department").order_by("version__program", "order")
    return [Way(track.version.program, track.version, track) for track in rows if not track.version.program.is_paused]


def ceiling_of(program_id: str, region_code: str, department_id: int | None = None) -> Decimal | None:
    """How much may be given before anything is looked into; of the township's own where it has one (LY-15)."""
    value = figure_at(CEILING, region_code=region_code, department_id=department_id) if program_id == TEMPORARY else None
    return None if value is None else Decimal(str(value))


def missing(aid: UrgentAid) -> list[str]:
    """手续未补: which of the papers are not there yet. What a way verifies neither before nor after asks for none."""
    if aid.status != UrgentAid.Status.GIVEN:
        return []
    lacks = [] if aid.consent != UrgentAid.Consent.TELEPHONE or aid.confirmation else ["负责人对电话同意的确认"]
    if aid.track.verification != Track.Verification.AFTER:
        return lacks
    if not aid.finding:
        lacks.append("事后核实情况")
    if aid.program_id != TEMPORARY:
        return lacks
    return [
        *lacks,
        *([] if aid.identity_note else ["身份核实"]),
        *([] if aid.promised_on else ["诚信承诺书"]),
        *([] if aid.authorised_on else ["核对授权书"]),
    ]


def same_event(*, program: Program, resident: Any, household: Any, name: str, region_code: str, event: str) -> "QuerySet[UrgentAid]":
    """Aid of the same kind within the months of C-38: the person's, the household's, or one of that name in that place."""
    months = figure_at(REPEAT, region_code=region_code)
    if months is None:
        return UrgentAid.objects.none()
    whom = Q(person_name=name, region=region_code)
    if resident is not None:
        whom |= Q(resident=resident)
    if household is not None:
        whom |= Q(household=household) | Q(resident__in=Membership.objects.open().filter(household=household).values("resident"))
    rows = UrgentAid.objects.filter(whom, program=program, event=event).exclude(status=UrgentAid.Status.DECLINED)
    return rows.filter(happened_on__gt=add_months(clock.today(), -int(months))).order_by("-happened_on")


def leaders(aid: UrgentAid) -> "QuerySet[Post]":
    """Who may agree: approvers of the township or the department, but never the one who proposed."""
    posts = Post.objects.effective(clock.today()).filter(rank=Post.Rank.APPROVER).exclude(staff=aid.proposed_by_staff_id)
    if aid.deciding_unit.kind == Unit.Kind.DEPARTMENT:
        posts = posts.filter(unit=aid.deciding_unit)
    else:
        posts = posts.filter(unit__region=aid.deciding_unit.region_id, unit__kind__in=["township_office", "township_window"])
    return posts.select_related("staff", "unit").order_by("-is_deputy", "unit", "pk")


def why_not_confirm(aid: UrgentAid, by: Post) -> str:
    """Why somebody may not confirm the call that was answered: the one named does, while he is there; else a deputy or leader besides
    those who proposed and noted it. Empty: he may."""
    if by.staff_id == aid.leader_staff_id:
        return ""
    if aid.leader is None or not is_gone(aid.leader):
        return "电话同意须由接电话的负责人本人确认；本人外出或离岗的，由其他负责人代为确认。"
    took_it = {aid.proposed_by_staff_id, aid.given_by.staff_id if aid.given_by else None}
    if by.staff_id in took_it:
        others = [post.staff.name for post in leaders(aid) if post.staff_id not in took_it and not is_gone(post)]
        names = f"可以代为确认的：{'、'.join(dict.fromkeys(others))}。" if others else "请联系县级平台。"
        return f"这次电话同意由您登记，须由另一位负责人确认。{names}"
    return ""


def is_gone(post: Post) -> bool:
    """The post has ended, or who holds it is away today."""
    today = clock.today()
    return not Post.objects.effective(today).filter(pk=post.pk).exists() or post.staff_id in Absence.objects.away(today)


def is_late(due_at: datetime | None) -> bool:
    return due_at is not None and due_at <= clock.now()
