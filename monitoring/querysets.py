"""Rows of the room and who sees them: the side that issued them, and the unit they went to (SECURITY 督办; DESIGN 2)."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import desks

if TYPE_CHECKING:
    from organization.models import Post

SUPERVISION = "supervision"


class OfUnitsQuerySet(GatedQuerySet):
    """What went to a unit: that unit's, and those that it works on for; a township's window and offices as one."""

    def reaching(self, post: "Post") -> Self:
        if post.unit.kind in TOWNSHIP:
            return self.filter(unit__region_id=post.unit.region_id, unit__kind__in=TOWNSHIP)
        return self.filter(unit_id__in=desks(post))


class SupervisionOrderQuerySet(OfUnitsQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The platform and the jobs: the county's; supervision: those of its own office; a unit: what was issued to it."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind == SUPERVISION:
            return self.filter(issuer_id=post.unit_id)
        return self.reaching(post).exclude(issued_at=None)

    def drafts(self) -> Self:
        return self.filter(status="draft")

    def open(self) -> Self:
        """Issued, and neither accepted nor withdrawn."""
        return self.filter(status__in=["issued", "replied"])

    def awaiting_reply(self) -> Self:
        return self.filter(status="issued")

    def awaiting_answer(self) -> Self:
        """Replied: the issuing side reads it."""
        return self.filter(status="replied")

    def late(self, on: datetime) -> Self:
        """The unit owes an answer whose day has passed."""
        from deadlines.models import Duty

        late = Duty.objects.overdue(on).filter(subject_label="monitoring.supervisionorder", kind="supervise")
        return self.awaiting_reply().filter(Exists(late.filter(subject_id=Cast(OuterRef("pk"), models.CharField()))))

    def with_list_data(self) -> Self:
        return self.select_related("issuer", "unit")

    def with_page_data(self) -> Self:
        people = [f"{act}_by__{part}" for act in ("drafted", "issued", "accepted", "withdrawn") for part in ("unit", "staff")]
        return self.select_related("issuer", "unit__region", "duty", *people)


class OfOrderQuerySet(GatedQuerySet):
    """Rows of an order: seen with it."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import SupervisionOrder

        return self.filter(order__in=SupervisionOrder.objects.visible_to(post)) if post else self.none()

    def waiting(self) -> Self:
        """Neither accepted nor sent back: at most one."""
        return self.filter(verdict="")


class WrittenReminderQuerySet(OfUnitsQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The platform and the jobs: the county's; a unit: its own. Supervision reads how many there are, in numbers."""
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE else self.reaching(post)

    def standing(self) -> Self:
        """The matter is still undone, and no reason was accepted: what presses, whether its day has passed or not."""
        return self.filter(~_excused(), duty__closed_at=None)

    def counted(self, on: datetime) -> Self:
        """未做到应保尽保、应救尽救: undone at its due date, no accepted reason, and not because the matter itself fell away."""
        return self.filter(~_excused(), _undone_when_due(), due_at__lte=on)

    def falling_due(self, since: datetime, end: datetime) -> Self:
        """Whose last day lies in [since, end): the year to which a reminder counts is that of its due date."""
        return self.filter(due_at__gt=since, due_at__lte=end)

    def with_state(self, on: datetime) -> Self:
        """`state`, as it is read at that moment (RULES correction 9). Handing the matter back in time is neither doing it nor leaving it
        undone: it waits for somebody else then."""
        return self.annotate(
            state=Case(
                When(duty__outcome="cancelled", then=Value("ended")),
                When(duty__closed_at__lt=F("due_at"), duty__outcome="returned", then=Value("ended")),
                When(duty__closed_at__lt=F("due_at"), then=Value("done_in_time")),
                When(_excused(), then=Value("excused")),
                When(duty__closed_at__isnull=False, then=Value("done_late")),
                When(due_at__lte=on, then=Value("counted")),
                default=Value("standing"),
                output_field=models.CharField(),
            )
        )

    def of_state(self, state: str, on: datetime) -> Self:
        return self.with_state(on).filter(state=state)

    def with_list_data(self) -> Self:
        return self.select_related("unit", "duty")

    def with_page_data(self) -> Self:
        return self.select_related("unit__region", "duty", "issued_by__unit", "issued_by__staff")


def _excused() -> Q:
    from .models import ReminderReason

    return Q(Exists(ReminderReason._base_manager.filter(reminder_id=OuterRef("pk"), answer="accepted")))


def _undone_when_due() -> Q:
    """Open, or closed from its due moment on; a matter that was withdrawn or terminated is nobody's failing, whenever it was."""
    return Q(duty__closed_at=None) | (Q(duty__closed_at__gte=F("due_at")) & ~Q(duty__outcome="cancelled"))


class OfWrittenReminderQuerySet(GatedQuerySet):
    """Rows of a written reminder: seen with it."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import WrittenReminder

        return self.filter(reminder__in=WrittenReminder.objects.visible_to(post)) if post else self.none()

    def waiting(self) -> Self:
        """Neither accepted nor refused: at most one."""
        return self.filter(answer="")


class BulletinQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Numbers of all units: supervision, to which they are made, the platform and the jobs."""
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE | {SUPERVISION} else self.none()


class OfBulletinQuerySet(GatedQuerySet):
    """Lines of a bulletin: seen with it."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Bulletin

        return self.filter(bulletin__in=Bulletin.objects.visible_to(post)) if post else self.none()


class DayCloseQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """A window its own, a township those of its place with its villages, the county all. Supervision reads numbers alone."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in TOWNSHIP:
            return self.filter(unit__region__code__startswith=post.unit.region_id)
        return self.filter(unit_id__in=desks(post)) if post.unit.kind == "village_window" else self.none()


class DaySupplementQuerySet(GatedQuerySet):
    """Seen with the day."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import DayClose

        return self.filter(day_close__in=DayClose.objects.visible_to(post)) if post else self.none()


class MonthCloseQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """A township its own, the county all."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(unit__region_id=post.unit.region_id) if post.unit.kind in TOWNSHIP else self.none()

    def open(self) -> Self:
        return self.filter(closed_at=None)
