"""数据报送: parts marked, handed in, sent back with a reason, accepted; paper registered (ZX-22, ZX-28, XX-26).

While a unit owes it, a duty of kind `hand_in_data` runs: until the round's last day, and once it was sent back for some working days. Late
is read from the round's days, never written.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from audit.transitions import record
from config import clock
from config.verbs import ConstraintBroken, TransitionError, edge, lock, recheck, save
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty
from organization.figures import figure
from organization.models import Post, Unit
from referrals.conditions import words
from spreadsheets.models import Batch
from spreadsheets.transitions import hand_in as take_in
from spreadsheets.uploads import digest

from .. import round_permissions
from ..models import Delivery, DeliveryItem, Round
from ..round_again import is_as_returned, is_returned_file
from ..round_door import KEY as DOOR
from ..round_policy import versions_of
from ..round_unmarked import Unmarked, belied_words, entered_beside, entered_since, files_on_their_way, named, sorted_out
from .closing import desk_of
from .doubts import ask_to_find
from .rounds import BASES, HAND_IN, KIND_NAME

S = Delivery.Status
State = DeliveryItem.State
EDGES: Mapping[str, frozenset[str]] = {
    S.OPEN: frozenset({S.SUBMITTED}),
    S.SUBMITTED: frozenset({S.RETURNED, S.ACCEPTED}),
    S.RETURNED: frozenset({S.SUBMITTED}),
    S.ACCEPTED: frozenset({S.RETURNED}),
}
WORDS = 300
AS_RETURNED = "各项和文件都与退回的相同，没有改动"
WORDS_WHY = WORDS - len(f"{AS_RETURNED}：")  # why it need not be changed stands behind that
BATCH_ITEM = "monitoring.deliveryitem"


@transaction.atomic
def confirm_policy(*, delivery_id: UUID | str, by: Post) -> DeliveryItem:
    """The policy part, by one press: updated where versions were published since the last round (they are listed), else unchanged."""
    delivery = _filled(delivery_id, by)
    item = delivery.items.filter(part=DeliveryItem.Part.POLICY).select_for_update(of=("self",), no_key=True).first()
    if item is None:
        raise TransitionError("本单位没有救助项目，不用报救助政策。")
    count = len(versions_of(delivery))
    _mark(item, State.UPDATED if count else State.NO_CHANGE, None, by)
    if count:
        record("delivery.item_updated", delivery, by=by, new=item.title, note=f"上轮以来发布{count}个版本")
    else:
        record("delivery.items_unchanged", delivery, by=by, note=f"“{item.title}”")
    return item


@transaction.atomic
def mark_unchanged(*, delivery_id: UUID | str, by: Post, items: Iterable[Any] | None = None) -> int:
    """本月无变化: of these items, or of all that are not marked yet and of which no file was brought; how many.

    Raises:
        TransitionError: none chosen, one that was updated by a file, or one with a file on its way.
    """
    delivery = _filled(delivery_id, by)
    rows = delivery.items.exclude(part=DeliveryItem.Part.POLICY).order_by("place").select_for_update(of=("self",), no_key=True)
    if items is None:
        rest = unmarked(rows.filter(state=State.EMPTY), delivery)
        chosen, why = list(rest.free), rest.left_out
    else:
        chosen, why = list(rows.filter(pk__in=list(items))), []
    if not chosen:
        raise TransitionError("".join(["没有可以声明“本月无变化”的项目。", *why]))
    for item in chosen:
        if item.state == State.UPDATED:
            raise TransitionError(f"“{item.title}”本轮已有入库的文件，不能再声明“本月无变化”。")
    _refuse_pending(chosen, delivery)
    for item in chosen:
        _mark(item, State.NO_CHANGE, None, by)
    record("delivery.items_unchanged", delivery, by=by, note=named(chosen), data={"items": [item.key for item in chosen]})
    return len(chosen)


@transaction.atomic
def hand_in(*, item_id: UUID | str, file_name: str, octets: bytes, as_of: date, by: Post) -> Batch:
    """A list's file enters by the import, for the unit (by the platform: 代录, ZX-22); applied, it marks the item by its door.

    Raises:
        AlreadyHandled: the same file is being worked on, or the delivery was handed in.
        TransitionError: what the import refuses; the very file with which the delivery was sent back.
    """
    item: DeliveryItem = DeliveryItem.objects.visible_to(by).exclude(key="").get_or_404(item_id)
    delivery = _filled(item.delivery_id, by)
    _refuse_returned(delivery, item, octets)
    return take_in(template=item.key, file_name=file_name, octets=octets, as_of=as_of, by=by, unit=delivery.unit, door=DOOR, subject=item)


def _refuse_returned(delivery: Delivery, item: DeliveryItem, octets: bytes) -> None:
    batch = item.batch
    if batch is not None and is_returned_file(delivery, item, batch) and batch.file_digest == digest(octets):
        came = f"{clock.local(batch.handed_in_at):%m-%d %H:%M}由{batch.handed_in_by.label}上传"
        raise TransitionError(
            f"这个文件与退回的完全相同（{batch.file_name}，{came}）。"
            f"退回原因：{delivery.return_reason} 请改好再传；确实不用改的，不用重传，报送时写明理由。"
        )


@transaction.atomic
def use_file(*, item_id: UUID | str, by: Post) -> DeliveryItem:
    """A list whose file was entered by the import itself since the round opened: that file counts for the item, and its undo takes it back.

    Raises:
        TransitionError: there is none.
    """
    item: DeliveryItem = DeliveryItem.objects.visible_to(by).exclude(key="").get_or_404(item_id)
    delivery = _filled(item.delivery_id, by)
    batch = entered_beside([item.key], delivery).select_for_update(of=("self",), no_key=True).first()
    if batch is None:
        raise TransitionError(f"本轮开放以来没有入库过“{item.title}”，请上传文件或声明“本月无变化”。")
    batch.door, batch.subject_label, batch.subject_id = DOOR, BATCH_ITEM, str(item.pk)
    save(batch, "door", "subject_label", "subject_id")
    _mark(item, State.UPDATED, batch, by)
    record("delivery.item_updated", delivery, by=by, new=item.title, note=_counted(batch))
    return item


def unmarked(items: Iterable[DeliveryItem], delivery: Delivery) -> Unmarked:
    """As it stands now; what is brought meanwhile waits for the delivery's lock."""
    rows = list(items)
    return sorted_out(rows, waiting=files_on_their_way(rows, delivery), entered=entered_since(rows, delivery))


