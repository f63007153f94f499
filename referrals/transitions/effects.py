"""What an approval writes into the household, by the program's kind: a record, an identity or a fact (ZX-58, RULES F8)."""

from datetime import date

from config import clock
from config.verbs import TransitionError
from households.models import AssistanceRecord, Coverage, Fact, IdentityTag, Resident
from households.rules import FACT_OF_PROGRAM, PROVEN_BY_RECORD, TAG_OF_PROGRAM, TAG_OF_TRACK
from households.transitions import grant_record, grant_tag, note_fact
from intake.beneficiaries import covered_residents
from organization.models import Post
from programs.models import Program

from .. import rules
from ..models import Referral
from . import changing, rescreening

Kind = Program.Kind


def write(referral: Referral, by: Post) -> None:
    """In the transaction of the decision: a clash leaves nothing behind, and is told in words.

    Raises:
        TransitionError: the same aid or identity is in force already.
    """
    if referral.outcome != Referral.Outcome.APPROVED:
        return
    if not referral.is_grant:
        changing.carry_out(referral, by)
        return
    match referral.program.kind:
        case Kind.IDENTITY:
            _tag(referral, by)
        case Kind.REGISTRATION:
            _fact(referral, by)
        case _:
            _record(referral, by)
    if referral.program.kind in {Kind.IDENTITY, Kind.REGISTRATION} or referral.program_id in PROVEN_BY_RECORD:
        rescreening.owe(referral)


def _record(referral: Referral, by: Post) -> None:
    version, since = referral.version, referral.start_on
    if since is None:
        raise TransitionError("批准须写明起始日期。")
    cadence = rules.cadence(mode=version.benefit_mode, kind=referral.program.kind)
    people = covered(referral)
    if cadence != AssistanceRecord.Cadence.ONCE:
        _refuse_dead(referral, people)
        _refuse_covered(referral, people, since)
    until = rules.ends_on(since=since, cadence=cadence, valid_months=version.result_valid_months)
    grant_record(
        program=referral.program, version=version, household=referral.household, resident=referral.resident, covered=people,
        region_code=referral.case_household.region_id, amount=referral.amount, in_kind=referral.in_kind, cadence=cadence, since=since,
        until=until, unit=referral.unit, decision_id=referral.pk, by=by,
    )  # fmt: skip
    _tag_of_track(referral, since, until, by)


def _tag_of_track(referral: Referral, since: date, until: date | None, by: Post) -> None:
    """Which of the two the aid is for (C-40, C-41); it ends with the aid. Who is known for it already has it."""
    kind = TAG_OF_TRACK.get((referral.program_id, referral.track.key))
    if kind and not IdentityTag.objects.filter(kind=kind, household=referral.household, resident=referral.resident, until=None).exists():
        grant_tag(
            kind=kind, household=referral.household, resident=referral.resident, unit=referral.unit, since=since, until=until,
            decision_id=referral.pk, by=by,
        )  # fmt: skip


def _refuse_dead(referral: Referral, people: list[Resident]) -> None:
    """Regular aid and identities are for the living; what is given once (丧葬, costs that arose before) may still be due (C-17, C-19)."""
    dead = referral.resident if referral.resident and referral.resident.is_dead else None
    if dead is not None:
        raise TransitionError(f"{dead.name}已登记于{dead.died_on:%Y-%m-%d}死亡，不能批准。请终止这个转办单，写明死亡日期和依据。")
    if referral.household is not None and not people:
        raise TransitionError("这个家庭已没有在世的成员，不能批准。请终止这个转办单，写明依据。")


def _refuse_covered(referral: Referral, people: list[Resident], since: date) -> None:
    """A household's record and that of one of its members alone (XX-12) have two holders: that nobody is in both is asked here."""
    rows = Coverage.objects.regular_from(since).filter(resident__in=people, record__program=referral.program)
    twice = rows.exclude(record__household=referral.household, record__resident=referral.resident).select_related("resident").first()
    if twice is not None:
        told = f"{twice.resident.name}自{twice.since:%Y-%m-%d}起已在享受“{referral.program}”"
        raise TransitionError(f"{told}，不能重复救助。请先核实；改为另一种方式享受的，先停止原来的。")


def covered(referral: Referral) -> list[Resident]:
    """Whom the aid reaches: the item says."""
    if referral.item is None:
        return [referral.resident] if referral.resident else []
    return covered_residents(referral.item)


def _tag(referral: Referral, by: Post) -> None:
    kind = TAG_OF_PROGRAM.get(referral.program_id)
    if kind is None:
        raise TransitionError(f"“{referral.program}”认定后记为哪种身份还没有设定，请联系县级平台。")
    _refuse_dead(referral, covered(referral))
    grant_tag(
        kind=kind, household=referral.household, resident=referral.resident, unit=referral.unit,
        since=referral.start_on or clock.today(), decision_id=referral.pk, by=by,
    )  # fmt: skip


def _fact(referral: Referral, by: Post) -> None:
    known = FACT_OF_PROGRAM.get(referral.program_id)
    if known is None:
        raise TransitionError(f"“{referral.program}”登记后记为哪个事项还没有设定，请联系县级平台。")
    kind, value = known
    today = clock.today()
    note_fact(
        kind_key=kind, household=referral.household, resident=referral.resident, value=value, how=Fact.How.DECISION, found_on=today,
        valid_until=rules.ends_on(since=today, cadence="standing", valid_months=referral.version.result_valid_months),
        source=f"转办单{referral.number}", decision_id=referral.pk, by=by,
    )  # fmt: skip
