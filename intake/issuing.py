"""The papers of the window, filled and handed out: 受理通知书, 不予受理告知书, 一次性告知书 (`documents.papers`)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from config import clock
from deadlines.counting import calendar_since
from deadlines.rules import Limit, Rule, count, due_on, start_of
from documents import papers
from documents.models import IssuedDocument
from documents.transitions import issue
from organization.figures import figure_or
from organization.models import Post, Unit
from programs.models import Stage, Track

from . import choice
from .beneficiaries import covered_residents
from .models import Application, ApplicationItem, Paper, SupplementLine, SupplementNotice

_STATE = Paper.State


def _common(application: Application) -> dict[str, Any]:
    """What every paper of an application says: to whom, from where, who answers for it, where to complain."""
    unit, applicant = application.unit, application.applicant
    return {
        "addressee": applicant.name,
        "id_masked": str(applicant.id_number),
        "application_number": application.number,
        "issued_on": clock.today(),
        "office": unit.name,
        "office_phone": unit.phone,
        "office_address": unit.address,
        "first_responder": application.first_responder.staff.name,
        "complaint_phone": complaint_phone(),
    }


def complaint_phone() -> str:
    """Filled in by the bureau (ZX-55); until then papers go out without it."""
    return str(figure_or("complaint_phone", ""))


def issue_acceptance(application: Application, by: Post) -> IssuedDocument:
    """受理通知书: what was taken on, who decides it and by when, what was received, what need not be brought, what is to follow."""
    listed = list(application.papers.all())
    settled = {state: [paper.name for paper in listed if paper.state == state] for state in _STATE.values}
    said = papers.AcceptanceNotice(
        accepted_on=clock.local(application.accepted_at).date() if application.accepted_at else clock.today(),
        items=[_accepted(item, application) for item in application.items.with_program()],
        received=[f"{name}（已看原件）" for name in settled[_STATE.SEEN]] + [f"{name}（已上传）" for name in settled[_STATE.UPLOADED]],
        exempt=settled[_STATE.EXEMPT],
        later=settled[_STATE.LATER],
        query_code=application.query_code,
        notes=["办理期间家庭人口、收入、财产有变化的，请及时告诉窗口。"],
        **_common(application),
    )
    return _issue(said, application, application, by)


def _accepted(item: ApplicationItem, application: Application) -> papers.AcceptedItem:
    covered = covered_residents(item)
    family = f"全家{len(covered)}人" if item.household_id else f"{covered[0].name}{'（单人户）' if item.is_for_one_alone else ''}"
    opening = opening_of(item, application)
    promise = f"{opening:%Y-%m-%d}开放后{item.track.promise}" if opening else item.track.promise
    day, is_tentative = promised_day(item.track, start_of(opening) if opening else application.accepted_at)
    return papers.AcceptedItem(
        program=str(item.program), beneficiary=family, unit=decider(item, application),
        promise=f"{promise}（放假安排公布前，日期为暂定）" if is_tentative else promise, due_on=day,
    )  # fmt: skip


def opening_of(item: ApplicationItem, application: Application) -> date | None:
    """When a waiting item is sent on: the promise to the resident starts that day (待开放); None where it goes at once."""
    return choice.opens_on(item.version, clock.local(application.accepted_at or clock.now()).date())


def decider(item: ApplicationItem, application: Application) -> str:
    """Who decides: the department, or the township's office that acts for it."""
    last = item.track.stages.filter(act=Stage.Act.DECIDE).last()
    if last is None or last.unit_kind == Stage.UnitKind.DEPARTMENT:
        return str(item.program.department.name)
    if last.unit_kind == Stage.UnitKind.TOWNSHIP_OFFICE:
        return str(Unit.objects.reviewing(item.program.department_id, application.township_code, clock.today()).name)
    return application.unit.name


def promised_day(track: Track, accepted_at: Any) -> tuple[date | None, bool]:
    """The last day of the whole limit, counted from acceptance, as the promise's duty will count it (ZX-51).

    And whether it is tentative: a year of it has no working calendar yet, and the paper says so.
    """
    starts_at = accepted_at or clock.now()
    counted = count(starts_at, Limit(Rule(track.limit_unit), track.whole_limit), [], calendar_since(clock.local(starts_at).date()))
    return (due_on(counted.due_at) if counted.due_at else None), counted.falls_back


def issue_refusal(application: Application, by: Post) -> IssuedDocument:
    """不予受理告知书: the coded cause, the reason in words, where to turn instead."""
    said = papers.NotAcceptedNotice(
        applied_on=clock.local(application.submitted_at).date() if application.submitted_at else clock.today(),
        programs=_programs(application),
        reason=application.get_not_accepted_code_display(),
        explanation=application.end_reason,
        turn_to=[application.end_advice],
        **_common(application),
    )
    return _issue(said, application, application, by)


def issue_notice(notice: SupplementNotice, lines: Sequence[SupplementLine], by: Post) -> IssuedDocument:
    """一次性告知书: all that is missing and by when. It bears the notice's own number."""
    application = notice.application
    said = papers.SupplementNotice(
        programs=_programs(application),
        missing=[
            papers.MissingPaper(
                material=line.paper.name if line.paper else line.text,
                requirement=line.text if line.paper and line.text != line.paper.name else "",
                programs=f"{line.unit.name}提出" if line.unit else "",
            )
            for line in lines
        ],
        supplement_by=notice.due_on,
        how=f"请在期限内送到{application.unit.name}，也可以交村（社区）协理员代交。没有列出的材料不用再交。",
        **_common(application),
    )
    return _issue(said, notice, application, by, number=notice.number)


def _programs(application: Application) -> list[str]:
    return [str(item.program) for item in application.items.with_program()]


def _issue(said: papers.Paper, subject: Any, application: Application, by: Post, number: str = "") -> IssuedDocument:
    return issue(
        kind=said.kind,
        subject=subject,
        data=said,
        number=number,
        household_id=application.household_id,
        application_id=application.pk,
        by=by,
    )
