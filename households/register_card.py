"""What a household's page says of 家庭变动: the quiet menu, the proposal that waits, and where a closed row went."""

from dataclasses import dataclass, field

from config import clock
from config.navigation import address
from organization.models import Post

from .links import Link
from .models import Household, RegistryChange
from .permissions import can_propose_change, can_see_changes

K = RegistryChange.Kind
OFFERED = (K.MOVE, K.SPLIT, K.TRANSFER, K.MERGE, K.VOID)


@dataclass(frozen=True, slots=True)
class RegisterCard:
    pending: RegistryChange | None = None
    menu: list[Link] = field(default_factory=list)
    done: list[Link] = field(default_factory=list)
    closed: str = ""
    predecessors: list[str] = field(default_factory=list)


def card_of(household: Household, post: Post) -> RegisterCard:
    """Nothing of proposals for villages and departments; that a household is closed says to everybody what is left to do."""
    closed = f"已于{clock.local(household.closed_at):%Y-%m-%d}注销，只供查阅。" if household.closed_at else ""
    if not can_see_changes(post):
        return RegisterCard(closed=closed)
    rows = list(RegistryChange.objects.visible_to(post).filter(household=household).order_by("-proposed_at")[:10])
    pending = next((row for row in rows if row.is_open), None)
    offers = can_propose_change(post) and pending is None and not closed
    kinds = OFFERED if household.region_id.startswith(post.region_code) else (K.MOVE,)
    menu = [Link(str(kind.label), address("referrals:registry_propose", household.pk, kind.value)) for kind in kinds] if offers else []
    done = [
        Link(f"{row.get_kind_display()}", row.get_absolute_url(), f"{clock.local(row.proposed_at):%Y-%m-%d}，{row.get_status_display()}")
        for row in rows
        if not row.is_open
    ]
    return RegisterCard(pending, menu, done, closed, list(household.predecessors.order_by("number").values_list("number", flat=True)))