@transaction.atomic
def submit(*, delivery_id: UUID | str, by: Post, remark: str = "", as_returned: bool = False) -> Delivery:
    """Hand it in, in time or late: every part updated or unchanged. `as_returned`: sent back, it needs no change, and `remark` says why.

    Raises:
        AlreadyHandled: handed in, by whom and when.
        TransitionError: a part that nobody marked, or of which a file was entered since it was said to be unchanged; a file that was not
            applied yet; as it was sent back, without a word why.
    """
    delivery = _filled(delivery_id, by)
    items = list(delivery.items.order_by("place").select_related("batch", "returned_batch"))
    if missing := [item.title for item in items if item.state == State.EMPTY]:
        raise TransitionError(f"还有{len(missing)}项没有更新，也没有声明“本月无变化”：{'、'.join(missing[:5])}。")
    _refuse_pending(items, delivery)
    since = entered_since(items, delivery)
    if belied := [item for item in items if item.key in since]:
        raise TransitionError(belied_words(belied))
    is_same = is_as_returned(delivery, items)
    if is_same and not as_returned:
        raise TransitionError(f"{AS_RETURNED}。退回原因：{delivery.return_reason} 请改好再报；确实不用改的，勾选并写明理由。")
    _update_policy(delivery, items, by)
    now = clock.now()
    if delivery.handed_in_at is None:
        delivery.handed_in_at, delivery.handed_in_by = now, by
    delivery.status, delivery.submitted_at, delivery.submitted_by, delivery.submitted_by_staff = S.SUBMITTED, now, by, by.staff
    delivery.is_on_behalf = round_permissions.is_on_behalf(by, delivery)
    delivery.remark = _remark(remark, is_same=is_same)
    save(
        delivery, "status", "handed_in_at", "handed_in_by", "submitted_at", "submitted_by", "submitted_by_staff", "is_on_behalf", "remark"
    )  # fmt: skip
    close_duty(subject=delivery, kind=HAND_IN, by=by)
    again = delivery.handed_in_at != now
    is_late = now >= delivery.round.due_until and not again
    acts = (
        ("超期", is_late),
        ("退回后重报", again and not is_same),
        ("退回后未作改动重报", is_same),
        ("县民政局代报", delivery.is_on_behalf),
    )
    said = "、".join(word for word, holds in acts if holds)
    record("delivery.submitted", delivery, by=by, note=f"（{said}）" if said else "", data={"unit": delivery.unit_id})
    _tell("delivery.submitted", delivery, _platform(), f"{delivery}已报送", said or "按时报送")
    if delivery.is_on_behalf:
        _tell(
            "delivery.submitted",
            delivery,
            [_holder(delivery)],
            f"县民政局已代为报送：{delivery}",
            "请核对代录的内容；有误的，请县民政局退回。",
        )
    return delivery


