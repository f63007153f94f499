"""Programs of the county's list: entered, revised, paused and resumed, and handed on when a department ends."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.models import Department, Post

from ..models import FactKind, Program
from ..permissions import can_draft, can_pause
from ..rules import initials
from .versions import Row


@transaction.atomic
def enter(*, code: str, fields: Row, by: Post) -> Program:
    """Enter a program of the county's list (ZX-56)."""
    program = Program(code=code, initials=_initials(fields), changed_at=clock.now(), changed_by=by, **fields)
    if not can_draft(by, program):
        raise PermissionDenied("您的岗位不能新增救助项目。")
    save(program)
    record("program.entered", program, by=by, new=program.seed_name)
    return program


@transaction.atomic
def revise(*, code: str, fields: Row, by: Post) -> Program:
    """Change names or classification. What its versions say stays as it is."""
    program = lock(Program.objects.visible_to(by).get_or_404(code))
    recheck(program, can_draft, by)
    changed = {name: value for name, value in fields.items() if getattr(program, name) != value}
    old = {name: str(getattr(program, name)) for name in changed if name != "origins"}
    for name, value in changed.items():
        setattr(program, name, value)
    program.initials = _initials({"seed_name": program.seed_name, "alias": program.alias})
    program.changed_at, program.changed_by = clock.now(), by
    save(program)
    new = {name: str(value) for name, value in changed.items() if name != "origins"}
    record("program.revised", program, by=by, data={"old": old, "new": new})
    return program


@transaction.atomic
def pause(*, code: str, reason: str, by: Post) -> Program:
    """Take no new applications. The program stays in the catalogue with the words 暂停受理; running cases go on."""
    program = lock(Program.objects.visible_to(by).get_or_404(code))
    if program.is_paused:
        raise AlreadyHandled(f"{program}已由{program.paused_by}暂停受理。")
    recheck(program, can_pause, by)
    if not reason.strip():
        raise TransitionError("暂停受理必须说明原因。")
    program.paused_at, program.paused_by, program.pause_reason = clock.now(), by, reason.strip()
    program.changed_at, program.changed_by = clock.now(), by
    save(program, "paused_at", "paused_by", "pause_reason", "changed_at", "changed_by")
    record("program.paused", program, by=by, note=program.pause_reason)
    return program


@transaction.atomic
def resume(*, code: str, by: Post) -> Program:
    """Take applications again."""
    program = lock(Program.objects.visible_to(by).get_or_404(code))
    if not program.is_paused:
        raise AlreadyHandled(f"{program}没有暂停受理。")
    recheck(program, can_pause, by)
    program.paused_at, program.paused_by, program.pause_reason = None, None, ""
    program.changed_at, program.changed_by = clock.now(), by
    save(program, "paused_at", "paused_by", "pause_reason", "changed_at", "changed_by")
    record("program.resumed", program, by=by)
    return program


@transaction.atomic
def succeed(*, department: Department, heir: Department, by: Post) -> int:
    """A department was dissolved: its programs are led, and its facts held, by whoever took it over; how many (RULES F7).

    Published versions stay as they are: where a stage names the department, the desk of its successor is asked. A program whose name the
    successor has already stays behind and goes the same way.
    """
    moved = 0
    taken = set(Program.objects.filter(department=heir).values_list("seed_name", flat=True))
    for program in Program.objects.filter(department=department).order_by("pk").select_for_update(of=("self",), no_key=True):
        if program.seed_name not in taken:
            revise(code=program.pk, fields={"department": heir}, by=by)
            moved += 1
    for kind in FactKind.objects.filter(holder=department).order_by("pk").select_for_update(of=("self",), no_key=True):
        kind.holder = heir
        save(kind, "holder")
        record("fact_kind.succeeded", kind, by=by, old=department.name, new=heir.name)
        moved += 1
    return moved


def _initials(fields: Row) -> str:
    return initials(fields["seed_name"], fields["alias"])
