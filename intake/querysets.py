"""The window's rows: seen by the township they came to, the county platform and jobs.

Departments see their referral, not the application.
"""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Prefetch, Q, QuerySet

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import desks

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


class RequestQuerySet(GatedQuerySet):
    """Seen by the unit that registered it or works on for that one, the window that has it or had it, the county platform and jobs: nobody
    else, above all not by the village of somebody whom a department registered. A window that it was only offered to, and that declined or
    from which it was taken back, sees it no longer."""

    def visible_to(self, post: "Post | None") -> Self:
        """A village's assistant also keeps what they registered themselves in a village before. A window sees what was pushed."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        rows = self.model._base_manager.order_by()
        parts = [rows.filter(registered_unit_id__in=desks(post))]
        if post.unit.kind == "village_window":
            parts.append(rows.filter(registered_by_staff_id=post.staff_id, registered_unit__kind="village_window"))
        elif post.unit.kind == "township_window":
            pushed = rows.filter(pushed_at__isnull=False)
            offered = rows.filter(handovers__to_unit_id=post.unit_id, handovers__outcome__in=["", "acknowledged"])
            parts += [pushed.filter(window_id=post.unit_id), rows.filter(handovers__from_unit_id=post.unit_id), offered]
        elif post.unit.kind not in {"township_office", "department"}:
            return self.none()
        return self.filter(pk__in=parts[0].values("pk").union(*(part.values("pk") for part in parts[1:]), all=True))

    def open(self) -> Self:
        from .models import Request

        return self.filter(status__in=Request.OPEN)

    def waiting_at(self, unit_id: int) -> Self:
        """What this window owes an answer to: pushed to it, or handed over by it and not signed for yet."""
        return self.filter(window_id=unit_id, status__in=["pushed", "handed_over"])

    def offered_to(self, unit_id: int) -> Self:
        """Handed over to this window, which has not signed for it yet."""
        return self.filter(status="handed_over", handovers__to_unit_id=unit_id, handovers__ended_at=None)

    def on_the_desk_of(self, unit_id: int) -> Self:
        """What this window has to do something about: to settle, or to sign for."""
        rows = self.model._base_manager.order_by()
        mine = rows.filter(window_id=unit_id, status="pushed")
        offered = rows.filter(status="handed_over", handovers__to_unit_id=unit_id, handovers__ended_at=None)
        return self.filter(pk__in=mine.values("pk").union(offered.values("pk"), all=True))

    def with_list_data(self) -> Self:
        from .models import RequestHandover

        handovers = RequestHandover.objects.select_related("from_unit", "to_unit").order_by("-pk")
        rows = self.select_related("region__parent", "window", "registered_unit", "registered_by_staff", "settled_by__staff")
        return rows.prefetch_related(Prefetch("handovers", handovers))


class RequestHandoverQuerySet(GatedQuerySet):
    """Seen with its request."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Request

        return self.filter(request__in=Request.objects.visible_to(post)) if post else self.none()

    def open(self) -> Self:
        return self.filter(ended_at=None)

    def declined_by(self, post: "Post") -> "QuerySet[Any, dict[str, Any]]":
        """What the post's window did not take: which number, whose, when and by whom. Never a person, nor the words about one."""
        rows = self.filter(to_unit_id=post.unit_id, outcome="declined").order_by("-ended_at", "-pk")
        return rows.values("request__number", "from_unit__short_name", "handed_at", "ended_at", "ended_by__staff__name")


class ApplicationQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(township_code=post.unit.region_id) if post.unit.kind in TOWNSHIP else self.none()

    def counted_for(self, post: "Post | None") -> Self:
        """For figures alone: behind the gate; to supervision and the convener the county's."""
        if post is not None and post.unit.kind in {"supervision", "convener"}:
            return self.all()
        return self.visible_to(post)

    def of_village(self, post: "Post") -> Self:
        """Applications of families that live in the village of its assistant: for states and names of papers, no page of an application.

        The gate above stays closed to villages.
        """
        if post.unit.kind != "village_window":
            return self.none()
        return self.filter(township_code=post.region_code[:9], household__region_id=post.region_code)

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
