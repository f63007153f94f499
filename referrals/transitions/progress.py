"""Asking for one's progress without an account: compared in constant time, counted, locked (SECURITY #20). Nobody signed in acts here."""

import hmac
from datetime import datetime, timedelta

from django.db import connection, transaction

from config import clock
from config.verbs import TransitionError
from intake.models import Application
from organization.figures import figure

from ..models import ProgressTry

TAIL = 4  # characters of the ID number that are asked for


class ProgressLocked(TransitionError):
    """Too many wrong tries; the sentence says until when and where else to ask."""


@transaction.atomic
def look_up(*, number: str, tail: str, code: str, address: str) -> Application | None:
    """The application of a number and the last four characters of the applicant's ID, or of a query code; None for every other pair.

    Wrong tries one after the other lock the number, found or not, and more of them the address they came from, each for the hours of the
    parameter after the last one. Tries of one number or address wait for each other, so that many at once are not more than many in turn.

    Raises:
        ProgressLocked: also to whoever knows the right answer.
    """
    now = clock.now()
    keys = {f"address:{address}": int(figure("progress_wrong_tries_per_address"))} if address else {}
    if not code:
        keys[f"number:{number}"] = int(figure("progress_wrong_tries_max"))
    for key in sorted(keys):
        _one_at_a_time(key)
    for key, most in keys.items():
        _refuse_locked(key, most, now)
    application = _with_code(code) if code else _with_number(number, tail)
    if application is None:
        ProgressTry.objects.bulk_create([ProgressTry(key=key, at=now) for key in keys])
    elif not code:
        ProgressTry.objects.filter(key=f"number:{number}").delete()
    return application


def forget_tries(*, before: datetime) -> int:
    """Tries that no lock counts any longer."""
    return ProgressTry.objects.filter(at__lt=before).delete()[0]


def hours() -> timedelta:
    return timedelta(hours=int(figure("progress_lock_hours")))


def _with_code(code: str) -> Application | None:
    return Application.objects.filter(query_code=code).exclude(status=Application.Status.DRAFT).first()


def _with_number(number: str, tail: str) -> Application | None:
    """The masked column ends as the number does. A number that is not found is compared all the same: both take as long."""
    rows = Application.objects.filter(number=number).exclude(status=Application.Status.DRAFT)
    application = rows.select_related("applicant").first()
    kept = application.applicant.id_number_masked[-TAIL:] if application else ""
    fits = hmac.compare_digest(kept.encode(), tail.encode())
    return application if fits and len(kept) == TAIL else None


def _one_at_a_time(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"referrals.progress {key}"])


def _refuse_locked(key: str, most: int, now: datetime) -> None:
    """Locked while the last try is younger than the lock, and so many stand within the lock's length before it."""
    tries = ProgressTry.objects.filter(key=key)
    last = tries.order_by("-at").values_list("at", flat=True).first()
    if last is None or last + hours() <= now or tries.since(last - hours()).count() < most:
        return
    until = clock.local(last + hours())
    what = "这个申请编号" if key.startswith("number:") else "这个网络地址"
    raise ProgressLocked(
        f"{what}连续输错次数过多，已暂停查询，{until:%m月%d日%H时%M分}后再试。急需了解进度的，请带证件到受理窗口，或拨打受理窗口电话询问。"
    )
