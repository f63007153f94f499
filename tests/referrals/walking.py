"""A small county in which anything is done by anybody in any order: what the random walks draw their steps from.

`County(seed)` builds families, cases, aid in force, requests, a list; `step()` does one thing as somebody who might, and says what.
A step that the verbs refuse in words is a step too. Everything is drawn from the seed: a walk can be walked again.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import TransitionError
from households.models import AssistanceRecord, Household, RegistryChange, Resident
from households.transitions import MemberRefused, reject_change, revise_member, withdraw_change
from intake import transitions as intake
from intake.models import Application, Request
from organization.models import Absence, Post, Region, Unit
from organization.transitions import absences
from programs.models import Stage
from referrals import transitions
from referrals.models import ChangeReport, ExtensionRequest, ListEntry, Publicity, Referral, Ruling, UrgentAid, WaitingItem
from referrals.transitions.edges import VERBS
from tests import cast
from tests.households import factories as households
from tests.households.factories import HouseholdFactory, ResidentFactory, id_number
from tests.intake.factories import RequestFactory, add, fill_in
from tests.referrals import changing, registering
from tests.referrals.acting import NAMES_UNIT, STARTS, fresh, perform
from tests.referrals.factories import accepted, approver_of, decision, desk_of, handler_of, verify
from tests.replay import remembered

REFUSED = (TransitionError, PermissionDenied, ValidationError, Http404, MemberRefused)
PROGRAMS = ["MZ01", "MZ04", "CL01", "MZ02", "MZ09"]
# Rare: what ends things, or every walk would be short.
RARE = {"withdraw", "terminate", "withdraw_application", "terminate_application", "withdraw_item"}
# Moves of several verbs: the first may be done and the last refused.
SEVERAL = {"apply", "propose_registry", "finish_verification"}
WINDOWS = (cast.HOME, cast.NEIGHBOUR)
MOVES: dict[str, Callable[["County"], object]] = {}


class Idle(Exception):
    """There is nothing at the moment to which this could be done."""


def move(act: Callable[["County"], object]) -> Callable[["County"], object]:
    MOVES[act.__name__] = act
    return act


@remembered
def _families() -> list[Household]:
    """Two couples with a child and cases, one with aid in force, one alone, one of the neighbouring township."""
    first = accepted([("MZ01", "ordinary"), ("CL01", "ordinary")]).household
    second = accepted([("MZ04", "ordinary"), ("TX02", "ordinary")], verified=False).household
    third, fourth, fifth = HouseholdFactory(), HouseholdFactory(alone=True), HouseholdFactory(in_neighbour=True)
    households.assistance(third, "MZ01", since=changing.SINCE)
    households.assistance(households.head_of(third), "MZ07", since=changing.SINCE)
    households.assistance(fifth, "MZ01", since=changing.SINCE)
    return [first, second, third, fourth, fifth]


class County:
    def __init__(self, seed: int, time: Any) -> None:
        """`time`: the test's clock."""
        self.rng, self.time = Random(seed), time
        _families()
        for application in Application.objects.filter(status="accepted"):
            transitions.dispatch(application_id=application.pk, by=application.accepted_by)
        self.story: list[str] = []

    def step(self) -> bool:
        """Something happens, or is refused in words; whether it happened."""
        self.time.forward(minutes=7)
        while True:
            what = self.rng.choice(list(MOVES))
            if what in RARE and self.rng.random() < 0.7:
                continue
            self.what, self.said = what, ""
            try:
                MOVES[what](self)
            except Idle:
                continue
            except REFUSED as refused:
                self.story.append(f"{what} {self.said}: refused, {refused!r}")
                return False
            self.story.append(f"{what} {self.said}")
            return True

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def any(self, rows: Any) -> Any:
        """One of them, in an order that does not hang on random keys."""
        rows = list(rows)
        if not rows:
            raise Idle
        row = self.rng.choice(sorted(rows, key=_order))
        self.said += f" {row}"
        return row

    def maybe(self, share: float = 0.5) -> bool:
        return self.rng.random() < share

    def home(self) -> Household:
        row: Household = self.any(Household.objects.filter(closed_at=None).exclude(memberships=None))
        return row

    def person(self, household: Household) -> Resident:
        row: Resident = self.any(membership.resident for membership in household.memberships.open().select_related("resident"))
        return row

    def clerk_of(self, code: str) -> Post:
        """A handler of that township's window: mostly, for now and then it is the other's."""
        return self.window(code if self.maybe(0.9) else self.rng.choice(WINDOWS))

    def window(self, code: str) -> Post:
        name = "neighbour_clerk" if code[:9] == cast.NEIGHBOUR else self.rng.choice(["clerk", "second_clerk"])
        return cast.member(name)

    def approver(self, code: str) -> Post:
        return cast.member("neighbour_approver" if code[:9] == cast.NEIGHBOUR else self.rng.choice(["approver", "second_approver"]))

    def at(self, unit: Unit) -> Post:
        """Somebody of the unit."""
        post: Post = self.any(post for post in (handler_of(unit), approver_of(unit)) if post)
        return post

    def referral(self) -> Referral:
        return fresh(self.any(Referral.objects.open()))


