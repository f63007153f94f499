"""The catalogue's rows. Published versions are public; drafts are seen by their own department and the county platform."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, Subquery

from config.verbs import GatedQuerySet
from organization.models import Department, Parameter

if TYPE_CHECKING:
    from organization.models import Post

LIST_MONTHS = "list_valid_months"


def _department(path: str) -> "Prefetch[str]":
    """The department with the telephone residents are told."""
    return Prefetch(path, Department.objects.with_contact())


def in_force(on: date) -> Q:
    """Published and valid on that day."""
    return Q(published_at__isnull=False, valid_from__lte=on) & (Q(valid_until=None) | Q(valid_until__gte=on))


class ProgramQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:  # noqa: ARG002
        """The catalogue is public: everybody reads the whole list, the placeholder and paused programs included (ZX-54, ZX-56)."""
        return self.all()

    def named(self) -> Self:
        """Programs with a name: all but the placeholder."""
        return self.filter(is_placeholder=False)

    def accepting(self, on: date) -> Self:
        """Named, not paused, with a version in force."""
        return self.named().filter(Exists(self._versions.filter(in_force(on), program=OuterRef("pk"))), paused_at=None)

    def matching(self, text: str) -> Self:
        """Every word of `text` found in name, alias, department, code or pinyin initials."""
        rows = self
        for word in text.split():
            rows = rows.filter(
                Q(seed_name__icontains=word)
                | Q(alias__icontains=word)
                | Q(department__name__icontains=word)
                | Q(code__istartswith=word)
                | Q(initials__contains=word.lower())
            )
        return rows

    def obtained_by(self, how: str, on: date) -> Self:
        return self.filter(Exists(self._versions.filter(in_force(on), program=OuterRef("pk"), obtained=how)))

    def with_list_data(self, on: date) -> Self:
        """Department, the version in force (`current`, at most one) and its tracks: four queries for any number of rows."""
        current = self._versions.filter(in_force(on)).prefetch_related("tracks")
        return self.prefetch_related(_department("department"), Prefetch("versions", queryset=current, to_attr="current"))

    def with_page_data(self, on: date) -> Self:
        """As the list, with all that one program's page shows."""
        current = self._versions.filter(in_force(on)).with_page_data()
        return self.prefetch_related(_department("department"), Prefetch("versions", queryset=current, to_attr="current"))

    def departments(self) -> "models.QuerySet[Any]":
        """The departments of these programs in the order of the county's list, with `program_count` and `unnamed_count`."""
        mine = Q(programs__in=self.order_by().values("pk"))
        unnamed = Count("programs", filter=mine & Q(programs__is_placeholder=True))
        counted = (
            Department.objects.with_programs().with_contact().annotate(program_count=Count("programs", filter=mine), unnamed_count=unnamed)
        )
        return counted.filter(program_count__gt=0).order_by("number")

    def last_change(self) -> tuple[datetime | None, int]:
        """When any of these programs last changed, and how many there are."""
        state = self.aggregate(at=Max("changed_at"), number=Count("pk"))
        return state["at"], state["number"]

    @property
    def _versions(self) -> "ProgramVersionQuerySet":
        return self.model._meta.get_field("versions").related_model._default_manager.all()


class ProgramVersionQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        published = Q(published_at__isnull=False)
        if post is None:
            return self.filter(published)
        if post.unit.kind in {"platform", "system"}:
            return self.all()
        if post.unit.kind == "department":
            return self.filter(published | Q(program__department_id=post.unit.department_id))
        return self.filter(published)

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def drafts(self) -> Self:
        """What may still be changed."""
        return self.filter(published_at=None, discarded_at=None)

    def in_force(self, on: date) -> Self:
        return self.filter(in_force(on))

    def with_page_data(self) -> Self:
        """All that the program page shows, in a fixed number of queries."""
        model: Any = self.model
        tracks = model._meta.get_field("tracks").related_model
        stages = tracks._meta.get_field("stages").related_model
        requirements = model._meta.get_field("requirements").related_model
        return self.select_related("program", "published_by__unit").prefetch_related(
            _department("program__department"),
            Prefetch(
                "tracks",
                tracks._default_manager.select_related("above_ceiling").prefetch_related(
                    Prefetch("stages", stages._default_manager.select_related("department"))
                ),
            ),
            Prefetch(
                "requirements",
                requirements._default_manager.select_related("material", "track").prefetch_related("material__proofs__holder"),
            ),
        )


class FactKindQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The catalogue of facts names no person: every post reads it whole."""
        return self.all() if post is not None else self.none()

    def lists(self) -> Self:
        """Facts that their holder delivers as one list of everybody."""
        return self.filter(is_list=True)

    def with_listed_on(self, on: date) -> Self:
        """`listed_on`: the day of the last whole list by that day, if any; `list_months`: for how long one counts."""
        from .models import WholeList

        delivered = WholeList.objects.standing().filter(kind=OuterRef("pk"), on__lte=on).order_by("-on").values("on")
        months = Parameter._base_manager.filter(key=LIST_MONTHS, region=None, department=None, valid_from__lte=on)
        return self.annotate(listed_on=Subquery(delivered[:1]), list_months=Subquery(months.order_by("-valid_from").values("value")[:1]))


class WholeListQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """It names no person: every post reads it."""
        return self.all() if post is not None else self.none()

    def waiting(self) -> Self:
        """For the second person."""
        return self.filter(confirmed_at=None, withdrawn_at=None)

    def standing(self) -> Self:
        """Confirmed and not withdrawn."""
        return self.filter(confirmed_at__isnull=False, withdrawn_at=None)


class RuleExampleQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Whoever sees the program's drafts: its department and the county platform."""
        if post is None:
            return self.none()
        if post.unit.kind in {"platform", "system"}:
            return self.all()
        if post.unit.kind == "department":
            return self.filter(program__department_id=post.unit.department_id)
        return self.none()

    def in_use(self) -> Self:
        return self.filter(retired_at=None)
