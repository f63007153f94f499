"""What the pages of data rounds show: lines of the list, one delivery with its parts and the steps open to a post."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from config import clock
from config.navigation import address
from households.sheets.roll_templates import FAMILY
from households.small_counts import least_shown
from organization.models import Post
from programs.models import ProgramVersion
from referrals.names import names
from spreadsheets.models import Batch

from . import round_permissions
from .models import Delivery, DeliveryItem
from .permissions import is_of_unit
from .round_again import is_as_returned
from .round_clocks import Again, Clock, again_of, clocks_of
from .round_parts import push_word
from .round_policy import versions_of
from .round_rules import Standing, paper_word, share, standing
from .round_unmarked import Unmarked, entered_since, files_not_read, files_on_their_way, sorted_out
from .transitions.deliveries import EDGES

S = Delivery.Status
Part, State = DeliveryItem.Part, DeliveryItem.State
KEPT_BACK = "敏感项目，数目很小，不显示"
OUTCOMES = {"new": "新增", "changed": "变更", "gone": "消失", "same": "不变", "error": "错误"}


def standing_of(delivery: Delivery, items: Iterable[DeliveryItem], now: datetime) -> Standing:
    row = delivery.round
    return standing(
        delivery.status, handed_in_at=delivery.handed_in_at, opens_from=row.opens_from, due_until=row.due_until,
        is_begun=any(item.state != State.EMPTY for item in items), now=now,
    )  # fmt: skip


def part_words(items: Iterable[DeliveryItem]) -> dict[str, str]:
    """By part: 已更新2 无变化1 未报3, or a dash where the unit owes none of it."""
    counts: dict[str, dict[str, int]] = {}
    for item in items:
        by_state = counts.setdefault(item.part, {})
        by_state[item.state] = by_state.get(item.state, 0) + 1
    labels = {State.UPDATED: "已更新", State.NO_CHANGE: "无变化", State.EMPTY: "未报"}
    found = {}
    for part in Part.values:
        if not (by_state := counts.get(part, {})):
            found[part] = "—"
        elif part == Part.POLICY:
            found[part] = labels[State(next(iter(by_state)))]
        else:
            found[part] = " ".join(f"{label}{by_state[state]}" for state, label in labels.items() if state in by_state)
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """What files brought: rows by outcome, and how many stood before and stand after them, of whole lists alone."""

    counts: dict[str, int]
    before: int
    after: int

    @property
    def share(self) -> str:
        return share(self.after, self.before)

    @property
    def text(self) -> str:
        return f"{self.before}→{self.after}（{self.share}）" if self.before or self.after else "—"


def difference(batches: Iterable[Batch]) -> Difference:
    """Month on month. Before and after are of lists that stood before: what a file of additions alone brought is counted by outcome."""
    counts = dict.fromkeys(OUTCOMES, 0)
    before = after = 0
    for batch in batches:
        for outcome in counts:
            counts[outcome] += int(batch.counts.get(outcome, 0))
        if batch.standing:
            before += batch.standing
            after += batch.standing + int(batch.counts.get("new", 0)) - int(batch.counts.get("gone", 0))
    return Difference(counts, before, after)


def published_words(versions: Sequence[ProgramVersion]) -> str:
    """The policy part has no file: it is the versions that were published."""
    if not versions:
        return "没有发布新的项目版本"
    named = "；".join(f"{version.program.seed_name}，{version.valid_from:%Y-%m-%d}起执行" for version in versions)
    return f"发布{len(versions)}个版本：{named}"


def is_kept_back(batch: Batch | None) -> bool:
    """Of a sensitive program, with a number so small that it may be known to be somebody: told on its unit's own page alone."""
    if batch is None or batch.template not in {f"{FAMILY}:{code}" for code in names().sensitive}:
        return False
    found = difference([batch])
    numbers = [*found.counts.values(), found.before, found.after]
    return any(0 < number < least_shown() for number in numbers)


def managers_of(units: Sequence[int]) -> dict[int, str]:
    """Who is named to keep the data of each unit (ZX-27): its data managers."""
    found: dict[int, list[str]] = {}
    posts = Post.objects.effective(clock.today()).filter(unit_id__in=units, is_data_manager=True).order_by("pk")
    for unit, name in posts.values_list("unit_id", "staff__name"):
        if name not in found.setdefault(unit, []):
            found[unit].append(name)
    return {unit: "、".join(names) for unit, names in found.items()}


