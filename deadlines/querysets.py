"""Rows of the clocks and who sees them."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, F, Max, OuterRef, Q, Value, When
from django.db.models.functions import Now

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import desks
from organization.models import Post

from .rules import date_of, end_of
from .working_calendar import Entry, WorkingCalendar

SUPERVISING = frozenset({"platform", "supervision"})
# Of a closed duty: `due_at` is the first moment that is late. Whoever counts or lists 按期 and 超期 does it by these.
IN_TIME, LATE = Q(closed_at__lt=F("due_at")), Q(closed_at__gte=F("due_at"))


def keeps_the_house(post: Post | None) -> bool:
    """The system administrator, the county platform and the jobs: they see that work of the house itself goes on."""
    return post is not None and (post.unit.kind in COUNTY_WIDE or post.role == "AS")


class CalendarYearQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """Reference data: everybody signed in."""
        return self.all() if post else self.none()

    def version(self) -> int:
        return self.aggregate(version=Max("version"))["version"] or 0


class CalendarDayQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """Reference data: everybody signed in."""
        return self.all() if post else self.none()

    def of_year(self, year: int) -> Self:
        return self.filter(date__range=(date(year, 1, 1), date(year, 12, 31)))

    def workday_from(self, day: date, offset: int) -> date:
        """The working day so many working days after (before, if negative) the last one on or before `day`; 0: that day itself.

        Raises:
            LookupError: the calendar does not reach so far.
        """
        ordinal = self.filter(date=day).values("ordinal")
        found = self.filter(is_workday=True, ordinal=models.Subquery(ordinal) + offset).values_list("date", flat=True).first()
        if found is None:
            raise LookupError(f"the working calendar does not reach {offset} working days from {day}")
        return found

    def as_calendar(self, since: date) -> WorkingCalendar:
        """The calendar as a value, good for every day from `since` on: two small queries, named days only.

        Days without a name follow their weekday by constraint, so that leaving them out loses nothing.
        """
        from .models import CalendarYear

        named = self.filter(date__gte=since).exclude(name="").values_list("date", "is_workday", "name")
        years = dict(CalendarYear.objects.values_list("year", "version"))
        entries = {day: Entry(is_workday, name) for day, is_workday, name in named}
        return WorkingCalendar(entries, frozenset(years), max(years.values(), default=0))


class DutyQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """The platform and the jobs: the county. Everybody else: the own unit's, and its forerunners'.

        Supervision reads `supervised` beside it."""
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE else self.filter(unit_id__in=desks(post))

    def inbox(self, posts: Iterable[Post]) -> Self:
        """What the units of all of a person's posts have to do: one inbox over all (DESIGN 2)."""
        return self.of_units({unit for post in posts for unit in desks(post)})

    def of_units(self, unit_ids: Collection[int]) -> Self:
        return self.filter(unit_id__in=unit_ids)

    def supervised(self, post: Post | None) -> "models.QuerySet[Any, dict[str, Any]]":
        """For supervision: unit, step, program and dates, never a title, a link or a subject (SECURITY, L sees no person)."""
        rows = self.all() if post is not None and post.unit.kind in SUPERVISING else self.none()
        return rows.values(
            "unit_id", "unit__short_name", "kind_name", "topic_code", "region_code", "starts_at", "due_at", "closed_at", "outcome"
        )

    def measured_for(self, post: Post | None) -> Self:
        """For figures alone, whose pages show no title and no person: the county's to the platform, to supervision and to the convener, a
        township's of all its desks to each of them, a department's own to it. Nobody else measures."""
        if post is None:
            return self.none()
        if post.unit.kind in SUPERVISING | {"convener"} or post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in TOWNSHIP:
            return self.filter(unit__region_id=post.unit.region_id, unit__kind__in=TOWNSHIP)
        return self.filter(unit_id__in=desks(post)) if post.unit.kind == "department" else self.none()

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def closed(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def ended_between(self, first: datetime, end: datetime) -> Self:
        """Done or handed back in [first, end). What was called off is nobody's merit and nobody's fault."""
        return self.filter(closed_at__gte=first, closed_at__lt=end).exclude(outcome="cancelled")

    def about(self, subject: models.Model, kind: str = "") -> Self:
        rows = self.filter(subject_label=subject._meta.label_lower, subject_id=str(subject.pk))
        return rows.filter(kind=kind) if kind else rows

    def overdue(self, on: datetime) -> Self:
        """Open and late at that moment. A clock that stands is never late: it has no `due_at`."""
        return self.open().filter(due_at__lte=on)

    def touching(self, first: datetime, end: datetime) -> Self:
        """Open duties whose span meets [first, end): those that a change of calendar there can move. Standing clocks among them."""
        return self.open().filter(Q(due_at__gt=first) | Q(due_at=None), starts_at__lt=end)

    def with_lamp(self, now: datetime) -> Self:
        """`lamp_colour`, the same answer as `lamps.colour`."""
        return self.annotate(
            lamp_colour=Case(
                When(closed_at__isnull=False, then=Value("blue")),
                When(due_at=None, then=Value("grey")),
                When(due_at__lte=now, then=Value("red")),
                When(amber_at__lte=now, then=Value("amber")),
                default=Value("green"),
                output_field=models.CharField(),
            )
        )

    def of_tab(self, tab: str, now: datetime) -> Self:
        """待办 waits for somebody, 在办 has been taken, 退回 came back, 已办 is closed; 承诺 is watched while others work.

        Beside them, over 待办 and 在办 together: `late`, `today` (the last day in time) and `near` (the lamp is amber).
        """
        match tab:
            case "promised":
                return self.open().filter(is_promise=True)
            case "returned":
                return self.open().filter(is_return=True)
            case "closed":
                return self.closed().filter(is_promise=False)
            case "late":
                return self.overdue(now).filter(is_promise=False)
            case "today":
                return self.open().filter(is_promise=False, due_at__gt=now, due_at__lte=end_of(date_of(now)))
            case "near":
                return self.open().filter(is_promise=False, due_at__gt=now, amber_at__lte=now)
        return self.open().filter(is_promise=False, taken_at__isnull=tab != "taken")

    def escalated(self, now: datetime) -> Self:
        """Open, late, and for that date told over the heads of those who hold it. A date that moved since does not count."""
        from .models import ESCALATIONS, Reminder

        told = Reminder.objects.filter(duty=OuterRef("pk"), stage__in=ESCALATIONS, due_at=OuterRef("due_at"))
        return self.overdue(now).filter(Exists(told), is_promise=False)

    def opened_since(self, moment: datetime) -> Self:
        """What there is to do now and was not there then."""
        return self.open().filter(is_promise=False, opened_at__gt=moment)

    def with_list_data(self) -> Self:
        return self.select_related("unit", "taken_by__staff")

    def falling_back(self) -> int:
        """How many open duties are dated by a guessed calendar: a number, for everybody."""
        return self.open().filter(falls_back=True).count()

    def most_urgent_first(self) -> Self:
        """Standing clocks last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "id")


class NoticeQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """Delivered ones to the own unit, and to the person."""
        return self._to({post.unit_id}, post.staff_id) if post else self.none()

    def inbox(self, posts: Iterable[Post]) -> Self:
        """Those of all of a person's posts together."""
        held = list(posts)
        return self._to({post.unit_id for post in held}, held[0].staff_id) if held else self.none()

    def _to(self, unit_ids: set[int], staff_id: int) -> Self:
        delivered = self.model._base_manager.filter(delivered_at__isnull=False)
        units, person = delivered.filter(unit_id__in=unit_ids), delivered.filter(staff_id=staff_id)
        return self.filter(pk__in=units.values("pk").union(person.values("pk"), all=True))

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def waiting_for(self, unit_ids: Collection[int], staff_id: int) -> dict[str, "models.QuerySet[Any]"]:
        """Unread ones of all of a person's posts, by index: those of the units, and those of the person."""
        unread = self.model._base_manager.filter(delivered_at__isnull=False, read_at=None)
        return {"units": unread.filter(unit_id__in=unit_ids), "person": unread.filter(staff_id=staff_id)}


class OutboxQuerySet(GatedQuerySet):
    """The drain takes from it. People see that something waits, never for whom or what it says: the rows hold ids alone."""

    def visible_to(self, post: Post | None) -> Self:
        """Whoever keeps the house running: the system administrator, the platform, the jobs."""
        return self.all() if keeps_the_house(post) else self.none()

    def waiting(self) -> Self:
        return self.filter(delivered_at=None, parked_at=None, dropped_at=None)

    def parked(self) -> Self:
        return self.filter(parked_at__isnull=False, dropped_at=None)

    def of_state(self, state: str) -> Self:
        if state == "waiting":
            return self.waiting()
        if state == "parked":
            return self.parked()
        return self.filter(dropped_at__isnull=False) if state == "dropped" else self.filter(delivered_at__isnull=False)

    def unsent(self) -> Self:
        """What may still be marked: neither delivered nor dropped."""
        return self.filter(delivered_at=None, dropped_at=None)

    def hold(self, seconds: float, **changed: Any) -> int:
        """Write a drain's hold upon these rows, for so many seconds of the database's clock."""
        return self.update(leased_until=Now() + timedelta(seconds=seconds), **changed)

    def put_off(self, wait: timedelta, **changed: Any) -> int:
        """Let go of these rows; the next try comes after `wait`, by the database's clock."""
        return self.update(lease=None, leased_until=None, next_try_at=Now() + wait, **changed)

    def held(self) -> Self:
        """At work in a drain that may be alive."""
        return self.filter(leased_until__gte=Now())

    def claim(self, channel: str, limit: int) -> Self:
        """Rows that are due and that no other drain holds, locked until the transaction ends. By the database's clock."""
        free = Q(leased_until=None) | Q(leased_until__lt=Now())
        due = self.waiting().filter(free, channel=channel, next_try_at__lte=Now()).order_by("next_try_at", "id")
        return due.select_for_update(skip_locked=True, of=("self",))[:limit]


class JobQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """One's own, under any of one's posts. The platform and the jobs: all; a result has its own gate (`can_see_result`)."""
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE else self.filter(asked_by_staff_id=post.staff_id)

    def of_posts(self, posts: Iterable[Post]) -> Self:
        """What a person asked for, under whichever post."""
        return self.filter(asked_by_staff_id__in={post.staff_id for post in posts})

    def of_staff(self, staff_id: int) -> Self:
        return self.filter(asked_by_staff_id=staff_id)

    def open(self) -> Self:
        return self.filter(status__in=["queued", "running"])

    def ended(self) -> Self:
        return self.exclude(status__in=["queued", "running"])

    def at_work(self) -> Self:
        """Held by a runner that is alive, by the database's clock."""
        return self.filter(status="running", leased_until__gte=Now())

    def to_claim(self) -> Self:
        """The next to run, locked: the oldest that waits, or whose runner has not been heard of for as long as its lease."""
        free = Q(status="queued") | Q(status="running", leased_until__lt=Now())
        return self.filter(free).order_by("asked_at", "id").select_for_update(skip_locked=True, of=("self",))[:1]

    def hold(self, seconds: int, **changed: Any) -> int:
        """Write a runner's hold upon these jobs, to be renewed within so many seconds of the database's clock."""
        return self.update(leased_until=Now() + timedelta(seconds=seconds), heartbeat_at=Now(), **changed)

    def with_list_data(self) -> Self:
        return self.select_related("asked_by__unit", "asked_by_staff", "cancel_asked_by__staff", "cancel_asked_by__unit")


class ReminderRuleQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """Reference data: everybody signed in; whoever is reminded may read why."""
        return self.all() if post else self.none()

    def in_force(self, on: date) -> Self:
        """The row of each stage for that day."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)


class ReminderQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """Of the duties that one sees."""
        from .models import Duty

        return self.filter(duty__in=Duty.objects.visible_to(post))

    def untold(self) -> Self:
        return self.filter(told_at=None, lapsed_at=None)


class PeriodRunQuerySet(GatedQuerySet):
    def visible_to(self, post: Post | None) -> Self:
        """Whoever keeps the house running: the system administrator, the platform, the jobs."""
        return self.all() if keeps_the_house(post) else self.none()

    def last_of_each(self) -> dict[str, Any]:
        """The last period of each work that anybody has come to, by the work's key."""
        return {run.key: run for run in self.order_by("key", "-starts_at").distinct("key")}

    def unfinished(self) -> Self:
        return self.filter(finished_at=None)

    def to_try(self, now: datetime) -> Self:
        return self.unfinished().filter(next_try_at__lte=now).order_by("starts_at")
