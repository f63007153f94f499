"""The demo's lists: delivered whole, so that in a screening absence means no (issue 5)."""

from config import clock
from organization.models import Post, Unit

from .models import FactKind
from .permissions import can_propose_list, confirms_lists
from .transitions import confirm_list, propose_list


def load(*, by: Post) -> None:
    """Said by one, confirmed by a second of the holder, where two people sit. Safe to repeat."""
    today = clock.today()
    held = Post.objects.effective(today).filter(unit__kind__in=[Unit.Kind.DEPARTMENT, Unit.Kind.PLATFORM]).select_related("unit", "staff")
    posts = [post for post in held.order_by("pk") if confirms_lists(post)]
    for kind in FactKind.objects.visible_to(by).lists().with_listed_on(today).filter(listed_on=None):
        of_holder = [post for post in posts if post.unit.department_id == kind.holder_id]
        pairs = [(one, two) for two in of_holder for one in posts if one.staff_id != two.staff_id and can_propose_list(one, kind)]
        if pairs and not kind.deliveries.waiting().exists():
            delivery = propose_list(kind_key=kind.pk, on=today, by=pairs[0][0])
            confirm_list(list_id=delivery.pk, by=pairs[0][1])
