"""Referrals on their way, in every state, reached by the verbs of all the rooms they pass.

    ReferralFactory(deciding=True)                    # MZ04: in hand at the township's deciding stage, with a proposal
    ReferralFactory(program="MZ01", approved=True)    # reviewed, publicised, decided by the county
    referrals(programs=["MZ01", "MZ04"], deciding=True)  # several of one application

A trait names where the walk ends (`WALK`, in order). What lies before a publicity happened on earlier days, so that it ends today and the
clock need not move; everything from the deciding stage on happens now.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import factory

from config import clock
from deadlines.rules import end_of
from households.models import Household
from intake.models import Application
from organization.figures import forget
from organization.models import Parameter, Post, Unit
from programs.models import Stage, Track
from referrals import transitions
from referrals.models import Referral
from referrals.permissions import is_registering
from tests import cast
from tests.intake.factories import ApplicationFactory
from tests.replay import remembered
from tests.verification import factories as verifications
from verification import transitions as verification
from verification.models import Verification

# Where a walk may end; each name includes those before it on the same road.
WALK = (
    "dispatched", "received", "in_hand", "proposed", "forwarded", "publicising", "publicised", "to_decide", "deciding_in_hand", "deciding",
    "decided", "fed_back", "confirmed",
)  # fmt: skip
# Off the road: from where, and how.
ASIDE = {"returned": "in_hand", "disputed": "received", "ruling": "received", "withdrawn": "received", "terminated": "received"}
# Another name for a place on the road, with what is decided there.
DECIDED = {"approved": "approved", "refused": "refused"}
TRAITS = (*WALK, *ASIDE, *DECIDED)
# Status of a referral -> the trait that reaches it.
STATUS_TRAITS = {
    "dispatched": "dispatched", "received": "received", "handling": "deciding", "returned": "returned", "disputed": "disputed",
    "ruling": "ruling", "decided": "approved",
    "fed_back": "fed_back", "confirmed": "confirmed", "withdrawn": "withdrawn", "terminated": "terminated",
}  # fmt: skip
AMOUNTS = {"MZ01": Decimal("1030"), "MZ04": Decimal("1500")}
REFUSAL = {"refusal_code": "income", "refusal_reason": "家庭人均收入高于标准。"}


class ReferralFactory(factory.Factory):
    """One referral of the home township, MZ04 unless said otherwise. `outcome="refused"` for traits from `decided` on."""

    class Meta:
        model = Referral

    @classmethod
    def _create(cls, model_class: type[Referral], *args: Any, program: str = "MZ04", track: str = "ordinary", **given: Any) -> Referral:
        return referrals(programs=[(program, track)], **given)[0]


def referrals(programs: Sequence[tuple[str, str] | str] = ("MZ04",), **given: Any) -> list[Referral]:
    """One referral for each program of one application, each walked to the same place."""
    keys = [row.pk for row in _reach(programs, **given)]
    fresh = Referral.objects.select_related("unit", "stage", "track", "program", "window").in_bulk(keys)
    return [fresh[key] for key in keys]


@remembered
def _reach(programs: Sequence[tuple[str, str] | str], **given: Any) -> list[Referral]:
    traits = [name for name in TRAITS if given.pop(name, False)]
    assert len(traits) <= 1, f"one trait, not {traits}"
    trait = traits[0] if traits else "dispatched"
    outcome = given.pop("outcome", DECIDED.get(trait, "approved"))
    pairs = [(code, "ordinary") if isinstance(code, str) else code for code in programs]
    end = "decided" if trait in DECIDED else ASIDE.get(trait, trait)
    now = clock.now()
    with _since(now - _lead(pairs, end)):
        application = given.pop("application", None) or accepted(pairs, **given)
        rows = transitions.dispatch(application_id=application.pk, by=application.accepted_by)
    for row in rows:
        _walk(row, end, outcome, now)
        if trait in ASIDE:
            _step_aside(row, trait)
    order = [code for code, _ in pairs]
    return sorted(Referral.objects.filter(application=application), key=lambda row: order.index(row.program_id))


@remembered
def accepted(pairs: Sequence[tuple[str, str]] = (("MZ04", "ordinary"),), *, verified: bool = True, **given: Any) -> Application:
    """An accepted application, its household's verification finished where a track asks for it first."""
    application = ApplicationFactory(accepted=True, programs=list(pairs), **given)
    if verified:
        verify(application.household)
    return application


