"""一次性告知: everything that is missing, told once (TZ-14, C-59); a second time with a reason and somebody else's consent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, save
from config.words import without_numbers
from deadlines.rules import Limit, Rule, due_on
from deadlines.transitions import announce, close_duty, open_duty
from documents.transitions import next_number
from organization.figures import figure_at
from organization.models import Post, Unit

from ..issuing import issue_notice
from ..models import Application, Paper, SupplementLine, SupplementNotice
from ..pages import application_page
from ..permissions import can_consent
from .applications import ACCEPT, duty_title, open_accept_duty
from .edges import step, take_up
from .papers import asked_for, list_papers
from .visits import answer_on_paper

SUPPLEMENT = "supplement"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: in words, the paper where it is one, and the unit that asks for it (a referral that came back)."""

    text: str
    paper_id: Any = None
    unit: Unit | None = None


@transaction.atomic
def ask_supplement(
    *,
    application_id: Any,
    lines: Iterable[Lack | tuple[Any, str]],
    repeat_reason: str = "",
    approver: Post | None = None,
    by: Post,
) -> SupplementNotice:
    """Tell the applicant everything that is missing. Before acceptance the application waits; afterwards the window gathers what units
    have returned into one notice (correction 14), and the application goes on.

    `lines` are `Lack`s, or pairs of a paper's id (or None) and a text. The approver of a second notice is told of his consent on record.

    Raises:
        AlreadyHandled: a notice is still unanswered.
        TransitionError: an ID number in a line, or a paper that is not on the list or not needed.
        ValidationError: nothing named; a second notice without reason, or without an approver of the township other than the clerk.
    """
    application = take_up(application_id, "ask_supplement", by)
    sequence = _refuse_repeat(application, repeat_reason, approver, by)
    lacks = [line if isinstance(line, Lack) else Lack(paper_id=line[0], text=line[1]) for line in lines]
    target = step(application, "ask_supplement")
    if target:
        list_papers(application, by)  # what proved a paper may have run out since it was handed in, as acceptance would find
        close_duty(subject=application, kind=ACCEPT, by=by)
    notice = SupplementNotice(
        application=application, sequence=sequence, issued_at=clock.now(), issued_by=by,
        **({"repeat_reason": without_numbers(repeat_reason), "approved_at": clock.now(), "approved_by": approver} if sequence > 1 else {}),
    )  # fmt: skip
    rows = _lines(notice, lacks)
    if target:
        application.status = target
        application.save(update_fields=["status"])
    notice.due_on = _open_duty(application, by)
    notice.number = next_number("supplement_notice", by.unit.region_id, clock.today())
    save(notice)
    SupplementLine.objects.bulk_create(rows)
    answer_on_paper(notice.application, issue_notice(notice, rows, by), by)
    _record("supplement.asked", notice, by, new=notice.number, note=notice.repeat_reason, data={"lines": len(rows), "sequence": sequence})
    if notice.approved_by:
        _tell_approver(notice)
    return notice


def _refuse_repeat(application: Application, reason: str, approver: Post | None, by: Post) -> int:
    """Which notice this is."""
    former = list(application.notices.select_related("issued_by__unit", "issued_by__staff").order_by("sequence"))
    for notice in former:
        if notice.answered_at is None:
            when = f"{clock.local(notice.issued_at):%Y-%m-%d %H:%M}"
            raise AlreadyHandled(f"{notice.issued_by.label}已于{when}出具{notice.number}，申请人还没有补正，不能再出具。")
    if former:
        wrong = {}
        if not reason.strip():
            wrong["repeat_reason"] = "材料应当一次告知。再次告知的，请写明第一次没有告知的理由。"
        if approver is None or approver.staff_id == by.staff_id or not can_consent(approver, application):
            wrong["approver"] = "再次告知须经本乡镇（街道）审批人员同意，请选择同意的人（不能是您自己）。"
        if wrong:
            raise ValidationError(wrong)
    return len(former) + 1


def _lines(notice: SupplementNotice, lacks: list[Lack]) -> list[SupplementLine]:
    papers = {str(paper.pk): paper for paper in notice.application.papers.all()}
    rows = []
    for lack in lacks:
        paper: Paper | None = papers.get(str(lack.paper_id)) if lack.paper_id else None
        if lack.paper_id and paper is None:
            raise TransitionError("所选材料不在这份申请的材料清单里，请重新打开页面选择。")
        if paper and paper.state == Paper.State.EXEMPT:
            raise TransitionError(f"{paper.name}免提交（{paper.exempt_reason}），不能要求补正。")
        if text := lack.text.strip() or (paper.name if paper else ""):
            rows.append(SupplementLine(notice=notice, paper=paper, text=without_numbers(text)[:200], unit=lack.unit))
    if not rows:
        raise ValidationError({"lines": "请列明需要补正的全部材料和内容。"})
    return rows


def _open_duty(application: Application, by: Post) -> Any:
    """The applicant's time; an end on a rest day moves to the next working day (民法典 203). When it runs out nothing happens by itself."""
    days = figure_at("supplement_return_within", region_code=application.township_code)
    duty = open_duty(
        subject=application, kind=SUPPLEMENT, kind_name="等待补正", unit=application.unit, title=duty_title(application), by=by,
        limit=Limit(Rule.CALENDAR_DAYS, days, shifts=True), url=application_page(application),
        region_code=application.township_code, basis="补正期限：平台暂定", is_return=True,
    )  # fmt: skip
    return due_on(duty.due_at) if duty.due_at else clock.today()


def _tell_approver(notice: SupplementNotice) -> None:
    """Consent is registered by the clerk: whoever did not give it learns of it."""
    application, approver = notice.application, notice.approved_by
    if approver is None:
        return
    announce(
        "supplement.consented", notice, to=approver.staff, title=f"已登记您同意再次告知补正：申请{application.number}",
        body=f"{notice.issued_by.label}登记，理由：{notice.repeat_reason}。如不属实，请联系县级平台。", url=application_page(application),
    )  # fmt: skip


@transaction.atomic
def answer_supplement(*, application_id: Any, by: Post) -> Application:
    """The applicant has brought what was missing: back to the window's clock, or, after acceptance, the notice is done.

    What no item asks for any more, since it was removed meanwhile, is waited for no longer.

    Raises:
        TransitionError: a paper the notice names is still missing; no notice is open.
    """
    application = take_up(application_id, "answer_supplement", by)
    notice = application.notices.filter(answered_at=None).select_for_update(of=("self",), no_key=True).first()
    if notice is None:
        raise TransitionError("没有等待补正的一次性告知书。")
    owed = notice.lines.filter(paper__state=Paper.State.MISSING, paper__material__in=asked_for(application))
    if missing := [line.text for line in owed]:
        raise TransitionError(f"告知书列明的材料还没有登记：{'、'.join(missing)}。收到后请先在材料清单登记，确需以后补交的登记为后补。")
    notice.answered_at, notice.answered_by = clock.now(), by
    save(notice, "answered_at", "answered_by")
    close_duty(subject=application, kind=SUPPLEMENT, by=by)
    target = step(application, "answer_supplement")
    if target:
        application.status = target
        application.save(update_fields=["status"])
        open_accept_duty(application, by)
    _record("supplement.answered", notice, by, new=notice.number)
    return application


def _record(verb: str, notice: SupplementNotice, by: Post, **about: Any) -> None:
    record(verb, notice, by=by, application_id=notice.application_id, household_id=notice.application.household_id, **about)
