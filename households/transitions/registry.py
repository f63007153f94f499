"""家庭变动 proposed by one and answered by another (DESIGN 3). Inner ones are called by the room that also sees the open cases.

What a kind asks of the household stands in `registering`, what it does in `moving` and `joining`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, edge, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty
from organization.desks import window_of
from organization.figures import figure
from organization.models import Post, Region

from ..models import Access, ChangeMember, Household, Membership, RegistryChange, Resident
from ..permissions import can_answer_change, can_propose_change, can_withdraw_change
from .access import close_access, let_in
from .registering import refuse_wish

S = RegistryChange.Status
DUTY = "confirm_change"
EDGES: dict[str, dict[str, frozenset[str]]] = {
    "confirm": {S.PROPOSED: frozenset({S.CONFIRMED})},
    "reject": {S.PROPOSED: frozenset({S.REJECTED})},
    "withdraw": {S.PROPOSED: frozenset({S.WITHDRAWN})},
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is proposed: of a household, or of two rows of one person. `members`: who leaves, and what each is to the head there."""

    kind: str
    reason: str
    household: Household | None = None
    target: Household | None = None
    resident: Resident | None = None
    survivor: Resident | None = None
    region: Region | None = None
    setting: str = ""
    address: str = ""
    members: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def places(self) -> list[str]:
        """The townships it concerns."""
        rows = (self.household, self.target, self.resident, self.survivor)
        codes = [str(row.region_id)[:9] for row in rows if row is not None] + ([self.region.code[:9]] if self.region else [])
        return list(dict.fromkeys(codes))


@transaction.atomic
def propose_change(*, wish: Wish, by: Post) -> RegistryChange:
    """Write the proposal, let the confirming township in, start its clock. Inner: the caller locked the rows and asked the open cases.

    Raises:
        PermissionDenied: not a handler, or of none of the townships concerned.
        TransitionError: what the kind asks of the household is not so; a proposal waits already.
    """
    if not can_propose_change(by):
        raise PermissionDenied("只有乡镇（街道）经办可以提出家庭变动。")
    own = str(by.unit.region_id)
    others = [code for code in wish.places if code != own]
    if own not in wish.places:
        raise PermissionDenied("家庭变动由家庭所在地或者迁入地的乡镇（街道）提出。")
    if len(others) > 1:
        raise TransitionError("这项变动涉及三个乡镇（街道），请由家庭所在地的乡镇（街道）分两步办理。")
    refuse_wish(wish)
    code = others[0] if others else own
    change = RegistryChange(
        kind=wish.kind, household=wish.household, target=wish.target, resident=wish.resident, survivor=wish.survivor, region=wish.region,
        setting=wish.setting, address=wish.address.strip(), reason=_words(wish.reason), township_code=own, confirming_code=code,
        unit=window_of(code, clock.today()), proposed_at=clock.now(), proposed_by=by, proposed_by_staff=by.staff,
    )  # fmt: skip
    _save_new(change, wish.members)
    for household in _homes(change):
        if household.township_code != code:
            let_in(household=household, unit=change.unit, reason=Access.Reason.CHANGE, subject=change, by=by)
    open_duty(
        subject=change, kind=DUTY, kind_name="确认家庭变动", unit=change.unit, title=title_of(change), by=by,
        limit=Limit(Rule.WORKING_DAYS, figure("registry_confirm_within")), url=change.get_absolute_url(), region_code=code,
        basis="家庭变动由两人办理：平台暂定",
    )  # fmt: skip
    note("registry.proposed", change, by, note=change.reason)
    return change


def _save_new(change: RegistryChange, members: Mapping[UUID, str]) -> None:
    try:
        save(change)
    except ConstraintBroken as clash:
        if clash.name in {"one_open_change_per_household", "one_open_merge_per_resident"}:
            raise AlreadyHandled(clash.messages[0]) from clash
        raise
    ChangeMember.objects.bulk_create(ChangeMember(change=change, resident_id=pk, relation=relation) for pk, relation in members.items())


def _words(reason: str) -> str:
    reason = without_numbers(reason)
    if not reason:
        raise ValidationError({"reason": "请写明变动原因。"})
    return reason


def begin(change: RegistryChange, verb: str, can: Any, by: Post) -> RegistryChange:
    """The beats before a change of status: lock, edge, gate and permission again; the caller fetched it through the gate. Inner."""
    target = next(iter(EDGES[verb][S.PROPOSED]))
    change = lock(change)
    edge(change.status, target, EDGES[verb], refusal=lambda: answered_text(change))
    recheck(change, can, by)
    if verb != "withdraw" and change.proposed_by_staff_id == by.staff_id:
        raise TransitionError("提出人不能自己确认，请由另一名工作人员核对后办理；不再需要的，可以撤回。")
    return change


def answered_text(change: RegistryChange) -> str:
    """Who was first, when, and with what answer."""
    if change.answered_by is None or change.answered_at is None:
        return "这项变动待确认。"
    return f"{change.answered_by.label}已于{clock.local(change.answered_at):%Y-%m-%d %H:%M}办理：{change.get_status_display()}。"


