"""Which unit holds a stage, and which stage comes next (ZX-31 to ZX-33, correction 13)."""

from datetime import date

from django.db.models import Q, QuerySet

from config.verbs import TransitionError
from organization.desks import desk_of
from organization.models import Unit
from programs.models import Program, ProgramVersion, Stage, Track

# Done in the act of acceptance: nobody is sent anything for it (correction 13).
AT_ACCEPTANCE = Stage.Act.REGISTER


def track_for(version: ProgramVersion, purpose: str) -> Track:
    """The way on which aid that was given is changed or stopped: the version's own stop track, else one that serves it among others,
    else the first of all, whose review and decision are walked (DESIGN 5; 特困: notice of 7 days first, C-31).

    Raises:
        TransitionError: the version has no track in use.
    """
    tracks = sorted(version.tracks.filter(is_active=True), key=lambda row: row.order)
    of_its_own = [row for row in tracks if row.purposes == [purpose]]
    serving = [row for row in tracks if purpose in row.purposes and not row.is_urgent]
    track = next(iter(of_its_own or serving or tracks), None)
    if track is None:
        raise TransitionError(f"“{version.program}”没有启用的办理情形，请联系县级平台核对项目规则。")
    return track


def walked(track: Track, purpose: str = Track.Purpose.GRANT) -> "QuerySet[Stage]":
    """The stages that units hold, in order. A change on a road of granting is reviewed and decided: only what is granted is put up."""
    is_put_up = purpose == Track.Purpose.GRANT or Track.Purpose.GRANT not in track.purposes
    return _stages(track.pk, is_put_up=is_put_up)


def _stages(track_id: int, *, is_put_up: bool) -> "QuerySet[Stage]":
    stages = Stage.objects.filter(track_id=track_id).exclude(act=AT_ACCEPTANCE).order_by("order")
    return stages if is_put_up else stages.exclude(act=Stage.Act.PUBLICISE)


def _beside(stage: Stage, purpose: str) -> "QuerySet[Stage]":
    """All of a stage's road; its track is looked at for a change alone."""
    return _stages(stage.track_id, is_put_up=True) if purpose == Track.Purpose.GRANT else walked(stage.track, purpose)


def first_stage(track: Track, purpose: str = Track.Purpose.GRANT) -> Stage:
    """Where a referral goes first.

    Raises:
        TransitionError: the track has no stage but the window's own registration.
    """
    stage = walked(track, purpose).first()
    if stage is None:
        raise TransitionError(f"“{track.name}”没有设置办理环节，请联系县级平台核对项目规则。")
    return stage


def stage_after(stage: Stage, purpose: str = Track.Purpose.GRANT) -> Stage | None:
    """The next one of the same track; None behind the decision."""
    return _beside(stage, purpose).filter(order__gt=stage.order).first()


def stage_before(stage: Stage, purpose: str = Track.Purpose.GRANT) -> Stage | None:
    """The one before; None for the first, before which there is only the window."""
    return _beside(stage, purpose).filter(order__lt=stage.order).last()


def deciding_stage(track: Track) -> Stage:
    """The stage that decides.

    Raises:
        TransitionError: the track has none.
    """
    stage = track.stages.filter(act=Stage.Act.DECIDE).order_by("order").last()
    if stage is None:
        raise TransitionError(f"“{track.name}”没有设置决定环节，请联系县级平台核对项目规则。")
    return stage


def stage_for(track: Track, stage: Stage, unit: Unit) -> Stage:
    """Which stage a unit takes that a dispute was settled for: the one of its kind, from the disputed one on; else the decision itself."""
    kind = Stage.UnitKind.DEPARTMENT if unit.kind == Unit.Kind.DEPARTMENT else Stage.UnitKind.TOWNSHIP_OFFICE
    fitting = list(track.stages.exclude(act=AT_ACCEPTANCE).filter(unit_kind=kind).order_by("order"))
    later = [row for row in fitting if row.order >= stage.order]
    return next(iter(later or fitting[::-1]), None) or deciding_stage(track)


def units_for(township_code: str, on: date) -> "QuerySet[Unit]":
    """Who can be named in a dispute about a township's referral: the county's departments and the township's own offices."""
    is_office = Q(kind=Unit.Kind.TOWNSHIP_OFFICE, region=township_code)
    return Unit.objects.current(on).filter(Q(kind=Unit.Kind.DEPARTMENT) | is_office)


def unit_of(stage: Stage, *, program: Program, window: Unit, on: date) -> Unit:
    """The unit that holds a stage for a township: its reviewing office, its window, or the department's desk in the county.

    What a village does (评议, 公示) is organised and registered by the township's window: a village only helps (SECURITY, 转办).

    Raises:
        TransitionError: nobody is there to send it to.
    """
    match stage.unit_kind:
        case Stage.UnitKind.TOWNSHIP_OFFICE:
            office: Unit = Unit.objects.reviewing(program.department_id, window.region_id, on)
            return office
        case Stage.UnitKind.DEPARTMENT:
            return desk_of(stage.department or program.department, on)
    return window


def decider_of(version: ProgramVersion, purpose: str, window: Unit, on: date) -> Unit:
    """Who would decide of aid that was given: for what the townships are not named (DESIGN 2)."""
    return unit_of(deciding_stage(track_for(version, purpose)), program=version.program, window=window, on=on)
