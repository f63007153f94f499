"""A draft of the next version, changed part by part until somebody else publishes it; given up, held by the platform, released (issue 5).

Each save names the revision its form was opened at: of two people at one draft the later one is told who saved in between, and nothing is
overwritten unseen. What a part changes is the county's from then on, with the source its writer names.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.models import Post

from ..facts import catalogue_of_facts
from ..models import MaterialRequirement, Origin, ProgramVersion, Sourced, Stage, Track
from ..permissions import can_hold, can_revise
from ..presenters import shown
from ..rules import wrong_with_stages
from ..screening.language import read
from .versions import Row

WORDS = (
    "benefit_mode", "place", "summary", "conditions", "aid", "remark", "publicity_masking", "decision_word", "refusal_word", "remedy",
    "remedies", "legal_basis", "pay_start", "pause_causes", "asks_about_kin", "result_valid_months",
)  # fmt: skip
OPENING = ("obtained", "open_months", "has_quota", "quota_per_year")
TRACK = (
    "name", "applies_to", "is_active", "route", "verification", "verification_text", "appraisal", "whole_limit", "extended_limit",
    "limit_unit", "extension_causes", "publicity_days", "publicity_unit", "publicity_in_whole",
)  # fmt: skip
STAGE = ("act", "unit_kind", "department", "name", "limit", "limit_unit", "is_counted", "counts_for")
STAGES_MAX = 20
REQUIREMENT = ("name", "need", "condition", "advice", "is_form")


@transaction.atomic
def revise_draft_words(*, version_id: int, fields: Row, source: str, seen_revision: int, by: Post) -> ProgramVersion:
    """What residents and clerks read: summary, conditions, aid, place, legal basis, words of the decision."""
    version = _open_draft(version_id, seen_revision, by)
    changes = _lay(version, {name: fields[name] for name in WORDS if name in fields}, source)
    return _keep(version, "办理规定", changes, source, by)


@transaction.atomic
def revise_draft_opening(*, version_id: int, fields: Row, source: str, seen_revision: int, by: Post) -> ProgramVersion:
    """How help is obtained, in which months, and how many may."""
    version = _open_draft(version_id, seen_revision, by)
    changes = _lay(version, {name: fields[name] for name in OPENING if name in fields}, source)
    return _keep(version, "受理月份和名额", changes, source, by)


@transaction.atomic
def revise_draft_track(
    *, version_id: int, key: str, fields: Row, stages: Sequence[Row], source: str, seen_revision: int, by: Post
) -> ProgramVersion:
    """A track's route, limits and publicity, and its stages in their order: rows with `stage` (id or None). What is left out goes.

    Raises:
        TransitionError: stages that are not the road which the track promises, or no track in use.
    """
    version = _open_draft(version_id, seen_revision, by)
    track = version.tracks.filter(key=key).first()
    if track is None:
        raise TransitionError("这份草稿里没有这个办理情形。")
    changes = _lay(track, {name: fields[name] for name in TRACK if name in fields}, source)
    if track.route != Track.Route.TOWN:  # only a township has a ceiling to go above
        changes |= _lay(track, {"above_ceiling": None}, source)
    steps, of_stages = _lay_stages(track, stages, source)
    if wrong := wrong_with_stages(track, steps):
        raise TransitionError(wrong)
    save(track)
    if not version.tracks.filter(is_active=True).exists():
        raise TransitionError("至少要有一个启用的办理情形；要停止受理，请联系县级平台暂停项目。")
    return _keep(version, f"办理情形：{track.name}", changes | of_stages, source, by)


def _lay_stages(track: Track, rows: Sequence[Row], source: str) -> tuple[list[Stage], dict[str, list[str]]]:
    """The stages as the rows say, written, and what was otherwise."""
    known = {stage.pk: stage for stage in track.stages.select_related("department")}
    kept = [known.pop(row.get("stage") or 0, None) for row in rows]
    changes: dict[str, list[str]] = {}
    for dropped in known.values():
        changes[f"{dropped.order}.{dropped.name}"] = [str(dropped), "不再有"]
        dropped.delete()
    if any(stage and stage.order != place for place, stage in enumerate(kept, start=1)):
        track.stages.update(order=F("order") + STAGES_MAX)  # out of the way of the new places
    steps: list[Stage] = []
    for place, (row, before) in enumerate(zip(rows, kept, strict=True), start=1):
        values = {name: row[name] for name in STAGE if name in row}
        if before is None:
            step = Stage(track=track, order=place, origins=dict.fromkeys(Stage.sourced_fields(), _origin(source)), **values)
            changes[f"{place}.{step.name}（新）"] = ["—", str(step)]
        else:
            step = before
            changes |= {f"{place}.{label}": pair for label, pair in _lay(step, values, source).items()}
            if step.order != place:
                changes[f"{place}.顺序"] = [str(step), f"{place} {step.name}"]
                step.order = place
        steps.append(step)
    if not wrong_with_stages(track, steps):  # what is no road is not written either: its sentence is about the whole
        for step in steps:
            save(step)
    return steps, changes


@transaction.atomic
def revise_draft_papers(*, version_id: int, rows: Iterable[Row], source: str, seen_revision: int, by: Post) -> ProgramVersion:
    """The papers asked for, in their order: rows with `requirement` (id or None), `material`, its words and need. What is left out goes."""
    version = _open_draft(version_id, seen_revision, by)
    known = {row.pk: row for row in version.requirements.select_related("material")}
    changes: dict[str, list[str]] = {}
    laid = [(row, _in_place_of(row, known)) for row in rows]
    kept = {requirement.pk for row, requirement in laid if requirement and _is_same_paper(row, requirement)}
    for dropped in [requirement for pk, requirement in known.items() if pk not in kept]:
        changes[dropped.name] = [dropped.get_need_display(), "不再需要"]
        dropped.delete()
    for order, (row, before) in enumerate(laid, start=1):
        values = {name: row[name] for name in REQUIREMENT if name in row}
        requirement = before if before and _is_same_paper(row, before) else None
        if requirement is None:
            if before and values["name"] == before.name:  # left over from the other paper
                values["name"] = row["material"].name
            track = before.track_id if before else None
            requirement = MaterialRequirement(version=version, track_id=track, material=row["material"], order=order, **values)
            requirement.origins = dict.fromkeys(MaterialRequirement.sourced_fields(), _origin(source))
            label = f"{values['name']}（新）" if values["name"] in changes else values["name"]
            changes[label] = ["—", requirement.get_need_display()]
        else:
            changed = _lay(requirement, values, source)
            changes |= {f"{requirement.name}·{label}": pair for label, pair in changed.items()}
            requirement.order = order
        save(requirement)
    return _keep(version, "材料", changes, source, by)


@transaction.atomic
def revise_draft_rule(*, version_id: int, rule: Row, source: str, seen_revision: int, by: Post) -> ProgramVersion:
    """The rule of screening, as JSON of the rule language.

    Raises:
        RuleError: it cannot be read; at which place.
    """
    version = _open_draft(version_id, seen_revision, by)
    read(rule, catalogue_of_facts(clock.today()), beneficiary=version.program.beneficiary)
    if rule == version.screening_rule:
        return version
    _need(source)
    before, version.screening_rule = version.screening_rule, rule
    version.origins = {**version.origins, "screening_rule": _origin(source)}
    return _keep(version, "筛查规则", {"筛查规则": ["", ""]}, source, by, rules={"old": before, "new": rule})


@transaction.atomic
def discard(*, version_id: int, reason: str, by: Post) -> ProgramVersion:
    """Give a draft up. It stays readable and is never published. One that the platform holds is given up by the platform alone."""
    version = _open_draft(version_id, None, by)
    if not reason.strip():
        raise TransitionError("作废草稿必须说明原因。")
    if version.is_held and not can_hold(by, version):  # another draft would not be held
        raise TransitionError(f"{version.held_by}已暂缓发布：{version.hold_reason}。请与县级平台沟通，恢复后再作废。")
    version.discarded_at, version.discarded_by, version.discard_reason = clock.now(), by, reason.strip()
    version.held_at, version.held_by, version.hold_reason = None, None, ""
    save(version, "discarded_at", "discarded_by", "discard_reason", "held_at", "held_by", "hold_reason")
    record("program_version.discarded", version, by=by, note=version.discard_reason)
    return version


@transaction.atomic
def hold(*, version_id: int, reason: str, by: Post) -> ProgramVersion:
    """The platform lets a draft not be published for now; its department may go on writing."""
    version = _open_draft(version_id, None, by, may=can_hold)
    if version.is_held:
        raise AlreadyHandled(f"{version.held_by}已暂缓发布：{version.hold_reason}。")
    if not reason.strip():
        raise TransitionError("暂缓发布必须说明原因。")
    version.held_at, version.held_by, version.hold_reason = clock.now(), by, reason.strip()
    save(version, "held_at", "held_by", "hold_reason")
    record("program_version.held", version, by=by, note=version.hold_reason)
    return version


@transaction.atomic
def release(*, version_id: int, by: Post) -> ProgramVersion:
    version = _open_draft(version_id, None, by, may=can_hold)
    if not version.is_held:
        raise AlreadyHandled(f"{version}没有暂缓，可以发布。")
    version.held_at, version.held_by, version.hold_reason = None, None, ""
    save(version, "held_at", "held_by", "hold_reason")
    record("program_version.released", version, by=by)
    return version


def _open_draft(version_id: int, seen_revision: int | None, by: Post, may: Any = can_revise) -> ProgramVersion:
    """The draft, locked and still open, at the revision its form showed."""
    version = lock(ProgramVersion.objects.visible_to(by).get_or_404(version_id))
    if version.is_published:
        raise AlreadyHandled(
            f"{version}已由{version.published_by}发布，自{version.valid_from}起执行，不能再改；您的改动没有保存。要改请另起新版。"
        )
    if version.is_discarded:
        raise AlreadyHandled(f"{version}已由{version.discarded_by}作废：{version.discard_reason}。")
    recheck(version, may, by)
    if seen_revision is not None and seen_revision != version.revision:
        raise AlreadyHandled(f"您打开之后，{version.last_saved}保存过这份草稿，您的改动没有保存。请核对最新内容，再把要改的填上。")
    return version


def _in_place_of(row: Row, known: dict[int, MaterialRequirement]) -> MaterialRequirement | None:
    return known.get(row.get("requirement") or 0)


def _is_same_paper(row: Row, requirement: MaterialRequirement) -> bool:
    """Another material chosen in its row is another paper, which other facts prove."""
    return (row.get("material") or requirement.material) == requirement.material


def _lay(row: Sourced, values: Row, source: str) -> dict[str, list[str]]:
    """Set what differs, each with the county as its origin; what was and what is, by label."""
    changes = {}
    for name, value in values.items():
        if getattr(row, name) == value:
            continue
        before = shown(row, name)
        setattr(row, name, value)
        row.origins = {**row.origins, name: _origin(source)}
        changes[row.label_of(name)] = [before, shown(row, name)]
    return changes


def _keep(
    version: ProgramVersion, part: str, changes: dict[str, list[str]], source: str, by: Post, rules: dict[str, Any] | None = None
) -> ProgramVersion:
    """Write the version with its next revision; nothing, where nothing was changed."""
    if not changes:
        return version
    _need(source)
    version.revision += 1
    version.revised_at, version.revised_by = clock.now(), by
    version.writers = sorted({*version.writers, by.staff_id})
    save(version)
    record("program_version.revised", version, by=by, new=part, note=source.strip(), data={"changes": changes, **(rules or {})})
    return version


def _need(source: str) -> None:
    if not source.strip():
        raise TransitionError("请填写依据：这些改动根据哪份文件或哪次会议。")


def _origin(source: str) -> dict[str, str]:
    return {"origin": Origin.COUNTY.value, "source": source.strip(), "note": ""}