@dataclass(frozen=True, slots=True)
class Line:
    delivery: Delivery
    url: str
    standing: Standing
    parts: dict[str, str]
    again: Again | None  # of one that was sent back


def lines(deliveries: Sequence[Delivery], now: datetime) -> list[Line]:
    """Of rows read `with_list_data`."""
    found, again = [], again_of(deliveries, now)
    for delivery in deliveries:
        items = list(delivery.items.all())
        stands = standing_of(delivery, items, now)
        found.append(Line(delivery, delivery.get_absolute_url(), stands, part_words(items), again.get(str(delivery.pk))))
    return found


@dataclass(frozen=True, slots=True)
class ItemLine:
    item: DeliveryItem
    category: str
    text: str
    batch_url: str
    marked: str
    pending: str
    pending_url: str
    hand_in_url: str
    may_mark: bool
    may_use_file: bool


class DeliveryPage:
    """One delivery before a post that sees it. A step shows where the permission and the edge both hold."""

    def __init__(self, delivery: Delivery, post: Post) -> None:
        self.delivery, self.post, self.now = delivery, post, clock.now()

    def _may(self, target: str, predicate: Any) -> bool:
        return target in EDGES.get(self.delivery.status, frozenset()) and predicate(self.post, self.delivery)

    @cached_property
    def may_fill(self) -> bool:
        return self._may(S.SUBMITTED, round_permissions.can_fill)

    @cached_property
    def may_accept(self) -> bool:
        return self._may(S.ACCEPTED, round_permissions.can_answer) and self.post.staff_id not in {
            self.delivery.submitted_by_staff_id, *round_permissions.fillers(self.items)
        }  # fmt: skip

    @cached_property
    def may_return(self) -> bool:
        return self._may(S.RETURNED, round_permissions.can_answer)

    @cached_property
    def may_register_paper(self) -> bool:
        return round_permissions.can_register_paper(self.post, self.delivery)

    @cached_property
    def is_on_behalf(self) -> bool:
        return round_permissions.is_on_behalf(self.post, self.delivery)

    @cached_property
    def items(self) -> list[DeliveryItem]:
        return list(self.delivery.items.order_by("place").select_related("batch", "returned_batch", "marked_by__staff", "marked_by__unit"))

    @cached_property
    def standing(self) -> Standing:
        return standing_of(self.delivery, self.items, self.now)

    @cached_property
    def missing(self) -> int:
        return sum(item.state == State.EMPTY for item in self.items)

    @cached_property
    def rest(self) -> Unmarked:
        """Lists that “其余本月无变化” would mark, and those that it leaves alone."""
        return sorted_out(self.items, waiting=self.pending, entered=self.beside)

    @cached_property
    def is_as_returned(self) -> bool:
        """Before whoever would hand it in again: nothing in it was changed, and no file waits that would."""
        return self.may_fill and not self.pending and is_as_returned(self.delivery, self.items)

    @cached_property
    def clock(self) -> Clock | None:
        return clocks_of([self.delivery], self.now).get(str(self.delivery.pk))

    @property
    def is_to_come_again(self) -> bool:
        """Sent back. Its clock runs by itself: that the first one came late says nothing of it."""
        return self.delivery.status == S.RETURNED

    @cached_property
    def policy(self) -> DeliveryItem | None:
        return next((item for item in self.items if item.part == Part.POLICY), None)

    @cached_property
    def versions(self) -> list[ProgramVersion]:
        return versions_of(self.delivery) if self.policy else []

    @cached_property
    def parts(self) -> list[tuple[str, list[ItemLine]]]:
        """救助信息 and 共享信息, those that the unit owes."""
        found = []
        for part in (Part.AID, Part.SHARED):
            if listed := [self._line(item) for item in self.items if item.part == part]:
                found.append((str(part.label), listed))
        return found

    @cached_property
    def pending(self) -> dict[str, Batch]:
        return files_on_their_way(self.items, self.delivery)

    @cached_property
    def not_read(self) -> dict[str, Batch]:
        return files_not_read(self.items) if self.may_fill else {}

    @cached_property
    def beside(self) -> set[str]:
        """Lists whose file was entered by the import itself, to whoever may have it count or say (again) that nothing changed."""
        return entered_since(self.items, self.delivery) if self.may_fill else set()

    def _line(self, item: DeliveryItem) -> ItemLine:
        pending = self.pending.get(str(item.pk))
        shown = pending or self.not_read.get(str(item.pk))
        text = ""
        if item.batch and self.keeps_back(item.batch):
            text = KEPT_BACK
        elif item.batch:
            found = difference([item.batch])
            text = "、".join(f"{label}{found.counts[outcome]}" for outcome, label in OUTCOMES.items() if found.counts[outcome])
            text = f"{text or '没有变化'}；{found.text}" if item.batch.standing else text
        return ItemLine(
            item=item, category=push_word(item.category), text=text,
            batch_url=address("spreadsheets:batch_detail", item.batch_id) if item.batch_id else "",
            marked=self._marked(item),
            pending=f"有文件{shown.get_status_display()}，{'继续办理' if pending else '查看原因'}" if shown else "",
            pending_url=address("spreadsheets:batch_detail", shown.pk) if shown else "",
            hand_in_url=reverse("monitoring:item_hand_in", args=[item.pk]) if self.may_fill else "",
            may_mark=self.may_fill and (item.state == State.EMPTY or item.key in self.beside) and pending is None,
            may_use_file=item.key in self.beside and pending is None,
        )  # fmt: skip

    def _marked(self, item: DeliveryItem) -> str:
        """When and by whom, and whether for the unit."""
        if item.marked_at is None or item.marked_by is None:
            return ""
        behalf = "（代录）" if round_permissions.is_on_behalf(item.marked_by, self.delivery) else ""
        return f"{clock.local(item.marked_at):%m-%d %H:%M} {item.marked_by.staff.name}{behalf}"

    def keeps_back(self, batch: Batch | None) -> bool:
        return not is_of_unit(self.post, self.delivery.unit) and is_kept_back(batch)

    @cached_property
    def difference(self) -> Difference:
        return difference(item.batch for item in self.items if item.batch and not self.keeps_back(item.batch))

    @property
    def terms(self) -> list[tuple[str, str]]:
        delivery, row = self.delivery, self.delivery.round
        found = [
            ("报送单位", delivery.unit.name),
            ("负责人（数据管理员）", managers_of([delivery.unit_id]).get(delivery.unit_id, "未指定")),
            ("报送期", f"{row.opens_on:%Y-%m-%d}至{row.due_on:%Y-%m-%d}（24:00）"),
            ("数据截止日", f"{row.cut_off_on:%Y-%m-%d}"),
        ]
        if delivery.handed_in_at and delivery.handed_in_at != delivery.submitted_at:
            found.append(("首次报送", _act(delivery.handed_in_at, delivery.handed_in_by)))
        if delivery.submitted_at:
            behalf = "（县民政局代报）" if delivery.is_on_behalf else ""
            found.append(("报送", _act(delivery.submitted_at, delivery.submitted_by) + behalf))
        if delivery.remark:
            found.append(("情况说明", delivery.remark))
        if delivery.returned_at:
            found.append(("退回", f"{_act(delivery.returned_at, delivery.returned_by)}：{delivery.return_reason}"))
        if delivery.accepted_at:
            found.append(("确认", _act(delivery.accepted_at, delivery.accepted_by)))
        if row.paper_due_on:
            word = paper_word(delivery.paper_on, row.paper_due_on, clock.today())[0]
            came = f"{delivery.paper_on:%Y-%m-%d}收到，" if delivery.paper_on else ""
            found.append(("纸质资料", f"{came}{word}（{row.paper_due_on:%Y-%m-%d}前）"))
        return found

    @property
    def has_receipt(self) -> bool:
        return self.delivery.status in {S.SUBMITTED, S.ACCEPTED}

    @property
    def receipt(self) -> list[tuple[DeliveryItem, Difference | None, str]]:
        """Each part with what its file brought; where no file speaks of it, with what does."""
        return [(item, *self._received(item)) for item in self.items]

    def _received(self, item: DeliveryItem) -> tuple[Difference | None, str]:
        if item.part == Part.POLICY:
            return None, published_words(self.versions)
        if item.batch is None:
            return None, "没有上传文件"
        return (None, KEPT_BACK) if self.keeps_back(item.batch) else (difference([item.batch]), "")


def _act(at: datetime, by: Post | None) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M} {by.label if by else ''}".rstrip()
