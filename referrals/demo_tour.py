"""The demo's tour: every program that is asked for at a window, by families of many townships, each at several places of its own track.

What `referrals.demo` tells of 低保 and 临时救助 in detail is walked here for the rest: whatever stages the catalogue gives a track, the
unit that has the referral does the next act, a working day later, until the plan's number of acts is done or today is reached.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from config import clock
from config.verbs import TransitionError
from deadlines.rules import SHANGHAI
from households.knowledge import missing_authorisations, standing_declaration
from households.models import Household, Membership
from households.transitions import authorise, declare_kin
from intake import transitions as window
from intake.models import Application, ApplicationItem, Assessment, Paper
from intake.offers import chosen_by_people, offers
from organization.demo import share_of
from organization.models import Post, Region, Unit
from programs.models import Program, Stage, Track
from verification import transitions as survey
from verification.models import Verification

from . import transitions
from .models import Dispute, Publicity, Referral
from .permissions import is_registering

if TYPE_CHECKING:
    from .demo import Desk

logger = logging.getLogger(__name__)
STREETS, TOWNS = 1, 0  # the shares of `share_of`
# How many acts after dispatch, how many working days ago it came, and where: from just sent to told. Then, how many townships further on
# than the program's first one, so that nobody meets the same program twice; and whether for every program or for each second one.
PLACES = (
    (0, 1, STREETS, 0, 1), (2, 4, TOWNS, 0, 1), (4, 12, STREETS, 2, 1), (99, 34, TOWNS, 2, 1), (1, 2, TOWNS, 7, 1), (3, 8, TOWNS, 13, 2),
)  # fmt: skip
TOLD_ELSEWHERE = {"MZ01", "MZ04"}
WITHOUT_STAFF = {"500233208", "500233210"}  # 金声乡 has no approver, 兴峰乡 no window clerk: the alarms show it
CHILDREN = {"MZ09", "CL02", "CL04", "JW03", "JW04", "JW05", "TX03", "TX04"}
AMOUNT = Decimal(500)
# Whose job is it (ZX-34): a claim before the window, one before the platform, one ruled upon, and one that names 县民政局 and so waits for
# the convener. The program, the department that is said to be responsible, and how far it got.
HOME = "500233001"
DISPUTED = (("CL03", "WJ", "disputed"), ("CL04", "WJ", "ruling"), ("JW02", "WJ", "ruled"), ("JW03", "MZ", "ruled"))
S, Act = Referral.Status, Stage.Act


@dataclass(frozen=True)
class Stop:
    """One application of the tour."""

    program: str
    track: Track
    township: str
    acts: int
    days_ago: int


def load_share(share: int, desk: "Desk") -> None:
    """Safe to repeat: of a township that has seen a program asked for, nothing is asked again."""
    for stop in _stops(desk):
        asked = ApplicationItem.objects.filter(program=stop.program, application__township_code=stop.township)
        if share_of(stop.township) != share or asked.exists():
            continue
        if family := desk.family(stop.township):
            try:
                with transaction.atomic():
                    Tour(stop, desk, family).walk()
            except (TransitionError, StopIteration) as refused:  # a rule of the day, a unit without people: the demo is shorter by one
                logger.warning("demo: %s in %s is not walked: %s", stop.program, stop.township, refused)


def load_disputes(share: int, desk: "Desk") -> None:
    """Safe to repeat: once there is a dispute there are all."""
    if share_of(HOME) != share or Dispute.objects.exists():
        return
    stops = {stop.program: stop for stop in _stops(desk)}
    with transaction.atomic():
        for code, other, until in DISPUTED:
            if family := desk.family(HOME):
                tour = Tour(replace(stops[code], township=HOME, acts=0, days_ago=5), desk, family)
                tour.walk()
                tour.dispute(other, until)


def _stops(desk: "Desk") -> list[Stop]:
    townships = [row.code for row in Region.objects.townships().order_by("code") if row.code not in WITHOUT_STAFF]
    shares = {share: [code for code in townships if share_of(code) == share] for share in (STREETS, TOWNS)}
    clerk = desk.person(desk.window(townships[0]), Post.Rank.HANDLER)
    found = [
        (offer.program.code, tracks[0])
        for offer in offers(clerk, clock.today())
        if offer.program.code not in TOLD_ELSEWHERE and not offer.why_not and (tracks := chosen_by_people(offer.version))
    ]
    stops = []
    for n, (code, track) in enumerate(found):
        for acts, ago, share, further, every in PLACES:
            mine = shares[share]
            if n % every:
                continue
            stops.append(Stop(code, track, mine[(n + further) % len(mine)], acts, ago + n % 3))
    return stops


class Tour:
    """One family's application for one program, from the window to where the plan ends."""

    def __init__(self, stop: Stop, desk: "Desk", household: Household) -> None:
        self.stop, self.desk, self.household = stop, desk, household
        self.clerk = desk.person(desk.window(stop.township), Post.Rank.HANDLER)
        self.moment = datetime.combine(desk.day(stop.days_ago), time(9, 40), SHANGHAI)

    def walk(self) -> None:
        with self._now():
            application = self._apply()
            window.accept(application_id=application.pk, by=self.clerk)
            transitions.dispatch(application_id=application.pk, by=self.clerk)
        referral = Referral.objects.filter(application=application).first()
        if referral is None:  # it waits for its open months
            return
        self._verify()
        for _ in range(self.stop.acts):
            self._a_day_later()
            if self.moment >= self.desk.now or not self._act(referral.pk):
                return

    def dispute(self, department: str, until: str) -> None:
        """The unit says that it is another's; the window pushes it on, and the platform rules."""
        row = Referral.objects.select_related("unit").get(case_household=self.household)
        other = Unit.objects.get(kind=Unit.Kind.DEPARTMENT, department__code=department, valid_until=None)
        handler = self.desk.person(row.unit, Post.Rank.HANDLER)
        self.moment += timedelta(hours=1)  # within the unit's limit for signing for
        with self._now():
            transitions.receive(referral_id=row.pk, by=handler)
            transitions.dispute(referral_id=row.pk, reason="按项目清单属于其他部门，不是本单位职责。", proposed_unit=other, by=handler)
        if until == "disputed":
            return
        self._a_day_later()
        with self._now():
            transitions.push_for_ruling(referral_id=row.pk, note_text="双方意见不一，请平台裁定。", by=self.clerk)
        if until == "ruled":
            platform = Unit.objects.get(kind=Unit.Kind.PLATFORM, valid_until=None)
            self._a_day_later()
            with self._now():
                transitions.rule(
                    referral_id=row.pk, named_unit=row.unit, assessment="已听取双方意见，项目清单列在原单位名下。",
                    basis="忠府办发〔2021〕53号项目清单", by=self.desk.person(platform, Post.Rank.APPROVER),
                )  # fmt: skip

    @contextmanager
    def _now(self) -> Iterator[None]:
        with clock.set_clock(min(self.moment, self.desk.now)):
            yield

    def _a_day_later(self) -> None:
        day = self.moment.astimezone(SHANGHAI).date() + timedelta(days=1)
        while not self.desk.calendar.is_workday(day):
            day += timedelta(days=1)
        self.moment = datetime.combine(day, time(10, 5), SHANGHAI)

    # ── at the window ───────────────────────────────────────────────────────────────────────────────────────────────
    def _apply(self) -> Application:
        code, people = self.stop.program, list(Membership.objects.open().filter(household=self.household).select_related("resident"))
        head = next(row.resident for row in people if row.relation == Membership.Relation.HEAD)
        youngest = max((row.resident for row in people), key=lambda person: person.birth_on or clock.today())
        application = window.draft(household_id=self.household.pk, applicant_id=head.pk, by=self.clerk)
        program = Program.objects.get(pk=code)
        whose: dict[str, Any] = {"household_id": self.household.pk}
        if program.beneficiary == Program.Beneficiary.RESIDENT:
            whose = {"resident_id": (youngest if code in CHILDREN else head).pk}
        window.add_item(application_id=application.pk, program_code=code, track_key=self.stop.track.key, by=self.clerk, **whose)
        window.assess(application_id=application.pk, fields=_assessed(program), by=self.clerk)
        for adult in missing_authorisations(self.household, clock.today()):
            authorise(household_id=self.household.pk, resident_id=adult.pk, signed_on=clock.today(), by=self.clerk)
        if standing_declaration(self.household) is None:
            declare_kin(household_id=self.household.pk, has_kin=False, declared_on=clock.today(), by=self.clerk)
        window.promise(application_id=application.pk, signed_on=clock.today(), by=self.clerk)
        owed = Paper.objects.filter(application=application, state=Paper.State.MISSING, is_required=True)
        for paper in owed.exclude(material__in=["promise", "authorisation"]):
            window.settle_paper(paper_id=paper.pk, state=Paper.State.SEEN, by=self.clerk)
        window.submit(application_id=application.pk, by=self.clerk)
        return application

    def _verify(self) -> None:
        row = Verification.objects.unfinished().filter(household=self.household).first()
        if row is None or self.stop.acts < 2:  # who has only just taken it has not waited for it
            return
        self._a_day_later()
        with self._now():
            survey.start(verification_id=row.pk, methods=[Verification.Method.MATCHING], by=self.clerk)
            team = Post.objects.effective(clock.today()).filter(unit__region_id=self.stop.township).exclude(staff=self.clerk.staff)
            colleagues = list(team.order_by("pk").values_list("staff_id", flat=True)[:1])
            fields = {
                "methods": [Verification.Method.MATCHING, Verification.Method.NEIGHBOURS],
                "family_situation": "共同生活成员与申报一致。", "economic_situation": "收入不高，没有车辆和商铺。",
                "finding": Verification.Finding.CONSISTENT, "conclusion": "家庭情况属实。", "advice": "建议给予救助。",
                "income_per_head": Decimal(620), "assets_within_limits": True, "household_hardship": True,
            }  # fmt: skip
            survey.finish(verification_id=row.pk, fields=fields, investigators=[self.clerk.staff_id, *colleagues], by=self.clerk)

    # ── at the units ────────────────────────────────────────────────────────────────────────────────────────────────
    def _act(self, pk: Any) -> bool:
        """The next act of whoever has it; whether there was one."""
        row = Referral.objects.select_related("unit", "stage", "program", "window").get(pk=pk)
        handler = self.desk.person(row.unit, Post.Rank.HANDLER)
        with self._now():
            match row.status:
                case S.DISPATCHED | S.RECEIVED:
                    transitions.take(referral_id=pk, by=handler)
                case S.HANDLING:
                    self._handle(row, handler)
                case S.DECIDED:
                    transitions.feed_back(referral_id=pk, text="已批准，请告知申请人。", by=handler)
                case S.FED_BACK:
                    told = "电话告知本人，表示清楚。"
                    transitions.confirm(referral_id=pk, told_how="phone", told_note=told, by=self.clerk)
                case _:
                    return False
        return True

    def _handle(self, row: Referral, handler: Post) -> None:
        if row.stage is not None and row.stage.act == Act.PUBLICISE:
            self._publicise(row, handler)
            return
        stay = row.walked.get(left_at=None)
        given = self._given(row)
        if not stay.proposal and row.stage is not None and not is_registering(row.stage):
            said = {"amount": given["amount"]} if "amount" in given else {}
            transitions.propose(referral_id=row.pk, proposal="材料齐全，情况属实，拟同意。", outcome="approved", by=handler, **said)
            return
        if row.stage is not None and is_registering(row.stage):
            transitions.forward(referral_id=row.pk, opinion="已办理，送下一环节。", by=handler)
            return
        approver = self.desk.person(row.unit, Post.Rank.APPROVER, but=frozenset({self.clerk.staff_id, handler.staff_id}))
        if row.stage is not None and row.stage.act == Act.DECIDE:
            transitions.decide(referral_id=row.pk, outcome="approved", opinion="同意。", by=approver, **given)
        else:
            transitions.forward(referral_id=row.pk, opinion="同意拟办意见。", by=approver)

    def _publicise(self, row: Referral, handler: Post) -> None:
        running = Publicity.objects.running().filter(referral=row).first()
        if running is None:
            transitions.post_publicity(referral_id=row.pk, place="村（社区）公示栏", starts_on=clock.today(), by=handler)
            ends = Publicity.objects.running().get(referral=row).ends_on
            self.moment = datetime.combine(ends, time(10, 5), SHANGHAI)
            return
        transitions.end_publicity(publicity_id=running.pk, by=handler)
        transitions.forward(referral_id=row.pk, by=handler)

    def _given(self, row: Referral) -> dict[str, Any]:
        if row.program.kind in {Program.Kind.IDENTITY, Program.Kind.REGISTRATION}:
            return {}
        return {"amount": AMOUNT} if row.program.kind == Program.Kind.CASH else {"in_kind": "按规定减免或提供服务"}


def _assessed(program: Program) -> dict[str, Any]:
    """What the clerk heard: why the family asks for this."""
    return {
        "difficulties": [Assessment.Difficulty.ILLNESS], "labour": Assessment.Labour.PARTIAL, "in_difficulty": True,
        "cause": "家中劳动力少，支出大，近期生活困难。", "rigid_spending": "医药费、学费支出较多", "monthly_income": Decimal(1900),
        "opinion": f"建议申请{program.seed_name}。", "proposal": "按本次申请办理，并继续走访。",
    }  # fmt: skip
