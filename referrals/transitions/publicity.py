"""公示: put up, objected to, ended (C-05, C-12, C-25, C-26; QJ-26). The referral stands at its publicise stage all the while.

What the unit waits for is not its own doing: its stage's clock stands from the posting to the end, and with it the promise, where the
version says so. A duty of its own remembers the day after the last.
"""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, save
from config.words import without_numbers
from deadlines.rules import Limit, Rule
from deadlines.transitions import close_duty, open_duty
from documents.models import Attachment
from documents.transitions import upload
from documents.transitions.attachments import IncomingFile
from organization.models import Post
from programs.models import Stage

from ..conditions import here_since, words
from ..models import Publicity, Referral
from ..notice import is_published_at_all, next_workday, notice_of
from ..permissions import can_publicise
from . import clocks
from .edges import take_up

END_DUTY = "end_publicity"
PHOTO, END_PHOTO = "publicity_photo", "publicity_end_photo"
FOUNDED, UNFOUNDED = Publicity.ObjectionResult.FOUNDED, Publicity.ObjectionResult.UNFOUNDED
ONE_DAY = timedelta(days=1)
PLACE, OBJECTION, NOTE = 100, 500, 300  # as long as their columns


@transaction.atomic
def post_publicity(*, referral_id: Any, place: str, starts_on: date, photo: IncomingFile | None = None, by: Post) -> Publicity:
    """Register the notice that was put up: where, from when, what it says. The text is made here, masked by the version's words.

    Raises:
        AlreadyHandled: one is up already, or has done its days.
        TransitionError: another stage, a program that is never published, no place, a day that cannot be.
    """
    referral = take_up(referral_id, "post_publicity", can_publicise, by)
    refuse_posting(referral, starts_on)
    notice = notice_of(referral, starts_on)
    publicity = Publicity(
        pk=uuid4(), referral=referral, unit=by.unit, place=words(place, "请填写公示地点，如村（社区）公示栏。", PLACE), text=notice.text,
        starts_on=starts_on, days=notice.days, ends_on=notice.ends_on, posted_at=clock.now(), posted_by=by,
    )  # fmt: skip
    publicity.photo = _keep(publicity, PHOTO, photo, by)
    save(publicity)
    clocks.pause_stage(referral, clocks.Cause.PUBLICITY, by)
    clocks.pause_promise(referral=referral, cause=clocks.Cause.PUBLICITY, by=by)
    open_duty(
        subject=referral, kind=END_DUTY, kind_name="登记公示结果", unit=by.unit, title=referral.title, url=referral.get_absolute_url(),
        limit=Limit(Rule.FIXED_DATE, until=next_workday(publicity.ends_on)), region_code=referral.township_code,
        topic_code=referral.program_id, basis=f"公示到{publicity.ends_on} 24时，其后第一个工作日登记", by=by,
    )  # fmt: skip
    _note("publicity.posted", publicity, by, new=publicity.ends_on.isoformat(), note=publicity.place)
    return publicity


@transaction.atomic
def object(*, publicity_id: Any, text: str, by: Post) -> Publicity:
    """Somebody objects while the notice is up. A further objection is added to the first.

    Raises:
        AlreadyHandled: the notice has ended.
        TransitionError: nothing said, or more than there is room for.
    """
    publicity = _taken_up(publicity_id, "object", by)
    said = words(text, "请填写异议的内容。", OBJECTION)
    if publicity.objection:
        said = words(f"{publicity.objection}；{clock.today()}又有异议：{said}", "", OBJECTION)
    publicity.objection, publicity.objected_at, publicity.objected_by = said, clock.now(), by
    save(publicity, "objection", "objected_at", "objected_by")
    _note("publicity.objected", publicity, by)
    return publicity


