"""Who belongs to a household: taken in, described better, gone. A person belongs to one household at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.fields import declared
from config.protection.identity import IdType
from config.protection.masks import mask_name
from config.protection.names import tidy_name
from config.protection.sealing import seal
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from organization.models import Post, Region

from ..models import Household, Membership, Resident
from ..permissions import can_revise
from .lookup import household_of, note_look_beyond
from .residents import Person, checked_phone, enter, refuse_stale, touch
from .standing import refuse_gone

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class MemberInput:
    """A line of the form: somebody known by id, or what the paper says of somebody. Numbers stay out of `repr`."""

    relation: str
    resident_id: Any = None
    id_type: str = IdType.RESIDENT
    number: str = field(default="", repr=False)
    name: str = ""
    sex: str = ""
    birth_on: date | None = field(default=None, repr=False)
    phone: str = field(default="", repr=False)
    registered_place: str = ""
    lives_together: bool = True
    is_counted: bool = True

    @property
    def person(self) -> Person:
        return Person(self.name, self.id_type, self.number, self.sex, self.birth_on, self.phone, self.registered_place)


class MemberRefused(TransitionError):
    """One line of the form cannot be taken: `index` counts from 0, `errors` holds sentences by field ("" for the whole line)."""

    def __init__(self, index: int, name: str, errors: Mapping[str, list[str]]) -> None:
        self.index, self.errors = index, errors
        said = "".join(sentence for sentences in errors.values() for sentence in sentences)
        super().__init__(f"第{index + 1}名成员{name}：{said}")


def _for_line(index: int, name: str, verb: Callable[[], R]) -> R:
    try:
        return verb()
    except ValidationError as wrong:
        raise MemberRefused(index, name, _by_field(wrong)) from wrong
    except TransitionError as refused:
        raise MemberRefused(index, name, {"": [str(refused)]}) from refused


def _by_field(wrong: ValidationError) -> dict[str, list[str]]:
    if not hasattr(wrong, "error_dict"):
        return {"": list(wrong.messages)}
    return {"" if name == "__all__" else name: sentences for name, sentences in wrong.message_dict.items()}


@sensitive_variables()
def person_of(member: MemberInput, *, region: Region, index: int = 0, is_held: bool = True, by: Post) -> Resident:
    """Whom a line is about, under lock and without a household: by id, by number, or entered now. Inner.

    `is_held`: False where the caller has seen in this transaction that nobody holds the line's number.

    Raises:
        MemberRefused: somebody belongs to another household, is registered under another name, or the line is wrong.
    """
    return _for_line(index, member.name, lambda: _person_of(member, region, is_held, by))


@sensitive_variables()
def _person_of(member: MemberInput, region: Region, is_held: bool, by: Post) -> Resident:
    if member.resident_id:
        resident: Resident | None = Resident.objects.visible_to(by).get_or_404(member.resident_id)
    else:
        resident = known_person(member.person, by) if is_held else None
    if resident is None:
        return enter(member.person, region=region, by=by)
    resident = lock(resident)
    refuse_gone(resident)
    if household := household_of(resident):
        is_here = Household.objects.visible_to(by).filter(pk=household.pk).exists()
        where = f"{resident.name}已是户编号{household.number}的成员。请打开该户办理。" if is_here else "这个证件号码已登记在管辖外的家庭。"
        raise TransitionError(where if is_here else f"{where}请先按证件号码查找，再办理。")
    if resident.is_dead:
        raise TransitionError(f"{resident.name}已登记死亡（{resident.died_on}），不能加入家庭。请核对证件号码。")
    resident.region = region
    if member.phone and not resident.phone:
        seal(resident, phone=checked_phone(member.phone))
    resident.save(update_fields=["region", *declared(Resident, "phone").columns])
    return resident


@sensitive_variables()
def known_person(person: Person, by: Post) -> Resident | None:
    """Who holds the number of this paper already. Beyond the own gate it counts as a look-up, and the name must be the registered one.

    Raises:
        TransitionError: another name is registered; or the day's look-ups beyond the gate are used up.
    """
    resident: Resident | None = Resident.objects.with_number(person.number).select_related("region__parent").first()
    if resident is None:
        return None
    note_look_beyond(resident, by)
    if tidy_name(person.name) != resident.name:
        raise TransitionError("这个证件号码登记的姓名与填写的不一致。请核对证件，姓名登记有误的先更正。")
    return resident


def join(household: Household, resident: Resident, member: MemberInput, *, index: int = 0, by: Post) -> Membership:
    """Write the membership and its event. Inner."""
    now = clock.now()
    membership = Membership(
        household=household, resident=resident, relation=member.relation, lives_together=member.lives_together,
        is_counted=member.is_counted, since=clock.today(), added_at=now, added_by=by,
    )  # fmt: skip
    _for_line(index, resident.name, lambda: _save_new(membership))
    _record("member.added", membership, by, new=membership.get_relation_display())
    return membership


def _save_new(membership: Membership) -> None:
    try:
        save(membership)
    except ConstraintBroken as clash:
        if clash.name == "one_household_per_resident_at_a_time":
            raise TransitionError("此人刚刚由他人登记到另一个家庭，请重新查找后办理。") from clash
        if clash.name == "one_head_per_household":
            raise TransitionError("本户已有户主，请改选与户主的关系。") from clash
        raise


def _record(verb: str, membership: Membership, by: Post, **said: Any) -> None:
    record(verb, membership, by=by, subject_text=mask_name(membership.resident.name), household_id=membership.household_id, **said)


@sensitive_variables()
@transaction.atomic
def add_member(*, household_id: Any, member: MemberInput, by: Post) -> Membership:
    """Take somebody into a household.

    Raises:
        MemberRefused: the person belongs elsewhere, or the line is wrong.
        TransitionError: a second head.
    """
    household: Household = Household.objects.visible_to(by).get_or_404(household_id)
    household = lock(household)
    recheck(household, can_revise, by)
    refuse_gone(household)
    if member.relation == Membership.Relation.HEAD and household.memberships.open().filter(relation=Membership.Relation.HEAD).exists():
        raise TransitionError("本户已有户主，请改选与户主的关系。")
    membership = join(household, person_of(member, region=household.region, by=by), member, by=by)
    touch(household, by)
    return membership


@transaction.atomic
def revise_member(
    *,
    membership_id: Any,
    relation: str,
    lives_together: bool,
    is_counted: bool,
    former_head_relation: str = "",
    seen_at: datetime,
    by: Post,
) -> Membership:
    """Correct what somebody is in the household. A new head (变更户主) says what the former one is to him or her.

    Raises:
        AlreadyHandled: gone already, or somebody changed the household since the page was opened.
        TransitionError: the household would have no head, or two.
    """
    membership, household = _locked(membership_id, by)
    refuse_stale(household.revised_at, seen_at, household.revised_by)
    old, head = membership.get_relation_display(), Membership.Relation.HEAD
    if membership.relation == head and relation != head:
        raise TransitionError("一个家庭必须有一位户主：请打开新户主的资料，把关系改为户主。")
    if relation == head and membership.relation != head:
        _step_down(household, former_head_relation, by)
    membership.relation, membership.lives_together, membership.is_counted = relation, lives_together, is_counted
    save(membership, "relation", "lives_together", "is_counted")
    touch(household, by)
    flags = f"{'共同生活' if lives_together else '不共同生活'}，{'计入' if is_counted else '不计入'}家庭人口"
    _record("member.revised", membership, by, old=old, new=f"{membership.get_relation_display()}，{flags}")
    return membership


def _step_down(household: Household, relation: str, by: Post) -> None:
    former = household.memberships.open().filter(relation=Membership.Relation.HEAD).select_related("resident").first()
    if former is None:
        return
    if not relation or relation == Membership.Relation.HEAD:
        raise TransitionError(f"现户主是{former.resident.name}。请同时选择原户主与新户主的关系。")
    former.relation = relation
    save(former, "relation")
    _record("member.revised", former, by, old=Membership.Relation.HEAD.label, new=former.get_relation_display())


@transaction.atomic
def end_membership(*, membership_id: Any, on: date, reason: str, by: Post) -> Membership:
    """Somebody no longer belongs to the household: died, married away, split off. The person and all that is known stay.

    Raises:
        AlreadyHandled: ended already; by whom and when.
        TransitionError: the head leaves before another is named, or a day that is not possible.
    """
    membership, household = _locked(membership_id, by)
    others = household.memberships.open().exclude(pk=membership.pk).exists()
    if membership.relation == Membership.Relation.HEAD and others:
        raise TransitionError("户主离开前，请先把另一名成员改为户主。")
    if on > clock.today():
        raise ValidationError({"on": "离开日期不能晚于今天。"})
    if on < membership.since:
        raise ValidationError({"on": f"离开日期不能早于加入日期（{membership.since}）。"})
    membership.until, membership.end_reason = on, reason.strip()
    membership.ended_at, membership.ended_by = clock.now(), by
    if not membership.end_reason:
        raise ValidationError({"reason": "请写明离开原因。"})
    save(membership, "until", "end_reason", "ended_at", "ended_by")
    touch(household, by)
    _record("member.ended", membership, by, new=on.isoformat(), note=membership.end_reason)
    return membership


def _locked(membership_id: Any, by: Post) -> tuple[Membership, Household]:
    """The beats of a verb on a member: gate, locks from the household down, edge, gate and permission again."""
    fetched: Membership = Membership.objects.visible_to(by).get_or_404(membership_id)
    household = lock(fetched.household)
    membership = lock(fetched)
    if membership.until is not None:
        who = membership.ended_by.label if membership.ended_by else "同事"
        raise AlreadyHandled(f"{who}已于{clock.local(membership.ended_at or clock.now()):%Y-%m-%d %H:%M}登记此人离开本户。")
    recheck(household, can_revise, by)
    return membership, household
