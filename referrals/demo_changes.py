"""The demo's changes and stops: aid that was given is stopped, adjusted, held, faded out, recovered; a village reports a death.

Each plan takes the next regular record of its township that nothing has happened to, and is walked by the verbs to where it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from config import clock
from config.dates import add_months
from deadlines.rules import SHANGHAI
from households.models import AssistanceRecord, Household, Resident
from organization.demo import share_of
from organization.models import Post, Unit
from programs.models import Stage

from . import transitions
from .models import Change, ChangeReport, Referral
from .transitions.reviewing import open_reviews

if TYPE_CHECKING:
    from .demo import Desk

Kind, Reason = Change.Kind, Change.Reason
ORDER = ("open", "take", "propose", "decide", "confirm")
HOME, SECOND = "500233001", "500233116"
REVIEWS = 60  # of the county's, opened so that the list of duties shows them


@dataclass(frozen=True)
class Plan:
    """Which change, how many working days ago, and the step after which it stands. `report`: what a village tells instead."""

    kind: str
    days_ago: int
    until: str
    reason_code: str = Reason.INCOME
    reason: str = "定期复核，家庭人均收入高于标准。"
    township: str = HOME
    amount: int | None = None
    months: int | None = None
    outcome: str = "approved"
    report: str = ""


PLANS = (
    Plan("stop", 2, "open"),
    Plan("stop", 12, "confirm", Reason.OWN_WISH, "户主写明自愿退出，收入已稳定。"),
    Plan("adjust", 4, "propose", Reason.MEMBERS, "女儿出嫁，家庭少一人。", amount=420),
    Plan("hold", 8, "decide", Reason.UNCOOPERATIVE, "两次上门无人，电话不通，无法核查。"),
    Plan("fade", 11, "confirm", Reason.WORK, "户主到县城务工，收入超过标准。", months=3),
    Plan("recover", 3, "take", Reason.UNTRUE, "隐瞒务工收入四个月。", amount=1680),
    Plan("stop", 10, "decide", Reason.ASSETS, "名下新购车辆。", outcome="refused"),
    Plan("stop", 3, "open", report="waiting"),
    Plan("stop", 5, "take", report="confirmed"),
    Plan("stop", 6, "open", report="unchanged"),
    Plan("stop", 5, "take", township=SECOND),
    Plan("adjust", 9, "confirm", Reason.STANDARD, "标准提高后重新核定。", township=SECOND, amount=640),
)


def load_share(share: int, desk: "Desk", *, by: Post) -> None:
    """Safe to repeat: a township in which something has been changed is left as it is."""
    for township in (HOME, SECOND):
        if share_of(township) != share or Referral.objects.filter(township_code=township).exclude(purpose="grant").exists():
            continue
        records = _records(township)
        for plan in PLANS:
            if plan.township != township:
                continue
            record = next(records, None)
            if record is not None:
                with transaction.atomic():
                    Walk(plan, desk, record).walk()
    if share_of(HOME) == share and AssistanceRecord.objects.exists():
        # Before any walk began: the other share may be closing reviews of its township at this moment, on days that lie back.
        begun = datetime.combine(desk.day(max(plan.days_ago for plan in PLANS) + 2), time(8), SHANGHAI)
        with clock.set_clock(begun):
            open_reviews(by=by, limit=REVIEWS)


def _records(township: str) -> Iterator[AssistanceRecord]:
    """Regular aid of the township, paid for a while already."""
    rows = AssistanceRecord.objects.filter(household__region__code__startswith=township, cadence="monthly", until=None, source="roll")
    rows = rows.filter(since__lt=clock.today() - timedelta(days=60), program__is_sensitive=False, amount__isnull=False)
    return iter(rows.select_related("household__region", "program").order_by("household__number", "pk")[: len(PLANS)])


class Walk:
    def __init__(self, plan: Plan, desk: "Desk", record: AssistanceRecord) -> None:
        self.plan, self.desk, self.record = plan, desk, record
        self.moment = datetime.combine(desk.day(plan.days_ago), time(10, 5), SHANGHAI)
        self.clerk = desk.person(desk.window(plan.township), Post.Rank.HANDLER)

    def walk(self) -> None:
        self._at(self._report if self.plan.report else self._open)
        referral = Referral.objects.filter(record=self.record).exclude(purpose="grant").first()
        if referral is None:
            return
        steps = ORDER[1 : ORDER.index(self.plan.until) + 1]
        while steps and self.moment < self.desk.now and not self._at(lambda: self._next(referral, steps)):
            pass

    def _at(self, act: Any) -> Any:
        self.moment += timedelta(hours=20)
        while not self.desk.calendar.is_workday(self.moment.date()):
            self.moment += timedelta(days=1)
        with clock.set_clock(min(self.moment, self.desk.now)):
            return act()

    def _month(self) -> date:
        return add_months(clock.today().replace(day=1), 1)

    def _open(self) -> None:
        plan = self.plan
        transitions.open_change(
            record_id=self.record.pk, kind=plan.kind, reason_code=plan.reason_code, reason=plan.reason, from_month=self._month(),
            amount=Decimal(plan.amount) if plan.amount else None, months=plan.months, by=self.clerk,
        )  # fmt: skip

    def _report(self) -> None:
        """A death, told by the village where it has an assistant, else at the window; one of three was a mistake."""
        household: Household | Any = self.record.household
        village = Unit.objects.filter(kind=Unit.Kind.VILLAGE_WINDOW, region_id=household.region_id).first()
        reporter = next(iter(self.desk.by_unit.get(village.pk, []) if village else []), self.clerk)
        person: Any = (
            Resident.objects.filter(memberships__household=household, memberships__until=None).order_by("-memberships__relation").first()
        )
        said = {"resident": person, "happened_on": clock.today() - timedelta(days=2), "text": "家属电话告知，已在家中去世。"}
        report = transitions.report_change(household_id=household.pk, kind=ChangeReport.Kind.DEATH, by=reporter, **said)
        if self.plan.report == "confirmed":
            transitions.confirm_report(report_id=report.pk, answer="已看火化证和村委会证明。", by=self.clerk)
        elif self.plan.report == "unchanged":
            transitions.decline_report(report_id=report.pk, answer="同名同姓的另一人，本户没有变化。", by=self.clerk)

    def _next(self, referral: Referral, steps: tuple[str, ...]) -> bool:
        """The next step of the referral as it stands; whether the walk is over."""
        row = Referral.objects.select_related("unit", "stage", "window").get(pk=referral.pk)
        handler = self.desk.person(row.unit, Post.Rank.HANDLER)
        match row.status:
            case Referral.Status.DISPATCHED:
                transitions.take(referral_id=row.pk, by=handler)
                if "propose" not in steps:
                    return True
                text = "与事实不符，建议维持。" if self.plan.outcome == "refused" else "情况属实，建议办理。"
                transitions.propose(referral_id=row.pk, proposal=text, outcome=self.plan.outcome, by=handler)
                return "decide" not in steps
            case Referral.Status.HANDLING:
                self._rule(row)
                return "confirm" not in steps and row.stage.act == Stage.Act.DECIDE
            case Referral.Status.DECIDED:
                transitions.feed_back(referral_id=row.pk, text="决定书已出具，请告知本人。", by=handler)
                return False
            case Referral.Status.FED_BACK:
                transitions.confirm(referral_id=row.pk, told_how="delivered", told_note="决定书已送达本人。", by=self.clerk)
        return True

    def _rule(self, row: Referral) -> None:
        approver = self.desk.person(row.unit, Post.Rank.APPROVER, but=frozenset({self.clerk.staff_id}))
        if row.stage.act != Stage.Act.DECIDE:
            transitions.forward(referral_id=row.pk, opinion="同意。", by=approver)
        elif self.plan.outcome == "refused":
            reason = "车辆系亲属借名登记，复核后财产没有超过规定。"
            transitions.decide(referral_id=row.pk, outcome="refused", refusal_code="unfounded", refusal_reason=reason, by=approver)
        else:
            transitions.decide(referral_id=row.pk, outcome="approved", opinion="同意。", by=approver)
