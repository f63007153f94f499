"""An application begun, filled in, submitted, withdrawn; and what the referrals do to it from above (DESIGN 5)."""

import secrets
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.protection.names import tidy_name
from config.protection.sealing import seal
from config.verbs import TransitionError, save
from config.words import without_numbers
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import close_all, close_duty, open_duty
from documents.models import FormVersion
from documents.transitions import next_number
from households.models import Household, Membership, Resident
from households.transitions import close_access
from organization.figures import figure
from organization.models import Post
from verification.transitions import let_go

from .. import duplicates
from ..beneficiaries import applies_alone, name_beneficiary_of_household_aid, possible_applicants
from ..models import Application, Visit
from ..pages import application_page
from ..permissions import can_receive
from ..readiness import lacks_for_submission, refuse_kin
from ..rules import QUERY_CODE_LENGTH, QUERY_CODE_MARKS, SINGLE_PERSON_PROGRAMS, listed
from .edges import EDGES, S, seize, standing, step, take_up
from .papers import list_papers

ACCEPT, DISPATCH = "accept", "dispatch"
GUEST = "本单位只是协助入户。本人来本窗口申请的，请先按证件号码查找，点“在本窗口受理”。"


@transaction.atomic
def draft(
    *,
    household_id: Any,
    applicant_id: Any,
    visit_id: Any = None,
    channel: str = Application.Channel.WINDOW,
    helper_name: str = "",
    helper_relation: str = "",
    helper_phone: str = "",
    as_single_person: bool = False,
    single_person_reason: str = "",
    by: Post,
) -> Application:
    """Begin an application at the own window. 首问责任人 (TZ-14) is who received the person; without a visit, who begins.

    Raises:
        TransitionError: the applicant died or does not belong there, or the clerk or the helper is kin of the household; or the window was
            let in to visit alone.
    """
    if not can_receive(by):
        raise PermissionDenied("只有乡镇（街道）窗口经办可以登记申请。")
    household: Household = Household.objects.visible_to(by).get_or_404(household_id)
    applicant: Resident = Resident.objects.visible_to(by).get_or_404(applicant_id)
    visit: Visit | None = Visit.objects.visible_to(by).get_or_404(visit_id) if visit_id else None
    _refuse_guest(household, by)
    _refuse_applicant(applicant, household)
    if refusal := refuse_kin(household, helper_name, by, applicant_id=applicant.pk):
        raise TransitionError(refusal)
    today = clock.today()
    application = Application(
        unit=by.unit, township_code=by.unit.region_id, household=household, visit=visit, channel=channel,
        first_responder=visit.arrived_by if visit else by, drafted_at=clock.now(), drafted_by=by, query_code=_new_query_code(),
    )  # fmt: skip
    _fill_in(application, applicant, helper_name, helper_relation, helper_phone, as_single_person, single_person_reason)
    application.number = next_number("application", by.unit.region_id[-3:], today)
    save(application)
    note("application.drafted", application, by, new=application.get_channel_display())
    return application


@transaction.atomic
def revise(
    *,
    application_id: Any,
    applicant_id: Any,
    channel: str = Application.Channel.WINDOW,
    helper_name: str = "",
    helper_relation: str = "",
    helper_phone: str | None = None,
    as_single_person: bool = False,
    single_person_reason: str = "",
    by: Post,
) -> Application:
    """Who applies, by which way, with whose help. `helper_phone` None leaves the number as it is, "" empties it."""
    applicant: Resident = Resident.objects.visible_to(by).get_or_404(applicant_id)
    application = take_up(application_id, "revise", by)
    _refuse_applicant(applicant, application.household)
    if refusal := refuse_kin(application.household, helper_name, by, applicant_id=applicant.pk, application=application):
        raise TransitionError(refusal)
    old = _described(application)
    application.channel = channel
    _fill_in(application, applicant, helper_name, helper_relation, helper_phone, as_single_person, single_person_reason)
    save(application)
    _name_beneficiaries_anew(application)
    list_papers(application, by)
    note("application.revised", application, by, old=old, new=_described(application))
    return application


