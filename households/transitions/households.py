"""Households opened and corrected at the window (ZX-25, TZ-17)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record, together
from config import clock
from config.protection.fields import declared
from config.protection.sealing import digest_many
from config.verbs import TransitionError, lock, recheck, save
from organization.models import Post, Region

from ..models import Household, Membership, Resident
from ..numbers import household_number
from ..permissions import can_enter, can_revise
from .members import MemberInput, MemberRefused, join, person_of
from .residents import refuse_other_place, refuse_stale
from .standing import refuse_gone


@sensitive_variables()
@transaction.atomic
def open_household(*, region: Region, setting: str, address: str, members: Sequence[MemberInput], by: Post) -> Household:
    """Register a household with its members, one of them its head.

    A person whom the county knows already, by number, and who belongs nowhere, is not entered again.

    Raises:
        MemberRefused: a member's number or date is wrong, or belongs to another household; which member, and why.
        TransitionError: no member, no head or two, or another township's place.
    """
    if not can_enter(by):
        raise PermissionDenied("只有乡镇（街道）经办可以登记家庭。")
    refuse_other_place(region, by)
    _refuse_without_head(members)
    now = clock.now()
    with together():
        residents = _people(members, region, by)
        household = Household(
            number=household_number(region.township_code), region=region, setting=setting, address=address,
            opened_at=now, opened_by=by, revised_at=now, revised_by=by,
        )  # fmt: skip
        save(household)
        for index, (member, resident) in enumerate(zip(members, residents, strict=True)):
            join(household, resident, member, index=index, by=by)
        record("household.opened", household, by=by, new=f"{len(members)}人", household_id=household.pk)
    return household


@sensitive_variables()
def _people(members: Sequence[MemberInput], region: Region, by: Post) -> list[Resident]:
    """Whom the lines are about, in their order; which numbers the county knows is asked for all of them at once."""
    digests = digest_many(declared(Resident, "id_number").kind, [member.number for member in members])
    held: set[UUID | None] = {*Resident.objects.with_digests(digests).order_by().values_list("id_number_digest", flat=True)}
    residents: list[Resident] = []
    for index, (member, digest) in enumerate(zip(members, digests, strict=True)):
        resident = person_of(member, region=region, index=index, is_held=digest in held, by=by)
        if resident in residents:
            raise MemberRefused(index, member.name, {"number": [f"与第{residents.index(resident) + 1}名成员是同一个证件号码，填了两次。"]})
        residents.append(resident)
        held.add(digest)
    return residents


def _refuse_without_head(members: Sequence[MemberInput]) -> None:
    heads = sum(member.relation == Membership.Relation.HEAD for member in members)
    if heads != 1:
        raise TransitionError("请登记一位户主。" if not heads else "一个家庭只能有一位户主，请核对与户主的关系。")


@transaction.atomic
def revise_household(*, household_id: Any, region: Region, setting: str, address: str, seen_at: datetime, by: Post) -> Household:
    """Correct where and how a household lives; its members live there with it. To another township it is moved by two people.

    Raises:
        AlreadyHandled: somebody changed it since the page was opened.
        TransitionError: the place is another township's.
    """
    household: Household = Household.objects.visible_to(by).get_or_404(household_id)
    household = lock(household)
    refuse_stale(household.revised_at, seen_at, household.revised_by)
    recheck(household, can_revise, by)
    refuse_gone(household)
    refuse_other_place(region, by)
    old = {"居住地": household.region.name, "城乡类别": household.get_setting_display(), "详细地址": "已填写" if household.address else ""}
    is_moved, is_readdressed = household.region_id != region.pk, household.address != address
    household.region, household.setting, household.address = region, setting, address
    household.revised_at, household.revised_by = clock.now(), by
    save(household, "region", "setting", "address", "revised_at", "revised_by")
    if is_moved:
        Resident.objects.filter(pk__in=household.memberships.open().values("resident_id")).update(region=region)
    new = {"居住地": region.name, "城乡类别": household.get_setting_display(), "详细地址": "已填写" if address else ""}
    changed = [name for name in new if new[name] != old[name] or (name == "详细地址" and is_readdressed)]
    record(
        "household.revised", household, by=by, new="、".join(changed), household_id=household.pk,
        data={"old": {n: old[n] for n in changed}, "new": {n: new[n] for n in changed}},
    )  # fmt: skip
    return household
