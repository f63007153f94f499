"""Rows about people, and who sees them (DESIGN 2).

One predicate per post, chosen in Python, never an OR over columns: villages and townships see `pk IN (own region UNION ALL open Access)`,
departments their open Access, the county platform and jobs the county, everybody else nothing.
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Prefetch, Q
from django.db.models.functions import Coalesce

from config import clock
from config.protection.sealing import matching
from config.protection.searchable import SearchableNameQuerySet, name_condition
from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, LOCAL, TOWNSHIP
from organization.lineage import departments

if TYPE_CHECKING:
    from organization.models import Post


def standing(on: date) -> Q:
    """Dated rows valid on that day."""
    return Q(since__lte=on) & (Q(until=None) | Q(until__gte=on))


class HouseholdQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Those of which the post reads the card: who they are and where they live."""
        return self._let_in(post, _accesses().open(clock.today()))

    def beyond_the_card(self, post: "Post | None") -> Self:
        """Those of which it reads more: not where all that lets it in is a question for one fact, or a visit for another (DESIGN 2)."""
        return self._let_in(post, _accesses().open(clock.today()).beyond_the_card())

    def _let_in(self, post: "Post | None", accesses: "AccessQuerySet") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in LOCAL:
            own = self.model._base_manager.filter(region__code__startswith=post.region_code)
            granted = accesses.of_place(post)
            return self.filter(pk__in=own.order_by().values("pk").union(granted.order_by().values("household_id"), all=True))
        if post.unit.kind == "department":
            return self.filter(pk__in=accesses.filter(unit_id=post.unit_id).values("household_id"))
        return self.none()

    def of_number(self, number: str) -> Self:
        return self.filter(number=number)

    def with_members(self) -> Self:
        """`members`: open memberships with their residents, the head first."""
        from .models import Membership

        return self.prefetch_related(
            Prefetch("memberships", Membership.objects.open().select_related("resident").order_by("relation", "pk"), to_attr="members")
        )

    def with_list_data(self) -> Self:
        return self.select_related("region__parent").with_members()


def _accesses() -> "AccessQuerySet":
    from .models import Access

    return Access._default_manager.all()


