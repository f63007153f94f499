"""Which programs the window can take an application for on a day, and by which track (DESIGN 4)."""

from datetime import date

from config.verbs import TransitionError
from programs.models import Program, ProgramVersion, Track
from programs.rules import opening_on

from .rules import obtained_elsewhere


def pick(program: Program, track_key: str, on: date) -> Track:
    """The track to ask by, of the version in force on that day.

    Raises:
        TransitionError: the program, or this way of it, is not applied for at the window today; how it is obtained instead.
    """
    version = version_in_force(program, on)
    if refusal := why_not(program, version):
        raise TransitionError(refusal)
    track = version.tracks.filter(key=track_key).first() if version else None
    if version is None or track is None:
        raise TransitionError(f"“{program}”没有这种办理情形，请重新选择。")
    if refusal := why_not_by(track):
        raise TransitionError(refusal)
    if version.tracks.filter(above_ceiling=track).exists():
        raise TransitionError(f"“{track.name}”不用选：选择一般情形、填写金额，超过乡镇（街道）限额的会转县级审批。")
    track.version = version
    return track


def version_in_force(program: Program, on: date) -> ProgramVersion | None:
    return ProgramVersion.objects.in_force(on).filter(program=program).first()


def why_not(program: Program, version: ProgramVersion | None) -> str:
    """Why nothing is asked of this program; "" when it may be. Outside its open months it may: then the item waits."""
    if program.is_placeholder:
        return "这个项目在清单中还没有名称，暂不能申请。"
    if program.is_paused:
        return f"“{program}”已由县级平台暂停受理（{program.pause_reason}），恢复后再申请。"
    if version is None:
        return f"“{program}”今天没有启用的规则版本，请联系{program.department}。"
    if program.beneficiary == Program.Beneficiary.EMPLOYER:
        return obtained_elsewhere(str(program), "employer", version.place)
    return obtained_elsewhere(str(program), version.obtained, version.place)


def opens_on(version: ProgramVersion, on: date) -> date | None:
    """When an item that is asked for now is sent on: the next opening day, or None for at once (待开放, DESIGN 4)."""
    return opening_on(version.open_months, on)


def why_not_by(track: Track) -> str:
    """Why this way of a program is not chosen at the window; "" when it may be."""
    if not track.is_active:
        return f"“{track.name}”在本县还没有启用，请选择其他办理情形。"
    if Track.Purpose.GRANT not in track.purposes:
        return f"“{track.name}”不是申请，由经办单位办理，请选择其他办理情形。"
    if track.is_urgent and track.route == Track.Route.TOWN:
        return f"“{track.name}”不用先申请：请到“先行救助”登记，先救助、后补手续；还需要更多的，再选择其他办理情形申请。"
    return ""