def _order(row: Any) -> tuple[str, ...]:
    """By what the verbs numbered or somebody wrote; keys are drawn anew in each run."""
    moment = next((getattr(row, field) for field in ("opened_at", "arrived_at", "drafted_at", "granted_at") if hasattr(row, field)), "")
    return (str(moment), str(getattr(row, "number", "")), str(getattr(row, "name", "")), str(row))


# ── referrals: grants, changes and stops ────────────────────────────────────────────────────────────────────────────


@move
def walk(county: County) -> object:
    """Whatever the table allows where it stands, by those at work."""
    referral = county.referral()
    legal = [verb for verb in STARTS if referral.status in VERBS[verb].begins and (verb not in RARE or county.maybe(0.15))]
    return _do(county, county.any(legal), referral)


@move
def walk_on(county: County) -> object:
    """What leads on, or few would ever be decided."""
    referral = county.referral()
    verb = {
        "dispatched": "take", "received": "take", "returned": "resubmit", "disputed": "resend", "ruling": "rule", "decided": "feed_back",
        "fed_back": "confirm",
    }.get(referral.status)  # fmt: skip
    if verb is None:
        row = referral.walked.current().get()
        if referral.stage.act == Stage.Act.PUBLICISE:
            return _publicity(county, referral)
        verb = "propose" if row.proposed_by_id is None else "decide" if referral.stage.act == Stage.Act.DECIDE else "forward"
    county.said += f" {verb}"
    return _do(county, verb, referral)


@move
def stray(county: County) -> object:
    """Anything, by anybody."""
    referral = county.referral()
    by = cast.member(county.rng.choice(["clerk", "platform_approver", "neighbour_approver", "officer", "approver", "civil_approver"]))
    return _do(county, county.any(STARTS), referral, by)


def _do(county: County, verb: str, referral: Referral, by: Post | None = None) -> object:
    by = by or _who(county, verb, referral)
    said: dict[str, Any] = {}
    if verb in NAMES_UNIT:
        said = {NAMES_UNIT[verb]: county.rng.choice([desk_of("CL"), desk_of("MZ"), referral.unit, cast.member("reviewer").unit])}
    if verb == "decide":
        return _decide(county, referral, by)
    if verb == "propose":
        said = {"outcome": county.rng.choice(["approved", "approved", "refused"]), "amount": None}
    return perform(verb, referral, by, **said)


def _who(county: County, verb: str, referral: Referral) -> Post:
    at_the_window = {"resubmit", "resend", "push_for_ruling", "return_feedback", "confirm", "withdraw"}
    if verb in at_the_window:
        return county.clerk_of(referral.window.region_id)
    if verb == "rule":
        return cast.member("platform_approver")
    if verb in {"forward", "decide", "assign", "terminate", "send_back"}:
        return approver_of(referral.unit) or handler_of(referral.unit)
    return county.at(referral.unit)


def _decide(county: County, referral: Referral, by: Post) -> object:
    outcome = county.rng.choice(["approved", "approved", "refused"])
    said = decision(referral, outcome)
    if not referral.is_grant and outcome == "approved":
        said = {"outcome": outcome, **({"amount": Decimal(350)} if referral.change.kind in {"adjust", "recover", "fade"} else {})}
    if not referral.is_grant and outcome == "refused":
        said["refusal_code"] = "unfounded"
    return transitions.decide(referral_id=referral.pk, by=by, **said)


