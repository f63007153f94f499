"""What a confirmed 家庭变动 does to households and their members. Inner, under the locks that `registry.begin_confirm` has taken.

Memberships are dated and never deleted: who leaves keeps the row of the old household, ended with its reason, beside a new one.
"""

from datetime import date
from typing import Any

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import save
from organization.desks import window_of
from organization.models import Post

from ..models import Access, Household, Membership, RegistryChange, Resident
from ..numbers import household_number
from .access import open_for_a_while
from .carrying import carry_of_household
from .knowledge import lapse_means
from .members import MemberInput, join
from .residents import touch


def move(change: RegistryChange, by: Post) -> Household:
    """The whole household lives elsewhere now, and its members with it. The township it left looks on for some days."""
    household: Any = change.household
    region: Any = change.region
    old, left = household.region, household.township_code
    household.region, household.setting, household.address = region, change.setting, change.address
    household.revised_at, household.revised_by = clock.now(), by
    save(household, "region", "setting", "address", "revised_at", "revised_by")
    Resident.objects.filter(pk__in=household.memberships.open().order_by().values("resident_id")).update(region=region)
    if left != household.township_code:
        _look_on(household, left, change, by)
    record("household.moved", household, by=by, old=old.full_name, new=region.full_name, note=change.reason, household_id=household.pk)
    return household


def _look_on(household: Household, township_code: str, change: RegistryChange, by: Post) -> None:
    open_for_a_while(household=household, unit=window_of(township_code, clock.today()), reason=Access.Reason.CHANGE, subject=change, by=by)


def split(change: RegistryChange, by: Post) -> Household:
    """Some members become a household of their own."""
    region: Any = change.region
    now = clock.now()
    household = Household(
        number=household_number(region.township_code), region=region, setting=change.setting, address=change.address,
        opened_at=now, opened_by=by, revised_at=now, revised_by=by,
    )  # fmt: skip
    save(household)
    change.target = household
    record("household.split_off", household, by=by, old=str(change.household), note=change.reason, household_id=household.pk)
    transfer(change, by)
    return household


def transfer(change: RegistryChange, by: Post) -> Household:
    """Members belong to the target household from today, and live there. What was found of the means of either family is over."""
    home: Any = change.household
    target: Any = change.target
    lapse_means([home, target], by)
    rows = {row.resident_id: row for row in home.memberships.open().select_related("resident")}
    chosen = list(change.members.select_related("resident"))
    for line in chosen:
        end(rows[line.resident_id], f"{change.get_kind_display()}，转入户编号{target.number}", by)
    for line in sorted(chosen, key=lambda line: (line.relation != Membership.Relation.HEAD, line.pk)):
        _settle(rows[line.resident_id], target, line.relation, by)
    touch(home, by)
    touch(target, by)
    return target


def _settle(left: Membership, household: Household, relation: str, by: Post) -> None:
    """Whether somebody counts and lives with the others was found out once, and goes along. A head does both by what a head is."""
    resident, is_head = left.resident, relation == Membership.Relation.HEAD
    if resident.region_id != household.region_id:
        resident.region_id = household.region_id
        resident.save(update_fields=["region"])
    member = MemberInput(
        relation, lives_together=is_head or left.lives_together, is_counted=is_head or left.is_counted
    )  # fmt: skip
    join(household, resident, member, by=by)


def end(row: Membership, reason: str, by: Post, on: date | None = None) -> None:
    """Somebody left: the row stays as history."""
    row.until, row.end_reason = on or clock.today(), reason[:60]
    row.ended_at, row.ended_by = clock.now(), by
    save(row, "until", "end_reason", "ended_at", "ended_by")
    record(
        "member.ended", row, by=by, new=row.until.isoformat(), note=row.end_reason, subject_text=mask_name(row.resident.name),
        household_id=row.household_id,
    )  # fmt: skip


def merge(change: RegistryChange, by: Post) -> Household:
    """All members and all that is known go over to the household that stays; the other row leads there."""
    home: Any = change.household
    target = transfer(change, by)
    carry_of_household(home, target, by)
    _close(home, target, change, by)
    return target


def void(change: RegistryChange, by: Post) -> Household:
    """Opened by mistake: its people belong to no household, and stay known."""
    home: Any = change.household
    for row in home.memberships.open().select_related("resident"):
        end(row, change.get_kind_display(), by)
    _close(home, None, change, by)
    return home


def _close(household: Household, successor: Household | None, change: RegistryChange, by: Post) -> None:
    household.closed_at, household.closed_by, household.successor = clock.now(), by, successor
    household.revised_at, household.revised_by = clock.now(), by
    save(household, "closed_at", "closed_by", "successor", "revised_at", "revised_by")
    record(
        "household.closed", household, by=by, new=f"并入{successor}" if successor else "注销", note=change.reason,
        household_id=household.pk,
    )  # fmt: skip
