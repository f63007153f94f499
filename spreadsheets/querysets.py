"""Batches and who sees them: the unit whose rows they are, those who work on for it, and the county platform, which may hand in for a unit
(ZX-22). A township's window and offices are one."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models

from config.dates import add_months
from config.verbs import GatedQuerySet
from deadlines.rules import start_of
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import desks

if TYPE_CHECKING:
    from organization.models import Post

    from .models import Batch

ON_ITS_WAY = ("reading", "ready", "proposed", "applying")


class UnitsOwnQuerySet(GatedQuerySet):
    """What stands for a unit's rows: the unit sees it, or who works on for it; a township's offices are one; the county sees all."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in TOWNSHIP:
            return self.filter(unit__region_id=post.unit.region_id, unit__kind__in=TOWNSHIP)
        return self.filter(unit_id__in=desks(post)) if post.unit.kind == "department" else self.none()


class BatchQuerySet(UnitsOwnQuerySet):
    def on_their_way(self) -> Self:
        return self.filter(status__in=ON_ITS_WAY)

    def standing(self) -> Self:
        """Applied and not undone."""
        return self.filter(status="applied")

    def with_page_data(self) -> Self:
        people = ("handed_in_by", "proposed_by", "confirmed_by", "applied_by", "dropped_by", "undone_by")
        return self.select_related("unit__department", *(f"{name}__{of}" for name in people for of in ("unit", "staff")))

    def with_list_data(self) -> Self:
        return self.select_related("unit__department", "handed_in_by__unit", "handed_in_by__staff")

    def of_tab(self, tab: str) -> Self:
        """What is on its way (and what could not be read, until it is dropped), what was entered, or all."""
        if tab == "open":
            return self.filter(status__in=(*ON_ITS_WAY, "refused"))
        return self.standing() if tab == "applied" else self

    def last_applied(self, unit_id: int | None = None) -> "dict[str, Batch]":
        """The newest entry by template: of the unit, or of whichever."""
        rows = self.standing().order_by("template", "-applied_at").distinct("template")
        rows = rows if unit_id is None else rows.filter(unit_id=unit_id)
        return {batch.template: batch for batch in rows}

    def about(self, subject: models.Model) -> Self:
        return self.filter(subject_label=subject._meta.label_lower, subject_id=str(subject.pk))


class OfBatchQuerySet(GatedQuerySet):
    """Rows of a batch: seen with it."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Batch

        return self.filter(batch__in=Batch.objects.visible_to(post)) if post else self.none()


class UploadQuerySet(GatedQuerySet):
    """Read by the jobs alone."""


class MappingQuerySet(UnitsOwnQuerySet):
    def with_list_data(self) -> Self:
        return self.select_related("unit__department", "set_by__unit", "set_by__staff")


class ExportQuerySet(GatedQuerySet):
    """Files that were made: whoever asked for one, and of an approved 上报 those of its unit who hand in."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        own = models.Q(asked_by=post)
        if post.is_data_manager or post.rank == "approver":
            own |= models.Q(approval__isnull=False, unit_id__in=desks(post))
        return self.filter(own)

    def of_posts(self, posts: "Iterable[Post]") -> Self:
        """Of all that one person is."""
        shown = models.Q(pk=None)
        for post in posts:
            shown |= models.Q(pk__in=self.model._default_manager.all().visible_to(post).values("pk"))
        return self.filter(shown)

    def unmade(self, today: "date") -> Self:
        """Runs of approvals that stand, of this month and the last, without their file: what could not be made, and what was cancelled."""
        this = today.replace(day=1)
        periods = [f"{month:%Y-%m}" for month in (this, add_months(this, -1))]
        standing = self.filter(approval__status="approved", approval__until__gte=today, period__in=periods)
        return standing.filter(storage_name="", removed_on=None, job__status__in=["failed", "cancelled"])

    def expired(self, today: "date") -> Self:
        return self.exclude(storage_name="").filter(expires_on__lt=today)

    def with_list_data(self) -> Self:
        return self.select_related("job", "unit", "approval", "form", "asked_by__unit", "asked_by__staff", "eyes__unit", "eyes__staff")


class ReportApprovalQuerySet(GatedQuerySet):
    """上报: of one's unit or one whose work it took over, and all of them for the county platform, which approves."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(unit_id__in=desks(post)) if post.unit.kind == "department" else self.none()

    def due(self, today: "date") -> Self:
        """That run today or should have run earlier this month."""
        return self.filter(status="approved", day__lte=today.day, until__gte=today)

    def missed(self, today: "date") -> Self:
        """That should have run last month, and did not: nothing ran on their day and those after it."""
        this = start_of(today.replace(day=1))
        rows = self.filter(status="approved", decided_at__lt=this, until__gte=today)
        return rows.exclude(runs__period=f"{add_months(today.replace(day=1), -1):%Y-%m}")

    def running_beyond(self, day: "date") -> Self:
        """Approved further than may be approved today: before there was a limit, or before it was shortened."""
        return self.filter(status="approved", until__gt=day)

    def with_list_data(self) -> Self:
        people = ("proposed_by", "decided_by", "ended_by")
        return self.select_related("unit", "form", *(f"{name}__{of}" for name in people for of in ("unit", "staff")))


class SuperiorFormQuerySet(GatedQuerySet):
    """套表: of one's own unit, or one whose work it took over; a township's window and offices are one."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None or post.unit.kind not in {"platform", "department", *TOWNSHIP}:
            return self.none()
        if post.unit.kind in TOWNSHIP:
            return self.filter(unit__region_id=post.unit.region_id, unit__kind__in=TOWNSHIP)
        return self.filter(unit_id__in=desks(post))

    def in_use(self) -> Self:
        return self.filter(withdrawn_at=None)

    def filled(self) -> Self:
        """Mapped, so that they can be filled."""
        return self.in_use().filter(mapped_at__isnull=False)

    def with_list_data(self) -> Self:
        return self.select_related("unit", "uploaded_by__unit", "uploaded_by__staff", "mapped_by__unit", "mapped_by__staff")
