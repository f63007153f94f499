"""Referrals and who sees them: the township they came to, every unit that held them, or works on for one that did (RULES F7), the county
platform and jobs (DESIGN 2)."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db.models import CharField, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Cast

from audit.models import Event
from config import clock
from config.verbs import GatedQuerySet
from organization.figures import figure
from organization.kinds import COUNTY_WIDE, LOCAL, TOWNSHIP
from organization.lineage import desks
from organization.models import Region

LOOKED_INTO = "referral.looked_into"

if TYPE_CHECKING:
    from audit.querysets import EventQuerySet
    from organization.models import Post

    from .models import WaitingItem


def read_of(post: "Post") -> tuple[Any, ...]:
    """What the gate of referrals reads of a post beside the kind of its unit."""
    if post.unit.kind in TOWNSHIP:
        return (post.unit.region_id,)
    return (sorted(desks(post)),) if post.unit.kind == "department" else ()


class ReferralQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        return self.seen_from(post.unit.kind, *read_of(post)) if post is not None else self.none()

    def seen_from(self, kind: str, *read: Any) -> Self:
        """The gate by the kind of unit and what it reads of the post (`read_of`): for a statement whose text is remembered."""
        from .models import ReferralStage

        if kind in COUNTY_WIDE:
            return self.all()
        if kind in TOWNSHIP:
            [township] = read
            return self.filter(township_code=township)
        if kind == "department":
            [units] = read
            return self.filter(pk__in=ReferralStage._base_manager.filter(unit_id__in=units).order_by().values("referral_id"))
        return self.none()

    def ledgered_for(self, post: "Post | None") -> Self:
        """For the ledger of referrals (L11) and for figures: behind the gate; to supervision the county's, whose page then shows no person,
        and to the convener, who has the figures alone."""
        if post is not None and post.unit.kind in {"supervision", "convener"}:
            return self.all()
        return self.visible_to(post)

    def worked_on_by(self, post: "Post") -> Self:
        """What the post's unit sent out or held, or one that it works on for: who may know a sensitive program by its name."""
        return self.with_been_at(post).filter(Q(window_id__in=desks(post)) | Q(has_been=True))

    def readable_by(self, post: "Post") -> Self:
        """Through the gate, for a page of one: a sensitive program is shown in a township to the accepting window and the units on its way
        alone, and to the county platform for some minutes after it has said why (DESIGN 2). Lists name it 敏感项目 instead."""
        from .models import ReferralStage

        seen = self.visible_to(post)
        if post.unit.kind == "platform":
            return seen.filter(Q(program__is_sensitive=False) | Q(Exists(_reasons_of(post))))
        if post.unit.kind not in TOWNSHIP:
            return seen
        held = ReferralStage._base_manager.filter(referral_id=OuterRef("pk"), unit_id__in=desks(post))
        return seen.filter(Q(program__is_sensitive=False) | Q(window_id=post.unit_id) | Q(Exists(held)))

    def with_been_at(self, post: "Post | None") -> Self:
        """`has_been`: whether it has been to the post's unit, or one that it works on for."""
        from .models import ReferralStage

        held = ReferralStage._base_manager.filter(referral_id=OuterRef("pk"), unit_id__in=desks(post) if post else [])
        return self.annotate(has_been=Exists(held))

    def open(self) -> Self:
        from .models import Referral

        return self.filter(status__in=Referral.OPEN)

    def undecided(self) -> Self:
        from .models import Referral

        return self.filter(status__in=Referral.UNDECIDED)

    def returned(self) -> Self:
        """Back at the window for what the applicant must still bring."""
        return self.filter(status="returned")

    def refused_by(self, staff_id: int, *, since: datetime) -> Self:
        """What one person has turned down since that moment."""
        return self.filter(decided_by_staff_id=staff_id, outcome="refused", decided_at__gt=since)


def _reasons_of(post: "Post") -> "EventQuerySet":
    """The lines in which this person said why a referral is opened, while the look lasts (SECURITY D12)."""
    since = clock.now() - timedelta(minutes=int(figure("reveal_shown_for")))
    lines = Event.objects.filter(verb=LOOKED_INTO, by_id=post.staff_id, at__gt=since, subject_label="referrals.referral")
    return lines.filter(subject_id=Cast(OuterRef("pk"), CharField()))


class OfReferralQuerySet(GatedQuerySet):
    """Rows of a referral: seen with it."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Referral

        return self.filter(referral__in=Referral.objects.visible_to(post)) if post else self.none()

    def readable_by(self, post: "Post") -> Self:
        from .models import Referral

        return self.filter(referral__in=Referral.objects.readable_by(post))


class WaitingItemQuerySet(GatedQuerySet):
    """Seen with the application."""

    def visible_to(self, post: "Post | None") -> Self:
        from intake.models import Application

        return self.filter(item__application__in=Application.objects.visible_to(post)) if post else self.none()

    def open(self) -> Self:
        return self.filter(outcome="")

    def looked_at(self, on: date) -> Self:
        """Whose day has come, and who would take a place that is given back this year (`waiting.is_looked_at`)."""
        return self.open().filter(Q(opens_on__lte=on) | Q(cause="quota", opens_on__year__gt=on.year))

    def for_places(self, program: str, on: date) -> Self:
        """Who stands in line for a limited program's places: sent back for want of one, or their day has come."""
        return self.open().filter(Q(cause="quota") | Q(opens_on__lte=on), item__program=program)

    def before(self, row: "WaitingItem") -> Self:
        return self.filter(Q(began_at__lt=row.began_at) | Q(began_at=row.began_at, pk__lt=row.pk))

    def in_turn(self) -> Self:
        """Who has waited longest comes first."""
        return self.order_by("began_at", "pk")


