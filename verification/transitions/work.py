"""Doing a verification: start it, save as one goes, finish it. Each is a door called by the page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import EllipsisType
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.verbs import AlreadyHandled, TransitionError, edge, lock, recheck, save
from deadlines.transitions import close_duty
from households.family import remade_on
from households.rules import WrongValue, fact_value
from households.transitions import note_fact
from organization.figures import figure
from organization.models import Post

from ..models import Verification
from ..permissions import can_work_on
from ..reading import people_of, source_of
from ..rules import FACTS, MONEY_FACTS, how_found, lacks, status_for
from .edges import EDGES
from .opening import START_DUTY
from .team import appoint
from .telling import about

# What the form fills in, by the names of the columns; `FACTS` stand beside them.
CONTENT = (
    "methods", "visited_on", "person_met", "met_note", "family_situation", "economic_situation", "finding", "conclusion", "advice",
)  # fmt: skip
Fields = Mapping[str, Any]
Seen = datetime | EllipsisType | None


@transaction.atomic
def start(*, verification_id: Any, methods: Iterable[str] = (), by: Post) -> Verification:
    """Begin (C-03): over registers and papers, or out to the family, by the methods chosen; they can change while it is under way.

    Raises:
        AlreadyHandled: started or finished; the sentence says by whom and when.
    """
    chosen = list(methods)
    verification = _fetched(verification_id, "start", status_for(chosen), by)
    verification.status, verification.methods = status_for(chosen), chosen
    verification.started_at, verification.started_by = clock.now(), by
    save(verification, "status", "methods", "started_at", "started_by")
    close_duty(subject=verification, kind=START_DUTY, by=by)
    record("verification.started", verification, by=by, new=verification.get_status_display(), **about(verification))
    return verification


@transaction.atomic
def note(
    *, verification_id: Any, fields: Fields, investigators: Sequence[int] | None = None, seen_at: Seen = ..., by: Post
) -> Verification:
    """Save what is known so far (暂存); nothing has to be whole. `fields` holds names of `CONTENT` and `FACTS`; what is absent stays.

    `seen_at` is `noted_at` as the form was opened; `investigators` are ids of staff, in place of those named before.

    Raises:
        AlreadyHandled: not under way, or somebody saved in between.
        TransitionError: an investigator who may not, a person who cannot have been met, a day that cannot be.
    """
    verification = _fetched(verification_id, "note", status_for(fields.get("methods", ())), by)
    _refuse_stale(verification, seen_at)
    _take(verification, fields)
    named = appoint(verification, investigators) if investigators is not None else None
    verification.status = status_for(verification.methods)
    verification.noted_at, verification.noted_by = clock.now(), by
    save(verification, *CONTENT, "figures", "status", "noted_at", "noted_by")
    record(
        "verification.noted", verification, by=by, new=verification.get_status_display(),
        data={"investigators": named} if named else None, **about(verification),
    )  # fmt: skip
    return verification


@transaction.atomic
def finish(*, verification_id: Any, fields: Fields, investigators: Sequence[int], seen_at: Seen = ..., by: Post) -> Verification:
    """Conclude: whole, by enough people, valid for its months, its figures written down as facts for everybody (ZX-39, ZX-40, C-10).

    Raises:
        AlreadyHandled: finished by somebody else, or saved in between.
        TransitionError: what is missing (三个不放过, QJ-13), too few investigators, or one who may not; a visit to the former family.
    """
    verification = _fetched(verification_id, "finish", Verification.Status.DONE, by)
    _refuse_stale(verification, seen_at)
    _take(verification, fields)
    _refuse_gaps(verification)
    _refuse_former_family(verification)
    if asked := verification.visit_requests.open().select_related("unit").first():
        raise TransitionError(f"已请{asked.unit.name}协助入户，还没有答复。请等对方答复，或先撤回这项协助。")
    named = appoint(verification, investigators)
    if len(named) < (least := int(figure("investigators_min"))):
        raise TransitionError(f"调查人员不得少于{least}人，现有{len(named)}人，请补选后再完成。")
    figures, verification.figures = verification.figures, {}
    verification.status = Verification.Status.DONE
    verification.finished_at, verification.finished_by = clock.now(), by
    verification.valid_until = add_months(clock.today(), int(figure("verification_validity")))
    save(verification, *CONTENT, "figures", "status", "finished_at", "finished_by", "valid_until")
    _write_facts(verification, figures, by)
    record(
        "verification.finished", verification, by=by, new=verification.get_finding_display(),
        data={"until": verification.valid_until.isoformat(), "investigators": named}, **about(verification),
    )  # fmt: skip
    return verification


def _fetched(pk: Any, verb: str, target: str, by: Post) -> Verification:
    """The beats before a change: gate, lock, edge, gate and permission again."""
    verification: Verification = lock(Verification.objects.visible_to(by).get_or_404(pk))
    edge(verification.status, target, EDGES[verb], refusal=lambda: _refusal(verification))
    recheck(verification, can_work_on, by)
    return verification


def _refusal(verification: Verification) -> str:
    """Why a step cannot be done now: who was first and when, or what comes first."""
    if verification.finished_by and verification.finished_at:
        return f"这项核查已由{verification.finished_by}于{_minute(verification.finished_at)}完成，不能再改。"
    if verification.ended_at:
        return f"这项核查已于{_minute(verification.ended_at)}撤销，不再进行：{verification.end_reason}"
    if verification.started_by and verification.started_at:
        return (
            f"这项核查已由{verification.started_by}于{_minute(verification.started_at)}启动，"
            f"现为“{verification.get_status_display()}”，不能这样办理。"
        )
    return "这项核查还没有启动，请先启动。"


def _refuse_stale(verification: Verification, seen_at: Seen) -> None:
    if seen_at is not ... and verification.noted_at and verification.noted_by and seen_at != verification.noted_at:
        raise AlreadyHandled(
            f"您打开表单以后，{verification.noted_by}于{_minute(verification.noted_at)}保存过核查情况。请另开一页核对对方所填，再重新打开表单填写。"
        )


def _take(verification: Verification, fields: Fields) -> None:
    """Put what was filled in onto the row; a name that is no field of the form is a mistake of the caller."""
    if unknown := set(fields) - {*CONTENT, *FACTS}:
        raise ValueError(f"not filled in by the form: {sorted(unknown)}")
    for name in CONTENT:
        if name in fields:
            value = fields[name]
            setattr(verification, name, value.strip() if isinstance(value, str) else value)
    figures = {**verification.figures, **{name: _figure(name, fields[name]) for name in FACTS if name in fields}}
    verification.figures = {name: value for name, value in figures.items() if value is not None}
    _refuse_day(verification)
    _refuse_person(verification)


def _figure(name: str, value: Any) -> str | bool | None:
    if value is None or value == "":
        return None
    if name not in MONEY_FACTS:
        return bool(value)
    try:
        return str(fact_value("money", value, []))
    except WrongValue as wrong:
        raise TransitionError("金额请填写数字，不小于0，最多两位小数。") from wrong


def _refuse_day(verification: Verification) -> None:
    day = verification.visited_on
    opened_on = clock.local(verification.opened_at).date()
    if day and not opened_on <= day <= clock.today():
        raise TransitionError(f"入户日期应在核查建立（{opened_on}）以后，不晚于今天，请更正。")


def _refuse_person(verification: Verification) -> None:
    """Whoever was met lived on the day of the visit, and belonged to the household then or answered for somebody of it."""
    person, day = verification.person_met, _day(verification)
    if person is None:
        return
    if person.died_on and person.died_on < day:
        raise TransitionError(f"{person.name}已登记死亡（{person.died_on}），不能填写为{day}见到的人。请核对入户日期和人员信息。")
    if not people_of(verification.household, day).filter(pk=person.pk).exists():
        raise TransitionError(f"{person.name}不是本户成员、监护人或赡养抚养义务人，请改选见到的人，或先更正家庭成员。")


def _refuse_gaps(verification: Verification) -> None:
    """Somebody is there to be verified; everything asked is answered (QJ-13)."""
    if not verification.household.memberships.open().filter(resident__died_on=None).exists():
        raise TransitionError("该家庭没有在世的成员，核查不能完成。请先更正家庭成员；家庭已不存在的，由受理窗口终止申请。")
    has_visit = Verification.Method.HOME_VISIT in verification.methods
    missing = lacks({name: getattr(verification, name) for name in CONTENT}, has_visit=has_visit)
    if missing == ["见到的人"]:
        raise TransitionError("入户没有见到人，核查不能完成：请把情况填入“未见本人的说明”并暂存，安排再次入户，见到后再完成。")
    if missing:
        raise TransitionError(f"还没有填写{'、'.join(missing)}，核查不能完成。请补填，或先暂存。")


def _refuse_former_family(verification: Verification) -> None:
    """Who went before some of its members left, or others came, has not seen this family."""
    changed, day = remade_on(verification.household_id), verification.visited_on
    if changed and day and day < changed:
        told = f"这个家庭已于{changed}分户、转户或并户，填写的入户日期{day}在这以前，核查不能完成。"
        raise TransitionError(f"{told}请按现在的成员重新入户，填写新的入户日期和情况后再完成。")


def _day(verification: Verification) -> date:
    """The day of which the verification speaks: that of the visit, else today."""
    return verification.visited_on or clock.today()


def _write_facts(verification: Verification, figures: Mapping[str, Any], by: Post) -> None:
    for name in FACTS:
        if name in figures:
            note_fact(
                kind_key=name, household=verification.household, value=figures[name], how=how_found(verification.methods),
                found_on=_day(verification), valid_until=verification.valid_until, source=source_of(verification), yields=True,
                by=by,
            )  # fmt: skip


def _minute(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
