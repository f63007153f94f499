"""名单核身 (ZX-30): a purpose proposed by a department and approved once, and the runs made for it.

What a run is asked and what it answers is kept nowhere: numbers come in with a file, are looked up by their digests, and leave with the
answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import make_aware
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.protection.fields import declared
from config.protection.sealing import digest_many
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from deadlines.transitions import announce
from households.models import IdentityTag, Resident
from organization.figures import figure
from organization.models import Post, Unit
from programs.models import Program
from referrals.conditions import words

from .. import list_check_permissions as permissions
from ..list_check_answers import Known, as_of, known
from ..list_check_needs import needed
from ..models import CheckPurpose, ListCheck

S = CheckPurpose.Status
PURPOSE, REASON, MONTHS_MOST = 200, 200, 36
EXPIRED = "有效期满，重新提出"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: what stood there, and what is wrong with it."""

    number: int
    id_number: str
    name: str
    problem: str = ""

    def __repr__(self) -> str:
        return f"Line({self.number})"


@dataclass(frozen=True, slots=True)
class Answer:
    """The run, and the lines of the sheet that goes back."""

    run: ListCheck
    rows: list[Sequence[Any]]


# ── the purpose ─────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def propose_purpose(*, program_code: str, purpose: str, by: Post) -> CheckPurpose:
    """Say for what lists are to be held against the register. Which identities may be told follows from the program, not from who asks.

    One of the same words whose time is over makes room: its page says to propose anew, and only one may stand.

    Raises:
        TransitionError: no words, or a program that needs no identity.
    """
    program: Program = Program.objects.visible_to(by).get_or_404(program_code)
    if not permissions.can_propose_purpose(by, program):
        raise PermissionDenied("核身用途由主管该项目的部门提出。")
    purpose = words(purpose, "请写明用途：核哪些人、核了做什么。", PURPOSE)
    tags = needed(program, clock.today())
    if not tags:
        raise TransitionError(f"“{program}”的规则和材料不涉及任何身份，没有可以核对的内容。")
    _end_expired(program, purpose, by)
    row = CheckPurpose(
        unit=by.unit, program=program, purpose=purpose, tags=tags, proposed_at=clock.now(), proposed_by=by, proposed_by_staff=by.staff
    )
    save(row)
    record("check_purpose.proposed", row, by=by, new="、".join(labels(tags)), note=purpose)
    platform = Unit.objects.current(clock.today()).get(kind=Unit.Kind.PLATFORM)
    announce(
        "check_purpose.proposed", row, to=platform, title=f"{by.unit.short_name}提出核身用途，请批准", body=f"{program}：{purpose}",
        url=row.get_absolute_url(),
    )  # fmt: skip
    return row


@transaction.atomic
def approve_purpose(*, purpose_id: UUID | str, months: int, answer: str = "", by: Post) -> CheckPurpose:
    """Once, for so many months. If the program's rule has changed since, what it needs now is what may be told.

    Raises:
        AlreadyHandled: answered, by whom and when.
        TransitionError: for longer than anybody means.
    """
    row = _taken_up(purpose_id, by, S.PROPOSED, permissions.can_answer_purpose)
    if not 1 <= months <= MONTHS_MOST:
        raise TransitionError(f"有效期请填1至{MONTHS_MOST}个月。")
    row.tags = needed(row.program, clock.today()) or row.tags
    row.status, row.until = S.APPROVED, add_months(clock.today(), months)
    _answer(row, answer.strip() and words(answer, "", REASON), by, "tags", "until")
    record("check_purpose.approved", row, by=by, new=f"{row.until:%Y-%m-%d}", note=row.answer)
    _tell(row, "check_purpose.approved", f"核身用途已批准，有效至{row.until:%Y-%m-%d}", row.purpose)
    return row


@transaction.atomic
def refuse_purpose(*, purpose_id: UUID | str, answer: str, by: Post) -> CheckPurpose:
    """Raises:
    AlreadyHandled: answered, by whom and when.
    TransitionError: no reason.
    """
    row = _taken_up(purpose_id, by, S.PROPOSED, permissions.can_answer_purpose)
    row.status = S.REFUSED
    _answer(row, words(answer, "请写明不批准的理由。", REASON), by)
    record("check_purpose.refused", row, by=by, note=row.answer)
    _tell(row, "check_purpose.refused", "核身用途未批准", row.answer)
    return row


@transaction.atomic
def end_purpose(*, purpose_id: UUID | str, reason: str, by: Post) -> CheckPurpose:
    """No longer needed, or no longer allowed: from now on no run names it."""
    row = _taken_up(purpose_id, by, S.APPROVED, permissions.can_end_purpose)
    _end(row, words(reason, "请写明停用的原因。", REASON), by)
    _tell(row, "check_purpose.ended", "核身用途已停用", row.end_reason)
    return row


