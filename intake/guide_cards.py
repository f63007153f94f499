"""What stands on the 救助明白卡: each program with where to go, by when, what to bring and what not to (TZ-14, ZX-30, XX-22)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from config import clock
from deadlines.lamps import TENTATIVE
from deadlines.rules import start_of
from documents import papers
from households.knowledge import Evidence
from households.models import AssistanceRecord, Household, IdentityTag, Resident, Screening
from households.rules import TAG_OF_PROGRAM, is_of_age
from households.screening.discretion import private_programs
from households.screening.screening import HELPFUL, outcomes
from households.transitions.screening import latest as latest_of
from organization.figures import figure
from organization.models import Post, Unit
from programs.models import Material, MaterialRequirement, Program, ProgramVersion
from programs.presenters import TrackView

from . import choice, offers
from .issuing import complaint_phone, decider, opening_of, promised_day
from .models import Application, ApplicationItem, Paper, Visit

NOTE = "本卡只作指引，是否给予救助以承办单位的决定为准。"


def of_visit(visit: Visit, programs: Iterable[Program], *, progress_url: str = "") -> papers.GuideCard:
    """For somebody who has been told how it is done: by the catalogue, less what the platform knows of the household already.

    `programs` come with their page data.
    """
    today = clock.today()
    evidence = _evidence(visit.household, today) if visit.household else None
    return papers.GuideCard(
        addressee=visit.resident.name if visit.resident else "来访群众",
        id_masked=str(visit.resident.id_number) if visit.resident else "",
        items=[_advised(program, visit.unit, today, evidence) for program in programs],
        notes=[*visit.answer.splitlines(), *_screened(visit.household, visit.resident, {program.pk for program in programs}), NOTE],
        progress_url=progress_url,
        **_window(visit.unit, visit.arrived_by),
    )


def of_application(application: Application, *, progress_url: str = "") -> papers.GuideCard:
    """For somebody who has applied: who decides what by which day, and the papers that are still to come."""
    state_of = {paper.material_id: paper for paper in application.papers.all()}
    items = application.items.with_program().prefetch_related("version__requirements")
    return papers.GuideCard(
        addressee=application.applicant.name,
        id_masked=str(application.applicant.id_number),
        application_number=application.number,
        items=[_asked(item, application, state_of) for item in items],
        notes=[
            "凭查询码可以查办到哪一步。家庭人口、收入、财产有变化的，请及时告诉窗口。",
            *_screened(application.household, application.applicant, None, besides={item.program_id for item in items}),
            NOTE,
        ],
        query_code=application.query_code,
        progress_url=progress_url,
        **_window(application.unit, application.first_responder),
    )


def _screened(household: Household | None, addressee: Resident | None, chosen: set[str] | None, besides: Collection[str] = ()) -> list[str]:
    """平台初步筛查: what may be asked for, and what to bring; never by whose data. Of the programs `chosen`, or of all `besides` some.

    A sensitive program is not printed, nor one that rests on illness, disability, prison or the like of another adult: whose it is the rest
    of the family need not know (DESIGN 2).
    """
    last = latest_of(household) if household else None
    if last is None or household is None:
        return []
    said = _said(last, household, addressee)
    wanted = (said & chosen if chosen is not None else said) - set(besides)
    rows = _printable(wanted)
    evidence = _evidence(household, clock.today())
    lines = [_may_ask(program, evidence) for program in rows if program.current]
    return [f"平台初步筛查（{last.on.year}年{last.on.month}月{last.on.day}日，只作提示）：以下项目可能符合条件。", *lines] if lines else []


def suggested(visit: Visit) -> list[str]:
    """Codes of what today's screening says may be asked for, as far as the card may print it: in the order of the county's list."""
    last = latest_of(visit.household) if visit.household else None
    if last is None or last.on != clock.today():
        return []
    said = _said(last, last.household, visit.resident)
    return [program.pk for program in _printable(said) if program.current and not choice.why_not(program, program.current[0])]


def _said(last: Screening, household: Household, addressee: Resident | None) -> set[str]:
    """Programs of which the family has nothing yet and which that screening found 符合 or 疑似, less what tells of another adult."""
    today = clock.today()
    has = _given(household, today)
    own, private = {"", *_cared_for(household, addressee, today)}, private_programs(last)
    found = [key for key, outcome in outcomes(last).items() if outcome in HELPFUL and key not in has]
    return {code for code, person in found if person in own or code not in private}


def _printable(codes: Collection[str]) -> list[Any]:
    return list(Program.objects.named().filter(pk__in=codes, is_sensitive=False).with_page_data(clock.today()))


def _cared_for(household: Household, addressee: Resident | None, on: date) -> Iterator[str]:
    """Whoever is handed the card, and the family's children."""
    full_age = figure("full_age")
    for membership in household.memberships.open().select_related("resident"):
        person = membership.resident
        if person == addressee or (person.birth_on and not is_of_age(person.birth_on, on, full_age)):
            yield str(person.pk)


