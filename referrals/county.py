"""Applications and referrals with their duties for the county of the measurements: most long answered, some on their way, a few late."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from config import clock
from config.county import Plan, copy_into, new_id
from config.protection.masks import mask_name
from deadlines import rules
from deadlines.counting import calendar_since, early
from deadlines.models import Duty
from deadlines.rules import SHANGHAI, Limit, Rule
from households.county import LAST_SERIAL
from households.models import Access, Membership
from intake.models import Application, ApplicationItem
from organization.figures import figure
from organization.models import Department, Post, Unit
from programs.models import ProgramVersion, Stage, Track

from .models import Referral, ReferralStage

BATCH = 20_000
LABEL = "referrals.referral"
# Program and how often, in percent. MZ01 goes to households that the rolls leave alone.
PROGRAMS = (("MZ04", 34), ("MZ01", 22), ("YB01", 16), ("ZJ01", 8), ("CL03", 8), ("HS01", 6), ("CS01", 6))
# Status and how often, in per mille.
STATUSES = (
    ("dispatched", 25), ("received", 10), ("handling", 30), ("returned", 5), ("decided", 5), ("fed_back", 10), ("confirmed", 895),
    ("withdrawn", 20),
)  # fmt: skip
UNDECIDED = frozenset({"dispatched", "received", "handling", "returned"})


@dataclass
class Place:
    """Who works in one township."""

    window: Unit
    clerk: Post
    offices: dict[int, tuple[Unit, Post, Post]] = field(default_factory=dict)


@dataclass
class Way:
    version: ProgramVersion
    track: Track
    stages: list[Stage]
    department: tuple[Unit, Post, Post]


@dataclass
class Family:
    household: UUID
    place: int
    township: str
    head: UUID
    head_name: str


@dataclass
class Batch:
    """Rows that wait for one COPY a table."""

    applications: list[Any] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)
    referrals: list[Any] = field(default_factory=list)
    walked: list[Any] = field(default_factory=list)
    duties: list[Any] = field(default_factory=list)
    accesses: list[Any] = field(default_factory=list)


def fill(plan: Plan) -> Iterator[tuple[str, int]]:
    maker = _Maker(plan)
    counts: Counter[str] = Counter()
    families = cycle(_families(plan.households)) if plan.referrals else iter(())
    numbers = iter(range(plan.referrals))
    while wanted := list(islice(numbers, BATCH)):
        batch = Batch()
        for number in wanted:
            maker.add(number, next(families), batch)
        for what, count in _copy(batch):
            counts[what] += count
    yield from counts.items()


def _families(count: int) -> list[Family]:
    """The households that `households.county` made: those that the verbs registered have low serials."""
    heads = Membership.objects.open().filter(relation=Membership.Relation.HEAD).order_by("household__number")
    rows = heads.values_list("household_id", "household__number", "household__region_id", "resident_id", "resident__name")
    known = ((LAST_SERIAL - int(number[-6:]), pk, region, head, name) for pk, number, region, head, name in rows.iterator())
    return [Family(pk, place, region[:9], head, mask_name(name)) for place, pk, region, head, name in known if place < count]


class _Maker:
    def __init__(self, plan: Plan) -> None:
        self.rng, self.now, self.by = plan.rng("referrals"), clock.now(), plan.by
        self.today = clock.today()
        self.calendar, self.early = calendar_since(self.today - timedelta(days=800)), early()
        self.ways, self.places = _ways(self.today), _places(self.today)
        self.seen_after = timedelta(days=int(figure("access_after_close")))
        self.receive_limit = Limit(Rule.WORKING_DAYS, int(figure("referral_receive_within")))
        self.dates: dict[tuple[date, Rule, int | None], tuple[datetime, datetime]] = {}
        self.busy: set[tuple[str, UUID]] = set()

    def add(self, number: int, family: Family, batch: Batch) -> None:
        rng, place = self.rng, self.places[family.township]
        [[code, _]] = rng.choices(PROGRAMS, [share for _, share in PROGRAMS])
        [[status, _]] = rng.choices(STATUSES, [share for _, share in STATUSES])
        way = self.ways[code]
        is_open = status not in {"confirmed", "withdrawn"}
        if is_open and (code, family.household) in self.busy:
            status, is_open = "withdrawn", False
        elif is_open:
            self.busy.add((code, family.household))
        days = rng.randrange(1, 26) if is_open else rng.randrange(40, 720)  # not today: ten o'clock may be to come
        accepted = self._at(self.today - timedelta(days=days))
        application, item, referral = new_id(rng), new_id(rng), new_id(rng)
        beneficiary = (family.household, None) if way.version.program.beneficiary == "household" else (None, family.head)
        self._application(application, number, family, place, accepted, is_open, status, batch)
        batch.items.append(
            (item, application, code, way.version.pk, way.track.pk, *beneficiary, Decimal(1000), "", accepted, place.clerk.pk)
        )
        standing = len(way.stages) - 1 if status not in UNDECIDED else rng.randrange(len(way.stages))
        last = self._walk(referral, way, place, family, accepted, standing, status, batch)
        self._promise(referral, way, place, family, accepted, last, status, batch)
        self._access(referral, way, place, family, accepted, None if is_open else last, standing, batch)
        self._referral(referral, number, item, application, beneficiary, way, place, family, accepted, last, standing, status, batch)

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(10), SHANGHAI)

    def _application(
        self, pk: UUID, number: int, family: Family, place: Place, accepted: datetime, is_open: bool, status: str, batch: Batch
    ) -> None:
        ended = None if is_open else accepted + timedelta(days=28)
        state = "in_progress" if is_open else "withdrawn" if status == "withdrawn" else "closed"
        clerk = place.clerk
        reason = "申请人撤回" if state == "withdrawn" else ""
        batch.applications.append(
            (
                pk, f"SY{family.township}{number:08}", f"{number:012d}", place.window.pk, family.township, family.household, family.head,
                "window",
                "", "", "", "", False, "", state, clerk.pk, accepted, clerk.pk, accepted, clerk.pk, accepted, clerk.pk, clerk.staff_id,
                "", ended, clerk.pk if ended else None, reason, "",
            )
        )  # fmt: skip

    def _unit(self, stage: Stage, way: Way, place: Place) -> tuple[Unit, Post, Post]:
        if stage.unit_kind == Stage.UnitKind.TOWNSHIP_WINDOW:
            return place.window, place.clerk, place.clerk
        if stage.unit_kind == Stage.UnitKind.TOWNSHIP_OFFICE:
            return place.offices[way.version.program.department_id]
        return way.department

    def _walk(
        self, pk: UUID, way: Way, place: Place, family: Family, accepted: datetime, standing: int, status: str, batch: Batch
    ) -> datetime:
        """The stages walked, each with its signing-for and its own clock; returns when the referral reached where it stands."""
        arrived = accepted
        for order, stage in enumerate(way.stages[: standing + 1]):
            unit, handler, approver = self._unit(stage, way, place)
            is_last = order == standing
            is_left = not is_last or status not in UNDECIDED
            received = None if is_last and status == "dispatched" else min(arrived + timedelta(hours=5), self.now)
            left = min(arrived + timedelta(days=self.rng.randrange(1, 7)), self.now) if is_left else None
            result = "" if left is None else "decided" if is_last else "forwarded"
            signer = (handler.pk, handler.staff_id) if received else (None, None)
            batch.walked.append(
                (pk, stage.pk, unit.pk, arrived, place.clerk.pk, received, *signer, "", "", "", left, approver.pk if left else None, result)
            )
            self._duty(batch, pk, "receive", "签收", unit, way, family, arrived, self.receive_limit, received, handler)
            if received:
                limit = Limit(Rule(stage.limit_unit), stage.limit)
                taken = handler if left or status != "received" else None
                self._duty(batch, pk, "stage", stage.name[:20], unit, way, family, arrived, limit, left, approver, taken=taken)
            if left is None or is_last:
                return arrived if left is None else left
            arrived = left
        return arrived

    def _access(
        self, pk: UUID, way: Way, place: Place, family: Family, opened: datetime, closed: datetime | None, standing: int, batch: Batch
    ) -> None:
        """A department that the referral reached sees the household, and for some days after the end."""
        units = {self._unit(stage, way, place)[0] for stage in way.stages[: standing + 1]}
        ended = (closed.date() + self.seen_after, closed, place.clerk.pk) if closed else (None, None, None)
        batch.accesses += [
            (family.household, unit.pk, "", "referral", way.version.program_id, LABEL, str(pk), opened, place.clerk.pk, *ended)
            for unit in units
            if unit.kind == Unit.Kind.DEPARTMENT
        ]

    def _promise(
        self, pk: UUID, way: Way, place: Place, family: Family, accepted: datetime, last: datetime, status: str, batch: Batch
    ) -> None:
        limit = Limit(Rule(way.track.limit_unit), way.track.whole_limit)
        closed = None if status in UNDECIDED else last
        self._duty(batch, pk, "promise", "承诺办结", place.window, way, family, accepted, limit, closed, place.clerk, is_promise=True)

    def _duty(
        self, batch: Batch, pk: UUID, kind: str, kind_name: str, unit: Unit, way: Way, family: Family, start: datetime, limit: Limit,
        closed: datetime | None, closer: Post, *, is_promise: bool = False, taken: Post | None = None,
    ) -> None:  # fmt: skip
        due, amber = self._due(start, limit)
        title = f"{way.version.program.seed_name[:40]} {family.head_name}"
        closing = (closed, closer.pk, "done") if closed else (None, None, "")
        in_hand = (start, taken.pk) if taken else (None, None)
        batch.duties.append(
            (
                new_id(self.rng), unit.pk, kind, kind_name, LABEL, str(pk), title, f"/referrals/{pk}/", family.township,
                way.version.program_id,
                limit.rule.value, limit.amount, False, "", is_promise, False, *in_hand, start, self.by.pk,
                start, due, amber, self.calendar.version, False,
                *closing,
            )
        )  # fmt: skip

    def _due(self, start: datetime, limit: Limit) -> tuple[datetime, datetime]:
        key = (rules.date_of(start), limit.rule, limit.amount)
        if limit.rule == Rule.HOURS or key not in self.dates:
            due = rules.count(start, limit, [], self.calendar).due_at
            assert due is not None  # noqa: S101 - nothing pauses here
            self.dates[key] = due, rules.amber_at(start, limit, due, self.calendar, self.early)
        return self.dates[key]

    def _referral(
        self, pk: UUID, number: int, item: UUID, application: UUID, beneficiary: tuple[UUID | None, UUID | None], way: Way, place: Place,
        family: Family, accepted: datetime, last: datetime, standing: int, status: str, batch: Batch,
    ) -> None:  # fmt: skip
        stage, clerk = way.stages[standing], place.clerk
        unit, handler, approver = self._unit(stage, way, place)
        is_decided = status in {"decided", "fed_back", "confirmed"}
        settled, decision = (last, approver.pk, approver.staff_id), ("", None, None, "", "", "")
        if is_decided and self.rng.random() < 0.85:
            decision = ("approved", Decimal(1000), rules.date_of(last), "", "", "")  # type: ignore[assignment]
        elif is_decided:
            decision = ("refused", None, None, "condition", "不符合项目条件", "可以依法申请复议")
        else:
            settled = (None, None, None)  # type: ignore[assignment]
        told = (last, approver.pk, "结果已定") if status in {"fed_back", "confirmed"} else (None, None, "")
        confirmed = (last, clerk.pk, "phone") if status == "confirmed" else (None, None, "")
        ended = (last, clerk.pk, "申请人撤回") if status == "withdrawn" else (None, None, "")
        in_hand = handler.pk if status not in {"dispatched", "received"} else None
        batch.referrals.append(
            (
                pk, f"ZY{number:010}", "grant", item, application, *beneficiary, family.household, way.version.program_id, way.version.pk,
                way.track.pk,
                f"{way.version.program.seed_name[:40]} {family.head_name}", family.township, place.window.pk, status, unit.pk, stage.pk,
                last, clerk.pk,
                accepted, clerk.pk, clerk.staff_id, accepted, clerk.pk, in_hand, "", False, "", *decision, *settled, *told, "",
                *confirmed, "",
                *ended,
            )
        )  # fmt: skip


def _ways(on: date) -> dict[str, Way]:
    found = ProgramVersion.objects.in_force(on).filter(program_id__in=[code for code, _ in PROGRAMS]).select_related("program")
    desks = {unit.department_id: unit for unit in Unit.objects.filter(kind=Unit.Kind.DEPARTMENT)}
    ways = {}
    for version in found.prefetch_related("tracks__stages"):
        stages = [stage for stage in version.main_track.stages.all() if stage.act != Stage.Act.REGISTER]
        ways[version.program_id] = Way(version, version.main_track, stages, _people(desks[version.program.department_id], on))
    return ways


def _places(on: date) -> dict[str, Place]:
    places = {}
    departments = list(Department.objects.with_programs())
    for window in Unit.objects.filter(kind=Unit.Kind.TOWNSHIP_WINDOW):
        place = Place(window, _people(window, on)[1])
        for department in departments:
            place.offices[department.pk] = _people(Unit.objects.reviewing(department.pk, window.region_id, on), on)
        places[window.region_id] = place
    return places


_cast: dict[int, tuple[Unit, Post, Post]] = {}


def _people(unit: Unit, on: date) -> tuple[Unit, Post, Post]:
    """A handler and an approver of the unit; where it has nobody, those of 社会事务办 or of anybody of that kind."""
    if unit.pk not in _cast:
        posts = Post.objects.effective(on).select_related("unit", "staff").order_by("pk")
        mine = list(posts.filter(unit=unit)) or list(posts.filter(unit__region_id=unit.region_id, unit__kind=unit.kind))
        mine = mine or list(posts.filter(unit__kind=unit.kind)[:40])
        handler = next((post for post in mine if post.rank == Post.Rank.HANDLER), mine[0])
        approver = next((post for post in mine if post.rank == Post.Rank.APPROVER), mine[-1])
        _cast[unit.pk] = unit, handler, approver
    return _cast[unit.pk]


def _copy(batch: Batch) -> Iterator[tuple[str, int]]:
    yield "申请", copy_into(Application, APPLICATION, batch.applications)
    yield "申请事项", copy_into(ApplicationItem, ITEM, batch.items)
    yield "转办单", copy_into(Referral, REFERRAL, batch.referrals)
    yield "办理环节", copy_into(ReferralStage, WALKED, batch.walked)
    yield "期限", copy_into(Duty, DUTY, batch.duties)
    yield "查看权限", copy_into(Access, ACCESS, batch.accesses)


APPLICATION = (
    "id", "number", "query_code", "unit_id", "township_code", "household_id", "applicant_id", "channel", "helper_name", "helper_relation",
    "helper_phone_sealed", "helper_phone_masked", "as_single_person", "single_person_reason", "status", "first_responder_id", "drafted_at",
    "drafted_by_id", "submitted_at", "submitted_by_id", "accepted_at", "accepted_by_id", "accepted_by_staff_id", "not_accepted_code",
    "ended_at", "ended_by_id", "end_reason", "end_advice",
)  # fmt: skip
ITEM = (
    "id", "application_id", "program_id", "version_id", "track_id", "household_id", "resident_id", "amount_asked", "cause", "added_at",
    "added_by_id",
)  # fmt: skip
REFERRAL = (
    "id", "number", "purpose", "item_id", "application_id", "household_id", "resident_id", "case_household_id", "program_id", "version_id",
    "track_id", "title", "township_code", "window_id", "status", "unit_id", "stage_id", "arrived_at", "arrived_by_id", "accepted_at",
    "accepted_by_id", "accepted_by_staff_id", "dispatched_at", "dispatched_by_id", "handler_id", "in_kind", "is_above_cap", "cap_reason",
    "outcome", "amount", "start_on", "refusal_code", "refusal_reason", "remedies", "decided_at", "decided_by_id", "decided_by_staff_id",
    "fed_back_at", "fed_back_by_id", "feedback", "feedback_return_reason", "confirmed_at", "confirmed_by_id", "told_how", "told_note",
    "ended_at", "ended_by_id", "end_reason",
)  # fmt: skip
WALKED = (
    "referral_id", "stage_id", "unit_id", "arrived_at", "arrived_by_id", "received_at", "received_by_id", "received_by_staff_id",
    "proposal",
    "proposed_outcome", "opinion", "left_at", "left_by_id", "result",
)  # fmt: skip
DUTY = (
    "id", "unit_id", "kind", "kind_name", "subject_label", "subject_id", "title", "url", "region_code", "topic_code", "rule", "limit",
    "shifts",
    "basis", "is_promise", "is_return", "taken_at", "taken_by_id", "opened_at", "opened_by_id", "starts_at", "due_at", "amber_at",
    "calendar_version", "falls_back", "closed_at", "closed_by_id", "outcome",
)  # fmt: skip
ACCESS = (
    "household_id", "unit_id", "township_code", "reason", "program_id", "subject_label", "subject_id", "opened_at", "opened_by_id", "until",
    "closed_at", "closed_by_id",
)  # fmt: skip
