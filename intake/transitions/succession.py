"""A unit that registers people's needs has ended, or a village has nobody any more: what it has sent goes on elsewhere (RULES F7)."""

from typing import Any

from django.db import transaction

from config.verbs import lock, save
from deadlines import transitions as clocks
from organization.desks import window_of
from organization.models import Post, Unit

from ..models import Request
from .requests import S, note, tell

# What the unit that registered it owes: to push it, or to complete what came back.
OWED = (S.REGISTERED, S.RETURNED)


@transaction.atomic
def succeed_to_request(*, request_id: Any, unit: Unit, heir: Unit, by: Post) -> bool:
    """From now on the heir sees it to the end, and pushes or completes it where that is what it waits for.

    Who heard of it first stays written there (首问责任人). False where another run was first.
    """
    request: Request = lock(Request.objects.visible_to(by).get_or_404(request_id))
    if request.registered_unit_id != unit.pk or not request.is_open:
        return False
    request.registered_unit = heir
    save(request, "registered_unit")
    clocks.succeed(unit=unit, heir=heir, by=by, about=request)
    note("request.succeeded", request, by, old=unit.short_name, new=heir.short_name)
    tell(request, heir, "request.succeeded", f"{unit.short_name}登记的求助由本单位接着跟进")
    return True


def requests_of(unit: Unit, *, owed_alone: bool = False) -> list[Any]:
    """The open ones that a unit registered, by key; `owed_alone`: those that wait for it."""
    rows = Request.objects.open().filter(registered_unit=unit)
    return list((rows.filter(status__in=OWED) if owed_alone else rows).order_by("pk").values_list("pk", flat=True))


def window_over(village: Unit, on: Any) -> Unit:
    """The township's window, which does what a village without anybody cannot."""
    return window_of(village.region_id[:9], on)
