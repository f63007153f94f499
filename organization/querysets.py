"""Rows of the organization and who sees them. Reference data is public inside the house; accounts and posts are not."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Length

from config.verbs import GatedQuerySet

if TYPE_CHECKING:
    from .models import Parameter, Post

ADMINISTRATION = frozenset({"system_administration", "security_administration", "audit_administration"})


class DatedQuerySet(GatedQuerySet):
    def current(self, on: date) -> Self:
        """Rows valid on that day."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)

    def visible_to(self, post: "Post | None") -> Self:
        """Reference data: every signed-in post reads all of it."""
        return self.all() if post else self.none()


class RegionQuerySet(DatedQuerySet):
    def townships(self) -> Self:
        return self.filter(level="township")

    def villages(self) -> Self:
        return self.filter(level="village")

    def within(self, code: str) -> Self:
        """The region itself and everything below it: codes nest by prefix."""
        return self.filter(code__startswith=code)


class DepartmentQuerySet(DatedQuerySet):
    def with_programs(self) -> Self:
        return self.filter(number__isnull=False)

    def with_contact(self) -> Self:
        """`phone` and `address` of the department's unit, which is where residents are sent."""
        desks = self.model._meta.get_field("unit").related_model._default_manager.filter(
            kind="department", valid_until=None, department=models.OuterRef("pk")
        )
        return self.annotate(
            phone=Coalesce(models.Subquery(desks.values("phone")[:1]), models.Value("")),
            address=Coalesce(models.Subquery(desks.values("address")[:1]), models.Value("")),
        )


class UnitQuerySet(DatedQuerySet):
    def succeeded(self, on: date) -> Self:
        """Those that have ended and that another works on for: `desks.successor_of` says who (RULES F7)."""
        named = Q(successor__isnull=False) | Q(kind="department", department__successor__isnull=False)
        return self.filter(named, valid_until__lt=on)

    def deserted(self, on: date) -> Self:
        """Villages' windows that stand and where nobody holds a post on that day."""
        posts = self.model._meta.get_field("posts").related_model._default_manager.effective(on)
        return self.current(on).filter(kind="village_window").exclude(pk__in=posts.values("unit_id"))

    def reviewing(self, department_id: int | None, township_code: str, on: date) -> Any:
        """The office of that township which reviews for the department on that day; 社会事务办 where no row stands (ZX-33)."""
        return self._named_to_review(department_id, township_code, on).first() or self._social_affairs(township_code, on).get()

    def reviewing_of(self, department: models.OuterRef, township: models.OuterRef, on: date) -> Coalesce:
        """The key of that office beside each row of another table, for one statement over many."""
        named, default = self._named_to_review(department, township, on), self._social_affairs(township, on)
        return Coalesce(models.Subquery(named.values("pk")[:1]), models.Subquery(default.values("pk")[:1]))

    def _named_to_review(self, department: Any, township: Any, on: date) -> Self:
        rows = Q(reviewoffice__department_id=department, reviewoffice__valid_from__lte=on)
        offices = self.current(on).filter(kind="township_office", region_id=township)
        return offices.filter(rows, Q(reviewoffice__valid_until=None) | Q(reviewoffice__valid_until__gte=on))

    def _social_affairs(self, township: Any, on: date) -> Self:
        return self.current(on).filter(kind="township_office", region_id=township, office="social_affairs")


class StaffQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The three administrators and the server's own commands see every account; everybody else the colleagues of the own unit."""
        if post is None:
            return self.none()
        if post.unit.kind in ADMINISTRATION or post.unit.kind == "system":
            return self.filter(is_system=False)
        return self.filter(pk__in=post._meta.model._base_manager.filter(unit_id=post.unit_id, granted_at__isnull=False).values("staff_id"))

    def with_posts(self, on: date) -> Self:
        """Counts and prefetches the posts effective on that day."""
        from .models import Post

        effective = Post.objects.effective(on).select_related("unit")
        count = models.Subquery(
            Post.objects.effective(on)
            .filter(staff=models.OuterRef("pk"))
            .order_by()
            .values("staff")
            .annotate(n=models.Count("pk"))
            .values("n")
        )
        return self.annotate(effective_posts=Coalesce(count, 0)).prefetch_related(
            models.Prefetch("posts", queryset=effective, to_attr="current_posts")
        )


