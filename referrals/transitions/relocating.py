"""A family or somebody lives in another township by now: what may be done only where they live is owed there, due on the same day.

The case that runs stays with the window that accepted it (TZ-14). What a township has to do by itself goes along: its reviews, what was
reported of a family with what is to follow of it, the stop after a death, the account of a payment that failed. The window they left may
not do any of it (`can_open_change`, `can_mend`). `follow_families` runs with the change of the register, `follow_moved` is the job for
whatever comes by another road.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Left

from config.verbs import TransitionError, lock
from deadlines.models import Duty
from households.models import AssistanceRecord, Household, Membership, Resident
from households.transitions.payment_results import follow_payees
from organization.models import Post

from ..models import ChangeReport
from . import clocks, deaths, reporting, reviewing
from .changing import home_of, lock_homes

log = logging.getLogger(__name__)
OF_REPORTS = (clocks.REPORT, clocks.DEATH, clocks.FOLLOW)


def follow_families(households: Iterable[Household], by: Post, *, people: Iterable[Resident] = ()) -> int:
    """What is open about these families, their members, and `people` who may have no family. How many things went.

    Inner, under the locks of the register's change: what was reported before the aid, as every verb locks them.
    """
    homes = [home.pk for home in households]
    members = Membership.objects.open().filter(household__in=homes).order_by().values_list("resident_id", flat=True)
    persons = [*members, *(person.pk for person in people)]
    reports = ChangeReport.objects.filter(pk__in=_strayed_reports(), household__in=homes)
    count = sum(reporting.follow_family(lock(report), by) for report in reports.order_by("pk"))
    whose = Q(household__in=homes) | Q(resident__in=persons)
    stops = AssistanceRecord.objects.filter(whose, pk__in=_about(AssistanceRecord, [clocks.STOP]))
    count += sum(deaths.follow_record(row, by) for row in stops.order_by("pk"))
    return count + reviewing.follow_holders(whose, by) + follow_payees(by=by, people=persons)


def follow_moved(*, by: Post) -> int:
    """Whatever another unit would get today: somebody left a family and joined one of another township, a sheet says that he lives there,
    another office reviews for the department. Nothing tells of these at once. Each in its own transaction; one that cannot go holds up
    nobody else's.

    Idempotent; a statement for each kind of thing finds them. How many went.
    """
    return sum(_done(verb) for verb in _work(by)) + reviewing.follow_moved(by=by) + follow_payees(by=by)


def _work(by: Post) -> Iterator[Callable[[], bool]]:
    for report in ChangeReport.objects.filter(pk__in=_strayed_reports()).order_by("pk"):
        yield partial(_follow_report, report, by)
    for pk in sorted(_about(AssistanceRecord, [clocks.STOP])):
        yield partial(_follow_stop, pk, by)


def _done(verb: Callable[[], bool]) -> bool:
    try:
        return verb()
    except TransitionError as refused:  # a township without its window
        log.warning("what is open about somebody who moved stays where it was: %s", refused)
        return False


@transaction.atomic
def _follow_report(report: ChangeReport, by: Post) -> bool:
    lock_homes([report.household_id])
    return reporting.follow_family(lock(report), by)


@transaction.atomic
def _follow_stop(pk: Any, by: Post) -> bool:
    record = AssistanceRecord.objects.select_related("program", "household", "resident").get(pk=pk)
    home = home_of(record)
    lock_homes([home.pk] if home else [])
    return deaths.follow_record(lock(record), by)


def _strayed_reports() -> list[Any]:
    """Reports with an open duty, of families that live in another township than the report lies in."""
    rows = ChangeReport.objects.filter(pk__in=_about(ChangeReport, OF_REPORTS)).annotate(place=Left("household__region_id", 9))
    return list(rows.exclude(township_code=F("place")).values_list("pk", flat=True))


def _about(model: Any, kinds: Iterable[str]) -> list[str]:
    """Keys of what an open duty of these kinds is about."""
    duties = Duty.objects.open().filter(subject_label=model._meta.label_lower, kind__in=kinds)
    return list(duties.order_by().values_list("subject_id", flat=True).distinct())