def _refuse_guest(household: Household, by: Post) -> None:
    """Let in to visit alone: what an application shows of the family, the window takes it on for, with its line in the record."""
    if not Household.objects.beyond_the_card(by).filter(pk=household.pk).exists():
        raise TransitionError(GUEST)


def _refuse_applicant(applicant: Resident, household: Household) -> None:
    if applicant.is_dead:
        raise TransitionError(f"{applicant.name}已登记死亡，不能作为申请人。")
    if not possible_applicants(household, clock.today()).filter(pk=applicant.pk).exists():
        raise TransitionError(f"{applicant.name}不是这个家庭的成员，也不是成员的监护人，请先登记家庭关系。")


def _fill_in(
    application: Application, applicant: Resident, name: str, relation: str, phone: str | None, is_single: bool, reason: str
) -> None:
    application.applicant = applicant
    application.helper_name, application.helper_relation = tidy_name(name), relation.strip()
    if phone is not None:
        seal(application, helper_phone=phone)
    application.as_single_person, application.single_person_reason = is_single, reason if is_single else ""
    if is_single and not applies_alone(application):
        raise TransitionError("按单人户申请的，申请人须是家庭成员本人（重病或重度残疾者）；由监护人等代为申请的，填在“代办人”。")


def _name_beneficiaries_anew(application: Application) -> None:
    """Asked for alone or for all, or by another member alone: what was picked already follows."""
    for item in application.items.filter(program__in=SINGLE_PERSON_PROGRAMS).select_related("program"):
        item.application = application
        name_beneficiary_of_household_aid(item)
        if refusal := duplicates.refusal(
            program=item.program, household=item.household, resident=item.resident, on=clock.today(), besides=application
        ):
            raise TransitionError(refusal)
        save(item, "household", "resident")


def _described(application: Application) -> str:
    """What the record says of it before and after."""
    helper = f"，代办人{mask_name(application.helper_name)}" if application.helper_name else ""
    single = f"，单人户（{application.get_single_person_reason_display()}）" if application.as_single_person else ""
    return f"{mask_name(application.applicant.name)}，{application.get_channel_display()}{helper}{single}"


def _new_query_code() -> str:
    """What somebody without a number at hand asks for progress with; drawn, never counted, and not yet taken."""
    while True:
        code = "".join(secrets.choice(QUERY_CODE_MARKS) for _ in range(QUERY_CODE_LENGTH))
        if not Application.objects.filter(query_code=code).exists():
            return code


@transaction.atomic
def promise(*, application_id: Any, signed_on: date, by: Post) -> Application:
    """诚信承诺书 signed (TZ-04, TZ-19): on which day, on which version of the text. A wrong day is corrected by calling again.

    Raises:
        TransitionError: no text was in force on that day.
    """
    application = take_up(application_id, "promise", by)
    if signed_on > clock.today():
        raise ValidationError({"signed_on": "签署日期不能晚于今天。"})
    form = FormVersion.objects.in_force(FormVersion.Key.PROMISE, signed_on)
    if form is None:
        raise TransitionError(f"{signed_on:%Y-%m-%d}还没有启用的诚信承诺书，请核对日期，或联系县级平台发布文本。")
    if (application.promise_form_id, application.promised_on) == (form.pk, signed_on):
        return application
    old = f"{application.promised_on:%Y-%m-%d}" if application.promised_on else ""
    application.promise_form, application.promised_on = form, signed_on
    save(application, "promise_form", "promised_on")
    list_papers(application, by)
    note("application.promised", application, by, old=old, new=f"{signed_on:%Y-%m-%d}", data={"form": form.number})
    return application


@transaction.atomic
def submit(*, application_id: Any, by: Post) -> Application:
    """Hand it in: from here on the window owes acceptance, a notice of what is missing, or a reasoned no, within working days (C-59).

    Asking the same for the same beneficiary at two windows at once: the second waits at the households' lock and is told of the first.

    Raises:
        TransitionError: everything that is still lacking, in one sentence.
    """
    application = take_up(application_id, "submit", by)
    lock_beneficiaries(application)
    list_papers(application, by)
    if lacks := lacks_for_submission(application, clock.today(), by):
        raise TransitionError(f"还不能提交：{listed(lacks)}")
    application.status = S.SUBMITTED
    application.submitted_at, application.submitted_by = clock.now(), by
    save(application, "status", "submitted_at", "submitted_by")
    open_accept_duty(application, by)
    note("application.submitted", application, by, data={"programs": [item.program_id for item in application.items.all()]})
    return application