def _publicity(county: County, referral: Referral) -> object:
    by = handler_of(referral.unit)
    running = referral.publicities.running().first()
    if running is None and referral.publicities.exists():
        return transitions.forward(referral_id=referral.pk, opinion="公示无异议。", by=by)
    if running is None:
        return transitions.post_publicity(referral_id=referral.pk, place="公示栏", starts_on=clock.today(), by=by)
    said = {}
    if running.objection:
        said = {"objection_result": county.rng.choice(["founded", "unfounded"]), "objection_note": "已核实。"}
    return transitions.end_publicity(publicity_id=running.pk, by=by, **said)


@move
def object_to(county: County) -> object:
    publicity = county.any(Publicity.objects.running().select_related("unit"))
    return transitions.object(publicity_id=publicity.pk, text="邻居说他家有车。", by=handler_of(publicity.unit))


@move
def answer_extension(county: County) -> object:
    request = county.any(ExtensionRequest.objects.open())
    granted = county.maybe()
    by = cast.member("platform_approver")
    return transitions.answer_extension(request_id=request.pk, granted=granted, note="请按期办理。", by=by)


@move
def countersign(county: County) -> object:
    ruling = county.any(Ruling.objects.filter(in_force_at=None))
    return transitions.countersign(ruling_id=ruling.pk, by=cast.member("convener"))


@move
def supersede(county: County) -> object:
    """The platform rules again, of what may be decided by now."""
    ruling = county.any(Ruling.objects.in_force())
    unit = county.rng.choice([desk_of("CL"), desk_of("MZ"), cast.member("reviewer").unit])
    said = {"assessment": "重新评估。", "basis": "职责规定", "reason": "依据已修改。"}
    return transitions.supersede(ruling_id=ruling.pk, named_unit=unit, by=cast.member("platform_approver"), **said)


@move
def go_away(county: County) -> object:
    """Somebody is away, or back; whoever has something in hand may be taken over from."""
    away = Absence.objects.filter(ended_at=None, last_on__gte=clock.today())
    if away and county.maybe():
        absence = county.any(away)
        return absences.end_absence(absence_id=absence.pk, by=cast.member(absence.staff.username))
    post = cast.member(county.rng.choice(["reviewer", "approver", "civil_officer", "officer"]))
    return absences.note_absence(staff_id=post.staff_id, first_on=clock.today(), last_on=clock.today() + timedelta(days=2), by=post)


@move
def take_over(county: County) -> object:
    referral = fresh(county.any(Referral.objects.open().exclude(handler=None)))
    return transitions.take_over(referral_id=referral.pk, by=county.at(referral.unit))


@move
def hand_over(county: County) -> object:
    """The whole post to a colleague."""
    post, to, by = county.rng.choice(
        [("reviewer", "approver", "second_approver"), ("civil_officer", "second_civil_approver", "civil_approver"),
         ("clerk", "second_clerk", "system_administrator"), ("approver", "reviewer", "second_approver")]
    )  # fmt: skip
    return transitions.hand_over(post_id=cast.member(post).pk, to=cast.member(to), by=cast.member(by))


@move
def days_pass(county: County) -> object:
    return county.time.forward(days=county.rng.choice([1, 1, 2, 8]))


# ── aid in force ────────────────────────────────────────────────────────────────────────────────────────────────────


@move
def open_change(county: County) -> object:
    record = county.any(AssistanceRecord.objects.in_force(clock.today()).regular().select_related("household", "resident"))
    kind = county.any(changing.SAID)
    region = (record.household or record.resident).region_id
    people = [row.resident for row in record.coverage.select_related("resident")]
    leaver = county.rng.choice([None, None, *sorted(people, key=_order)]) if kind == "adjust" else None
    return changing.opened(kind, record, from_month=clock.today() + timedelta(days=25), leaver=leaver, by=county.clerk_of(region))


@move
def review(county: County) -> object:
    record = county.any(AssistanceRecord.objects.in_force(clock.today()).regular().select_related("household", "resident"))
    region = (record.household or record.resident).region_id
    return transitions.review(record_id=record.pk, note="入户看过，没有变化。", by=county.clerk_of(region))


