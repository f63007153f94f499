"""The notice of a referral: what it says, masked, and how long it is up. Read before the verb, and by it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from config.verbs import TransitionError
from deadlines import counting, rules
from deadlines.rules import Limit, Rule
from deadlines.working_calendar import WorkingCalendar
from households.models import Membership, Resident
from households.rules import is_of_age
from organization.figures import figure

from .changes import asked_text
from .models import Publicity, Referral
from .notice_text import Subject, is_published, lines, republished
from .rules import amount_in_words, cadence

# 低保: the municipal regulation lets a second notice stand for fewer days (C-12).
SUBSISTENCE = "MZ01"


@dataclass(frozen=True, slots=True)
class Notice:
    """`days` are calendar days, as the row keeps them; `span` says them in the track's unit."""

    text: str
    starts_on: date
    ends_on: date
    span: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days


def notice_of(referral: Referral, starts_on: date) -> Notice:
    """What would be put up on that day. The day of posting is not counted; it is up until 24:00 of the last one (C-05)."""
    limit = limit_of(referral)
    return Notice(
        "\n".join(lines(_subject(referral, starts_on), referral.version.publicity_masking)),
        starts_on,
        last_day(starts_on, limit),
        str(limit),
    )


def is_published_at_all(referral: Referral) -> bool:
    return is_published(referral.version.publicity_masking)


def limit_of(referral: Referral) -> Limit:
    """The track's days, in its unit: days of the calendar, or working days where a rule says so (CL01)."""
    track = referral.track
    second = referral.publicities.filter(objection_result=Publicity.ObjectionResult.FOUNDED).exists()
    again = int(figure("republicity_days"))
    days = republished(track.publicity_days, again, is_second=second, is_subsistence=referral.program_id == SUBSISTENCE)
    return Limit(Rule(track.publicity_unit), days)


def last_day(starts_on: date, limit: Limit) -> date:
    """The day of posting is not counted; a rest day at the end moves nothing (RULES C1, Counting rules)."""
    days = limit.amount or 0
    if limit.rule != Rule.WORKING_DAYS:
        return starts_on + days * rules.ONE_DAY
    calendar, day = counting.calendar_since(starts_on), starts_on
    for _ in range(days):
        day = _workday_after(day, calendar)
    return day


def next_workday(day: date) -> date:
    """The first working day after it: when the end of a notice is registered at the latest."""
    return _workday_after(day, counting.calendar_since(day))


def _workday_after(day: date, calendar: WorkingCalendar) -> date:
    day += rules.ONE_DAY
    while not calendar.is_workday(day):
        day += rules.ONE_DAY
    return day


def _subject(referral: Referral, on: date) -> Subject:
    applicant, person = _applicant(referral), referral.resident
    change = referral.asked_change
    return Subject(
        applicant=applicant.name,
        is_applicant_minor=_is_minor(applicant, on),
        beneficiary=person.name if person else "",
        is_beneficiary_minor=person is not None and _is_minor(person, on),
        members=_members(referral).filter(is_counted=True).count(),
        place=referral.case_household.region.full_name,  # down to the village and no further (RULES C3)
        program=referral.program.seed_name,
        aid=asked_text(change) if change else _aid(referral),
        deed=change.get_kind_display() if change else "",
    )


def _applicant(referral: Referral) -> Resident:
    """Who applied; where nobody did (变更, 停止), the person or the head of the household whose aid it is.

    Raises:
        TransitionError: nobody belongs to the household any more.
    """
    person = referral.applicant
    if person is None:
        raise TransitionError("该家庭没有现有成员，不能公示。请先更正家庭成员。")
    return person


def _members(referral: Referral) -> QuerySet[Membership]:
    return Membership.objects.open().filter(household_id=referral.case_household_id)


def _is_minor(person: Resident, on: date) -> bool:
    return not is_of_age(person.birth_on, on, int(figure("full_age")))


def _aid(referral: Referral) -> str:
    """What was proposed so far; nothing where no amount was."""
    row = referral.walked.filter(proposed_amount__isnull=False).order_by("-proposed_at").first()
    if row is None or row.proposed_outcome == Referral.Outcome.REFUSED:
        return ""
    return amount_in_words(row.proposed_amount, "", cadence(mode=referral.version.benefit_mode, kind=referral.program.kind))
