"""Versions of a program: drafted whole, as a copy of the one before or from the reference files, and published."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.figures import figure
from organization.models import Post

from ..models import MaterialRequirement, Program, ProgramVersion, Sourced, Stage, Track
from ..permissions import can_draft, can_publish
from ..proof import prove
from ..rules import counted_total

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


def content_of_version(version: ProgramVersion) -> Content:
    """All that a version says, ready to be the next one."""
    tracks = version.tracks.select_related("above_ceiling").prefetch_related("stages__department").order_by("order")
    requirements = version.requirements.select_related("track", "material").order_by("order")
    return Content(
        fields=_values(version),
        tracks=[
            TrackContent(
                {**_values(track, "above_ceiling"), "key": track.key},
                [_values(stage) for stage in track.stages.all()],
                track.above_ceiling.key if track.above_ceiling else "",
            )
            for track in tracks
        ],
        requirements=[{**_values(row, "track"), "order": row.order, "track": row.track.key if row.track else ""} for row in requirements],
    )


def _values(row: Sourced, *leave_out: str) -> Row:
    names = [name for name in (*row.sourced_fields(), "origins") if name not in leave_out]
    return {name: getattr(row, name) if row._meta.get_field(name).is_relation else deepcopy(getattr(row, name)) for name in names}


@transaction.atomic
def begin(*, code: str, note: str, by: Post) -> ProgramVersion:
    """Start a draft of the next version as a copy of the newest published one. A program has one such draft at a time.

    Raises:
        AlreadyHandled: somebody has a draft open.
    """
    program = lock(Program.objects.visible_to(by).get_or_404(code))
    recheck(program, can_draft, by)
    if open_draft := program.versions.drafts().order_by("number").first():
        raise AlreadyHandled(f"{open_draft}已由{open_draft.drafted_by}起草，还没有发布。请在那份草稿上修改，或先作废它。")
    if not note.strip():
        raise TransitionError("请写明这次要改什么、为什么改。")
    newest = program.versions.published().order_by("-valid_from").first()
    if newest is None:
        raise TransitionError(f"{program}还没有发布过，不能以它为底稿。请联系县级平台。")
    return draft(code=code, content=content_of_version(newest), note=note.strip(), by=by)


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
def publish(*, version_id: int, valid_from: date, by: Post, seen_revision: int | None = None) -> ProgramVersion:
    """Let a version come into force on a day; the one before it ends on the eve. From now on neither changes.

    `seen_revision`: what the publisher looked at; a draft that was saved since is looked at again.

    Raises:
        AlreadyHandled: it has been published, discarded, or saved since it was looked at.
        TransitionError: held by the platform, a default without origin, stages that do not add up, a rule or a worked example that fails,
            or a day in the past, too far ahead, or not after the version before it.
    """
    fetched = ProgramVersion.objects.visible_to(by).get_or_404(version_id)
    program = lock(fetched.program)
    version = lock(fetched)
    if version.is_published:
        raise AlreadyHandled(f"{version}已由{version.published_by}于{clock.local(version.published_at):%Y-%m-%d}发布。")
    if version.is_discarded:
        raise AlreadyHandled(f"{version}已由{version.discarded_by}作废：{version.discard_reason}。")
    recheck(version, can_publish, by)
    if seen_revision is not None and seen_revision != version.revision:
        raise AlreadyHandled(f"您查看之后，{version.last_saved}又保存过这份草稿。请重新核对差异再发布。")
    if version.is_held:
        raise TransitionError(f"{version.held_by}已暂缓发布：{version.hold_reason}。请与县级平台沟通，恢复后再发布。")
    _refuse_incomplete(version)
    _refuse_unsound(version, valid_from)
    before = version.program.versions.published().order_by("-valid_from").first()
    if before:
        _supersede(before, valid_from)
    _refuse_day(version, valid_from)
    version.valid_from, version.published_at = valid_from, clock.now()
    version.published_by, version.published_by_staff_id = by, by.staff_id
    save(version, "valid_from", "published_at", "published_by", "published_by_staff")
    program.changed_at, program.changed_by = clock.now(), by
    program.save(update_fields=["changed_at", "changed_by"])
    record("program_version.published", version, by=by, new=f"{valid_from:%Y-%m-%d}", note=version.change_note)
    return version


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


def _refuse_unsound(version: ProgramVersion, valid_from: date) -> None:
    """The rule as it would hold on its first day. What is in the reference files is held to the same by the tests."""
    if version.fixture_digest and not version.revision:
        return
    proof = prove(version, valid_from)
    if proof.errors:
        raise TransitionError(f"筛查规则检查没有通过：{proof.errors[0].text}")
    if proof.failed:
        raise TransitionError(f"样例“{proof.failed[0].example}”的结果与预期不符，请先改规则，或说明原因后修改、停用样例。")


def _refuse_day(version: ProgramVersion, valid_from: date) -> None:
    """What people publish begins today at the earliest: earlier days went by the version before. A wrong year could never be mended."""
    if version.fixture_digest and not version.revision:
        return
    if valid_from < clock.today():
        raise TransitionError("启用日期不能早于今天：以前的日子已经按原版本办理。")
    latest = add_months(clock.today(), int(figure("planned_ahead_max")))
    if valid_from > latest:
        raise TransitionError(f"启用日期最晚{latest:%Y-%m-%d}，请看年份写对没有；更远的到时再发布。")


def _supersede(before: ProgramVersion, valid_from: date) -> None:
    if before.valid_from is None or before.valid_from >= valid_from:
        raise TransitionError(f"启用日期必须晚于{before}的启用日期{before.valid_from}。")
    before.valid_until = valid_from - timedelta(days=1)
    before.save(update_fields=["valid_until"])