# ── a run ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@sensitive_variables()
@transaction.atomic
def run_check(*, purpose_id: UUID | str, lines: Sequence[Line], by: Post) -> Answer:
    """Hold a list against the register: of each line the identities of the purpose alone, and whether somebody has that number.

    A name that is another than the register's tells nothing of the person. One event a run, without a number or a name.

    Raises:
        TransitionError: the purpose does not stand, the list is empty or too long, or the unit has run enough today.
    """
    row: CheckPurpose = CheckPurpose.objects.visible_to(by).select_related("program").get_or_404(purpose_id)
    row = lock(row)
    recheck(row, permissions.can_run_check, by)
    _refuse_run(row, len(lines))
    digests = digest_many(declared(Resident, "id_number").kind, ["" if line.problem else line.id_number for line in lines])
    people = known([digest for digest in digests if digest], row.tags, clock.today())
    rows = [_told(line, people.get(digest) if digest else None, row.tags) for line, digest in zip(lines, digests, strict=True)]
    pairs = [(line, people.get(digest)) for line, digest in zip(lines, digests, strict=True) if digest]
    right = [person for line, person in pairs if person is not None and person.is_named(line.name)]
    run = ListCheck(
        purpose=row, rows=len(lines), known=len(right), wrong=sum(1 for each in rows if each[-1] not in {"", UNKNOWN}),
        found={tag: sum(tag in person.tags for person in right) for tag in row.tags}, as_of=as_of(row.tags), ran_at=clock.now(), ran_by=by,
    )  # fmt: skip
    save(run)
    counts = {"rows": run.rows, "known": run.known, "wrong": run.wrong, "found": run.found, "as_of": run.as_of}
    record("list_check.ran", run, by=by, new=f"{run.rows}人", note=row.purpose, data={"purpose": str(row.pk), **counts})
    return Answer(run, rows)


UNKNOWN, OTHER_NAME = "数据库中没有此人", "姓名与登记的不一致，未核对"


def _told(line: Line, person: Known | None, tags: Iterable[str]) -> Sequence[Any]:
    empty = ["" for _ in tags]
    if line.problem:
        return [line.id_number, line.name, *empty, line.problem]
    if person is None:
        return [line.id_number, line.name, *empty, UNKNOWN]
    if not person.is_named(line.name):
        return [line.id_number, line.name, *empty, OTHER_NAME]
    return [line.id_number, line.name, *("是" if tag in person.tags else "否" for tag in tags), ""]


def _refuse_run(row: CheckPurpose, asked: int) -> None:
    today = clock.today()
    if row.status != S.APPROVED or row.until is None or row.until < today:
        raise TransitionError("这个核身用途没有批准，或已过期、停用，不能核身。请重新提出用途。")
    most = int(figure("list_check_rows_max"))
    if not asked:
        raise TransitionError("名单是空的，没有可以核对的人。")
    if asked > most:
        raise TransitionError(f"一次最多核对{most:,}人，名单有{asked:,}人，请分次核对。")
    daily, midnight = int(figure("list_checks_per_day")), make_aware(datetime.combine(today, time.min))
    if ListCheck.objects.filter(purpose__unit_id=row.unit_id, ran_at__gte=midnight).count() >= daily:
        raise TransitionError(f"本单位今天已核身{daily}次，达到每日上限，请明天再核。")


# ── parts of the verbs ──────────────────────────────────────────────────────────────────────────────────────────────
def _taken_up(purpose_id: UUID | str, by: Post, since: str, may: Any) -> CheckPurpose:
    row: CheckPurpose = CheckPurpose.objects.visible_to(by).get_or_404(purpose_id)
    row = lock(row)
    if row.status != since:
        raise AlreadyHandled(_handled(row))
    recheck(row, may, by)
    return row


def _end(row: CheckPurpose, reason: str, by: Post) -> None:
    row.status, row.ended_at, row.ended_by, row.end_reason = S.ENDED, clock.now(), by, reason
    save(row, "status", "ended_at", "ended_by", "end_reason")
    record("check_purpose.ended", row, by=by, note=reason)


def _end_expired(program: Program, purpose: str, by: Post) -> None:
    """Nobody is told: the unit does it itself, by proposing."""
    today = clock.today()
    for row in CheckPurpose.objects.visible_to(by).expired(today).filter(unit=by.unit, program=program, purpose=purpose):
        row = lock(row)
        if row.status == S.APPROVED and row.until is not None and row.until < today:
            _end(row, EXPIRED, by)


def _handled(row: CheckPurpose) -> str:
    who, at = (row.ended_by, row.ended_at) if row.ended_by else (row.answered_by, row.answered_at)
    if who is None or at is None:
        return "这个核身用途还没有批准。"
    what = "停用" if row.ended_by else "答复"
    return f"这个核身用途已由{who.label}于{clock.local(at):%Y-%m-%d %H:%M}{what}（{row.get_status_display()}）。"


def _answer(row: CheckPurpose, answer: str, by: Post, *fields: str) -> None:
    row.answer, row.answered_at, row.answered_by, row.answered_by_staff = answer, clock.now(), by, by.staff
    try:
        save(row, "status", "answer", "answered_at", "answered_by", "answered_by_staff", *fields)
    except ConstraintBroken as broken:
        raise TransitionError(broken.messages[0]) from broken


def _tell(row: CheckPurpose, verb: str, title: str, body: str) -> None:
    announce(verb, row, to=row.unit, title=title, body=f"{row.program}：{body}", url=row.get_absolute_url())


def labels(tags: Iterable[str]) -> list[str]:
    return [str(IdentityTag.Kind(tag).label) for tag in tags]