def _remark(remark: str, *, is_same: bool) -> str:
    if is_same:
        return f"{AS_RETURNED}：{words(remark, '请写明为什么不用改。', WORDS_WHY)}"
    return words(remark, "", WORDS) if remark.strip() else ""


def _update_policy(delivery: Delivery, items: Iterable[DeliveryItem], by: Post) -> None:
    """What was published since somebody said that nothing was goes with what is handed in."""
    said = next((item for item in items if item.part == DeliveryItem.Part.POLICY and item.state == State.NO_CHANGE), None)
    if said is not None and (count := len(versions_of(delivery))):
        _mark(said, State.UPDATED, None, by)
        record("delivery.item_updated", delivery, by=by, new=said.title, note=f"上轮以来发布{count}个版本")


@transaction.atomic
def send_back(*, delivery_id: UUID | str, reason: str, by: Post) -> Delivery:
    """The county platform sends it back with its reason: the unit has some working days to mend it (县参数)."""
    delivery = _answered(delivery_id, S.RETURNED, by)
    delivery.status, delivery.returned_at, delivery.returned_by = S.RETURNED, clock.now(), by
    delivery.return_reason = words(reason, "请写明退回的原因：哪一项、有什么问题。", WORDS)
    delivery.accepted_at = delivery.accepted_by = delivery.accepted_by_staff = None
    save(delivery, "status", "returned_at", "returned_by", "return_reason", "accepted_at", "accepted_by", "accepted_by_staff")
    delivery.items.update(returned_batch=F("batch"))
    open_duty(
        subject=delivery, kind=HAND_IN, kind_name=KIND_NAME, unit=_holder(delivery), title=str(delivery),
        limit=Limit(Rule.WORKING_DAYS, int(figure("data_return_wd"))), by=by, url=delivery.get_absolute_url(),
        region_code=str(delivery.unit.region_id), basis=BASES[Round.Kind(delivery.round.kind)], is_return=True,
    )  # fmt: skip
    record("delivery.returned", delivery, by=by, note=delivery.return_reason)
    _tell("delivery.returned", delivery, [_holder(delivery)], f"{delivery}被退回", delivery.return_reason)
    return delivery


@transaction.atomic
def accept(*, delivery_id: UUID | str, by: Post) -> Delivery:
    """The county platform confirms what was handed in; from then on the receipt says so.

    Raises:
        TransitionError: by whoever handed it in, or filled in a part of it for the unit.
    """
    delivery = _answered(delivery_id, S.ACCEPTED, by)
    fillers = round_permissions.fillers(delivery.items.select_related("batch", "marked_by"))
    if by.staff_id in fillers - {delivery.submitted_by_staff_id}:
        raise TransitionError("您替单位填报过其中的项目，不能确认，请由另一人确认。")
    delivery.status, delivery.accepted_at, delivery.accepted_by, delivery.accepted_by_staff = S.ACCEPTED, clock.now(), by, by.staff
    try:
        save(delivery, "status", "accepted_at", "accepted_by", "accepted_by_staff")
    except ConstraintBroken as clash:
        raise TransitionError("报送人不能确认自己的报送，请由另一人确认。") from clash
    record("delivery.accepted", delivery, by=by)
    _tell("delivery.accepted", delivery, [_holder(delivery)], f"{delivery}已确认", "可以打印回执。")
    ask_to_find(by=Post.objects.the_system())  # what the new data says against what stands: once for all that are accepted meanwhile
    return delivery


@transaction.atomic
def register_paper(*, delivery_id: UUID | str, received_on: date, by: Post) -> Delivery:
    """The county platform notes the day on which a township's reviewed paper came (XX-26); noted again, the later day stands.

    Raises:
        TransitionError: a day to come, or before the round's month.
    """
    delivery: Delivery = Delivery.objects.visible_to(by).select_related("round", "unit").get_or_404(delivery_id)
    delivery = _locked(delivery)
    recheck(delivery, round_permissions.can_register_paper, by)
    if received_on > clock.today() or received_on < delivery.round.month:
        raise TransitionError("收到日不能晚于今天，也不能早于报送月份。")
    delivery.paper_on, delivery.paper_at, delivery.paper_by = received_on, clock.now(), by
    save(delivery, "paper_on", "paper_at", "paper_by")
    record("delivery.paper_received", delivery, by=by, new=f"{received_on:%Y-%m-%d}")
    return delivery


def mark_applied(*, batch: Batch, by: Post) -> DeliveryItem | None:
    """In the transaction of an apply: the item that the file was handed in for is updated.

    Raises:
        TransitionError: the delivery was handed in meanwhile.
    """
    item = _item_of(batch)
    if item is None:
        return None
    delivery = _still_open(item)
    _mark(item, State.UPDATED, batch, by)
    record("delivery.item_updated", delivery, by=by, new=item.title, note=_counted(batch))
    if round_permissions.is_on_behalf(batch.handed_in_by, delivery):
        _tell(
            "delivery.item_updated",
            delivery,
            [_holder(delivery)],
            f"县民政局代录了“{item.title}”",
            f"{delivery}：请核对；有误的，由本单位审批岗或县级平台撤销入库。",
        )
    return item