@move
def open_reviews(county: County) -> object:
    return transitions.open_reviews(by=Post.objects.the_system())


@move
def report_change(county: County) -> object:
    household = county.home()
    kind = county.any(ChangeReport.Kind.values)
    resident = county.person(household) if kind == "death" or county.maybe() else None
    by = county.clerk_of(household.region_id) if county.maybe() else cast.member("assistant")
    return transitions.report_change(
        household_id=household.pk, kind=kind, resident=resident, happened_on=clock.today() - timedelta(days=3), text="村里说的。", by=by
    )


@move
def answer_report(county: County) -> object:
    report = county.any(ChangeReport.objects.open())
    verb = transitions.confirm_report if county.maybe(0.7) else transitions.decline_report
    return verb(report_id=report.pk, answer="已核实。", by=county.clerk_of(report.township_code))


@move
def close_report(county: County) -> object:
    report = county.any(ChangeReport.objects.filter(status="confirmed"))
    return transitions.close_report(report_id=report.pk, note="不用变更。", by=county.clerk_of(report.township_code))


@move
def watch_deaths(county: County) -> object:
    """The job."""
    return transitions.watch_deaths(by=Post.objects.the_system())


# ── urgent aid ──────────────────────────────────────────────────────────────────────────────────────────────────────


@move
def propose_urgent(county: County) -> object:
    """At a township, or on the spot by 县民政局 (MZ11, MZ12); of somebody known, or of a stranger."""
    is_department = county.maybe(0.25)
    by = cast.member("civil_officer") if is_department else county.window(county.rng.choice(WINDOWS))
    code = county.rng.choice(["MZ11", "MZ12"]) if is_department else "MZ04"
    region = Region.objects.get(pk=cast.NEIGHBOUR if by.region_code == cast.NEIGHBOUR else cast.VILLAGE)
    known = county.person(county.home()) if county.maybe() and not is_department else None
    return transitions.propose_urgent(
        program_code=code, person_name="虚路人", resident_id=known.pk if known else None, is_for_household=county.maybe(), region=region,
        event=county.any(UrgentAid.Event.values), happened_on=clock.today(), story="来人求助。", voucher="民警在场",
        amount=None if is_department else Decimal(600), in_kind="食宿" if is_department else "",
        repeat_reason=county.rng.choice(["", "另一件事。"]), by=by,
    )  # fmt: skip


def _aid(county: County, *states: str) -> UrgentAid:
    aid: UrgentAid = county.any(UrgentAid.objects.filter(status__in=states).select_related("unit", "deciding_unit", "leader"))
    return aid


@move
def settle_urgent(county: County) -> object:
    aid = _aid(county, "proposed")
    leader = approver_of(aid.deciding_unit)
    match county.any(["agree", "telephone", "decline"]):
        case "agree":
            return transitions.agree_urgent(aid_id=aid.pk, by=leader)
        case "telephone":
            return transitions.note_telephone_consent(aid_id=aid.pk, leader=leader, by=handler_of(aid.unit))
    return transitions.decline_urgent(aid_id=aid.pk, reason="请走普通程序。", by=leader)


@move
def confirm_consent(county: County) -> object:
    aid = county.any(UrgentAid.objects.filter(consent="telephone", confirmation="").select_related("leader__unit", "leader__staff"))
    return transitions.confirm_consent(aid_id=aid.pk, agreed=county.maybe(0.8), note_text="没有接过电话。", by=aid.leader)


@move
def add_papers(county: County) -> object:
    aid = _aid(county, "given")
    numbers = ["", "", id_number()]
    said = {"identity_note": "见到本人", "promised_on": clock.today(), "authorised_on": clock.today(), "finding": "属实。"}
    few = {key: said[key] for key in said if county.maybe(0.7)}
    return transitions.add_papers(aid_id=aid.pk, number=county.rng.choice(numbers), by=handler_of(aid.unit), **few)


@move
def link_application(county: County) -> object:
    aid, application = _aid(county, "given", "completed"), county.any(Application.objects.all())
    return transitions.link_application(aid_id=aid.pk, application_id=application.pk, by=handler_of(aid.unit))