class ResidentQuerySet(SearchableNameQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Who lives in the own region, and members of households that the post sees by an open Access; relatives where it reads more than
        the card."""
        if post is not None and post.unit.kind in COUNTY_WIDE:
            return self.all()
        parts = self._parts(post)
        return self.filter(pk__in=_together(parts)) if parts else self.none()

    def beyond_the_card(self, post: "Post | None") -> Self:
        """Those of whom the post reads more than who they are and where they live."""
        if post is not None and post.unit.kind in COUNTY_WIDE:
            return self.all()
        parts = self._parts(post, reads_more=True)
        return self.filter(pk__in=_together(parts)) if parts else self.none()

    def named(self, term: str, post: "Post | None") -> Self:
        """`visible_to` and `names_like` at once: the name narrows each part of the gate, so that its index leads.

        One after the other the gate's twenty thousand people of a township would be fetched, for each name found (docs/benchmarks.md).
        """
        condition = name_condition(term)
        if condition is None:
            return self.none()
        if post is not None and post.unit.kind in COUNTY_WIDE:
            return self.filter(survivor=None).names_like(term)
        parts = [part.filter(condition) for part in self._parts(post)]
        return self.filter(pk__in=_together(parts), survivor=None).in_name_order() if parts else self.none()

    def _parts(self, post: "Post | None", *, reads_more: bool = False) -> list[Any]:
        """The people of a post's gate in parts, each asked by its own index; a person may be in several."""
        if post is None or post.unit.kind not in LOCAL | {"department"}:
            return []
        people = self.model._base_manager.order_by()
        accesses = _accesses().open(clock.today()).of_place(post)
        known = accesses.beyond_the_card().values("household_id")
        granted = known if reads_more else accesses.values("household_id")
        parts = [people.filter(pk__in=_members_of(granted)), people.filter(pk__in=_relatives_of(known))]
        if post.unit.kind == "department":
            return parts
        own = people.filter(region__code__startswith=post.region_code)
        theirs = people.filter(relative_of__resident__region__code__startswith=post.region_code, relative_of__until=None)
        return [own, theirs, *parts]

    def with_number(self, number: str) -> Self:
        """The one who holds exactly this number, by keyed digest; whoever was merged is found as the survivor.

        A temporary number is no ID and finds nobody: it tells two people without papers apart, no more.
        """
        holders = self.model._base_manager.filter(matching(self.model, id_number=number)).exclude(id_type="none").order_by()
        return self.filter(pk__in=holders.values(found=Coalesce("survivor_id", "pk")))

    def remaining(self) -> Self:
        """Not merged into another row."""
        return self.filter(survivor=None)

    def with_digests(self, digests: Iterable[UUID | None]) -> Self:
        """Those who hold one of these numbers, asked for by their digests at once."""
        return self.filter(id_number_digest__in=[digest for digest in digests if digest])

    def alive(self) -> Self:
        return self.filter(died_on=None)


def _together(parts: list[Any]) -> Any:
    return parts[0].values("pk").union(*(part.values("pk") for part in parts[1:]), all=True)


def _members_of(households: Any) -> Any:
    from .models import Membership

    return Membership._base_manager.filter(household_id__in=households, until=None).order_by().values("resident_id")


def _relatives_of(households: Any) -> Any:
    from .models import Relative

    rows = Relative._base_manager.filter(resident__memberships__household_id__in=households, resident__memberships__until=None, until=None)
    return rows.order_by().values("relative_id")


class OfHouseholdQuerySet(GatedQuerySet):
    """Rows with a household: seen by whoever reads more than its card."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Household

        return self.filter(household__in=Household.objects.beyond_the_card(post)) if post else self.none()

    def for_household(self, household_id: Any) -> Self:
        return self.filter(household_id=household_id)


class OfResidentQuerySet(GatedQuerySet):
    """Rows with a resident: seen by whoever reads more of the person than the card."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Resident

        return self.filter(resident__in=Resident.objects.beyond_the_card(post)) if post else self.none()


class OfEitherQuerySet(GatedQuerySet):
    """Rows of a household or of a resident, seen beyond the card: two index scans put together, never an OR."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE else self.filter(pk__in=_together(self._seen(post)))

    def _seen(self, post: "Post") -> list[Any]:
        from .models import Household, Resident

        rows = self.model._base_manager.order_by()
        of_households = rows.filter(household__in=Household.objects.beyond_the_card(post).order_by())
        return [of_households, rows.filter(resident__in=Resident.objects.beyond_the_card(post).order_by())]

    def about_household(self, household_id: Any) -> Self:
        """Of the household itself and of its present members."""
        from .models import Membership

        rows = self.model._base_manager.order_by()
        members = Membership.objects.open().filter(household_id=household_id).order_by().values("resident_id")
        own, theirs = rows.filter(household_id=household_id), rows.filter(resident_id__in=members)
        return self.filter(pk__in=own.values("pk").union(theirs.values("pk"), all=True))


class MembershipQuerySet(OfHouseholdQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Who belongs to a household is its card."""
        from .models import Household

        return self.filter(household__in=Household.objects.visible_to(post)) if post else self.none()

    def open(self) -> Self:
        return self.filter(until=None)


class RelativeQuerySet(OfResidentQuerySet):
    def standing(self, on: date) -> Self:
        return self.filter(standing(on))


class IdentityTagQuerySet(OfEitherQuerySet):
    def standing(self, on: date) -> Self:
        return self.filter(standing(on))

    def shown_to(self, post: "Post | None") -> Self:
        """Without what is sensitive, unless the post's own unit vouches for it (DESIGN 2): a case page adds what its track may see."""
        from .models import IdentityTag

        open_kinds = ~Q(kind__in=IdentityTag.SENSITIVE)
        return self.filter(open_kinds | Q(unit_id=post.unit_id) if post else open_kinds)


class FactQuerySet(OfEitherQuerySet):
    def _seen(self, post: "Post") -> list[Any]:
        """A department that was let in for one fact sees that fact."""
        from .models import FactRequest

        if post.unit.kind != "department":
            return super()._seen(post)
        answers = FactRequest.objects.visible_to(post).exclude(fact=None).order_by().values("fact_id")
        return [*super()._seen(post), self.model._base_manager.filter(pk__in=answers).order_by()]

    def standing(self) -> Self:
        """Not replaced by a newer record; may have expired."""
        return self.filter(superseded_at=None)

    def valid(self, on: date) -> Self:
        """Standing and within its validity: never asked for again (ZX-30, 互认)."""
        return self.standing().filter(Q(valid_until=None) | Q(valid_until__gte=on), found_on__lte=on)


class FactUseQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from .models import Fact

        return self.filter(fact__in=Fact.objects.visible_to(post)) if post else self.none()


class AssistanceRecordQuerySet(OfEitherQuerySet):
    def in_force(self, on: date) -> Self:
        return self.filter(standing(on))

    def regular(self) -> Self:
        return self.exclude(cadence="once")

    def shown_to(self, post: "Post | None") -> Self:
        """A department is not named others' programs; sensitive ones show to their own unit and department alone (DESIGN 2)."""
        if post is None:
            return self.filter(program__is_sensitive=False)
        if post.unit.kind == "department":
            return self.filter(program__department_id__in=departments(post))
        return self.filter(Q(program__is_sensitive=False) | Q(unit_id=post.unit_id))

    def with_list_data(self) -> Self:
        return self.select_related("program__department", "resident", "unit")


class CoverageQuerySet(GatedQuerySet):  # absences too: both are seen with the record
    def visible_to(self, post: "Post | None") -> Self:
        from .models import AssistanceRecord

        return self.filter(record__in=AssistanceRecord.objects.visible_to(post)) if post else self.none()

    def regular_from(self, since: date) -> Self:
        """Reached by regular aid on that day or later."""
        return self.exclude(record__cadence="once").filter(Q(until=None) | Q(until__gte=since))


class RecordChangeQuerySet(GatedQuerySet):
    """Seen with the record."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import AssistanceRecord

        return self.filter(record__in=AssistanceRecord.objects.visible_to(post)) if post else self.none()

    def holding(self) -> Self:
        """Holds that nothing has ended yet."""
        return self.filter(kind="hold", until=None)


class AccessQuerySet(GatedQuerySet):
    CARD_ONLY = ("fact", "visit")

    def visible_to(self, post: "Post | None") -> Self:
        """The unit that was let in, the platform, and the places of the household."""
        from .models import Household

        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind in LOCAL:
            return self.filter(household__in=Household.objects.visible_to(post))
        return self.filter(unit_id=post.unit_id)

    def open(self, on: date) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=on))

    def standing(self) -> Self:
        """The matter it was opened for goes on; closed ones are still seen for some days."""
        return self.filter(closed_at=None)

    def beyond_the_card(self) -> Self:
        """Of a kind that lets read more than the card and, where one fact was asked for, that fact."""
        return self.exclude(reason__in=self.CARD_ONLY)

    def of_place(self, post: "Post") -> Self:
        """Let in for the post's own unit; for a township, for any of its window and offices (the township accepts as one)."""
        if post.unit.kind in TOWNSHIP:
            return self.filter(township_code=post.unit.region_id).exclude(township_code="")
        return self.filter(unit_id=post.unit_id)

    def about(self, subject: models.Model) -> Self:
        return self.filter(subject_label=subject._meta.label_lower, subject_id=str(subject.pk))


class AuthorisationQuerySet(OfHouseholdQuerySet):
    def standing(self) -> Self:
        return self.filter(revoked_at=None)


class KinDeclarationQuerySet(OfHouseholdQuerySet):
    def standing(self) -> Self:
        return self.filter(replaced_at=None)

    def to_be_filed(self) -> Self:
        return self.standing().filter(has_kin=True, filed_at=None)

    def with_list_data(self) -> Self:
        return self.select_related("household__region__parent", "resident", "declared_by__unit", "declared_by__staff", "filed_by__staff")


class UnidentifiedQuerySet(OfResidentQuerySet):
    def unknown(self) -> Self:
        return self.filter(identified_at=None)


class RegistryChangeQuerySet(GatedQuerySet):
    """The township that proposed it, the one that confirms it, and the platform."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind not in TOWNSHIP:
            return self.none()
        rows = self.model._base_manager.order_by()
        proposed, confirmed = rows.filter(township_code=post.unit.region_id), rows.filter(confirming_code=post.unit.region_id)
        return self.filter(pk__in=proposed.values("pk").union(confirmed.values("pk"), all=True))

    def open(self) -> Self:
        return self.filter(status="proposed")

    def with_page_data(self) -> Self:
        homes = ("household__region__parent", "target__region__parent", "region__parent", "unit")
        people = ("resident__region__parent", "survivor__region__parent")
        posts = ("proposed_by__staff", "proposed_by__unit", "answered_by__staff", "answered_by__unit")
        return self.select_related(*homes, *people, *posts)


class ChangeMemberQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from .models import RegistryChange

        return self.filter(change__in=RegistryChange.objects.visible_to(post)) if post else self.none()


class StaffKinQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """One's own declarations. Matching against households is done by the verbs, by digest."""
        return self.filter(staff_id=post.staff_id) if post else self.none()

    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class HouseholdDraftQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """One's own, at the unit where they were put aside."""
        return self.filter(saved_by__staff_id=post.staff_id, saved_by__unit_id=post.unit_id) if post else self.none()
