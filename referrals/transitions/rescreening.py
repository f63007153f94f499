"""What a decision makes known of a family may open other programs: it is screened again after the commit, and the window told (issue 5).

The debt is written with the decision. A rule that cannot be asked, a family that somebody holds locked or a runner that dies leaves it
standing for a later try; screening, notice and the mark that it is done are one transaction, so that each is told once.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from config import clock
from config.protection.masks import mask_name
from deadlines.transitions import announce
from households.models import Household, Screening
from households.open_cases import open_items
from households.screening.screening import Row
from households.transitions import screen_again
from intake import choice
from organization.models import Post

from ..models import Referral, Rescreening

log = logging.getLogger(__name__)
BATCH = 200
# After each failed try twice as long, and once a day at the least.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(days=1)


def owe(referral: Referral) -> None:
    """In the decision's transaction: due on the day from which it holds, and not before today. Inner."""
    today = clock.today()
    Rescreening(referral=referral, due_on=max(referral.start_on or today, today), next_try_at=clock.now()).save(force_insert=True)


def screen_due() -> int:
    """Every family that is due, each in its own transaction: one that cannot be screened holds up nobody. How many were done."""
    due = Rescreening.objects.due(clock.now(), clock.today()).values_list("pk", flat=True)
    return sum(_try(pk) for pk in list(due[:BATCH]))


def _try(pk: int) -> bool:
    try:
        return _screen(pk)
    except Exception as raised:  # whatever it is: the debt must stand, and the next family must have its turn
        log.exception("rescreening %s failed and is tried again later", pk, exc_info=raised)
        _put_off(pk)
        return False


@transaction.atomic
def _screen(pk: int) -> bool:
    row = Rescreening.objects.claim(pk)
    if row is None:
        return False
    home = _still(row.referral.case_household)
    if home is not None:
        row.screening, gained = screen_again(home, decision_id=row.referral_id, by=Post.objects.the_system())
        _tell(row.referral, row.screening, gained)
    row.done_at = clock.now()
    row.save(update_fields=["done_at", "screening"])
    return True


def _still(home: Household) -> Household | None:
    """The family it has become part of; None where it has been written off."""
    found: Household | None = home
    while found is not None and found.is_closed:
        found = found.successor
    return found


def _tell(referral: Referral, screening: Screening, gained: list[Row]) -> None:
    asked = open_items(screening.household_id)
    rows = [row for row in gained if row.key not in asked and not choice.why_not(row.program, row.version)]
    if not rows:
        return
    head = referral.applicant
    opened = dict.fromkeys("敏感项目" if row.program.is_sensitive else row.program.seed_name for row in rows)
    announce(
        "household.may_apply", screening, to=referral.window, title=f"可以再申请：{mask_name(head.name) if head else ''}户",
        body="、".join(opened), url=screening.get_absolute_url(),
    )  # fmt: skip


@transaction.atomic
def _put_off(pk: int) -> None:
    row = Rescreening.objects.claim(pk)
    if row is not None:
        wait = min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT)
        Rescreening.objects.filter(pk=pk).update(tries=F("tries") + 1, next_try_at=clock.now() + wait)