def begin_confirm(change: RegistryChange, seen_at: datetime | None, by: Post) -> RegistryChange:
    """Under the locks of the cases: the change, then the rows it concerns. What was read on the page must still be so. Inner.

    Raises:
        AlreadyHandled: answered, or the household or person was changed since the page was opened.
    """
    change = begin(change, "confirm", can_answer_change, by)
    lock_rows(_homes(change), [row for row in (change.resident, change.survivor) if row is not None])
    change = RegistryChange.objects.with_page_data().get(pk=change.pk)
    if newest(change) != seen_at:
        raise AlreadyHandled("您打开页面以后，家庭或人员资料有更正。请重新打开页面，核对后再确认。")
    refuse_wish(wish_of(change))
    return change


def lock_rows(households: list[Household], residents: list[Resident]) -> None:
    """Households first, then people, each in the order of their keys."""
    for household in sorted(households, key=lambda row: row.pk):
        lock(household)
    for resident in sorted(residents, key=lambda row: row.pk):
        lock(resident)


def newest(change: RegistryChange) -> datetime:
    """When what the change is about was last touched."""
    moments = [row.revised_at for row in _homes(change)] + [row.changed_at for row in (change.resident, change.survivor) if row is not None]
    return max(moments)


def wish_of(change: RegistryChange) -> Wish:
    members = {row.resident_id: row.relation for row in change.members.all()}
    return Wish(
        change.kind, change.reason, change.household, change.target, change.resident, change.survivor, change.region, change.setting,
        change.address, members,
    )  # fmt: skip


def finish(change: RegistryChange, status: str, by: Post, *, words: str = "", outcome: str = Duty.Outcome.DONE) -> RegistryChange:
    """The answer written, the clock and the access that waited for it closed, the proposer told. Inner."""
    change.status, change.answer_note = status, without_numbers(words)
    change.answered_at, change.answered_by, change.answered_by_staff = clock.now(), by, by.staff
    save(change, "status", "answer_note", "answered_at", "answered_by", "answered_by_staff", "target")
    close_duty(subject=change, kind=DUTY, by=by, outcome=outcome)
    close_access(subject=change, by=by)
    note(f"registry.{status}", change, by, note=change.answer_note)
    if by.staff_id != change.proposed_by_staff_id:
        announce(
            f"registry.{status}", change, to=change.proposed_by.unit, title=f"{title_of(change)}：{change.get_status_display()}",
            body=change.answer_note, url=change.get_absolute_url(),
        )  # fmt: skip
    return change


@transaction.atomic
def reject_change(*, change_id: Any, reason: str, by: Post) -> RegistryChange:
    """The second person does not agree, and says why.

    Raises:
        AlreadyHandled: answered; by whom and when.
        TransitionError: one's own proposal: withdraw it instead.
    """
    change = begin(RegistryChange.objects.visible_to(by).get_or_404(change_id), "reject", can_answer_change, by)
    if not reason.strip():
        raise ValidationError({"note": "请写明不同意的理由。"})
    return finish(change, S.REJECTED, by, words=reason, outcome=Duty.Outcome.RETURNED)


@transaction.atomic
def withdraw_change(*, change_id: Any, by: Post) -> RegistryChange:
    """The proposing township takes it back."""
    change = begin(RegistryChange.objects.visible_to(by).get_or_404(change_id), "withdraw", can_withdraw_change, by)
    return finish(change, S.WITHDRAWN, by, outcome=Duty.Outcome.CANCELLED)


def _homes(change: RegistryChange) -> list[Household]:
    """The households it concerns; of a person's row, the household where the person belongs."""
    if change.household is not None:
        return [row for row in (change.household, change.target) if row is not None]
    people = [change.resident_id, change.survivor_id]
    rows = Membership.objects.open().filter(resident__in=people).select_related("household__region")
    return list({row.household_id: row.household for row in rows}.values())


def title_of(change: RegistryChange) -> str:
    """The kind and whose, masked: for duties, notices and the record."""
    return titles_of([change])[0]


def titles_of(changes: Sequence[RegistryChange]) -> list[str]:
    """The same for a list, in one statement: a household is named after its present head, a closed one after its last."""
    rows = Membership.objects.filter(household__in={change.household_id for change in changes} - {None})
    rows = rows.order_by("household", F("until").desc(nulls_first=True), "relation", "pk").distinct("household")
    heads = dict(rows.values_list("household", "resident__name"))
    return [_title(change, heads.get(change.household_id, "")) for change in changes]


def _title(change: RegistryChange, head: str) -> str:
    if change.resident is not None:
        return f"{change.get_kind_display()} {mask_name(change.resident.name)}"
    household: Any = change.household
    return f"{change.get_kind_display()} {mask_name(head) if head else ''}户 {household.number}"


def note(verb: str, change: RegistryChange, by: Post, **said: Any) -> None:
    """The event, under the household where there is one."""
    record(
        verb, change, by=by, new=change.get_kind_display(), subject_text=title_of(change), household_id=change.household_id,
        data={"target": str(change.target_id or ""), "region": change.region_id or "", "survivor": str(change.survivor_id or "")}, **said,
    )  # fmt: skip
