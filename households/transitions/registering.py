"""What each kind of 家庭变动 asks of the household or the person, at the proposal and again at the confirmation."""

from typing import TYPE_CHECKING

from django.db.models import Q

from config import clock
from config.protection.identity import IdType
from config.verbs import TransitionError

from ..models import AssistanceRecord, FactRequest, Household, IdentityTag, Membership, RegistryChange, Resident
from .standing import refuse_gone

if TYPE_CHECKING:
    from .registry import Wish

K = RegistryChange.Kind
HEAD = Membership.Relation.HEAD


def refuse_wish(wish: "Wish") -> None:
    """Raises TransitionError: what stands in the way, and what to do first."""
    for row in (wish.household, wish.target, wish.resident, wish.survivor):
        if row is not None:
            refuse_gone(row)
    _RULES[K(wish.kind)](wish)


def _move(wish: "Wish") -> None:
    household = _of(wish)
    _refuse_no_place(wish)
    if not household.memberships.open().exists():
        raise TransitionError("该户没有现有成员，不用迁移；建错的请注销。")
    if wish.region is not None and (wish.region.pk, wish.address.strip()) == (household.region_id, household.address):
        raise TransitionError("新的居住地与现在的相同，请核对。")


def _split(wish: "Wish") -> None:
    _refuse_no_place(wish)
    leaving = _leaving(wish)
    if sum(relation == HEAD for relation in wish.members.values()) != 1:
        raise TransitionError("分出的新户要有一位户主，且只能有一位，请核对“与新户主关系”。")
    _refuse_headless(_of(wish), leaving)


def _transfer(wish: "Wish") -> None:
    target = _target(wish)
    leaving = _leaving(wish)
    _refuse_second_head(wish, target)
    _refuse_headless(_of(wish), leaving)


def _merge(wish: "Wish") -> None:
    household, target = _of(wish), _target(wish)
    if set(wish.members) != set(household.memberships.open().values_list("resident_id", flat=True)):
        raise TransitionError("并户是全户并入，请逐人选择与保留户户主的关系；只转入部分成员的，请办理“成员转入他户”。")
    _refuse_second_head(wish, target)
    _refuse_aid_twice(household, target, "户", "并户")


def _void(wish: "Wish") -> None:
    household = _of(wish)
    if AssistanceRecord.objects.filter(household=household).exists():
        raise TransitionError("该户有救助记录，不是误建，不能注销。与另一户重复的，请办理并户。")
    if IdentityTag.objects.filter(household=household).standing(clock.today()).exists():
        raise TransitionError("该户还有未终止的身份标签，请先由认定单位终止，或办理并户。")
    if FactRequest.objects.open().filter(household=household).exists():
        raise TransitionError("该户还有请单位核实、尚未答复的事项，不能注销。请先撤回核实请求。")


def _merge_residents(wish: "Wish") -> None:
    gone, stays = wish.resident, wish.survivor
    if gone is None or stays is None:
        raise TransitionError("请选择保留的人员档案。")
    if gone.pk == stays.pk:
        raise TransitionError("保留的与合并的是同一份档案，请核对。")
    if gone.id_type != IdType.NONE and stays.id_type == IdType.NONE:
        raise TransitionError("请保留有证件号码的那份档案，合并没有证件的那份。")
    if gone.died_on != stays.died_on:
        raise TransitionError("两份档案的死亡登记不一致，请先核对，更正有误的一份后再合并。")
    _refuse_aid_twice(gone, stays, "份档案", "合并")
    _refuse_leaving_headless(gone, stays)