def _given(household: Household, on: date) -> set[tuple[str, str]]:
    """What the family has already, by program and person: aid in force, and identities that programs give."""
    records = AssistanceRecord.objects.about_household(household.pk).in_force(on).regular()
    tags = IdentityTag.objects.about_household(household.pk).standing(on).filter(kind__in=list(_PROGRAM_OF_TAG))
    found = {(code, str(person or "")) for code, person in records.values_list("program_id", "resident_id")}
    return found | {(_PROGRAM_OF_TAG[kind], str(person or "")) for kind, person in tags.values_list("kind", "resident_id")}


_PROGRAM_OF_TAG = {kind: code for code, kind in TAG_OF_PROGRAM.items()}


def _may_ask(program: Any, evidence: Evidence) -> str:
    version: ProgramVersion = program.current[0]
    track = (offers.chosen_by_people(version) or [version.main_track])[0]
    bring, _ = _papers(TrackView(track, list(version.requirements.all())), evidence)
    return f"{program.seed_name}：请带{'、'.join(bring)}" if bring else str(program.seed_name)


def _window(unit: Unit, responder: Post) -> dict[str, Any]:
    return {
        "issued_on": clock.today(),
        "office": unit.name,
        "office_phone": unit.phone,
        "office_address": unit.address,
        "window": unit.name,
        "first_responder": responder.staff.name,
        "complaint_phone": complaint_phone(),
    }


def _evidence(household: Household, on: date) -> Evidence:
    members = household.memberships.open().select_related("resident")
    return Evidence(household, [membership.resident for membership in members], on)


# ── before an application: by the catalogue ─────────────────────────────────────────────────────────────────────────


def _advised(program: Any, window: Unit, on: date, evidence: Evidence | None) -> papers.GuideItem:
    """`program` comes with its page data: `current`, and the department's telephone."""
    version: ProgramVersion = program.current[0]
    if choice.why_not(program, version):
        place, phone = version.place or program.department.name, program.department.phone
        return papers.GuideItem(program=program.seed_name, unit=place, phone=phone, by_date=_how(version))
    track = (offers.chosen_by_people(version) or [version.main_track])[0]
    bring, leave = _papers(TrackView(track, list(version.requirements.all())), evidence)
    return papers.GuideItem(
        program=program.seed_name,
        unit=window.name,
        phone=window.phone,
        by_date=f"{_how(version)}，受理后{track.promise}内办结" if version.open_months else f"受理后{track.promise}内办结",
        bring=bring,
        do_not_bring=leave,
    )


def _how(version: ProgramVersion) -> str:
    months = "、".join(f"{month}月" for month in version.open_months)
    return f"每年{months}受理" if months else str(version.get_obtained_display())


def _papers(view: TrackView, evidence: Evidence | None) -> tuple[list[str], list[str]]:
    """To bring, and not to bring: what the catalogue exempts, and what is proven; without a household, what the platform can look up."""
    bring, leave = [_name(row) for row in view.bring], [_name(row) for row in view.exempt]
    for row in view.if_not_found:
        if evidence is None:
            leave.append(f"{row.name}（平台查不到时再补）")
        else:
            (leave if _is_proven(row.material, evidence) else bring).append(_name(row))
    return bring, leave


def _is_proven(material: Material, evidence: Evidence) -> bool:
    return evidence.proof_of(material) is not None


def _name(row: MaterialRequirement) -> str:
    return f"{row.name}（{row.condition}）" if row.condition else row.name


# ── after it: by what the window has settled ────────────────────────────────────────────────────────────────────────


def _asked(item: ApplicationItem, application: Application, state_of: dict[str, Paper]) -> papers.GuideItem:
    wanted = {row.material_id for row in item.version.requirements.all() if row.track_id in {None, item.track_id}}
    mine = [paper for material, paper in state_of.items() if material in wanted]
    opening = opening_of(item, application)
    day, is_tentative = promised_day(item.track, start_of(opening) if opening else application.accepted_at)
    opened = f"{opening.year}年{opening.month}月{opening.day}日开放，" if opening else ""
    by = f"{day.year}年{day.month}月{day.day}日前办结{TENTATIVE if is_tentative else ''}" if day else f"受理后{item.track.promise}内办结"
    return papers.GuideItem(
        program=str(item.program),
        unit=decider(item, application),
        phone=_phone(item),
        by_date=opened + by,
        bring=[f"{paper.name}（后补）" for paper in mine if paper.state == Paper.State.LATER],
        do_not_bring=[paper.name for paper in mine if paper.state == Paper.State.EXEMPT],
    )


def _phone(item: ApplicationItem) -> str:
    """Of the department that decides; questions go to it once the window has sent the item on."""
    desk = Unit.objects.filter(kind=Unit.Kind.DEPARTMENT, department=item.program.department_id, valid_until=None).first()
    return desk.phone if desk else ""
