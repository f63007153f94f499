"""动态复核、生存认证 by list: made by time, ticked off by the township, closed with the last line (XX-25, XX-33).

A line that is ticked says nothing of the aid itself: what has changed is opened as a change or stop of the record, decided on its own road.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from config.words import without_numbers
from deadlines.rules import Limit, Rule
from deadlines.transitions import close_duty, open_duties
from organization.desks import desk_of
from organization.figures import figure
from organization.models import Post, Region, Unit
from programs.models import Program
from referrals.models import Referral
from referrals.transitions.changing import settle_review

from ..models import ReviewLine, ReviewList
from ..reviews import classes
from ..reviews.lines import places_of
from ..reviews.permissions import can_check
from . import review_lines

Kind, Result, Way = ReviewList.Kind, ReviewLine.Result, ReviewLine.Way
DUTY = "review_list"
BASIS = "西秀区试点方案：城市低保月动态、农村低保季动态（XX-25、XX-33）"
OTHERWISE = frozenset({Result.CHANGED, Result.MISSING, Result.DEAD})
NOTE = 200


def open_lists(*, by: Post) -> int:
    """The lists of the present period that are not made yet, class by class, each in its own transaction; how many. Idempotent."""
    today, made = clock.today(), 0
    for one in known_classes():
        month = classes.begins(one, today, yearly_month=int(figure(f"{one.kind}_list_month")))
        due = classes.due_on(one, month, most=int(figure("review_list_months")))
        if month <= today <= due:
            made += _open(one, month, due, by)
    return made


def known_classes() -> list[classes.ReviewClass]:
    return classes.classes(
        rhythm=figure("review_rhythm"), others=figure("review_rhythm_others"), certified=figure("certification_rhythm")
    )  # fmt: skip


@transaction.atomic
def _open(one: classes.ReviewClass, month: date, due: date, by: Post) -> int:
    today = clock.today()
    program = Program.objects.filter(pk=one.program).select_related("department").first()
    if program is None:
        return 0
    known = set(ReviewList.objects.filter(kind=one.kind, class_key=one.key, month=month).values_list("region_id", flat=True))
    townships = dict(Region.objects.townships().values_list("code", "name"))
    places = [code for code in places_of(program.pk, one.setting, today) if code in townships and code not in known]
    lists = [
        ReviewList(
            kind=one.kind, class_key=one.key, name=one.name(str(program)), program=program, region_id=code, month=month,
            unit=_unit(program, code, today), months=one.months, due_on=due, opened_at=clock.now(), opened_by=by,
        )
        for code in places
    ]  # fmt: skip
    if not lists:
        return 0
    ReviewList.objects.bulk_create(lists)
    review_lines.lay_out(lists, one.setting, today)
    open_duties(
        subjects=[(row, _about(row, townships)) for row in lists], kind=DUTY, kind_name=str(Kind(one.kind).label),
        limit=Limit(Rule.FIXED_DATE, until=due, shifts=True), basis=BASIS, by=by,
    )  # fmt: skip
    for row in lists:
        record("review_list.opened", row, by=by, new=row.period, subject_text=_title(row), data={"unit": row.unit_id})
    return len(lists)


def _unit(program: Program, township: str, on: date) -> Unit:
    """The township's office that reviews for the department; of what the townships are not told, the department's own desk."""
    if program.is_sensitive:
        return desk_of(program.department, on)
    unit: Unit = Unit.objects.reviewing(program.department_id, township, on)
    return unit


def _about(row: ReviewList, townships: dict[str, str]) -> dict[str, Any]:
    return {
        "unit": row.unit, "title": f"{_title(row)}（{townships[row.region_id]}）"[:120], "url": row.get_absolute_url(),
        "region_code": row.region_id, "topic_code": row.program_id,
    }  # fmt: skip


def _title(row: ReviewList) -> str:
    name = "敏感项目" if row.program.is_sensitive else row.name
    return f"{row.period}{name}{Kind(row.kind).label}"


@transaction.atomic
def check_lines(*, list_id: UUID | str, line_ids: Iterable[Any], way: str, by: Post) -> int:
    """Nothing has changed with these: ticked off together, and the review that stood for each record is done. How many.

    Raises:
        AlreadyHandled: the list is closed; colleagues have done all that were ticked.
        TransitionError: nothing ticked; a change of the aid is under way.
    """
    line_ids = list(line_ids)
    found = _taken_up(list_id, by)
    rows = ReviewLine.objects.visible_to(by).filter(list=found, pk__in=line_ids).waiting()
    lines = list(rows.select_related("record").order_by("pk").select_for_update(of=("self",), no_key=True))
    if not lines:
        if done := done_before(found, line_ids, by):
            raise AlreadyHandled(f"所选的{done}，这次没有再登记。")
        raise TransitionError("请先勾选还没有复核的人（户）。")
    records = [line.record for line in lines]
    if running := Referral.objects.filter(record__in=records).open().count():
        raise TransitionError(f"所选的救助中有{running}项正在办理变更，请去掉这些再一起勾选。")
    now = clock.now()
    ReviewLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        result=Result.STILL, way=Way(way), checked_at=now, checked_by=by, note=""
    )
    if found.kind == Kind.REVIEW:
        for row in records:
            settle_review(row, by)
    for line in lines:
        _note(line, found, Result.STILL, by)
    _close_if_done(found, by)
    return len(lines)


def done_before(found: ReviewList, line_ids: Iterable[Any], by: Post) -> str:
    """Of these lines those that were done: how many, by whom last and when; "" where none was."""
    rows = ReviewLine.objects.visible_to(by).filter(list=found, pk__in=list(line_ids)).exclude(checked_at=None)
    done = list(rows.select_related("checked_by__unit", "checked_by__staff").order_by("-checked_at", "pk"))
    if not done or done[0].checked_by is None or done[0].checked_at is None:
        return ""
    who, when = done[0].checked_by.label, f"{clock.local(done[0].checked_at):%Y-%m-%d %H:%M}"
    others = "等" if len({line.checked_by_id for line in done}) > 1 else ""
    return f"{len(done)}项已由{who}{others}于{when}复核"


@transaction.atomic
def check_line(*, line_id: Any, result: str, way: str, note: str, seen: str | None = None, by: Post) -> ReviewLine:
    """What was found with one of them. Said again in sight of the former words, the later ones stand, as long as the list is open.

    Raises:
        AlreadyHandled: the list is closed; a colleague has filled in the line since the page was opened.
        TransitionError: something other than 仍符合 without its words.
    """
    before: ReviewLine = ReviewLine.objects.visible_to(by).get_or_404(line_id)
    found = _taken_up(before.list_id, by)
    line = lock(before)
    _refuse_unseen(line, seen)
    if result not in {Result.STILL, *OTHERWISE}:
        raise TransitionError("请选择复核的结果。")
    if result == Result.DEAD and found.kind != Kind.CERTIFICATION and line.resident_id is None and line.record.resident_id is None:
        raise TransitionError("家庭中有人死亡的，请选“情况有变化”，并在人员档案登记死亡。")
    note = without_numbers(note)
    if result in OTHERWISE and not note:
        raise TransitionError("有变化、未找到或已死亡的，请写明情况。")
    old = str(Result(line.result).label) if line.result else ""
    line.result, line.way, line.note, line.checked_at, line.checked_by = result, Way(way), note[:NOTE], clock.now(), by
    save(line, "result", "way", "note", "checked_at", "checked_by")
    if found.kind == Kind.REVIEW and result == Result.STILL:
        settle_review(line.record, by)
    _note(line, found, result, by, old=old)
    _close_if_done(found, by)
    return line


def _refuse_unseen(line: ReviewLine, seen: str | None) -> None:
    """Under the line's lock. `seen`: the mark of what stood on the page, "" for nothing; None where nothing was shown."""
    if seen is None or line.checked_by is None or line.checked_at is None or line.mark == seen:
        return
    who, at = line.checked_by.label, f"{clock.local(line.checked_at):%Y-%m-%d %H:%M}"
    raise AlreadyHandled(f"这一项已由{who}于{at}复核为“{line.get_result_display()}”，您填写的没有保存。要更正的，请看过再改。")