def verify(household: Household) -> None:
    """Finish what acceptance opened."""
    row = Verification.objects.unfinished().filter(household=household).first()
    if row is None:
        return
    by = cast.member("neighbour_clerk" if row.unit.region_id == cast.NEIGHBOUR else "clerk")
    if row.started_at is None:
        row = verification.start(verification_id=row.pk, methods=["matching", "home_visit"], by=by)
    verification.finish(verification_id=row.pk, fields=verifications.whole(row), investigators=_team(by), by=by)


def _team(by: Post) -> list[int]:
    """Two people of the township."""
    posts = Post.objects.effective(clock.today()).filter(unit__region_id=by.region_code, unit__kind__startswith="township")
    return list(posts.exclude(staff=by.staff).order_by("pk").values_list("staff_id", flat=True)[:1]) + [by.staff_id]


def set_figure(key: str, value: Any) -> None:
    """A figure that only the demo brings: a ceiling, a cap."""
    by = cast.member("platform_approver")
    Parameter.objects.create(
        key=key, name=key, value=value, valid_from=clock.today(), origin="assumed", source="测试", set_at=clock.now(), set_by=by
    )
    forget()


def handler_of(unit: Unit) -> Post:
    return _posts(unit).filter(rank=Post.Rank.HANDLER).first()  # type: ignore[return-value]


def approver_of(unit: Unit) -> Post:
    return _posts(unit).filter(rank=Post.Rank.APPROVER).first()  # type: ignore[return-value]


def _posts(unit: Unit) -> Any:
    return Post.objects.effective(clock.today()).filter(unit=unit).select_related("unit__department", "staff").order_by("pk")


def _lead(pairs: Sequence[tuple[str, str]], end: str) -> timedelta:
    """How long before now the walk begins: long enough for the publicity to have run out."""
    if WALK.index(end) < WALK.index("publicised"):
        return timedelta(0)
    published = Track.objects.filter(version__published_at__isnull=False).order_by("-version__number")
    tracks = [published.filter(version__program=code, key=key)[0] for code, key in pairs]
    days = max((track.publicity_days * (1 if track.publicity_unit == "calendar_days" else 2) for track in tracks), default=0)
    return timedelta(days=days + 3) if days else timedelta(0)


@contextmanager
def _since(moment: datetime) -> Iterator[None]:
    with clock.set_clock(moment):
        yield


def _walk(referral: Referral, end: str, outcome: str, now: datetime) -> None:
    """Stage by stage to where the walk ends; a track with less on it skips what it does not have."""
    begun = referral.dispatched_at
    last = WALK.index(end)
    moment = begun
    while True:
        row = Referral.objects.select_related("stage", "unit").get(pk=referral.pk)
        act, is_deciding = row.stage.act, row.stage.act == Stage.Act.DECIDE
        if is_deciding:
            moment = now
        with _since(moment):
            reached = _at_stage(row, act, last, outcome)
        if reached:
            return
        if act == Stage.Act.PUBLICISE:
            moment = _end_publicity(row, now, last)
            if moment is None:
                return


def _at_stage(row: Referral, act: str, last: int, outcome: str) -> bool:
    """Everything at one stage; whether the walk ends here."""
    if act == Stage.Act.DECIDE:
        return _decide(row, last, outcome)
    if act == Stage.Act.PUBLICISE:
        return _publicise(row, last)
    is_village = is_registering(row.stage)  # what the village did is registered by the window, and goes on
    handler = handler_of(row.unit)
    approver = handler if is_village else approver_of(row.unit)
    if last < WALK.index("received"):
        return True
    transitions.receive(referral_id=row.pk, by=handler)
    if last < WALK.index("in_hand"):
        return True
    transitions.take(referral_id=row.pk, by=handler)
    if last < WALK.index("proposed"):
        return True
    if not is_village:
        transitions.propose(referral_id=row.pk, proposal="情况属实，建议同意。", outcome="approved", by=handler)
    if last < WALK.index("forwarded"):
        return True
    transitions.forward(referral_id=row.pk, opinion="同意。", by=approver)
    return _ends_between(row, last)