# ── requests ────────────────────────────────────────────────────────────────────────────────────────────────────────


@move
def register_request(county: County) -> object:
    by = cast.member(county.rng.choice(["assistant", "neighbour_clerk", "clerk", "officer", "platform"]))
    code = cast.VILLAGE if by.role == "V" else county.rng.choice([cast.VILLAGE, cast.NEIGHBOUR])
    if by.unit.kind == "township_window":
        code = by.region_code
    return RequestFactory(by=by, region_code=code, kept=county.maybe(0.3))


@move
def settle_request(county: County) -> object:
    """Any of its verbs, by who might."""
    request = county.any(Request.objects.open().select_related("window", "registered_unit", "registered_by__unit", "registered_by__staff"))
    sender, window = request.registered_by, county.window(request.window.region_id)
    home = county.home()
    head = county.person(home)
    verbs: dict[str, Callable[[], object]] = {
        "push_request": lambda: intake.push_request(request_id=request.pk, addition="电话已补。", by=sender),
        "withdraw_request": lambda: intake.withdraw_request(request_id=request.pk, reason="登记重复。", by=sender),
        "identify_request": lambda: intake.identify_request(request_id=request.pk, resident_id=head.pk, by=window),
        "accept_request": lambda: intake.accept_request(request_id=request.pk, household_id=home.pk, applicant_id=head.pk, by=window),
        "answer_request": lambda: intake.answer_request(request_id=request.pk, text="带证件来窗口。", by=window),
        "return_request": lambda: intake.return_request(request_id=request.pk, reason="请补充电话。", by=window),
        "hand_over_request": lambda: intake.hand_over_request(
            request_id=request.pk, to_unit_id=_other(window).unit_id, reason="住在对方辖区。", by=window
        ),
        "acknowledge_request": lambda: intake.acknowledge_request(request_id=request.pk, by=_other(window)),
        "decline_request": lambda: intake.decline_request(request_id=request.pk, reason="不在本辖区。", by=_other(window)),
        "recall_request": lambda: intake.recall_request(request_id=request.pk, by=window),
    }
    legal = [verb for verb in verbs if county.maybe(0.1) or request.status in _begins(verb)]
    return verbs[county.any(legal)]()


def _begins(verb: str) -> set[str]:
    from intake.transitions.requests import VERBS as OF_REQUESTS

    return set(OF_REQUESTS[verb])


def _other(post: Post) -> Post:
    return cast.member("clerk" if post.region_code == cast.NEIGHBOUR else "neighbour_clerk")


# ── applications, supplements, waiting items ────────────────────────────────────────────────────────────────────────


@move
def apply(county: County) -> object:
    """A new application, filled in at the window of the household."""
    home = county.home()
    by = county.clerk_of(home.region_id)
    application = intake.draft(household_id=home.pk, applicant_id=county.person(home).pk, by=by)
    for code in county.rng.sample(PROGRAMS, county.rng.choice([1, 2])):
        add(application, code, by=by)
    return fill_in(application, by=by)


def _application(county: County, *states: str) -> tuple[Application, Post]:
    application: Application = county.any(Application.objects.filter(status__in=states).select_related("unit", "household"))
    return application, county.clerk_of(application.township_code)


@move
def submit(county: County) -> object:
    application, by = _application(county, "draft")
    return intake.submit(application_id=application.pk, by=by)


@move
def settle_application(county: County) -> object:
    application, by = _application(county, "submitted", "supplement")
    of = {"application_id": application.pk, "by": by}
    match county.any(["accept", "accept", "accept", "ask", "answer", "refuse", "withdraw"]):
        case "accept":
            return intake.accept(**of)
        case "ask":
            return intake.ask_supplement(lines=[(None, "收入情况说明")], **of)
        case "answer":
            return intake.answer_supplement(**of)
        case "refuse":
            return intake.refuse_acceptance(code="not_here", reason="住在外县。", advice="请到居住地申请。", **of)
    return intake.withdraw(reason="不再需要。", **of)


@move
def dispatch(county: County) -> object:
    application, by = _application(county, "accepted", "in_progress")
    return transitions.dispatch(application_id=application.pk, by=by)