def follow_records(*, by: Post) -> int:
    """What has ended since needs no look any more, and what goes on under another record is looked at there; how many lines. Idempotent."""
    with transaction.atomic():
        count = review_lines.follow(clock.today(), clock.now(), by.pk)
        for found in ReviewList.objects.open().exclude(lines__result="").select_related("program").order_by("pk"):
            _close_if_done(lock(found), by)
    return count


def _taken_up(list_id: Any, by: Post) -> ReviewList:
    found: ReviewList = ReviewList.objects.visible_to(by).get_or_404(list_id)
    found = lock(found)
    if found.closed_at and found.closed_by:
        raise AlreadyHandled(
            f"这份清单已于{clock.local(found.closed_at):%Y-%m-%d %H:%M}全部复核，由{found.closed_by.label}完成。"
            "情况又有变化的，请从清单里打开这项救助，提出变更。"
        )
    recheck(found, can_check, by)
    review_lines.follow_in(found, clock.today())
    return found


def _close_if_done(found: ReviewList, by: Post) -> None:
    if found.closed_at is not None or ReviewLine.objects.filter(list=found).waiting().exists():
        return
    found.closed_at, found.closed_by = clock.now(), by
    save(found, "closed_at", "closed_by")
    close_duty(subject=found, kind=DUTY, by=by)
    record("review_list.closed", found, by=by, new=found.period, subject_text=_title(found), data={"unit": found.unit_id})


def _note(line: ReviewLine, found: ReviewList, result: str, by: Post, *, old: str = "") -> None:
    """In the history of the aid: what the review, or the certification of life, found."""
    verb = "assistance_record.checked"
    row = line.record
    record(
        verb, row, by=by, old=old, new=str(Result(result).label), note=line.note if result in OTHERWISE else "",
        household_id=row.household_id, subject_text=_title(found), data={"name": str(Kind(found.kind).label), "list": str(found.pk)},
    )  # fmt: skip
