"""What the bank made of a list, and what follows: a failed line is a duty of the township until it is paid (XX-13)."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit.transitions import record, record_from
from config import clock
from config.dates import month_words
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_all, open_duties, pause, relocate
from organization.figures import figure
from organization.models import Post, Unit
from spreadsheets import effects
from spreadsheets.transitions import hand_in

from ..models import PaymentLine, PaymentList
from ..payments.permissions import can_mend
from ..sheets.payments import FAMILY, REPORTED
from ..sheets.people import masked
from .payments import settle_lists

if TYPE_CHECKING:
    from spreadsheets.models import Batch

DOOR = "households.payments"
FAILED_PAYMENT = "payment_failed"
KIND_NAME = "发放失败核对账户"
BASIS = "社会化发放要求：发放失败的及时核对账户，重新发放（XX-13）"
UNNAMED = "敏感项目"
# A payee who has moved since the list was made is looked up where he lives: the township that he left may not put his account right.
ENTER = """
    UPDATE households_paymentline AS t SET state = r.result, paid_on = CASE WHEN r.result = 'paid' THEN r.paid_on END,
        failure = CASE WHEN r.result = 'failed' THEN r.failure ELSE '' END, reported_at = %s, reported_by_id = %s,
        mended_at = NULL, mended_by_id = NULL,
        region_code = CASE WHEN r.result = 'failed' THEN COALESCE((
            SELECT n.place FROM (
                SELECT COALESCE(h.region_id, p.region_id) AS place FROM households_resident p
                LEFT JOIN households_membership m ON m.resident_id = p.id AND m.until IS NULL
                LEFT JOIN households_household h ON h.id = m.household_id WHERE p.id = t.payee_id
            ) n WHERE left(n.place, 9) <> left(t.region_code, 9)
        ), t.region_code) ELSE t.region_code END
    FROM ({rows}) r WHERE t.id = r.subject_id AND r.outcome IN ('new', 'changed')
