"""Who reads which lines of the 按户 ledger: a place its own, a department its programs', the platform the county's.

Of a sensitive program the lines show to its department and to the unit that gave the aid alone (DESIGN 2): nobody else meets them by a
filter or in a sum.
"""

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, LOCAL
from organization.lineage import departments, desks

if TYPE_CHECKING:
    from organization.models import Post


class LedgerMonthQuerySet(GatedQuerySet):
    """That a month is closed, and how many lines it has, is told to whoever has the ledger."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None or post.unit.kind not in COUNTY_WIDE | LOCAL | {"department"}:
            return self.none()
        return self.all()


class OfLedgerQuerySet(GatedQuerySet):
    """By the columns that were frozen with the line, so that a closed month shows tomorrow to whom it shows today."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        kind = post.unit.kind
        if kind == "department":
            return self.filter(department_id__in=departments(post))
        if kind not in COUNTY_WIDE | LOCAL:
            return self.none()
        rows = self.filter(region_code__startswith=post.region_code) if kind in LOCAL else self
        return rows.filter(Q(is_sensitive=False) | Q(unit_id__in=desks(post)))