class StaffManager(BaseUserManager.from_queryset(StaffQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> Any:
        return self.get(username=username)


class PostQuerySet(GatedQuerySet):
    def the_system(self) -> "Post":
        """The post jobs act as."""
        return self.get(unit__kind="system", is_founding=True)

    def effective(self, on: date) -> Self:
        """Granted, not ended, within its dates and those of its unit: the posts that may act on that day."""
        stands = Q(unit__valid_until=None) | Q(unit__valid_until__gte=on)
        return self.filter(stands, granted_at__isnull=False, ended_at=None, valid_from__lte=on, valid_until__gte=on, staff__is_active=True)

    def of_watchmen(self, on: date) -> Self:
        """Posts of the security and audit administrators that stand on that day or may yet: those that watch the system administrator."""
        watching = self.filter(family__in=ADMINISTRATION - {"system_administration"})
        return watching.filter(refused_at=None, ended_at=None, valid_until__gte=on)

    def held_by(self, staff_id: int) -> Self:
        """Every post of a person, past ones too, newest first."""
        return self.filter(staff_id=staff_id).order_by("-valid_from", "-pk")

    def awaiting_grant(self) -> Self:
        return self.filter(granted_at=None, refused_at=None, ended_at=None)

    def visible_to(self, post: "Post | None") -> Self:
        """The three administrators see every post; everybody else those of the own unit."""
        if post is None:
            return self.none()
        if post.unit.kind in ADMINISTRATION:
            return self.filter(staff__is_system=False)
        return self.filter(unit_id=post.unit_id)


class AbsenceQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Of everybody whose account one sees: the colleagues of the own unit; all, for the administrators."""
        from .models import Staff

        return self.filter(staff__in=Staff.objects.visible_to(post)) if post else self.none()

    def standing(self, on: date) -> Self:
        """Not over on that day, begun or to come."""
        return self.filter(ended_at=None, last_on__gte=on)

    def away(self, on: date) -> set[int]:
        """Who is away on that day."""
        return set(self.standing(on).filter(first_on__lte=on).order_by().values_list("staff_id", flat=True))


class PhraseQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """One's own, whichever post one acts in."""
        return self.filter(staff_id=post.staff_id) if post else self.none()


class MobileQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """One's own; the administrators see of every account that there is one, masked."""
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in ADMINISTRATION else self.filter(staff_id=post.staff_id)

    def of(self, staff_id: Any) -> Any:
        return self.filter(staff_id=staff_id).first()


class ParameterQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        return self.all() if post else self.none()

    def in_force(self, key: str, *, on: date, region_code: str = "", department_id: int | None = None) -> "Parameter | None":
        """The value for that day: the most specific scope wins (village, township, county), a department's own before the general one."""
        scopes = Q(region=None) | Q(region_id__in=[region_code[:n] for n in (6, 9, 12) if len(region_code) >= n])
        rows = self.filter(scopes, Q(department=None) | Q(department_id=department_id), key=key, valid_from__lte=on)
        return rows.order_by(models.F("department").desc(nulls_last=True), Length("region").desc(nulls_last=True), "-valid_from").first()

    def in_force_on(self, on: date) -> Self:
        """One row per parameter and scope: the one in force on that day."""
        scope = ("key", "region_id", "department_id")
        return self.filter(valid_from__lte=on).order_by(*scope, "-valid_from").distinct(*scope)

    def county_wide(self, on: date) -> dict[str, Any]:
        """Every figure that holds for the whole county on that day, by key."""
        return dict(self.filter(region=None, department=None).in_force_on(on).values_list("key", "value"))
