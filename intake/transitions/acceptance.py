"""Accepting, and not accepting (RULES B2): from acceptance on the promise to the resident runs (ZX-20, ZX-31)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from config import clock
from config.verbs import TransitionError, save
from config.words import without_numbers
from deadlines.rules import Limit, Rule
from deadlines.transitions import close_duty, open_duty
from households.models import Access
from households.transitions import let_in
from organization.figures import figure
from organization.models import Post
from programs.models import Track
from verification.transitions import hold, open_for

from ..issuing import issue_acceptance, issue_refusal
from ..models import Application
from ..readiness import lacks_for_acceptance, refuse_kin
from ..rules import listed
from .applications import ACCEPT, DISPATCH, duty_title, end, lock_beneficiaries, note
from .edges import S, take_up
from .papers import list_papers
from .visits import answer_on_paper


@transaction.atomic
def accept(*, application_id: Any, by: Post) -> Application:
    """Take it on. The verification opens at once and once for all items (ZX-20, TZ-27); dispatching is the referrals' verb.

    Whoever accepts is remembered: the same person never decides (four eyes).

    Raises:
        TransitionError: everything that is still lacking, in one sentence; the clerk is kin of the household.
        AlreadyHandled: somebody was first.
    """
    application = take_up(application_id, "accept", by)
    hold(application.household_id)
    lock_beneficiaries(application)
    home, applicant = application.household, application.applicant_id
    if refusal := refuse_kin(home, application.helper_name, by, applicant_id=applicant, application=application):
        raise TransitionError(refusal)
    list_papers(application, by)
    if lacks := lacks_for_acceptance(application, clock.today(), by):
        raise TransitionError(f"还不能受理：{listed(lacks)}")
    application.status = S.ACCEPTED
    application.accepted_at, application.accepted_by, application.accepted_by_staff = clock.now(), by, by.staff
    save(application, "status", "accepted_at", "accepted_by", "accepted_by_staff")
    close_duty(subject=application, kind=ACCEPT, by=by)
    _open_verification(application, by)
    _send_on(application, by)
    if application.household.township_code != application.township_code:
        let_in(household=application.household, unit=application.unit, reason=Access.Reason.ACCEPTED, subject=application, by=by)
    paper = issue_acceptance(application, by)
    note("application.accepted", application, by, new=paper.number)
    answer_on_paper(application, paper, by)
    return application


def _open_verification(application: Application, by: Post) -> None:
    if application.items.filter(track__verification=Track.Verification.BEFORE).exists():
        open_for(household=application.household, subject=application, unit=application.unit, title=duty_title(application), by=by)


def _send_on(application: Application, by: Post) -> None:
    """What needs no verification first is sent on the day of acceptance (issue 4; ZX-20 受理、登记、转办); where everything is verified
    before, until the verification must have begun (C-03): nothing that was accepted stands without a clock. Dispatch closes it."""
    is_for_today = application.items.exclude(track__verification=Track.Verification.BEFORE).exists()
    today = Limit(Rule.FIXED_DATE, until=clock.today())
    limit = today if is_for_today else Limit(Rule.WORKING_DAYS, figure("verification_start_within"))
    open_duty(
        subject=application, kind=DISPATCH, kind_name="转给承办单位", unit=application.unit, title=duty_title(application), by=by,
        limit=limit, url=application.get_absolute_url(), region_code=application.township_code,
        basis="忠府办发〔2021〕53号：受理、登记、转办",
    )  # fmt: skip


@transaction.atomic
def refuse_acceptance(*, application_id: Any, code: str, reason: str, advice: str, by: Post) -> Application:
    """Not accepted, for one of two causes alone, in writing, with where to turn (RULES B2). Whether somebody qualifies is not for here.

    Raises:
        ValidationError: another cause, no reason, no advice; by field.
        TransitionError: an ID number in what was written.
    """
    application = take_up(application_id, "refuse_acceptance", by)
    wrong = {}
    if code not in Application.NotAcceptedCode.values:
        wrong["code"] = "不予受理只限“不属于本辖区”和“重复申请”两种情形，请选择。不符合条件的，由审批单位作出决定。"
    if not reason.strip():
        wrong["reason"] = "请写明不予受理的理由。"
    if not advice.strip():
        wrong["advice"] = "请写明申请人可以到哪里办、怎么办。"
    if wrong:
        raise ValidationError(wrong)
    application.not_accepted_code, application.end_advice = code, without_numbers(advice, may_name_mobile=True)
    close_duty(subject=application, kind=ACCEPT, by=by)
    application = end(application, S.NOT_ACCEPTED, without_numbers(reason), by, code=code)
    answer_on_paper(application, issue_refusal(application, by), by)
    return application