class RescreeningQuerySet(GatedQuerySet):
    """The machine's own list: people see the screening beside the household."""

    def due(self, at: datetime, on: date) -> Self:
        return self.filter(done_at=None, due_on__lte=on, next_try_at__lte=at).order_by("next_try_at", "pk")

    def claim(self, pk: int) -> Any:
        """The row under its lock, or None where another has it or has done it."""
        return self.filter(done_at=None).select_for_update(of=("self",), skip_locked=True, no_key=True).filter(pk=pk).first()


class MonthlyListQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The department's unit that confirms it, and the county platform."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(unit_id__in=desks(post)) if post.unit.kind == "department" else self.none()


class ListEntryQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from .models import MonthlyList

        return self.filter(monthly_list__in=MonthlyList.objects.visible_to(post)) if post else self.none()

    def proposed(self) -> Self:
        """Nobody has said anything of it yet."""
        return self.filter(state="proposed")

    def with_list_data(self) -> Self:
        """`place_name` is that of the row's own region code, where the household is not at hand."""
        return self.select_related("household__region__parent", "resident", "settled_by__staff", "record").annotate(
            place_name=Subquery(Region.objects.filter(pk=OuterRef("region_code")).values("name"))
        )


class UrgentAidQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The township where it was given, the department's unit that gave it, and the county platform."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in TOWNSHIP:
            return self.filter(township_code=post.unit.region_id)
        return self.filter(unit_id__in=desks(post)) if post.unit.kind == "department" else self.none()

    def with_page_data(self) -> Self:
        return self.select_related(
            "program__department", "track", "unit", "deciding_unit", "region__parent", "resident", "household", "leader__staff",
            "leader__unit", "proposed_by__staff", "proposed_by__unit", "given_by__staff", "declined_by__staff", "completed_by__staff",
            "confirmed_by__staff", "application",
        )  # fmt: skip


class ReferralStageQuerySet(OfReferralQuerySet):
    def current(self) -> Self:
        return self.filter(left_at=None)


class PublicityQuerySet(OfReferralQuerySet):
    def running(self) -> Self:
        return self.filter(ended_at=None)


class ExtensionRequestQuerySet(OfReferralQuerySet):
    def open(self) -> Self:
        return self.filter(answered_at=None)

    def waiting(self) -> Self:
        """Asked and not answered, about what is not decided yet: an answer is of use."""
        from .models import Referral

        return self.open().filter(referral__status__in=Referral.UNDECIDED)

    def to_carry(self) -> Self:
        """Granted, while no stage has been given the days yet."""
        return self.filter(is_granted=True, stay=None)


class DisputeQuerySet(OfReferralQuerySet):
    def open(self) -> Self:
        """Not settled yet by the window, a ruling or the end of the referral."""
        return self.filter(answer="")


class ChangeQuerySet(OfReferralQuerySet):
    """What changes and stops ask for."""


class ChangeReportQuerySet(GatedQuerySet):
    """A village reads its own families', a township those of its place, the county all. Departments have the referrals that come of it."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in TOWNSHIP:
            return self.filter(township_code=post.unit.region_id)
        if post.unit.kind in LOCAL:
            return self.filter(household__region__code__startswith=post.region_code)
        return self.none()

    def open(self) -> Self:
        return self.filter(status="reported")

    def with_list_data(self) -> Self:
        return self.select_related("household__region__parent", "resident", "unit", "reported_by__staff", "reported_by__unit")


class RulingQuerySet(GatedQuerySet):
    """The platform's, those of a township's referrals, a department's as a party, and what is put to the convener."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in TOWNSHIP:
            return self.filter(dispute__referral__township_code=post.unit.region_id)
        if post.unit.kind == "department":
            own = desks(post)
            return self.filter(Q(dispute__unit__in=own) | Q(dispute__proposed_unit__in=own) | Q(named_unit__in=own))
        if post.unit.kind == "convener":  # and what is replaced by a ruling that is put to him
            return self.filter(Q(needs_countersign=True) | Q(superseded_by__needs_countersign=True))
        return self.none()

    def in_force(self) -> Self:
        """In force, and not replaced by a later one that is."""
        return self.filter(in_force_at__isnull=False).exclude(superseded_by__in_force_at__isnull=False)

    def with_page_data(self) -> Self:
        parties = (
            "named_unit",
            "superseded_by",
            "supersedes__named_unit",
            "dispute__unit",
            "dispute__proposed_unit",
            "dispute__referral__program",
            "dispute__stage",
        )
        people = ("ruled_by__staff", "ruled_by__unit", "countersigned_by__staff", "countersigned_by__unit", "dispute__raised_by__staff",
                  "dispute__pushed_by__staff", "dispute__pushed_by__unit")  # fmt: skip
        return self.select_related(*parties, *people)


class ProgressTryQuerySet(GatedQuerySet):
    """Nobody reads these through a page."""

    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment)