@transaction.atomic
def end_publicity(
    *, publicity_id: Any, objection_result: str = "", objection_note: str = "", photo: IncomingFile | None = None, by: Post
) -> Publicity:
    """Register that its days are over, and what came of an objection. A founded one ends it at once: it has to be done again anyway.

    Raises:
        AlreadyHandled: it has ended.
        TransitionError: not over yet, the objection without its result, or a result without an objection.
    """
    publicity = _taken_up(publicity_id, "end_publicity", by)
    referral, note = publicity.referral, without_numbers(objection_note)
    _refuse_result(publicity, objection_result, note)
    if clock.today() <= publicity.ends_on and objection_result != FOUNDED:
        raise TransitionError(f"公示到{publicity.ends_on} 24时为止，{publicity.ends_on + ONE_DAY}起才能登记公示结果。")
    publicity.objection_result, publicity.objection_note = objection_result, note
    publicity.ended_at, publicity.ended_by = clock.now(), by
    _keep(publicity, END_PHOTO, photo, by)
    save(publicity, "objection_result", "objection_note", "ended_at", "ended_by")
    close_duty(subject=referral, kind=END_DUTY, by=by)
    clocks.resume_stage(referral, by)
    clocks.resume_promise(referral=referral, cause=clocks.Cause.PUBLICITY, by=by)
    _note("publicity.ended", publicity, by, new=publicity.get_objection_result_display() or "没有异议", note=note)
    return publicity


def refuse_posting(referral: Referral, starts_on: date) -> None:
    """What keeps a notice from being put up; asked by the page as well, before it shows one.

    Raises:
        AlreadyHandled, TransitionError: see `post_publicity`.
    """
    if referral.stage.act != Stage.Act.PUBLICISE:
        raise TransitionError(f"转办单现在是“{referral.stage.name}”环节，不在公示环节，不能登记公示。")
    if not is_published_at_all(referral) or not referral.track.publicity_days:
        raise TransitionError("这个项目的规则写明不公示，请联系县级平台核对项目规则。")
    since = here_since(referral)
    arrived_on = clock.local(since).date()
    if not arrived_on <= starts_on <= clock.today():
        raise TransitionError(f"张贴日期应在转到本环节（{arrived_on}）以后，不晚于今天，请更正。")
    last = referral.publicities.filter(posted_at__gte=since).order_by("posted_at").last()
    if last and last.ended_at is None:
        raise AlreadyHandled(f"{last.posted_by}已于{clock.local(last.posted_at):%Y-%m-%d %H:%M}登记公示，公示到{last.ends_on}。")
    if last and last.objection_result != FOUNDED:
        raise AlreadyHandled(f"公示已于{last.ends_on}期满，请直接送下一环节。")


def _refuse_result(publicity: Publicity, result: str, note: str) -> None:
    if not publicity.objection:
        if result or note:
            raise TransitionError("没有登记过异议，不用填写异议处理。有异议的，请先登记异议。")
        return
    if result not in {FOUNDED, UNFOUNDED} or not note:
        raise TransitionError("这次公示有异议，请选择异议是否成立，并写明核实情况，再登记公示结果。")
    if len(note) > NOTE:
        raise TransitionError(f"核实情况最多{NOTE}个字，请精简。")


def _taken_up(pk: Any, verb: str, by: Post) -> Publicity:
    """Through the gate, the referral locked first and asked for its step and permission, then the publicity."""
    fetched: Publicity = Publicity.objects.visible_to(by).get_or_404(pk)
    referral = take_up(fetched.referral_id, verb, can_publicise, by)
    publicity = lock(fetched)
    if publicity.ended_at:
        raise AlreadyHandled(f"{publicity.ended_by}已于{clock.local(publicity.ended_at):%Y-%m-%d %H:%M}登记公示结果，不能再改。")
    publicity.referral = referral
    return publicity


def _keep(publicity: Publicity, kind: str, photo: IncomingFile | None, by: Post) -> Attachment | None:
    if photo is None:
        return None
    referral = publicity.referral
    return upload(
        subject=publicity, kind=kind, file=photo, by=by, household_id=referral.case_household_id, application_id=referral.application_id
    )


def _note(verb: str, publicity: Publicity, by: Post, **about: Any) -> None:
    """Its line in the record, found with the case."""
    referral = publicity.referral
    record(
        verb, publicity, by=by, application_id=referral.application_id, household_id=referral.case_household_id,
        data={"referral": str(referral.pk)}, **about,
    )  # fmt: skip