@move
def gather_supplement(county: County) -> object:
    referral = county.any(Referral.objects.returned().select_related("window", "application"))
    by = county.clerk_of(referral.window.region_id)
    said = {"application_id": referral.application_id, "by": by}
    if county.maybe():
        return intake.answer_supplement(**said)
    return transitions.gather_supplement(**said)


@move
def withdraw_application(county: County) -> object:
    application, by = _application(county, "accepted", "in_progress")
    return transitions.withdraw_application(application_id=application.pk, reason="家里好转。", by=by)


@move
def terminate_application(county: County) -> object:
    application, by = _application(county, "accepted", "in_progress")
    return transitions.terminate_application(application_id=application.pk, reason="不配合核查。", by=county.approver(by.region_code))


@move
def withdraw_item(county: County) -> object:
    row = county.any(WaitingItem.objects.open().select_related("item__application"))
    by = county.clerk_of(row.item.application.township_code)
    return transitions.withdraw_item(item_id=row.item_id, reason="孩子不读了。", by=by)


@move
def finish_verification(county: County) -> object:
    home = county.home()
    county.said += " verify"
    return verify(home)


# ── the register ────────────────────────────────────────────────────────────────────────────────────────────────────


@move
def propose_registry(county: County) -> object:
    home = county.home()
    by = county.clerk_of(home.region_id)
    kind = county.any(["move", "move", "split", "transfer", "merge", "void", "merge_residents"])
    place = Region.objects.get(pk=county.rng.choice([cast.OTHER_VILLAGE, cast.NEIGHBOUR, cast.VILLAGE]))
    people = sorted((row.resident for row in home.memberships.open().select_related("resident")), key=_order)
    if kind in {"move", "void"}:
        return registering.proposed(home, kind, by=by, **({"region": place} if kind == "move" else {}))
    if kind == "split":
        who = county.any(people)
        _make_another_head(home, who, by)
        return registering.proposed(home, kind, by=by, region=place, members={who.pk: "02"})
    if kind == "merge_residents":
        gone, double = county.any(people), ResidentFactory(region=home.region)
        stays = double if county.maybe(0.7) else county.person(county.home())
        return registering.proposed(gone, kind, by=by, survivor_id=stays.pk)
    target = county.home()
    chosen = people if kind == "merge" else people[-1:]
    has_head = target.memberships.open().filter(relation="02").exists()
    relations = {person.pk: "97" if has_head or number else "02" for number, person in enumerate(chosen)}
    return registering.proposed(home, kind, by=by, target_number=target.number, members=relations)


def _make_another_head(home: Household, who: Resident, by: Post) -> None:
    """Before the head leaves, somebody who stays becomes it."""
    head = home.memberships.open().filter(relation="02").first()
    heir = home.memberships.open().exclude(relation="02").first()
    if head is None or heir is None or head.resident_id != who.pk:
        return
    revise_member(
        membership_id=heir.pk,
        relation="02",
        lives_together=True,
        is_counted=True,
        former_head_relation="10",
        seen_at=home.revised_at,
        by=by,
    )


@move
def answer_registry(county: County) -> object:
    change = county.any(RegistryChange.objects.open())
    code = change.confirming_code
    if county.maybe(0.1):
        return reject_change(change_id=change.pk, reason="不同意。", by=county.clerk_of(code))
    if county.maybe(0.1):
        return withdraw_change(change_id=change.pk, by=county.window(change.township_code))
    return registering.confirmed(change, by=county.any([county.window(code), county.approver(code)]))


# ── the monthly list ────────────────────────────────────────────────────────────────────────────────────────────────


@move
def prepare_list(county: County) -> object:
    return transitions.prepare(program_code="MZ06", by=cast.member("civil_officer"))


@move
def settle_entry(county: County) -> object:
    entry = county.any(ListEntry.objects.filter(state__in=["proposed", "set_aside"]))
    by = cast.member("civil_approver")
    if entry.state == "set_aside":
        return transitions.take_entry_back(entry_id=entry.pk, by=by)
    if county.maybe(0.8):
        return transitions.confirm_entry(entry_id=entry.pk, by=by)
    return transitions.set_entry_aside(entry_id=entry.pk, reason="待核实。", by=by)