"""
OF_BATCH = "e.batch_id = %s AND e.\"table\" = 'households_paymentline' AND e.row_id = t.id::text"


@transaction.atomic
def enter_results(*, batch: "Batch", rows: str, payment_list: PaymentList, by: Post) -> None:
    """Mark the lines paid or failed, by effects; a line in the record for each that failed. Inner, of the import."""
    effects.update(batch, PaymentLine, ENTER.format(rows=rows), [clock.now(), by.pk, batch.pk])
    source = (
        f"households_paymentline t JOIN {effects.EACH} e ON {OF_BATCH} JOIN households_assistancerecord a ON a.id = t.record_id "
        "LEFT JOIN households_resident p ON p.id = t.payee_id LEFT JOIN households_membership m ON m.resident_id = a.resident_id "
        "AND m.until IS NULL WHERE t.state = 'failed'"
    )
    confidential = payment_list.program.is_sensitive
    record_from(
        "payment.failed", PaymentLine, source, [batch.pk], by=by, household_id="COALESCE(a.household_id, m.household_id)",
        subject_text=f"COALESCE({masked('p.name')}, '')", new="t.payable || '元'", note="t.failure",
        data=f"jsonb_build_object('batch', '{batch.pk}')", is_confidential=str(confidential).lower(),
    )  # fmt: skip
    ids = PaymentLine.objects.filter(pk__in=_written(batch)).values_list("pk", flat=True)
    follow(line_ids=list(ids), payment_list=payment_list, by=by)


def _written(batch: "Batch") -> list[str]:
    return [pk for ids in batch.effects.order_by("pk").values_list("row_ids", flat=True) for pk in ids]


def follow(*, line_ids: Iterable[Any], payment_list: PaymentList, by: Post) -> None:
    """Clocks as the lines stand now: opened where one failed, closed where it did not, or where what was sent again has an answer."""
    lines = PaymentLine.objects.filter(pk__in=list(line_ids))
    failed = list(lines.filter(state="failed", resent_in=None).select_related("payee", "list__program", "list__unit").order_by("number"))
    limit = Limit(Rule.WORKING_DAYS, int(figure("payment_failure_wd")))
    desks = _desks(failed)
    subjects = [(line, _owed(line, desks)) for line in failed]
    open_duties(subjects=subjects, kind=FAILED_PAYMENT, kind_name=KIND_NAME, limit=limit, basis=BASIS, by=by)
    _close(lines.exclude(state="failed"), by)
    _close(PaymentLine.objects.filter(resent_in__in=lines.exclude(state="due")), by)
    former = PaymentLine.objects.filter(resent_in__in=lines).order_by().values_list("list_id", flat=True).distinct()
    settle_lists(list_ids={payment_list.pk, *former}, by=by)


def _close(lines: Any, by: Post) -> None:
    label = PaymentLine._meta.label_lower
    keys = [str(pk) for pk in lines.values_list("pk", flat=True)]
    open_ids = (
        Duty.objects.open().filter(subject_label=label, kind=FAILED_PAYMENT, subject_id__in=keys).values_list("subject_id", flat=True)
    )
    for line in PaymentLine.objects.filter(pk__in=list(open_ids)).select_related("resent_in").order_by("pk"):
        answered = line.state == "paid" or line.resent_in is not None
        close_all(subject=line, by=by, outcome=Duty.Outcome.DONE if answered else Duty.Outcome.CANCELLED)


def _desks(lines: Iterable[PaymentLine]) -> dict[str, Unit]:
    """The window of each township that a line lies in."""
    codes = {line.region_code[:9] for line in lines}
    windows = Unit.objects.current(clock.today()).filter(kind=Unit.Kind.TOWNSHIP_WINDOW, region_id__in=codes)
    return {str(unit.region_id): unit for unit in windows.order_by("-pk")}


def _owed(line: PaymentLine, desks: dict[str, Unit]) -> dict[str, Any]:
    program, whose = line.list.program, _whose(line)
    unit = line.list.unit if program.is_sensitive else desks.get(line.region_code[:9], line.list.unit)
    name = UNNAMED if program.is_sensitive else str(program)
    return {
        "unit": unit, "title": f"{whose}：{name}{month_words(line.list.month)}发放失败，请核对账户", "url": line.get_absolute_url(),
        "region_code": line.region_code, "topic_code": "" if program.is_sensitive else program.pk,
    }  # fmt: skip


@transaction.atomic
def hand_in_results(*, list_id: UUID | str, file_name: str, octets: bytes, as_of: date, by: Post, unit: Unit | None = None) -> "Batch":
    """The bank's file goes to the import, for the department whose list it is.

    Raises:
        AlreadyHandled: the same file is being worked on.
        TransitionError: the list has not been sent; what the import refuses.
    """
    row: PaymentList = PaymentList.objects.visible_to(by).select_related("program").get_or_404(list_id)
    if row.status not in REPORTED:
        raise TransitionError("这份名册还没有送发放，不能登记发放结果。请先下载花名册送财政或银行。")
    return hand_in(
        template=f"{FAMILY}:{row.pk}", file_name=file_name, octets=octets, as_of=as_of, by=by, unit=unit or by.unit, door=DOOR, subject=row
    )


@transaction.atomic
def mend_payment(*, line_id: UUID | str, is_new_account: bool, by: Post) -> PaymentLine:
    """The township says that the money may be sent again: to another account, or to the same one, which works again.

    Raises:
        AlreadyHandled: mended before, or taken up by a later list.
        TransitionError: it has not failed; the account is still the one that failed.
    """
    found: PaymentLine = PaymentLine.objects.visible_to(by).get_or_404(line_id)
    line = lock(found)
    recheck(line, can_mend, by)
    if line.state != PaymentLine.State.FAILED:
        raise TransitionError("这一笔没有发放失败，不用更正账户。")
    if line.resent_in_id is not None:
        raise AlreadyHandled("这一笔已在以后的名册重发，不用再更正。")
    if line.mended_at is not None and line.mended_by is not None:
        raise AlreadyHandled(f"{line.mended_by.label}已于{clock.local(line.mended_at):%Y-%m-%d %H:%M}更正，等待重发。")
    _refuse_account(line, is_new_account=is_new_account)
    line.mended_at, line.mended_by = clock.now(), by
    save(line, "mended_at", "mended_by")
    if Duty.objects.open().about(line, FAILED_PAYMENT).filter(~Q(due_at=None)).exists():
        pause(subject=line, kind=FAILED_PAYMENT, reason="账户已更正，等待重发", by=by)
    how = "已换账户" if is_new_account else "原账户已恢复使用"
    record("payment.mended", line, by=by, new=how, subject_text=_whose(line), household_id=_home_of(line))
    return line


def follow_payees(*, by: Post, people: Collection[Any] | None = None) -> int:
    """Failed payments whose payee lives elsewhere by now go to the township there, due on the same day: the former may not put the
    account right, and reads no more of it. Of a closed list nothing else changes (docs/adr/0034).

    Idempotent: one statement finds them, among `people` or all. How many went, each in its own transaction.
    """
    rows = PaymentLine.objects.strayed()
    rows = rows if people is None else rows.filter(payee__in=people)
    return sum(_follow_payee(pk, by) for pk in list(rows.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _follow_payee(pk: Any, by: Post) -> bool:
    lock(PaymentLine(pk=pk))
    rows = PaymentLine.objects.strayed().select_related("payee", "list__program", "list__unit")
    line: Any = rows.filter(pk=pk).first()
    if line is None:
        return False
    line.region_code = line.lives_in
    save(line, "region_code")
    owed = _owed(line, _desks([line]))
    former = relocate(subject=line, kind=FAILED_PAYMENT, unit=owed["unit"], region_code=line.region_code, by=by)
    if former is not None:
        new = owed["unit"].short_name
        record("payment.followed", line, by=by, old=former.short_name, new=new, subject_text=_whose(line), household_id=_home_of(line))
        said = f"领款人已迁到本辖区，原由{former.short_name}核对，期限不变。"
        announce("payment.followed", line, to=owed["unit"], title=owed["title"], body=said, url=owed["url"])
    return True


def _refuse_account(line: PaymentLine, *, is_new_account: bool) -> None:
    """Of a payee who is not to be paid any more nothing is asked: whose account it goes to, the next list finds anew."""
    payee: Any = line.payee
    failed: Any = line  # the columns of a protected value are not known to the checker of types
    if payee is None or payee.died_on is not None or payee.survivor_id is not None:
        return
    if not payee.bank_account:
        raise TransitionError("领款人没有登记银行账号。请先在人员资料中登记，再来更正。")
    if is_new_account and payee.bank_account_digest == failed.account_digest:
        raise TransitionError("人员资料中的账号仍是发放失败的那一个。请先更正账号；账号无误、已恢复使用的，选“原账户已恢复使用”。")


def _whose(line: PaymentLine) -> str:
    return mask_name(line.payee.name) if line.payee else "没有领款人"


def _home_of(line: PaymentLine) -> Any:
    from .lookup import household_of

    if line.record.household_id:
        return line.record.household_id
    home = household_of(line.record.resident)
    return home.pk if home else None
