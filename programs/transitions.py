"""Every change of the catalogue: programs entered and revised, versions drafted and published, programs paused and resumed."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.models import Department, Post

from .models import FactKind, MaterialRequirement, Program, ProgramVersion, Stage, Track
from .permissions import can_confirm_list, can_draft, can_pause, can_publish
from .rules import counted_total, initials

Row = dict[str, Any]


@dataclass
class TrackContent:
    """`fields` without `above_ceiling`, which names another track of the version by key."""

    fields: Row
    stages: list[Row]
    above_ceiling: str = ""


@dataclass
class Content:
    """All that makes a version, each row with its `origins`. A requirement's `track` is a key or empty."""

    fields: Row
    tracks: list[TrackContent]
    requirements: list[Row] = field(default_factory=list)


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
def draft(*, code: str, content: Content, fixture_digest: str = "", note: str = "", by: Post) -> ProgramVersion:
    """Write the next version of a program, with all its tracks, stages and material requirements. Nobody is bound by it yet."""
    program = lock(Program.objects.visible_to(by).get_or_404(code))
    recheck(program, can_draft, by)
    last = program.versions.order_by("-number").first()
    version = ProgramVersion(
        program=program,
        number=last.number + 1 if last else 1,
        fixture_digest=fixture_digest,
        change_note=note,
        drafted_at=clock.now(),
        drafted_by=by,
        drafted_by_staff_id=by.staff_id,
        **content.fields,
    )
    save(version)
    tracks = _write_tracks(version, content.tracks)
    requirements = [MaterialRequirement(version=version, **{**row, "track": _track(row["track"], tracks)}) for row in content.requirements]
    for requirement in requirements:
        requirement.clean_fields()
    MaterialRequirement.objects.bulk_create(requirements)
    record("program_version.drafted", version, by=by, note=note)
    return version


@transaction.atomic
def publish(*, version_id: int, valid_from: date, by: Post) -> ProgramVersion:
    """Let a version come into force on a day; the one before it ends on the eve. From now on neither changes.

    Raises:
        AlreadyHandled: it has been published.
        TransitionError: a default without origin, stages that do not add up, or a day not after the version before it.
    """
    fetched = ProgramVersion.objects.visible_to(by).get_or_404(version_id)
    program = lock(fetched.program)
    version = lock(fetched)
    if version.is_published:
        raise AlreadyHandled(f"{version}已由{version.published_by}于{version.published_at:%Y-%m-%d}发布。")
    recheck(version, can_publish, by)
    _refuse_incomplete(version)
    before = version.program.versions.published().order_by("-valid_from").first()
    if before:
        _supersede(before, valid_from)
    version.valid_from, version.published_at = valid_from, clock.now()
    version.published_by, version.published_by_staff_id = by, by.staff_id
    save(version, "valid_from", "published_at", "published_by", "published_by_staff")
    program.changed_at, program.changed_by = clock.now(), by
    program.save(update_fields=["changed_at", "changed_by"])
    record("program_version.published", version, by=by, new=f"{valid_from:%Y-%m-%d}", note=version.change_note)
    return version


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


def _initials(fields: Row) -> str:
    return initials(fields["seed_name"], fields["alias"])


def _write_tracks(version: ProgramVersion, contents: list[TrackContent]) -> dict[str, Track]:
    tracks: dict[str, Track] = {}
    for order, content in enumerate(contents, start=1):
        track = Track(version=version, order=order, **content.fields)
        save(track)
        tracks[track.key] = track
        stages = [Stage(track=track, order=place, **row) for place, row in enumerate(content.stages, start=1)]
        for stage in stages:
            stage.clean_fields()
        Stage.objects.bulk_create(stages)
    for content in contents:
        if content.above_ceiling:
            track = tracks[content.fields["key"]]
            track.above_ceiling = _track(content.above_ceiling, tracks)
            track.save(update_fields=["above_ceiling"])
    return tracks


def _track(key: str, tracks: dict[str, Track]) -> Track | None:
    if key and key not in tracks:
        raise TransitionError(f"没有标识为“{key}”的办理情形。")
    return tracks[key] if key else None


def _refuse_incomplete(version: ProgramVersion) -> None:
    tracks = list(version.tracks.prefetch_related("stages"))
    if not tracks:
        raise TransitionError(f"{version}没有办理情形，不能发布。")
    rows = [version, *tracks, *(stage for track in tracks for stage in track.stages.all()), *version.requirements.all()]
    for row in rows:
        if missing := row.unsourced():
            labels = "、".join(row.label_of(name) for name in missing)
            raise TransitionError(f"“{row}”的{labels}没有注明来源，不能发布。")
    for track in tracks:
        total = counted_total(track.stages.all())
        if total != track.whole_limit:
            raise TransitionError(f"“{track.name}”各环节合计{total}，与全程时限{track.whole_limit}不符，不能发布。")
        if track.above_ceiling_id and track.above_ceiling_id not in {other.pk for other in tracks}:
            raise TransitionError(f"“{track.name}”超限额转用的情形不属于本版本，不能发布。")


def _supersede(before: ProgramVersion, valid_from: date) -> None:
    if before.valid_from is None or before.valid_from >= valid_from:
        raise TransitionError(f"启用日期必须晚于{before}的启用日期{before.valid_from}。")
    before.valid_until = valid_from - timedelta(days=1)
    before.save(update_fields=["valid_until"])


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


@transaction.atomic
def confirm_list(*, kind_key: str, on: date, by: Post) -> FactKind:
    """The holder's list has been delivered whole by that day: from then on who is not on it is known not to be (issue 5). Once for good.

    Raises:
        AlreadyHandled: it was confirmed; since when it counts.
        TransitionError: the fact comes as no list, or the day is not come.
    """
    kind: FactKind = lock(FactKind.objects.visible_to(by).get_or_404(kind_key))
    recheck(kind, can_confirm_list, by)
    if not kind.is_list:
        raise TransitionError(f"“{kind.label}”没有整份名单，不能确认到齐。")
    if kind.listed_on is not None:
        raise AlreadyHandled(f"“{kind.label}”的整份名单已确认于{kind.listed_on:%Y-%m-%d}到齐，不用重复确认。")
    if on > clock.today():
        raise TransitionError("到齐日期不能晚于今天。名单还没有到齐的，到齐后再确认。")
    kind.listed_on = on
    save(kind, "listed_on")
    record("fact_list.confirmed", kind, by=by, new=on.isoformat(), subject_text=kind.label)
    return kind