def lock_beneficiaries(application: Application) -> None:
    """Lock every household in which something is asked for, and wards without one: in one order, so that nobody waits in a circle."""
    wards = [pk for pk in application.items.values_list("resident", flat=True) if pk]
    homes = dict(Membership.objects.open().filter(resident__in=wards).values_list("resident", "household"))
    households = Household.objects.filter(pk__in={application.household_id, *homes.values()})
    list(households.order_by("pk").select_for_update(of=("self",), no_key=True))
    alone = Resident.objects.filter(pk__in=[pk for pk in wards if pk not in homes])
    list(alone.order_by("pk").select_for_update(of=("self",), no_key=True))


def open_accept_duty(application: Application, by: Post) -> None:
    """The window's clock from submission, and again from the completed supplement."""
    open_duty(
        subject=application, kind=ACCEPT, kind_name="受理", unit=application.unit, title=duty_title(application), by=by,
        limit=Limit(Rule.WORKING_DAYS, figure("supplement_notice_within")), url=application_page(application),
        region_code=application.township_code, basis="一次性告知：滕州市实施意见；时限比照行政许可法第32条",
    )  # fmt: skip


def duty_title(application: Application) -> str:
    return f"申请{application.number} {mask_name(application.applicant.name)}"


@transaction.atomic
def withdraw(*, application_id: Any, reason: str, by: Post) -> Application:
    """The applicant no longer wants it, or does not come back with what was missing. After acceptance the referrals are withdrawn."""
    application = take_up(application_id, "withdraw", by)
    return end(application, S.WITHDRAWN, _reason(reason), by)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "请写明原因。"})
    return without_numbers(reason)


@transaction.atomic
def start_progress(*, application: Application, by: Post) -> Application:
    """Inner, called by dispatch: its items are on their way."""
    application = seize(application)
    step(application, "start_progress")
    if Duty.objects.open().about(application, DISPATCH).exists():
        close_duty(subject=application, kind=DISPATCH, by=by)
    application.status = S.IN_PROGRESS
    application.save(update_fields=["status"])
    note("application.started", application, by)
    return application


@transaction.atomic
def close(*, application: Application, by: Post) -> Application:
    """Inner, called under the application's lock with its last referral: everything asked for has its answer (XX-21)."""
    application = seize(application)
    step(application, "close")
    return end(application, S.CLOSED, "", by)


@transaction.atomic
def stop(*, application: Application, status: str, reason: str, by: Post) -> Application:
    """Inner: withdrawn or terminated after acceptance, when no referral is left that goes on."""
    application = seize(application)
    step(application, "stop")
    if status not in EDGES[application.status] or status == S.CLOSED:
        raise TransitionError(standing(application))
    return end(application, status, _reason(reason), by)


EVENTS = {
    S.CLOSED: "application.closed",
    S.NOT_ACCEPTED: "application.not_accepted",
    S.WITHDRAWN: "application.withdrawn",
    S.TERMINATED: "application.terminated",
}


def end(application: Application, status: str, reason: str, by: Post, **data: Any) -> Application:
    """What every end shares: who, when, why; its clocks and the access of the window end with it, and the verification that it was the
    last to need."""
    application.status = status
    application.ended_at, application.ended_by, application.end_reason = clock.now(), by, reason
    save(application, "status", "ended_at", "ended_by", "end_reason", "end_advice", "not_accepted_code")
    close_all(subject=application, by=by)
    close_access(subject=application, by=by)
    note(EVENTS[S(status)], application, by, note=reason, data=data)
    if application.accepted_at:
        ended = f"申请{application.number}{application.get_status_display()}"
        let_go(household=application.household, ended=ended, application_id=application.pk, by=by)
    return application


def note(verb: str, application: Application, by: Post, **about: Any) -> None:
    """The event of an application, found under its household too."""
    record(verb, application, by=by, application_id=application.pk, household_id=application.household_id, **about)
