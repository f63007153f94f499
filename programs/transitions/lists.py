"""A holder's list delivered whole: said by one, confirmed by a second of the holder, withdrawn with a reason (issue 5, ADR 0024)."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from deadlines.transitions import announce
from organization.desks import desk_of
from organization.models import Post

from ..models import FactKind, WholeList
from ..permissions import can_confirm_list, can_propose_list, can_withdraw_list


@transaction.atomic
def propose_list(*, kind_key: str, on: date, by: Post) -> WholeList:
    """Say that the holder's list is whole on that day. It counts once a second person has confirmed it.

    Raises:
        AlreadyHandled: one waits for its second person, or one of that day or a later one counts.
        TransitionError: the fact comes as no list, or the day is not come.
    """
    kind: FactKind = lock(FactKind.objects.visible_to(by).get_or_404(kind_key))
    recheck(kind, can_propose_list, by)
    if not kind.is_list:
        raise TransitionError(f"“{kind.label}”没有整份名单，不能确认到齐。")
    if on > clock.today():
        raise TransitionError("到齐日期不能晚于今天。名单还没有到齐的，到齐后再提出。")
    if waiting := kind.deliveries.waiting().first():
        raise AlreadyHandled(f"{waiting.proposed_by.label}已提出“{kind.label}”于{waiting.on:%Y-%m-%d}到齐，等待第二人确认。")
    if last := kind.deliveries.standing().first():
        if on <= last.on:
            raise AlreadyHandled(f"“{kind.label}”的整份名单已确认于{last.on:%Y-%m-%d}到齐，请填写更晚的日期。")
    delivery = WholeList(kind=kind, on=on, proposed_at=clock.now(), proposed_by=by, proposed_by_staff_id=by.staff_id)
    save(delivery)
    record("fact_list.proposed", delivery, by=by, new=on.isoformat(), subject_text=kind.label)
    if kind.holder is not None:
        announce(
            "fact_list.proposed", delivery, to=desk_of(kind.holder, clock.today()), title=f"名单待确认：{kind.label}",
            body=f"{by.unit.short_name}提出整份名单于{on:%Y-%m-%d}到齐，请由另一人核对后确认。", url=delivery.get_absolute_url(),
        )  # fmt: skip
    return delivery


@transaction.atomic
def confirm_list(*, list_id: int, by: Post) -> WholeList:
    """The second person of the holder confirms: from that day on who is not on it is known not to be.

    Raises:
        AlreadyHandled: it was confirmed or withdrawn.
        TransitionError: by whoever proposed it.
    """
    delivery: WholeList = lock(WholeList.objects.visible_to(by).get_or_404(list_id))
    _refuse_withdrawn(delivery)
    if delivery.confirmed_by is not None:
        raise AlreadyHandled(f"{delivery.confirmed_by.label}已确认“{delivery.kind}”于{delivery.on:%Y-%m-%d}到齐，不用重复确认。")
    recheck(delivery, can_confirm_list, by)
    delivery.confirmed_at, delivery.confirmed_by, delivery.confirmed_by_staff_id = clock.now(), by, by.staff_id
    try:
        save(delivery, "confirmed_at", "confirmed_by", "confirmed_by_staff")
    except ConstraintBroken as broken:
        raise TransitionError(broken.messages[0]) from broken
    record("fact_list.confirmed", delivery, by=by, new=delivery.on.isoformat(), subject_text=delivery.kind.label)
    return delivery


@transaction.atomic
def withdraw_list(*, list_id: int, reason: str, by: Post) -> WholeList:
    """It was not whole: from now on absence from it says nothing, unless an earlier list still counts.

    Raises:
        AlreadyHandled: it was withdrawn.
    """
    delivery: WholeList = lock(WholeList.objects.visible_to(by).get_or_404(list_id))
    _refuse_withdrawn(delivery)
    if not can_withdraw_list(by, delivery):
        raise PermissionDenied("名单由掌握部门或县级平台撤回。")
    if not reason.strip():
        raise TransitionError("请写明撤回名单的原因。")
    delivery.withdrawn_at, delivery.withdrawn_by, delivery.reason = clock.now(), by, reason.strip()
    save(delivery, "withdrawn_at", "withdrawn_by", "reason")
    record("fact_list.withdrawn", delivery, by=by, old=delivery.on.isoformat(), note=delivery.reason, subject_text=delivery.kind.label)
    return delivery


def _refuse_withdrawn(delivery: WholeList) -> None:
    if delivery.withdrawn_by is not None:
        raise AlreadyHandled(f"{delivery.withdrawn_by.label}已撤回“{delivery.kind}”的到齐确认：{delivery.reason}。")
