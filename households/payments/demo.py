"""The demo's payments: 低保 of two months paid, one payment failed and one sent again, the month that runs drawn up for its second person.

All through the verbs, at the days on which a department does it.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.dates import add_months
from deadlines.rules import SHANGHAI
from organization.models import Post
from spreadsheets import transitions as files
from spreadsheets.blank import blank
from spreadsheets.ground import ground
from spreadsheets.models import Batch

from ..models import AssistanceRecord, PaymentList, Resident
from ..sheets.payments import PaymentResults, template_of
from ..transitions.payment_results import hand_in_results
from ..transitions.payments import close_list, make_list, send_list
from ..transitions.residents import revise_resident

PROGRAMS = ("MZ01", "MZ03")
BANK = "虚构农商行"
ACCOUNTS = 60  # people whose account the township knows
FAILED = "账户已注销"


@transaction.atomic
def load() -> None:
    """Safe to repeat: once there is a list, nothing more is made."""
    posts = Post.objects.effective(clock.today()).select_related("unit__department", "unit__region", "staff")
    maker, closer = (posts.filter(staff__username=name, unit__kind="department").first() for name in ("civil", "civil_lead"))
    if maker is None or closer is None or PaymentList.objects.exists():
        return
    this = clock.today().replace(day=1)
    _accounts(posts)
    for code in PROGRAMS:
        for back in (2, 1):
            _paid(code, add_months(this, -back), maker, closer, fails=back == 1)
        if _has_aid(code, this):
            make_list(program_code=code, month=this, by=maker)


def _has_aid(code: str, month: date) -> bool:
    rows = AssistanceRecord.objects.filter(program=code, cadence="monthly", since__lte=month, amount__gt=0)
    return rows.exclude(until__lt=month).exists()


def _at(month: date, day: int) -> datetime:
    return datetime.combine(month + timedelta(days=day - 1), time(10), SHANGHAI)


@sensitive_variables()
def _accounts(posts: Any) -> None:
    """Most payees have an account that belongs to nobody; the others are what the list shows as missing."""
    windows = {post.region_code: post for post in posts.filter(unit__kind="township_window", rank=Post.Rank.HANDLER)}
    records = AssistanceRecord.objects.filter(program__in=PROGRAMS, cadence="monthly")
    theirs = Resident.objects.filter(died_on=None, bank_account_sealed="", survivor=None).filter(
        Q(pk__in=records.values("resident"))
        | Q(memberships__relation="02", memberships__until=None, memberships__household__in=records.values("household"))
    )
    for nth, person in enumerate(theirs.order_by("pk").distinct()[:ACCOUNTS]):
        by = windows.get(str(person.region_id)[:9])
        if by is not None and nth % 8 != 7:
            revise_resident(
                resident_id=person.pk, fields={"bank_name": BANK}, bank_account=f"6217{nth:015}", seen_at=person.changed_at, by=by
            )


def _paid(code: str, month: date, maker: Post, closer: Post, *, fails: bool) -> None:
    if not _has_aid(code, month):
        return
    with clock.set_clock(_at(month, 6)):
        row = make_list(program_code=code, month=month, by=maker)
        close_list(list_id=row.pk, by=closer)
        send_list(list_id=row.pk, reason="送财政国库股代发", by=maker)
    with clock.set_clock(_at(month, 16)):
        _reported(row, month, maker, closer, fails=fails)


def _reported(row: PaymentList, month: date, maker: Post, closer: Post, *, fails: bool) -> None:
    """The bank's answer, as a workbook: all paid, but for the first two of the last month."""
    row.refresh_from_db()
    template = template_of(row)
    rows = [{**each, "result": "paid", "paid_on": f"{month + timedelta(days=9)}"} for each in PaymentResults().rows_for(maker, template)]
    for each in rows[:2] if fails else ():
        each.update(result="failed", paid_on="", failure=FAILED)
    octets = b"".join(blank(template, ground(clock.today()), rows=rows))
    batch = hand_in_results(list_id=row.pk, file_name="银行回盘.xlsx", octets=octets, as_of=clock.today(), by=maker)
    batch = files.read(batch_id=batch.pk, by=maker)
    if batch.status == Batch.Status.READY and batch.counts.get("new"):
        batch = files.propose(batch_id=batch.pk, by=maker)
        if batch.status == Batch.Status.PROPOSED:
            files.confirm(batch_id=batch.pk, by=closer)
        files.apply(batch_id=batch.pk)
