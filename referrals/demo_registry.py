"""The demo's movers and strangers: changes of the register that wait or are done, a visit asked of another township, one unknown."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from config import clock
from households.models import Household, Membership, RegistryChange, Unidentified
from households.transitions import Signs, register_unidentified
from households.transitions.registry import newest
from organization.demo import share_of
from organization.models import Post, Region
from verification import transitions as survey
from verification.models import Verification

from .transitions import confirm_registry, propose_registry

if TYPE_CHECKING:
    from .demo import Desk

HOME, NEIGHBOUR = "500233001", "500233002"
K, HEAD = RegistryChange.Kind, Membership.Relation.HEAD


def load_share(share: int, desk: "Desk") -> None:
    """In the town where the demo's people work. Safe to repeat: what is there stays. A small demo may have no family left for a change."""
    if share_of(HOME) != share or RegistryChange.objects.exists() or Unidentified.objects.exists():
        return
    with transaction.atomic(), clock.set_clock(clock.now() - timedelta(hours=3)):
        clerk = desk.person(desk.window(HOME), Post.Rank.HANDLER)
        _moves(desk, clerk)
        _split(desk, clerk)
        _visit(desk, clerk)
        signs = Signs("身高约一米六，灰色外套，外地口音，随身一只布包。", clock.today(), "汽车站候车室", 1950)
        register_unidentified(sex="2", signs=signs, region=_places()[0], by=clerk)


def _moves(desk: "Desk", clerk: Post) -> None:
    """One to another village, done; one to the next township, which has to confirm; one opened by mistake, done."""
    places = _places()
    for region, reason in ((places[-1], "新房建成，已搬入居住"), (Region.objects.get(pk=NEIGHBOUR), "随子女到白公街道租房居住")):
        if household := desk.family(HOME):
            place: dict[str, Any] = {"region": region, "setting": household.setting, "address": "虚构路1号"}
            change = propose_registry(kind=K.MOVE, household_id=household.pk, reason=reason, by=clerk, **place)
            if region.pk != NEIGHBOUR:
                _confirm(change, desk, clerk)
    if household := desk.family(HOME):
        _confirm(propose_registry(kind=K.VOID, household_id=household.pk, reason="与另一户重复登记，本户没有申请", by=clerk), desk, clerk)


def _split(desk: "Desk", clerk: Post) -> None:
    """The last member of a family founds a household, and a colleague has to confirm it."""
    household = next((row for row in iter(lambda: desk.family(HOME), None) if row.memberships.open().count() > 1), None)
    if household is not None:
        last: Any = household.memberships.open().exclude(relation=HEAD).order_by("-pk").first()
        place: dict[str, Any] = {"region": household.region, "setting": household.setting, "address": household.address}
        members = {last.resident_id: HEAD.value}
        propose_registry(kind=K.SPLIT, household_id=household.pk, reason="成家后另立门户", members=members, by=clerk, **place)


def _visit(desk: "Desk", clerk: Post) -> None:
    """A family under verification here that is to be found in the next township: of what was begun by then, for people work here too."""
    homes = Household.objects.filter(region__code__startswith=HOME).values("pk")
    rows = Verification.objects.unfinished().filter(household__in=homes, unit__region_id=HOME, opened_at__lte=clock.now())
    row = rows.exclude(started_at__gt=clock.now()).order_by("pk").first()
    if row is None:
        return
    if row.status == Verification.Status.PENDING:
        survey.start(verification_id=row.pk, methods=[Verification.Method.HOME_VISIT], by=clerk)
    matter = "该户现住白公街道子女家，请到户了解住房、收入和照料情况。"
    survey.ask_visit(verification_id=row.pk, unit=desk.window(NEIGHBOUR), matter=matter, by=clerk)


def _confirm(change: RegistryChange, desk: "Desk", clerk: Post) -> None:
    second = next((post for post in desk.by_unit[clerk.unit_id] if post.staff_id != clerk.staff_id), None)
    if second is not None:
        seen = RegistryChange.objects.with_page_data().get(pk=change.pk)
        confirm_registry(change_id=change.pk, seen_at=newest(seen), by=second)


def _places() -> list[Region]:
    return list(Region.objects.villages().filter(code__startswith=HOME).order_by("code"))
