"""The window's rows: seen by the township they came to, the county platform and jobs.

Departments see their referral, not the application.
"""

from typing import TYPE_CHECKING, Self

from django.db.models import Prefetch, Q

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP

if TYPE_CHECKING:
    from organization.models import Post


class VisitQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(unit__region_id=post.unit.region_id) if post.unit.kind in TOWNSHIP else self.none()

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)

    def with_list_data(self) -> Self:
        return self.select_related("resident", "household", "unit", "arrived_by_staff", "arrived_by__unit", "answered_by__staff")


class ApplicationQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(township_code=post.unit.region_id) if post.unit.kind in TOWNSHIP else self.none()

    def open(self) -> Self:
        from .models import Application

        return self.filter(status__in=Application.OPEN)

    def with_list_data(self) -> Self:
        from .models import ApplicationItem

        items = ApplicationItem.objects.select_related("program").order_by("added_at", "pk")
        people = ("applicant", "first_responder__staff", "drafted_by__staff")
        return self.select_related("household", "unit", *people).prefetch_related(Prefetch("items", items, to_attr="listed_items"))

    def with_page_data(self) -> Self:
        """What every page of one application says: for whom, where, by whom."""
        posts = ("first_responder", "drafted_by", "submitted_by", "accepted_by", "ended_by")
        return self.select_related(
            "household__region__parent", "applicant", "unit", "visit", "promise_form", *(f"{p}__staff" for p in posts)
        )

    def of_applicants_like(self, name: str) -> Self:
        """By a name or its initials; the people are found first, by the name index, among those with an application here."""
        from households.models import Resident

        return self.filter(applicant__in=Resident.objects.names_like(name).order_by().values("pk"))


class OfApplicationQuerySet(GatedQuerySet):
    """Rows of an application: seen with it."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Application

        return self.filter(application__in=Application.objects.visible_to(post)) if post else self.none()


# Handed in and not ended: drafts hold nobody up, since many are never handed in.
UNDER_WAY = ("submitted", "supplement", "accepted", "in_progress")
# The item's referral has its answer, or its end: the same may be asked for again although other items of the application go on.
ANSWERED = ("decided", "fed_back", "confirmed", "withdrawn", "terminated")


# It waited for its program to open, and was given up meanwhile.
GIVEN_UP = ("withdrawn", "terminated")


class ApplicationItemQuerySet(OfApplicationQuerySet):
    def with_program(self) -> Self:
        """With all that tells what is asked for, whom it is for, and who applies."""
        related = ("program__department", "version", "track", "household", "resident", "application__household", "application__applicant")
        return self.select_related(*related)

    def under_way(self) -> Self:
        """Asked for at some window of the county and not answered yet."""
        answered = Q(referral__status__in=ANSWERED) | Q(waiting__outcome__in=GIVEN_UP)
        return self.filter(application__status__in=UNDER_WAY).exclude(answered)


class AssessmentQuerySet(OfApplicationQuerySet):
    def whole(self) -> Self:
        """Finished: the half filled ones are kept work, no assessments yet."""
        return self.filter(assessed_at__isnull=False)


class PaperQuerySet(OfApplicationQuerySet):
    def owed(self) -> Self:
        """Asked for and not here yet: missing, or promised for later."""
        return self.filter(state__in=["missing", "later"])


class SupplementNoticeQuerySet(OfApplicationQuerySet):
    def open(self) -> Self:
        """Waiting for the applicant; with the application's end nobody waits any more."""
        from .models import Application

        return self.filter(answered_at=None, application__status__in=Application.OPEN)


class SupplementLineQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from .models import SupplementNotice

        return self.filter(notice__in=SupplementNotice.objects.visible_to(post)) if post else self.none()
