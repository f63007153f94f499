"""Finding a person by the exact number, in the whole county (DESIGN 3): beyond the gate a mask, a township, a line in the record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.timezone import make_aware
from django.views.decorators.debug import sensitive_variables

from audit.models import Event
from audit.transitions import record
from config import clock
from config.protection.fields import declared
from config.protection.masks import mask_name
from config.protection.sealing import digest_many
from config.verbs import TransitionError, lock
from organization.figures import figure
from organization.models import Post, Region, Staff

from ..models import Access, Household, Resident
from ..open_cases import has_open_case
from ..permissions import can_look_up, can_search, can_take_on
from .access import open_for_a_while

SALT = "households.outside"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer. Within the gate `resident`, and `household` where there is one; beyond it only what a card may say."""

    resident: Resident | None = None
    household: Household | None = None
    masked_name: str = ""
    township_name: str = ""
    has_household: bool = False
    has_open_case: bool = False
    outside_token: str = ""

    @property
    def is_outside(self) -> bool:
        return bool(self.outside_token)

    @property
    def is_here(self) -> bool:
        """Within the gate, household and all. A relative of somebody here may belong to a household beyond it."""
        return self.resident is not None and not self.outside_token


@sensitive_variables()
@transaction.atomic
def find_by_number(*, number: str, by: Post) -> Found:
    """Whoever holds exactly this number. A township finds anybody in the county, everybody else within the own gate.

    Raises:
        TransitionError: the day's look-ups beyond the gate are used up; said before it is known whether anybody holds the number.
    """
    if not can_search(by):
        raise PermissionDenied("您的岗位不能查找人员。")
    resident = Resident.objects.visible_to(by).with_number(number).select_related("region__parent").first()
    household = household_of(resident)
    # Whoever may take a family on meets one that he was only asked to visit as one of elsewhere: what he reads of it, he takes it on for.
    gate = Household.objects.beyond_the_card(by) if can_take_on(by) else Household.objects.visible_to(by)
    if household is not None and not gate.filter(pk=household.pk).exists():
        household = None  # a relative of somebody here, registered elsewhere
    elif resident is not None:
        return Found(resident=resident, household=household, has_household=household is not None)
    if not can_look_up(by):
        return Found(resident=resident)
    refuse_beyond_cap(by)
    stranger = resident or Resident.objects.with_number(number).select_related("region__parent").first()
    if stranger is None:
        return Found()
    note_look(stranger, by)
    home = household_of(stranger)
    return Found(
        resident=resident,
        masked_name=mask_name(stranger.name),
        township_name=township_name(stranger),
        has_household=home is not None,
        has_open_case=home is not None and has_open_case(home.pk),
        outside_token=_token(stranger, by),
    )


def household_of(resident: Resident | None) -> Household | None:
    """Where somebody belongs now."""
    membership = resident.memberships.open().select_related("household__region__parent").first() if resident else None
    return membership.household if membership else None


def last_household_of(resident: Resident | None) -> Household | None:
    """Where somebody belongs now, or belonged last: who died has left, and what he had is ended from there."""
    if resident is None:
        return None
    last = resident.memberships.select_related("household__region__parent").order_by("-since", "-pk").first()
    return household_of(resident) or (last.household if last else None)


def township_name(resident: Resident) -> str:
    region = resident.region
    return region.parent.name if region.level == Region.Level.VILLAGE and region.parent else region.name


def refuse_beyond_cap(by: Post) -> None:
    """Looks beyond the gate are counted for each person and day, under the person's lock.

    Raises:
        TransitionError: as many as the county allows have been made today.
    """
    Staff.objects.select_for_update(of=("self",), no_key=True).get(pk=by.staff_id)
    midnight = make_aware(datetime.combine(clock.today(), time.min))
    cap = figure("id_search_cap_per_day")
    if Event.objects.filter(by_id=by.staff_id, verb="resident.looked_up", at__gte=midnight).count() >= cap:
        raise TransitionError(f"今天查找管辖外人员已达{cap}次的上限。请明天再查，确有急需的请联系县级平台查询。")


def note_look_beyond(resident: Resident, by: Post) -> None:
    """Found by number in a verb of another purpose: beyond the own gate it counts as a look-up. Inner.

    Raises:
        TransitionError: the day's look-ups beyond the gate are used up.
    """
    if not Resident.objects.visible_to(by).filter(pk=resident.pk).exists():
        refuse_beyond_cap(by)
        note_look(resident, by)


def note_look(resident: Resident, by: Post) -> None:
    """The line a look beyond the gate leaves."""
    record("resident.looked_up", resident, by=by, new=township_name(resident), subject_text=mask_name(resident.name))


@sensitive_variables()
@transaction.atomic
def known_elsewhere(*, numbers: Iterable[str], by: Post) -> dict[int, str]:
    """For a form with several numbers, before it is saved: position of each that belongs to a household already, and a sentence.

    Within the gate it says who and where; beyond it as much as a look-up would, logged and capped as one.

    Raises:
        TransitionError: the day's look-ups beyond the gate are used up.
    """
    told = {}
    digests = digest_many(declared(Resident, "id_number").kind, numbers)
    held = {row.id_number_digest: row for row in Resident.objects.with_digests(digests).select_related("region__parent")}
    for position, digest in enumerate(digests):
        resident = held.get(digest)
        household = household_of(resident)
        if resident is None or household is None:
            continue
        if Household.objects.visible_to(by).filter(pk=household.pk).exists():
            told[position] = f"{resident.name}已登记在户编号{household.number}的家庭，不能重复登记。请打开该户办理。"
            continue
        refuse_beyond_cap(by)
        note_look(resident, by)
        told[position] = f"{mask_name(resident.name)}已登记在{township_name(resident)}的家庭。请用“查找人员”按证件号码找到后受理。"
    return told


# ── taking on ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _token(resident: Resident, by: Post) -> str:
    """Says to the one who looked, for a while, whom the card is about: no address holds the person's id."""
    return signing.dumps({"resident": str(resident.pk), "staff": by.staff_id, "at": clock.now().isoformat()}, salt=SALT)


def _resident_of(token: str, by: Post) -> UUID:
    try:
        said = signing.loads(token, salt=SALT)
    except signing.BadSignature as forged:
        raise Http404("没有找到，或不在您的权限范围内。") from forged
    if said["staff"] != by.staff_id:
        raise Http404("没有找到，或不在您的权限范围内。")
    if clock.now() - datetime.fromisoformat(said["at"]) > timedelta(minutes=figure("id_search_answer_kept")):
        raise TransitionError("查找结果已过期，请按证件号码重新查找。")
    return UUID(said["resident"])


@transaction.atomic
def take_on(*, token: str, by: Post) -> Household:
    """Let the acting window see the household of somebody who is registered elsewhere and applies here (DESIGN 2).

    For the days after which any closed access ends; an application that is accepted opens its own.

    Raises:
        Http404: the token is not this person's.
        TransitionError: it is too old, or the person belongs to no household.
    """
    if not can_take_on(by):
        raise PermissionDenied("只有乡镇（街道）综合救助窗口可以受理管辖外的人员。")
    resident: Any = Resident.objects.filter(pk=_resident_of(token, by)).first()
    household = household_of(resident)
    if household is None:
        raise TransitionError("此人还没有登记家庭，请在本窗口登记新家庭。")
    household = lock(household)
    access = open_for_a_while(household=household, unit=by.unit, reason=Access.Reason.ACCEPTED, subject=household, by=by)
    record("household.taken_on", household, by=by, new=by.unit.name, household_id=household.pk, data={"until": str(access.until)})
    return household
