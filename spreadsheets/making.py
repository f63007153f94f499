"""A ledger's sheets as a file, row by row, while somebody is told how far it is: nothing here writes to the database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from config import clock
from config.verbs import TransitionError

from .caps import most_rows
from .downloads import Part, note, tab
from .held import Columns, HeldRows, ReadyRows
from .models import Export
from .workbook import MOST_ROWS, Sheet, workbook

Told = Callable[[int, int | None, str], None]


@dataclass
class Making:
    """The rows of an export, held. `chunks` is gone through once; `rows` and `is_cut` stand from the beginning."""

    export: Export
    told: Told
    rows: int = 0
    largest: int = 0
    is_cut: bool = False
    _sheets: list[Sheet] = field(default_factory=list)

    def hold(self, parts: Sequence[Part], kept: ExitStack) -> None:
        """Ask for the rows of every part; `kept` gives them back."""
        most = MOST_ROWS if self.export.approval_id else most_rows(self.export.eyes)
        self.told(0, None, "查询数据")
        held: list[tuple[Part, HeldRows | ReadyRows]] = []
        for part in parts:
            rows = part.held(most)
            kept.callback(rows.close)
            held.append((part, rows))
        self.rows = sum(min(rows.total, most) for _, rows in held)
        self.largest = max((rows.total for _, rows in held), default=0)
        self.is_cut = any(rows.total > most for _, rows in held)
        before = 0
        for part, rows in held:
            told = _Told(rows, partial(self._tell, before))
            words = note(rows, most, self.export.filters)
            self._sheets.append(Sheet(tab(part.title), part.title, part.columns, told, limit=most, note=words))
            before += min(rows.total, most)

    def chunks(self, watermark: str) -> Iterator[bytes]:
        yield from workbook(self._sheets, watermark=watermark)

    def first_rows_of(self, place: int) -> Iterator[Sequence[Any]]:
        return iter(self._sheets[place].rows)

    def _tell(self, before: int, taken: int) -> None:
        self.told(before + taken, self.rows, "写入文件")


@dataclass
class _Told:
    """Rows that say how far they are while they are taken."""

    rows: HeldRows | ReadyRows
    say: Callable[[int], None]

    def blocks(self) -> Iterator[Columns]:
        taken = 0
        for block in self.rows.blocks():
            self.say(taken)
            yield block
            taken += len(block[0])

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for block in self.blocks():
            yield from zip(*block, strict=True)


def watermark_of(export: Export) -> str:
    """Who, when, for whom: in every sheet and at the foot of every printed page."""
    now = clock.local(clock.now())
    if export.approval is not None:
        kind = "含完整号码，" if export.in_clear else ""
        return f"上报{export.approval.recipient}，{export.unit.short_name} {now:%Y-%m-%d %H:%M} 生成，{kind}仅限上报使用"
    return f"{export.asked_by.label} {now:%Y-%m-%d %H:%M} 导出，仅限工作使用"


def chosen(parts: Sequence[Part], columns: Sequence[str]) -> list[Part]:
    """The parts with these columns alone ("sheet:label"), in the ledger's order; all of it where none is named.

    Raises:
        TransitionError: the ledger no longer has one of them.
    """
    if not columns:
        return list(parts)
    kept: list[Part] = []
    for place, part in enumerate(parts):
        places = [at for at, column in enumerate(part.columns) if f"{place}:{column.label}" in columns]
        if places:
            kept.append(Part(part.title, [part.columns[at] for at in places], part.asked, turn=_picked(part, places)))
    known = {f"{place}:{column.label}" for place, part in enumerate(parts) for column in part.columns}
    gone = [name.partition(":")[2] for name in columns if name not in known]
    if gone:
        raise TransitionError(f"台账已没有这些栏目：{'、'.join(gone)[:150]}。请终止这项上报，按现在的栏目重新提出。")
    return kept


def _picked(part: Part, places: Sequence[int]) -> Callable[[Sequence[Any]], Columns]:
    def turn(rows: Sequence[Any]) -> Columns:
        whole = part.turned(rows)
        return [whole[at] for at in places]

    return turn
