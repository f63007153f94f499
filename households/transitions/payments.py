"""Month-close of benefits: a list is made, looked at, closed by a second person and handed out (XX-13, docs/adr)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import Http404

from audit.transitions import record
from config import clock
from config.dates import add_months, month_words
from config.verbs import AlreadyHandled, TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Duty
from deadlines.transitions import announce, close_all
from organization.models import Post
from programs.models import Program

from ..models import PaymentLine, PaymentList
from ..month_lock import lock_alone
from ..payments import permissions
from .payment_lines import clear, copy_accounts, is_settled, mark_of, take_up_failures, write_lines

S = PaymentList.Status
Kind = PaymentList.Kind
GONE = "gone"
_ACTS = {S.DRAFT: "made", S.CLOSED: "closed", S.SENT: "sent", S.SETTLED: "settled"}
EDGES: Mapping[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.DRAFT, S.CLOSED, GONE}),
    S.CLOSED: frozenset({S.SENT}),
    S.SENT: frozenset({S.SENT, S.SETTLED}),
    S.SETTLED: frozenset({S.SENT}),
}
_ACTS = {S.DRAFT: "made", S.CLOSED: "closed", S.SENT: "sent", S.SETTLED: "settled"}
MOVED = "编制以后救助记录或领款人有变动。请重新编制，核对后再月结。"


@transaction.atomic
def make_list(*, program_code: str, month: date, kind: str = Kind.REGULAR, by: Post) -> PaymentList:
    """The list of a program's month from the records of today, or one that sends again what the bank could not pay.

    Raises:
        TransitionError: a month that has not come, is closed, or does not follow the last one; nothing is due.
    """
    program = Program.objects.visible_to(by).filter(pk=program_code).first()
    if program is None:
        raise Http404("没有这个救助项目。")
    if not permissions.pays(by, program):
        raise PermissionDenied("由项目的主管部门编制发放名册，只有现金待遇按月发放。")
    _refuse_month(program, month, kind)
    row = PaymentList(
        program=program, month=month, kind=kind, serial=_serial(program, month, kind), unit=by.unit,
        made_at=clock.now(), made_by=by, made_by_staff=by.staff,
    )  # fmt: skip
    save(row)
    _write(row)
    record("payment_list.made", row, by=by, new=_told(row), data={"program": program.pk, **row.counts})
    announce(
        "payment_list.made", row, to=row.unit, title=f"待月结：{_name(row)}", body=f"{_told(row)}。由编制人以外的审批岗复核后月结。",
        url=row.get_absolute_url(),
    )  # fmt: skip
    return row


def _refuse_month(program: Program, month: date, kind: str) -> None:
    if month.day != 1:
        raise TransitionError("发放名册按月编制。")
    if month > clock.today():
        raise TransitionError("还没有到这个月，不能编制名册。")
    rows = PaymentList.objects.filter(program=program)
    if (draft := rows.filter(status=S.DRAFT).first()) is not None:
        raise AlreadyHandled(f"{draft.made_by.label}编制的{draft}还没有月结，请先月结或删除。")
    last = rows.regular().aggregate(month=Max("month"))["month"]
    if kind == Kind.EXTRA:
        if last is None or month < last:
            raise TransitionError("补发名册接在最近一份月结的名册之后编制。")
        return
    if last is not None and month <= last:
        raise AlreadyHandled(f"{month_words(month)}已经月结，名册不再改动；以后的变动列入下月的补发、扣回。")
    if last is not None and month > add_months(last, 1):
        raise TransitionError(f"最近月结的是{month_words(last)}，请先编制{month_words(add_months(last, 1))}的名册。")


def _lists_before(row: PaymentList) -> QuerySet[PaymentList]:
    return PaymentList.objects.filter(program=row.program, month__lt=row.month).regular()


def _serial(program: Program, month: date, kind: str) -> int:
    if kind == Kind.REGULAR:
        return 1
    last = PaymentList.objects.filter(program=program, month=month).aggregate(serial=Max("serial"))["serial"] or 1
    return int(last) + 1


def _write(row: PaymentList) -> None:
    """A month in which nothing was due is closed as every other, where lists have begun: the months after it follow upon it."""
    write_lines(row)
    if not row.counts and not (row.kind == Kind.REGULAR and _lists_before(row).exists()):
        empty = "没有账户已更正、可以重发的失败款项。" if row.kind == Kind.EXTRA else f"{month_words(row.month)}没有应发的救助。"
        raise TransitionError(empty)


@transaction.atomic
def remake_list(*, list_id: UUID | str, by: Post) -> PaymentList:
    """The draft anew from the records of now. Who makes it anew is the one who has made it.

    Raises:
        AlreadyHandled: it is closed, by whom and when.
    """
    row = _taken_up(list_id, S.DRAFT, permissions.can_work_on, by)
    row.made_at, row.made_by, row.made_by_staff = clock.now(), by, by.staff
    save(row, "made_at", "made_by", "made_by_staff")
    _write(row)
    record("payment_list.remade", row, by=by, new=_told(row), data=row.counts)
    return row


@transaction.atomic
def drop_list(*, list_id: UUID | str, by: Post) -> None:
    """A draft that nobody wants: nothing of it was ever paid."""
    row = _taken_up(list_id, GONE, permissions.can_work_on, by)
    record("payment_list.dropped", row, by=by, old=_told(row), subject_text=_name(row), data={"program": row.program_id})
    clear(row)
    row.delete()


@transaction.atomic
def close_list(*, list_id: UUID | str, by: Post) -> PaymentList:
    """月结: from now on it never changes. What was looked at is what is closed: it is made once more and compared.

    Raises:
        AlreadyHandled: closed before, by whom and when.
        TransitionError: a roll of the program is being applied; records have moved since the draft was made.
    """
    row = _taken_up(list_id, S.CLOSED, permissions.can_close, by)
    lock_alone(row.program_id)
    seen = mark_of(row)
    write_lines(row)
    if mark_of(row) != seen:
        raise TransitionError(MOVED)
    copy_accounts(row)
    if not take_up_failures(row):
        raise TransitionError(MOVED)
    row.status, row.closed_at, row.closed_by, row.closed_by_staff = S.CLOSED, clock.now(), by, by.staff
    save(row, "status", "closed_at", "closed_by", "closed_by_staff")
    _settle_former(row, by)
    record("payment_list.closed", row, by=by, new=_told(row), data=row.counts)
    return row


@transaction.atomic
def send_list(*, list_id: UUID | str, reason: str, by: Post) -> PaymentList:
    """The list leaves the house in clear, for finance or the bank: who, when, why. The first time it is sent; again it is handed out.

    Raises:
        TransitionError: no reason.
    """
    row = _taken_up(list_id, S.SENT, permissions.can_work_on, by)
    said = without_numbers(reason)[:100]
    if not said:
        raise TransitionError("请写明下载花名册的用途，如“送财政国库股”。")
    if row.status == S.CLOSED:
        row.status, row.sent_at, row.sent_by = S.SENT, clock.now(), by
        save(row, "status", "sent_at", "sent_by")
    record("payment_list.sent", row, by=by, new=_told(row), note=said)
    settle_lists(list_ids=[row.pk], by=by)  # where nothing is to be paid, no bank will answer
    row.refresh_from_db()
    return row


def _settle_former(row: PaymentList, by: Post) -> None:
    """The lists whose failures this one sends again. Where a debt has taken the whole of it, no bank will answer: the clock ends here."""
    former = PaymentLine.objects.filter(resent_in__list=row)
    settle_lists(list_ids=list(former.order_by().values_list("list_id", flat=True).distinct()), by=by)
    for line in former.filter(resent_in__state=PaymentLine.State.NONE).order_by("pk"):
        close_all(subject=line, by=by, outcome=Duty.Outcome.DONE)


def settle_lists(*, list_ids: Iterable[Any], by: Post) -> None:
    """Inner: lists of which every line has come to its end are settled; one that has an open line again is not."""
    for row in PaymentList.objects.filter(pk__in=list(list_ids), status__in=[S.SENT, S.SETTLED]).order_by("pk"):
        row = lock(row)
        settled = is_settled(row)
        if settled == (row.status == S.SETTLED):
            continue
        if settled:
            row.status, row.settled_at, row.settled_by = S.SETTLED, clock.now(), by
        else:
            row.status, row.settled_at, row.settled_by = S.SENT, None, None
        save(row, "status", "settled_at", "settled_by")
        record("payment_list.settled" if settled else "payment_list.reopened", row, by=by, new=_told(row))


def _taken_up(list_id: UUID | str, target: str, permission: Any, by: Post) -> PaymentList:
    found: PaymentList = PaymentList.objects.visible_to(by).get_or_404(list_id)
    try:
        row = lock(found)
    except PaymentList.DoesNotExist as dropped:  # while this waited for it
        raise Http404("这份名册刚刚删除。") from dropped
    # A handing out of a settled list leaves it settled.
    current = S.SENT if row.status == S.SETTLED and target == S.SENT else row.status
    edge(current, target, EDGES, refusal=lambda: _standing(row))
    recheck(row, permission, by)
    return row


def _standing(row: PaymentList) -> str:
    act = _ACTS[S(row.status)]
    since = f"{clock.local(getattr(row, f'{act}_at')):%Y-%m-%d %H:%M} {getattr(row, f'{act}_by').label}"
    return f"这份名册现为“{row.get_status_display()}”（{since}），不能再做这一步。"


def _name(row: PaymentList) -> str:
    return f"{row.program}{row}"


def _told(row: PaymentList) -> str:
    return f"{row.people}笔{row.total}元"