def _ends_between(row: Referral, last: int) -> bool:
    """Whether the walk ends on arrival at the next stage."""
    act = Referral.objects.select_related("stage").get(pk=row.pk).stage.act
    if act == Stage.Act.PUBLICISE:
        return last < WALK.index("publicising")
    return act == Stage.Act.DECIDE and WALK.index("forwarded") <= last <= WALK.index("to_decide")


def _publicise(row: Referral, last: int) -> bool:
    handler = handler_of(row.unit)
    transitions.take(referral_id=row.pk, by=handler)
    transitions.post_publicity(referral_id=row.pk, place="村务公开栏", starts_on=clock.today(), by=handler)
    return last < WALK.index("publicised")


def _end_publicity(row: Referral, now: datetime, last: int) -> datetime | None:
    """On the day after its last one; None where the walk ends with it."""
    publicity = row.publicities.get()
    moment = min(now, end_of(publicity.ends_on) + timedelta(hours=9))
    with _since(moment):
        transitions.end_publicity(publicity_id=publicity.pk, by=handler_of(row.unit))
        if last < WALK.index("to_decide"):
            return None
        transitions.forward(referral_id=row.pk, opinion="公示无异议。", by=handler_of(row.unit))
    return None if last < WALK.index("deciding_in_hand") else moment


def _decide(row: Referral, last: int, outcome: str) -> bool:
    """The deciding stage is the last one in any case."""
    handler, approver = handler_of(row.unit), approver_of(row.unit)
    if last < WALK.index("deciding_in_hand"):
        return True
    transitions.take(referral_id=row.pk, by=handler)
    if last < WALK.index("deciding"):
        return True
    transitions.propose(referral_id=row.pk, proposal="拟按标准救助。", outcome=outcome, by=handler)
    if last < WALK.index("decided"):
        return True
    transitions.decide(referral_id=row.pk, by=approver, **decision(row, outcome))
    if last < WALK.index("fed_back"):
        return True
    transitions.feed_back(referral_id=row.pk, text="已作出决定，请告知申请人。", by=handler)
    if last >= WALK.index("confirmed"):
        transitions.confirm(referral_id=row.pk, told_how="phone", told_note="本人接听", by=handler_of(row.window))
    return True


def decision(row: Referral, outcome: str = "approved", **changed: Any) -> dict[str, Any]:
    """What an approver fills in."""
    if outcome == "refused":
        return {"outcome": outcome, **REFUSAL, **changed}
    if row.program.kind in {"identity", "registration"}:
        return {"outcome": outcome, **changed}
    given = {"amount": AMOUNTS.get(row.program_id, Decimal("300"))} if row.program.kind == "cash" else {"in_kind": "按规定减免或提供服务"}
    return {"outcome": outcome, **given, **changed}


def _step_aside(row: Referral, trait: str) -> None:
    row = Referral.objects.select_related("unit", "window").get(pk=row.pk)
    if trait == "returned":
        transitions.return_for_supplement(referral_id=row.pk, lines=["诊断证明", "住院票据"], by=handler_of(row.unit))
    elif trait in {"disputed", "ruling"}:
        _dispute(row, trait == "ruling")
    elif trait == "withdrawn":
        transitions.withdraw(referral_id=row.pk, reason="不再需要", by=handler_of(row.window))
    else:
        transitions.terminate(referral_id=row.pk, reason="申请人去世", by=approver_of(row.unit))


def _dispute(row: Referral, is_pushed: bool) -> None:
    """Its unit says that 残联 is meant (残联: 县教委); the window lets the county rule."""
    proposed = desk_of("CL")
    if proposed.pk == row.unit_id:
        proposed = desk_of("JW")
    reason = f"按职责分工，属于{proposed.short_name}职责。"
    transitions.dispute(referral_id=row.pk, proposed_unit=proposed, reason=reason, by=handler_of(row.unit))
    if is_pushed:
        transitions.push_for_ruling(referral_id=row.pk, note_text="双方意见不一，请裁定。", by=handler_of(row.window))


def desk_of(department: str) -> Unit:
    """Where a department of the county works."""
    return Unit.objects.current(clock.today()).get(kind=Unit.Kind.DEPARTMENT, department__code=department)


def office_of(unit: Unit, office: str) -> Unit:
    """Another office of the same township."""
    return Unit.objects.current(clock.today()).get(kind=Unit.Kind.TOWNSHIP_OFFICE, region=unit.region_id, office=office)
