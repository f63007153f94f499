"""协助入户: another township is asked to go to the family, answers with what it found, or says why it cannot (C-01, ZX-37)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty
from households.models import Access, Resident
from households.transitions import close_access, let_in
from organization.figures import figure
from organization.models import Post, Unit

from ..models import Investigator, Verification, VisitRequest
from ..permissions import can_answer_visit, can_withdraw_visit, can_work_on
from ..reading import heads_of, people_of
from .edges import VISIT_EDGES, S
from .team import team_of
from .telling import about

V = VisitRequest.Status
DUTY = "answer_visit"
WORDS = 2000


@transaction.atomic
def ask_visit(*, verification_id: Any, unit: Unit, matter: str, by: Post) -> VisitRequest:
    """Ask the window of another township to visit the family. It sees the household's card for it, and has its working days.

    Raises:
        AlreadyHandled: asked already and not answered; or the verification is not under way.
        TransitionError: the own township, or no township's window.
    """
    verification: Verification = lock(Verification.objects.visible_to(by).get_or_404(verification_id))
    recheck(verification, can_work_on, by)
    if verification.status not in {S.CHECKING, S.FIELD}:
        raise AlreadyHandled(f"核查现为“{verification.get_status_display()}”，启动以后、完成以前才能请其他乡镇（街道）协助入户。")
    if unit.kind != Unit.Kind.TOWNSHIP_WINDOW:
        raise TransitionError("请选择一个乡镇（街道）的综合救助窗口。")
    if unit.region_id == verification.unit.region_id:
        raise TransitionError("本乡镇（街道）自行入户，不用提出协助。")
    request = VisitRequest(
        verification=verification, unit=unit, township_code=unit.region_id, asking_code=verification.unit.region_id,
        matter=_words(matter, "matter", "请写明需要对方核实的情况。"), asked_at=clock.now(), asked_by=by,
    )  # fmt: skip
    try:
        save(request)
    except ConstraintBroken as clash:
        if clash.name == "one_open_visit_request_per_township":
            raise AlreadyHandled(clash.messages[0]) from clash
        raise
    let_in(household=verification.household, unit=unit, reason=Access.Reason.VISIT, subject=request, by=by)
    open_duty(
        subject=request, kind=DUTY, kind_name="协助入户", unit=unit, title=f"协助入户 {_masked(verification)}", by=by,
        limit=Limit(Rule.WORKING_DAYS, figure("visit_request_within")), url=request.get_absolute_url(), region_code=unit.region_id,
        basis="人户分离、异地申办：平台暂定",
    )  # fmt: skip
    _note("home_visit.asked", request, by, new=unit.short_name, note=request.matter)
    return request


@transaction.atomic
def answer_visit(
    *,
    request_id: Any,
    visited_on: date,
    person_met: Resident | None,
    met_note: str = "",
    family_situation: str,
    economic_situation: str,
    investigators: Sequence[int],
    by: Post,
) -> VisitRequest:
    """Say what was found. It goes into the verification at once: the situations, who was met and when, and who went (C-10).

    Raises:
        AlreadyHandled: answered, declined or withdrawn; by whom and when.
        TransitionError: too few people, kin, a day or a person that cannot be.
        ValidationError: what is not filled in, by field.
    """
    request, verification = _taken(request_id, "answer", can_answer_visit, by)
    texts = {"family_situation": family_situation, "economic_situation": economic_situation}
    for name, text in texts.items():
        setattr(request, name, _words(text, name, "请如实填写看到和问到的情况。"))
    request.visited_on, request.person_met, request.met_note = visited_on, person_met, without_numbers(met_note)
    _refuse_day(request)
    _refuse_person(request, verification)
    team = team_of(verification, list(investigators), request.township_code, visited_on)
    if len(team) < (least := int(figure("investigators_min"))):
        raise TransitionError(f"入户调查人员不得少于{least}人，现有{len(team)}人，请补选。")
    _end(request, V.ANSWERED, by)
    _into(verification, request, team, by)
    _note("home_visit.answered", request, by, new=request.unit.short_name)
    _tell(request, "已入户并答复", by)
    return request


@transaction.atomic
def decline_visit(*, request_id: Any, reason: str, by: Post) -> VisitRequest:
    """Say in a sentence why it cannot be done: the family is not there. The asking township goes on otherwise."""
    request, _ = _taken(request_id, "decline", can_answer_visit, by)
    request.end_reason = _words(reason, "reason", "请写明不能协助的理由。")
    _end(request, V.DECLINED, by, Duty.Outcome.RETURNED)
    _note("home_visit.declined", request, by, new=request.unit.short_name, note=request.end_reason)
    _tell(request, "答复不能协助入户", by)
    return request


@transaction.atomic
def withdraw_visit(*, request_id: Any, by: Post) -> VisitRequest:
    """The asking township no longer needs it."""
    request, _ = _taken(request_id, "withdraw", can_withdraw_visit, by)
    return _drop(request, by)


def drop_visits(verification: Verification, by: Post) -> None:
    """Inner: the verification has ended, nobody need go to the family for it."""
    rows = verification.visit_requests.open().order_by("pk").select_for_update(of=("self",), no_key=True)
    for request in rows.select_related("unit"):
        request.verification = verification
        _drop(request, by)


def _drop(request: VisitRequest, by: Post) -> VisitRequest:
    _end(request, V.WITHDRAWN, by, Duty.Outcome.CANCELLED)
    _note("home_visit.withdrawn", request, by, new=request.unit.short_name)
    announce(
        "home_visit.withdrawn",
        request,
        to=request.unit,
        title=f"不用再协助入户：{_masked(request.verification)}",
        url=request.get_absolute_url(),
    )
    return request


def _taken(pk: Any, verb: str, can: Callable[[Post, VisitRequest], bool], by: Post) -> tuple[VisitRequest, Verification]:
    """The beats before a change: gate, locks from the verification down, edge, gate and permission again."""
    fetched: VisitRequest = VisitRequest.objects.visible_to(by).select_related("verification").get_or_404(pk)
    verification = lock(fetched.verification)
    request = lock(fetched)
    target = next(iter(VISIT_EDGES[verb][V.ASKED]))
    edge(request.status, target, VISIT_EDGES[verb], refusal=lambda: _refusal(request))
    recheck(request, can, by)
    if verb == "answer" and verification.status == S.DONE:
        raise AlreadyHandled("核查已经完成，不用再答复。")
    return request, verification


def _refusal(request: VisitRequest) -> str:
    if request.answered_by is None or request.answered_at is None:
        raise PermissionDenied("这项协助入户待答复。")
    return f"{request.answered_by.label}已于{clock.local(request.answered_at):%Y-%m-%d %H:%M}办理：{request.get_status_display()}。"


def _words(text: str, field: str, lacking: str) -> str:
    text = without_numbers(text)
    if not text:
        raise ValidationError({field: lacking})
    if len(text) > WORDS:
        raise ValidationError({field: f"请不要超过{WORDS}字。"})
    return text


def _refuse_day(request: VisitRequest) -> None:
    asked_on = clock.local(request.asked_at).date()
    if request.visited_on is None or not asked_on <= request.visited_on <= clock.today():
        raise ValidationError({"visited_on": f"入户日期应在提出协助（{asked_on}）以后，不晚于今天。"})


def _refuse_person(request: VisitRequest, verification: Verification) -> None:
    person = request.person_met
    if person is None and not request.met_note:
        raise ValidationError({"person_met": "请选择见到的人；没有见到的，填写说明。"})
    day = request.visited_on or clock.today()
    if person is not None and not people_of(verification.household, day).filter(pk=person.pk).exists():
        raise TransitionError(
            f"{person.name}不是本户成员、监护人或赡养抚养义务人，或入户那天（{day}）已不在世、不在本户。请核对入户日期，或改选见到的人。"
        )


def _end(request: VisitRequest, status: str, by: Post, outcome: str = Duty.Outcome.DONE) -> None:
    request.status, request.answered_at, request.answered_by = status, clock.now(), by
    save(request)
    close_duty(subject=request, kind=DUTY, by=by, outcome=outcome)
    close_access(subject=request, by=by)


def _into(verification: Verification, request: VisitRequest, team: Sequence[Post], by: Post) -> None:
    """What was found stands in the verification, with its source named; what the asking township wrote stays before it."""
    for name in ("family_situation", "economic_situation"):
        said = f"{request.unit.short_name}{request.visited_on}入户：{getattr(request, name)}"
        setattr(verification, name, "\n".join(part for part in (getattr(verification, name), said) if part))
    verification.visited_on = verification.visited_on or request.visited_on
    verification.person_met = verification.person_met or request.person_met
    if Verification.Method.HOME_VISIT not in verification.methods:
        verification.methods = [*verification.methods, Verification.Method.HOME_VISIT.value]
    verification.status = S.FIELD
    verification.noted_at, verification.noted_by = clock.now(), by
    save(verification, "family_situation", "economic_situation", "visited_on", "person_met", "methods", "status", "noted_at", "noted_by")
    known = set(verification.investigators.values_list("staff_id", flat=True))
    Investigator.objects.bulk_create(
        Investigator(verification=verification, staff_id=post.staff_id, unit=post.unit, request=request)
        for post in team
        if post.staff_id not in known
    )


def _masked(verification: Verification) -> str:
    name = heads_of([verification.household_id]).get(verification.household_id, "")
    return f"{mask_name(name)} {verification.number}"


def _note(verb: str, request: VisitRequest, by: Post, **said: Any) -> None:
    record(verb, request, by=by, subject_text=request.verification.number, **said, **about(request.verification))


def _tell(request: VisitRequest, news: str, by: Post) -> None:
    if by.unit_id != request.verification.unit_id:
        title = f"{request.unit.short_name}{news}：{_masked(request.verification)}"
        announce(
            f"home_visit.{request.status}", request, to=request.verification.unit, title=title, body=request.end_reason,
            url=request.get_absolute_url(),
        )  # fmt: skip