def mark_undone(*, batch: Batch, by: Post) -> DeliveryItem | None:
    """In the transaction of an undo: an earlier file of the item stands again, or nothing does.

    Raises:
        TransitionError: the delivery was handed in: the platform sends it back first.
    """
    item = _item_of(batch)
    if item is None or item.batch_id != batch.pk:
        return item
    delivery = _still_open(item)
    earlier = Batch.objects.standing().about(item).exclude(pk=batch.pk).order_by("-applied_at").first()
    if earlier is not None:
        _mark(item, State.UPDATED, earlier, by)
    else:
        item.state, item.batch, item.marked_at, item.marked_by = State.EMPTY, None, None, None
        save(item, "state", "batch", "marked_at", "marked_by")
    record("delivery.item_reopened", delivery, by=by, new=item.title, note="文件已撤销入库")
    return item


def _item_of(batch: Batch) -> DeliveryItem | None:
    if batch.subject_label != BATCH_ITEM:
        return None
    return DeliveryItem._base_manager.filter(pk=batch.subject_id).first()


def _still_open(item: DeliveryItem) -> Delivery:
    delivery = _locked(Delivery._base_manager.get(pk=item.delivery_id))
    if delivery.status not in {S.OPEN, S.RETURNED}:
        raise TransitionError(f"{delivery}已经报送，请先由县级平台退回，再办理这个文件。")
    return delivery


def _counted(batch: Batch) -> str:
    words_ = {"new": "新增", "changed": "变更", "gone": "消失", "same": "不变"}
    return "、".join(f"{word}{batch.counts.get(key, 0)}" for key, word in words_.items())


def _mark(item: DeliveryItem, state: str, batch: Batch | None, by: Post) -> None:
    item.state, item.batch, item.marked_at, item.marked_by = state, batch, clock.now(), by
    save(item, "state", "batch", "marked_at", "marked_by")


def _refuse_pending(items: list[DeliveryItem], delivery: Delivery) -> None:
    """A file that is on its way to one of the items is applied or dropped first."""
    if pending := next(iter(files_on_their_way(items, delivery).values()), None):
        raise TransitionError(f"“{pending.title}”的文件还没有入库，请先确认入库或作废。")


def _filled(delivery_id: UUID | str, by: Post) -> Delivery:
    """Through the gate, locked, still to be filled in, by whoever fills it."""
    delivery: Delivery = Delivery.objects.visible_to(by).get_or_404(delivery_id)
    delivery = _locked(delivery)
    edge(delivery.status, S.SUBMITTED, EDGES, refusal=lambda: _who(delivery))
    recheck(delivery, round_permissions.can_fill, by)
    return delivery


def _answered(delivery_id: UUID | str, target: str, by: Post) -> Delivery:
    delivery: Delivery = Delivery.objects.visible_to(by).get_or_404(delivery_id)
    delivery = _locked(delivery)
    edge(delivery.status, target, EDGES, refusal=lambda: _who(delivery))
    recheck(delivery, round_permissions.can_answer, by)
    return delivery


def _locked(delivery: Delivery) -> Delivery:
    lock(delivery)
    return Delivery._base_manager.select_related("round", "unit__region").get(pk=delivery.pk)


def _who(delivery: Delivery) -> str:
    if delivery.status == S.OPEN:
        return f"{delivery}还没有报送。"
    acts = {S.SUBMITTED: "submitted", S.RETURNED: "returned", S.ACCEPTED: "accepted"}
    act = acts[S(delivery.status)]
    by, at = getattr(delivery, f"{act}_by"), getattr(delivery, f"{act}_at")
    verb: dict[str, str] = {"submitted": "报送", "returned": "退回", "accepted": "确认"}
    return f"{delivery}已由{by.label}于{clock.local(at):%Y-%m-%d %H:%M}{verb[act]}。"


def _holder(delivery: Delivery) -> Unit:
    return delivery.unit if delivery.unit.kind == Unit.Kind.DEPARTMENT else desk_of(delivery.unit)


def _platform() -> list[Unit]:
    return list(Unit.objects.current(clock.today()).filter(kind=Unit.Kind.PLATFORM))


def _tell(verb: str, delivery: Delivery, to: Iterable[Unit], title: str, body: str) -> None:
    announce(verb, delivery, to=to, title=title, body=body, url=delivery.get_absolute_url())
