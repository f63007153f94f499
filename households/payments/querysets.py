"""Payment lists and their lines, and who sees them.

A department sees the lists of its programs; the county platform and jobs those of every program that is not sensitive; a township the
lists that are closed and hold somebody who lives there, of them those lines. A sensitive program's lists are its department's alone
(DESIGN 2).
"""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import CharField, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Left

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import departments

if TYPE_CHECKING:
    from organization.models import Post

CLOSED = ("closed", "sent", "settled")
TOWNSHIP_DIGITS = 9


class PaymentListQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from ..models import PaymentLine

        rows = self.open_to(post)
        if post is None or post.unit.kind not in TOWNSHIP:
            return rows
        return rows.filter(Exists(PaymentLine._base_manager.filter(list=OuterRef("pk"), region_code__startswith=post.region_code)))

    def open_to(self, post: "Post | None") -> Self:
        """Whose lines the post's own would be."""
        if post is None:
            return self.none()
        if post.unit.kind == "system":
            return self.all()
        if post.unit.kind == "department":
            return self.filter(program__department_id__in=departments(post))
        if post.unit.kind in COUNTY_WIDE:
            return self.filter(program__is_sensitive=False)
        if post.unit.kind in TOWNSHIP:
            return self.filter(program__is_sensitive=False, status__in=CLOSED)
        return self.none()

    def closed(self) -> Self:
        return self.filter(status__in=CLOSED)

    def of_month(self, month: date) -> Self:
        return self.filter(month=month)

    def regular(self) -> Self:
        return self.filter(kind="regular")

    def with_list_data(self) -> Self:
        return self.select_related("program", "unit", "made_by__unit", "made_by__staff", "closed_by__unit", "closed_by__staff")


class PaymentLineQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from ..models import PaymentList

        if post is None:
            return self.none()
        rows = self if post.unit.kind == "system" else self.filter(list__in=PaymentList.objects.open_to(post).order_by())
        return rows.filter(region_code__startswith=post.region_code) if post.unit.kind in TOWNSHIP else rows

    def counted(self) -> Self:
        """Of lists that are closed: what was to be paid, and what became of it."""
        return self.filter(list__status__in=CLOSED)

    def open_failures(self) -> Self:
        """What the bank could not pay and no later list has taken up."""
        return self.filter(state="failed", resent_in=None)

    def strayed(self) -> Self:
        """Open failures whose payee lives in another township by now, `lives_in`, than the line says."""
        from ..models import Membership

        home = Membership.objects.open().filter(resident=OuterRef("payee")).order_by().values("household__region_id")[:1]
        lives_in = Coalesce(Subquery(home), "payee__region_id", output_field=CharField())
        rows = self.open_failures().exclude(payee=None).annotate(lives_in=lives_in)
        there, here = Left("lives_in", TOWNSHIP_DIGITS), Left("region_code", TOWNSHIP_DIGITS)
        return rows.annotate(there=there, here=here).exclude(there=F("here"))

    def about_household(self, household_id: Any) -> Self:
        """Of the household itself and of its present members."""
        from ..models import Membership

        members = Membership.objects.open().filter(household_id=household_id).order_by().values("resident_id")
        return self.filter(Q(record__household_id=household_id) | Q(record__resident_id__in=members))

    def with_list_data(self) -> Self:
        return self.select_related("list__program", "record__household", "record__resident", "payee")


class OfPaymentLineQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from ..models import PaymentLine

        return self.filter(line__in=PaymentLine.objects.visible_to(post).order_by()) if post else self.none()
