"""Lists of a delivery that nobody marked yet: which “其余本月无变化” may mark at once, and which it leaves alone, and why."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from config import clock
from config.verbs import TransitionError
from organization.desks import still
from organization.kinds import TOWNSHIP
from organization.lineage import desks
from organization.models import Post, Unit
from spreadsheets.models import Batch

from .models import Delivery, DeliveryItem

TOLD = 3  # names in a sentence


@dataclass(frozen=True, slots=True)
class Unmarked:
    """`free` may be said to be unchanged; `waiting` have a file on its way, which is entered or dropped first; `entered` were entered by
    the import itself since the round opened: that file counts for them, or somebody says of that very list that nothing changed. `belied`
    were said to be unchanged before such a file was entered."""

    free: Sequence[DeliveryItem]
    waiting: Sequence[DeliveryItem]
    entered: Sequence[DeliveryItem]
    belied: Sequence[DeliveryItem] = field(default=())

    @property
    def left_out(self) -> list[str]:
        """A sentence for each reason."""
        found = []
        if self.waiting:
            found.append(f"{named(self.waiting)}有文件还没有入库，不在其内：先确认入库或作废。")
        if self.entered:
            found.append(f"{named(self.entered)}本轮已有入库的文件，不在其内：请用已入库的文件，确实没有变化的逐项声明。")
        if self.belied:
            found.append(belied_words(self.belied))
        return found


def sorted_out(items: Iterable[DeliveryItem], *, waiting: Iterable[str], entered: Iterable[str]) -> Unmarked:
    """`waiting`: ids of items with a file on its way; `entered`: lists whose file the import itself entered, and of which nobody said since
    that nothing changed."""
    items = list(items)
    rows = [item for item in items if item.key and item.state == DeliveryItem.State.EMPTY]
    on_their_way, beside = set(waiting), set(entered)
    return Unmarked(
        free=[item for item in rows if str(item.pk) not in on_their_way and item.key not in beside],
        waiting=[item for item in rows if str(item.pk) in on_their_way],
        entered=[item for item in rows if str(item.pk) not in on_their_way and item.key in beside],
        belied=[item for item in items if item.key in beside and item.state == DeliveryItem.State.NO_CHANGE],
    )


def files_on_their_way(items: Iterable[DeliveryItem], delivery: Delivery) -> dict[str, Batch]:
    """The file that is on its way to each item, by the item's id: handed in for it, or by the import itself for a list of which no file
    counts yet: entered, it would belie that nothing changed."""
    rows = list(items)
    lists = {item.key: str(item.pk) for item in rows if item.key and item.state != DeliveryItem.State.UPDATED}
    own = Q(subject_label=DeliveryItem._meta.label_lower, subject_id__in=[str(item.pk) for item in rows])
    beside = _of(delivery.unit) & Q(subject_label="", template__in=list(lists))
    found = Batch.objects.on_their_way().filter(own | beside).order_by("handed_in_at")
    return {batch.subject_id or lists[batch.template]: batch for batch in found}


def files_not_read(items: Iterable[DeliveryItem]) -> dict[str, Batch]:
    """The last file of an item that could not be read and was not dropped, where nobody marked the item since: it holds nothing up, but
    somebody thinks that it came in."""
    marked = {str(item.pk): item.marked_at for item in items}
    rows = Batch.objects.filter(status=Batch.Status.REFUSED, subject_label=DeliveryItem._meta.label_lower, subject_id__in=list(marked))
    found = {batch.subject_id: batch for batch in rows.order_by("handed_in_at")}
    return {key: batch for key, batch in found.items() if (at := marked[key]) is None or at < batch.handed_in_at}


def entered_beside(lists: Collection[str], delivery: Delivery) -> "QuerySet[Batch]":
    """Files of these lists that the unit entered by the import itself since the round opened, for no item yet; the latest first."""
    rows = Batch.objects.standing().filter(_of(delivery.unit), template__in=lists, subject_label="")
    found: QuerySet[Batch] = rows.filter(applied_at__gte=delivery.round.opened_at).order_by("-applied_at")
    return found


def _of(unit: Unit) -> Q:
    """Files of whoever fills in a delivery of the unit: a township's window and offices, a department with those it has taken over and,
    once it has ended, with who works on for it."""
    if unit.kind in TOWNSHIP:
        return Q(unit__region_id=unit.region_id, unit__kind__in=TOWNSHIP)
    units = set(desks(Post(unit=unit)))
    with suppress(TransitionError):  # the department that took over has no desk: nobody works on for it yet
        units.add(still(unit, clock.today()).pk)
    return Q(unit_id__in=units)


def entered_since(items: Iterable[DeliveryItem], delivery: Delivery) -> set[str]:
    """Lists of which no file counts though the import itself entered one, later than anybody said that nothing changed."""
    marked = {item.key: item.marked_at for item in items if item.key and item.state != DeliveryItem.State.UPDATED}
    if not marked:
        return set()
    rows = entered_beside(list(marked), delivery).values_list("template", "applied_at")
    return {key for key, applied_at in rows if (at := marked[key]) is None or (applied_at and at < applied_at)}


def belied_words(items: Sequence[DeliveryItem]) -> str:
    return f"{named(items)}声明“本月无变化”以后又有文件入库：请用已入库的文件，确实没有变化的再声明一次。"


def named(items: Sequence[DeliveryItem]) -> str:
    more = f"等{len(items)}项" if len(items) > TOLD else ""
    return "、".join(f"“{item.title}”" for item in items[:TOLD]) + more
