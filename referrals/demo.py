"""The demo's work: applications on the road from window to record, in every state, some late, walked by the verbs under a set clock.

A journey is a list of steps, each on a working day; it stops where its plan says, and what stands open then is today's work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction

from config import clock
from deadlines.counting import calendar_since
from deadlines.rules import SHANGHAI
from deadlines.transitions import drain
from households.knowledge import missing_authorisations
from households.models import Household, Membership
from households.transitions import authorise, declare_kin
from intake import transitions as window
from intake.models import Application, Assessment, Paper
from organization.demo import share_of
from organization.models import Post, Unit
from verification import transitions as survey
from verification.models import Verification

from . import demo_changes, demo_colleagues, demo_registry, demo_requests, demo_tour, demo_tracks, transitions
from .models import Publicity, Referral

STEPS = (
    "draft", "submit", "accept", "verify", "receive", "take", "propose", "review", "post", "end", "county_take", "county_propose", "decide",
    "feed_back", "confirm",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """One application: program, how many working days ago it came, and the step after which it stands. `turn` is what happens instead."""

    program: str
    days_ago: int
    until: str
    turn: str = ""
    amount: int = 0
    township: str = "500233001"


MORNING = timedelta(hours=12)
# Townships beside the cast's own two, so that the platform sees the county at work.
OTHERS = ("500233116", "500233102", "500233107", "500233112", "500233203")
_MZ04 = (
    ("draft", 0), ("submit", 0), ("submit", 8), ("accept", 0), ("accept", 6), ("receive", 4), ("take", 11), ("review", 5), ("post", 9),
    ("county_propose", 16), ("decide", 14), ("feed_back", 15), ("confirm", 18), ("confirm", 23),
)  # fmt: skip
_MZ01 = (
    ("draft", 0), ("submit", 1), ("accept", 1), ("verify", 3), ("take", 5), ("propose", 7), ("post", 12), ("review", 15), ("end", 16),
    ("county_take", 20), ("county_propose", 22), ("county_take", 32), ("decide", 25), ("feed_back", 26), ("confirm", 34),
)  # fmt: skip
_TURNS = (
    Plan("MZ04", 6, "submit", "supplement"), Plan("MZ01", 9, "submit", "not_here"), Plan("MZ04", 12, "submit", "withdraw"),
    Plan("MZ01", 27, "feed_back", "refuse"), Plan("MZ04", 24, "confirm", "refuse"), Plan("MZ01", 33, "confirm", "refuse"),
    Plan("MZ04", 17, "decide", "ceiling", 3500), Plan("MZ04", 22, "confirm", "ceiling", 4200), Plan("MZ01", 19, "county_take", "return"),
    Plan("MZ01", 10, "take", "withdraw"), Plan("MZ01", 21, "post", "terminate"), Plan("MZ04", 13, "confirm", amount=1200),
)  # fmt: skip
_ELSEWHERE = (
    ("accept", 6), ("take", 7), ("post", 9), ("decide", 14), ("confirm", 18), ("verify", 5), ("review", 16), ("end", 17),
)  # fmt: skip
PLANS = (
    *(Plan("MZ04", ago, until) for until, ago in _MZ04),
    *(Plan("MZ01", ago, until) for until, ago in _MZ01),
    *_TURNS,
    *(Plan("MZ04", ago, until, township=code) for n, code in enumerate(OTHERS) for until, ago in (_ELSEWHERE[n], _ELSEWHERE[(n + 2) % 5])),
    Plan("MZ04", 3, "accept", township="500233208"),  # 金声乡, where nobody approves: the alarms show it
    *(Plan("MZ01", ago, until, township=code) for code, (until, ago) in zip(OTHERS, _ELSEWHERE[5:], strict=False)),
)

ASSESSMENTS = {
    "MZ04": {
        "difficulties": [Assessment.Difficulty.ILLNESS], "labour": Assessment.Labour.PARTIAL, "in_difficulty": True,
        "cause": "家中有人住院，医保报销后自付较多，积蓄用尽，近期生活困难。", "rigid_spending": "近12个月住院自付约3万元",
        "opinion": "属于支出型困难，建议申请临时救助。", "monthly_income": Decimal(2100),
        "proposal": "申请临时救助；出院后复核家庭收入，符合条件的再申请低保。",
    },
    "MZ01": {
        "difficulties": [Assessment.Difficulty.DISABILITY, Assessment.Difficulty.UNEMPLOYMENT], "labour": Assessment.Labour.PARTIAL,
        "cause": "主要劳动力患病不能务工，家庭收入明显减少，长期困难。", "in_difficulty": True, "monthly_income": Decimal(900),
        "opinion": "收入低于低保标准，建议申请最低生活保障。", "proposal": "申请最低生活保障；同时了解残疾人两项补贴和医疗救助。",
    },
}  # fmt: skip


def load_share(share: int, *, by: Post) -> None:
    """The journeys of a share of the townships, each whole or not at all.

    Safe to repeat: as many as there are applications have been walked, and the others follow. A journey is a transaction because the
    number series of the county's papers is locked to its end: the other share waits for one journey, not for all.
    """
    plans = [plan for plan in PLANS if share_of(plan.township) == share]
    walked = sum(share_of(code) == share for code in Application.objects.values_list("household__region_id", flat=True))
    desk = Desk()
    for plan in plans[walked:]:
        with transaction.atomic():
            if family := desk.family(plan.township):
                Journey(plan, desk, family).walk()
    demo_requests.load_share(share, desk)
    demo_changes.load_share(share, desk, by=by)
    demo_tracks.load_share(share, desk)
    demo_registry.load_share(share, desk)
    demo_tour.load_disputes(share, desk)
    demo_tour.load_share(share, desk)
    demo_colleagues.load_share(share, desk)
    drain()


class Desk:
    """Who does what where, and which families have not come yet."""

    def __init__(self) -> None:
        posts = Post.objects.effective(clock.today()).select_related("unit__region", "staff").order_by("pk")
        self.by_unit: dict[int, list[Post]] = {}
        for post in posts:
            self.by_unit.setdefault(post.unit_id, []).append(post)
        self.now = clock.now()
        self.calendar = calendar_since(clock.today() - timedelta(days=120))
        self._families: dict[str, Iterator[Household]] = {}

    def window(self, township: str) -> Unit:
        return Unit.objects.get(kind=Unit.Kind.TOWNSHIP_WINDOW, region_id=township, valid_until=None)

    def person(self, unit: Unit, rank: str, *, but: frozenset[int] = frozenset()) -> Post:
        """Somebody of that rank in the unit who is none of those persons."""
        return next(post for post in self.by_unit.get(unit.pk, []) if post.rank == rank and post.staff_id not in but)

    def family(self, township: str) -> Household | None:
        """The next household of the township that nobody helps yet and that stays as it is, or none where the demo was made small."""
        if township not in self._families:
            rows = Household.objects.filter(region__code__startswith=township, records=None, tags=None, applications=None, changes=None)
            self._families[township] = iter(rows.order_by("number").select_related("region"))
        return next(self._families[township], None)

    def day(self, ago: int) -> date:
        """The working day so many working days back; 0 is the last one of which the morning is over, so that every plan gets as far."""
        day = clock.local(self.now - MORNING).date()
        while ago or not self.calendar.is_workday(day):
            if self.calendar.is_workday(day):
                ago -= 1
            day -= timedelta(days=1)
        return day


@dataclass
class Journey:
    plan: Plan
    desk: Desk
    household: Household
    moment: datetime = field(init=False)
    application: Application = field(init=False)

    def __post_init__(self) -> None:
        self.moment = datetime.combine(self.desk.day(self.plan.days_ago), time(9, 10), SHANGHAI)

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def clerk(self) -> Post:
        return self.desk.person(self.desk.window(self.plan.township), Post.Rank.HANDLER)

    @cached_property
    def head(self) -> Any:
        return Membership.objects.open().get(household=self.household, relation=Membership.Relation.HEAD).resident

    @cached_property
    def referral_id(self) -> Any:
        return self.referral.pk

    @property
    def referral(self) -> Referral:
        return Referral.objects.select_related("unit").get(application=self.application)

    def handler(self) -> Post:
        return self.desk.person(self.referral.unit, Post.Rank.HANDLER, but=frozenset())

    def approver(self) -> Post:
        return self.desk.person(self.referral.unit, Post.Rank.APPROVER, but=frozenset({self.clerk.staff_id}))

    # ── walking ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def walk(self) -> None:
        acts: dict[str, Callable[[], None]] = {name: getattr(self, f"_{name}") for name in STEPS}
        for name in STEPS:
            if self.moment >= self.desk.now:
                return
            with clock.set_clock(self.moment):
                acts[name]()
            if name == self.plan.until:
                break
            self._later(name)
        if self.plan.turn in {"supplement", "not_here", "withdraw", "terminate", "return"}:
            self._later("")
            with clock.set_clock(min(self.moment, self.desk.now)):
                getattr(self, f"_turn_{self.plan.turn}")()

    def _later(self, name: str) -> None:
        """The next step: the same hour for what one person does in one go, else the next working day; a publicity runs its days."""
        if name in {"draft", "submit", "receive", "take", "county_take"}:
            self.moment += timedelta(minutes=12)
            return
        days = 1
        if name == "post":
            days = (Publicity.objects.get(referral=self.referral_id).ends_on - self.moment.astimezone(SHANGHAI).date()).days + 1
        day = self.moment.astimezone(SHANGHAI).date() + timedelta(days=days)
        while not self.desk.calendar.is_workday(day):
            day += timedelta(days=1)
        self.moment = datetime.combine(day, time(9 + days % 7, 25), SHANGHAI)

    # ── at the window ───────────────────────────────────────────────────────────────────────────────────────────────
    def _draft(self) -> None:
        visit = window.arrive(
            mode="seated",
            resident_id=self.head.pk,
            household_id=self.household.pk,
            matter="家庭生活困难，想了解能申请什么救助",
            by=self.clerk,
        )
        self.application = window.draft(household_id=self.household.pk, applicant_id=self.head.pk, visit_id=visit.pk, by=self.clerk)
        pk = self.application.pk
        window.assess(application_id=pk, fields=ASSESSMENTS[self.plan.program], by=self.clerk)
        asked = Decimal(self.plan.amount or 1500) if self.plan.program == "MZ04" else None
        window.add_item(
            application_id=pk, program_code=self.plan.program, track_key="ordinary", household_id=self.household.pk, amount_asked=asked,
            cause="住院自付费用大" if asked else "", by=self.clerk,
        )  # fmt: skip
        with clock.set_clock(self.moment + timedelta(minutes=9)):
            window.answer(visit_id=visit.pk, text="已说明可以申请的项目、需要带的材料和办理时限。", by=self.clerk)

    def _submit(self) -> None:
        today, pk = clock.today(), self.application.pk
        for adult in missing_authorisations(self.household, today):
            authorise(household_id=self.household.pk, resident_id=adult.pk, signed_on=today, by=self.clerk)
        declare_kin(household_id=self.household.pk, has_kin=False, declared_on=today, by=self.clerk)
        window.promise(application_id=pk, signed_on=today, by=self.clerk)  # lists the papers by all that is signed now
        keep = 1 if self.plan.turn == "supplement" else 0
        missing = Paper.objects.filter(application=self.application, state=Paper.State.MISSING, is_required=True).order_by("pk")
        for paper in list(missing)[keep:]:
            window.settle_paper(paper_id=paper.pk, state=Paper.State.SEEN, by=self.clerk)
        window.submit(application_id=pk, by=self.clerk)

    def _accept(self) -> None:
        window.accept(application_id=self.application.pk, by=self.clerk)
        transitions.dispatch(application_id=self.application.pk, by=self.clerk)

    def _verify(self) -> None:
        verification = Verification.objects.unfinished().get(household=self.household)
        survey.start(verification_id=verification.pk, methods=[Verification.Method.HOME_VISIT], by=self.clerk)
        offices = Unit.objects.filter(kind=Unit.Kind.TOWNSHIP_OFFICE, region_id=self.plan.township)
        team = {self.clerk.staff_id, *(post.staff_id for unit in offices for post in self.desk.by_unit.get(unit.pk, []))}
        fields = {
            "methods": [Verification.Method.MATCHING, Verification.Method.HOME_VISIT, Verification.Method.NEIGHBOURS],
            "visited_on": clock.today(), "person_met": self.head,
            "family_situation": "共同生活成员与申报一致，住砖混结构自建房，家具简单。",
            "economic_situation": "主要靠零工和种植，没有车辆和商铺，近一年看病支出较大。",
            "finding": Verification.Finding.CONSISTENT, "conclusion": "家庭情况属实，生活确有困难。",
            "advice": "建议给予救助，并继续走访。",
            "income_per_head": Decimal(430), "assets_within_limits": True, "household_hardship": True,
        }  # fmt: skip
        survey.finish(verification_id=verification.pk, fields=fields, investigators=sorted(team)[:2], by=self.clerk)

    # ── at the units ────────────────────────────────────────────────────────────────────────────────────────────────
    def _receive(self) -> None:
        transitions.receive(referral_id=self.referral_id, by=self.handler())

    def _take(self) -> None:
        transitions.take(referral_id=self.referral_id, by=self.handler())

    def _propose(self) -> None:
        transitions.propose(
            referral_id=self.referral_id,
            proposal="材料齐全，核查情况属实，拟同意。",
            outcome="approved",
            amount=self._amount(),
            by=self.handler(),
        )

    def _amount(self) -> Decimal:
        return Decimal(self.plan.amount or (1500 if self.plan.program == "MZ04" else 860))

    def _review(self) -> None:
        transitions.forward(referral_id=self.referral_id, opinion="同意拟办意见，按程序公示。", by=self.approver())

    def _post(self) -> None:
        transitions.take(referral_id=self.referral_id, by=self.clerk)
        transitions.post_publicity(
            referral_id=self.referral_id, place=f"{self.household.region.name}公示栏", starts_on=clock.today(), by=self.clerk
        )

    def _end(self) -> None:
        transitions.end_publicity(publicity_id=Publicity.objects.get(referral=self.referral_id).pk, by=self.clerk)
        transitions.forward(referral_id=self.referral_id, by=self.clerk)

    def _county_take(self) -> None:
        transitions.take(referral_id=self.referral_id, by=self.handler())

    def _county_propose(self) -> None:
        refused = self.plan.turn == "refuse"
        transitions.propose(
            referral_id=self.referral_id, proposal="核查后人均收入高于标准，拟不予批准。" if refused else "符合条件，拟批准。",
            outcome="refused" if refused else "approved", amount=None if refused else self._amount(), by=self.handler(),
        )  # fmt: skip

    def _decide(self) -> None:
        pk = self.referral_id
        if self.plan.turn == "refuse":
            transitions.decide(
                referral_id=pk,
                outcome="refused",
                refusal_code="income",
                refusal_reason="核查后家庭人均收入高于当地标准，不符合条件。",
                by=self.approver(),
            )
            return
        transitions.decide(referral_id=pk, outcome="approved", amount=self._amount(), opinion="同意。", by=self.approver())
        if self.referral.status == Referral.Status.DISPATCHED:  # above the township's ceiling: the county goes on
            self.moment += timedelta(hours=3)
            with clock.set_clock(self.moment):
                transitions.take(referral_id=pk, by=self.handler())
                self._county_propose()
            if self.plan.until == "decide":
                return
            self.moment += timedelta(hours=1)
            with clock.set_clock(self.moment):
                transitions.decide(referral_id=pk, outcome="approved", amount=self._amount(), opinion="同意。", by=self.approver())

    def _feed_back(self) -> None:
        text = "经审核不符合条件，告知书已出具，请告知申请人救济途径。" if self.plan.turn == "refuse" else "已批准，请告知申请人。"
        transitions.feed_back(referral_id=self.referral_id, text=text, by=self.handler())

    def _confirm(self) -> None:
        transitions.confirm(referral_id=self.referral_id, told_how="phone", told_note="电话告知本人，表示清楚。", by=self.clerk)

    # ── other ends ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _turn_supplement(self) -> None:
        owed = Paper.objects.filter(application=self.application).owed()
        lines = [window.Lack(f"请带{paper.name}原件", paper.pk) for paper in owed]
        window.ask_supplement(application_id=self.application.pk, lines=lines, by=self.clerk)

    def _turn_not_here(self) -> None:
        advice = "请到居住地乡镇（街道）综合救助窗口申请，已电话联系。"
        reason = "家庭户籍和居住地都不在本辖区。"
        window.refuse_acceptance(application_id=self.application.pk, code="not_here", reason=reason, advice=advice, by=self.clerk)

    def _turn_withdraw(self) -> None:
        pk, reason = self.application.pk, "申请人找到工作，自愿撤回。"
        if self.plan.until == "submit":
            window.withdraw(application_id=pk, reason=reason, by=self.clerk)
        else:
            transitions.withdraw(referral_id=self.referral_id, reason=reason, by=self.clerk)

    def _turn_terminate(self) -> None:
        office = Unit.objects.reviewing(None, self.plan.township, clock.today())
        approver = self.desk.person(office, Post.Rank.APPROVER, but=frozenset({self.clerk.staff_id}))
        transitions.terminate(referral_id=self.referral_id, reason="申请人多次拒绝配合核查，按规定终止。", by=approver)

    def _turn_return(self) -> None:
        transitions.return_for_supplement(referral_id=self.referral_id, lines=["请补充近6个月银行流水"], by=self.handler())