def _refuse_aid_twice(gone: Household | Resident, stays: Household | Resident, what: str, verb: str) -> None:
    """Aid that is not over goes over with what is known, or nothing does: beside a row that goes it would be paid once more. One that
    begins next month (起发时间) is no different from one in force."""
    column, today = ("household" if isinstance(gone, Household) else "resident"), clock.today()
    mine = AssistanceRecord.objects.filter(**{column: gone}).regular().filter(Q(until=None) | Q(until__gte=today)).order_by("since", "pk")
    theirs = AssistanceRecord.objects.filter(**{column: stays}, program__in=mine.order_by().values("program_id")).regular()
    others = list(theirs.select_related("program").order_by("since", "pk"))
    for row in mine:
        for other in others:
            if other.program_id != row.program_id or not _overlap(row, other):
                continue
            name = "同一项敏感救助" if other.program.is_sensitive else f"“{other.program}”"
            if other.until is not None and other.until < today:
                told = f"保留的一{what}以前享受的{name}（至{other.until}），与并入的一{what}现在享受的日期重叠，不能{verb}。"
                raise TransitionError(f"{told}请改为保留另一{what}，或先停止现在享受的这项救助。")
            if max(row.since, other.since) <= today:
                raise TransitionError(f"两{what}都在享受{name}，不能{verb}。请先停止其中一{what}的这项救助。")
            told = f"两{what}的{name}都没有结束（分别自{row.since}、{other.since}起），日期重叠，不能{verb}。"
            raise TransitionError(f"{told}请先停止其中一{what}的这项救助，使两{what}的起止日期不重叠。")


def _overlap(one: AssistanceRecord, other: AssistanceRecord) -> bool:
    """A day that both give aid for: what the constraint of the records refuses on one row."""
    return (other.until is None or one.since <= other.until) and (one.until is None or other.since <= one.until)


def _refuse_leaving_headless(gone: Resident, stays: Resident) -> None:
    """The double leaves its household; where both belong somewhere, it must not be the head of others."""
    rows = {row.resident_id: row for row in Membership.objects.open().filter(resident__in=[gone.pk, stays.pk])}
    home = rows.get(gone.pk)
    if home is None or stays.pk not in rows or home.relation != HEAD:
        return
    if Membership.objects.open().filter(household=home.household_id).exclude(resident__in=[gone.pk, stays.pk]).exists():
        raise TransitionError("合并的档案是一户的户主，户内还有他人。请先变更户主，或把两户并户。")


_RULES = {
    K.MOVE: _move, K.SPLIT: _split, K.TRANSFER: _transfer, K.MERGE: _merge, K.VOID: _void, K.MERGE_RESIDENTS: _merge_residents,
}  # fmt: skip


def _of(wish: "Wish") -> Household:
    if wish.household is None:
        raise TransitionError("请指明变动的家庭。")
    return wish.household


def _target(wish: "Wish") -> Household:
    if wish.target is None:
        raise TransitionError("请填写转入或保留的家庭的户编号。")
    if wish.target == wish.household:
        raise TransitionError("不能并入自己，请核对户编号。")
    return wish.target


def _refuse_no_place(wish: "Wish") -> None:
    if wish.region is None or not wish.setting:
        raise TransitionError("请填写新的居住地。")


def _leaving(wish: "Wish") -> set[object]:
    """Who leaves: members, at least one, not all."""
    open_members = set(_of(wish).memberships.open().values_list("resident_id", flat=True))
    leaving: set[object] = set(wish.members)
    if not leaving:
        raise TransitionError("请选择离开本户的成员，并填写与新户主的关系。")
    if leaving - open_members:
        raise TransitionError("所选人员中有人已不是本户成员，请重新打开页面核对。")
    if leaving == open_members:
        raise TransitionError("全部成员都离开的，请办理整户迁移或并户。")
    return leaving


def _refuse_headless(household: Household, leaving: set[object]) -> None:
    if household.memberships.open().filter(~Q(resident__in=leaving), relation=HEAD).exists():
        return
    raise TransitionError("户主离开前，请先把留下的一名成员改为户主。")


def _refuse_second_head(wish: "Wish", target: Household) -> None:
    has_head = target.memberships.open().filter(relation=HEAD).exists()
    if has_head and HEAD in wish.members.values():
        raise TransitionError("转入的家庭已有户主，请改选与该户户主的关系。")
