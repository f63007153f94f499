"""A workbook of a stranger as plain rows (SECURITY R10): `read` asks a process of its own, see `child`.

The child is without Django, keys, files and network, with limits on memory and processor time; whatever a hostile file does to the parser,
the worker gets an answer within seconds and lives on. Its answer is JSON, a line for a block of rows, so neither side holds a whole file
twice, and the worker checks one block while the child writes the next.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from config.verbs import TransitionError

from .sentences import sentence

_CHILD = Path(__file__).with_name("child.py")
_SECONDS = 60  # until the first rows, as the worker counts them: a machine under load gives the child less processor time than that
_DIED = "unsafe"
BETWEEN = "\x7f"  # as in `child`, which is never imported


class FileRefused(TransitionError):
    """A table that is not taken. The sentence says what to do instead; `code` names the reason for tests and counts."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(sentence(code, **values))
        self.code = code


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that holds no value: a formula that was never calculated, or an error of the spreadsheet's (#N/A)."""

    sentence: str


Row = tuple[int, list[Any]]


class Lines(NamedTuple):
    """Some hundred rows, column by column: `numbers` of the lines as people count, and of each column what stands in them."""

    numbers: Sequence[int]
    columns: Sequence[Sequence[Any]]

    def rows(self) -> list[Row]:
        return list(zip(self.numbers, map(list, zip(*self.columns, strict=True)), strict=True))

    def at(self, places: Sequence[int]) -> "Lines":
        return Lines([self.numbers[at] for at in places], [[cells[at] for at in places] for cells in self.columns])


@dataclass(slots=True)
class Reading:
    """The sheet that was meant. `blocks` can be read once; blank rows are left out.

    A value is str ("" where the cell is blank), float, bool, date, datetime or Unreadable. `template`: the hidden id of a blank workbook;
    `wrong_rows`: with how many it was handed out, where they are the wrong ones of a whole list.
    `merged`: ranges as (row, column, row, column), counted from 0. `count` and `peak` (KiB of the child) stand when all is read.
    """

    sheet: str
    sheets: tuple[str, ...]
    template: str
    is_1904: bool
    merged: tuple[tuple[int, int, int, int], ...]
    blocks: Iterator[Lines]
    wrong_rows: int = 0
    count: int = field(default=0, init=False)
    peak: int = field(default=0, init=False)

    def close(self) -> None:
        """Nothing more is wanted of it: the child ends."""
        close = getattr(self.blocks, "close", None)
        if close:
            close()

    @property
    def rows(self) -> Iterator[Row]:
        return (row for block in self.blocks for row in block.rows())


def read(octets: bytes, *, looks_for: Iterable[str] = (), rows_max: int = 200_000) -> Reading:
    """The rows of the one sheet whose headings are `looks_for` (see `headings.looks_for`); of the first with content where none has them.

    Raises:
        FileRefused: it is empty, no table, locked, active, swollen, or it broke the parser. Also while the rows are gone through.
    """
    return begin(lambda: octets, looks_for=looks_for, rows_max=rows_max)()


def begin(octets: Callable[[], bytes], *, looks_for: Iterable[str] = (), rows_max: int = 200_000) -> Callable[[], Reading]:
    """The same in two steps: what comes back is called for the rows. Until then the child looks at the file, a third of a second for 20,000
    rows, and the worker may do something else; whoever forgets it ends the child. The octets are asked for while it starts.

    Raises:
        FileRefused: it is empty; the other reasons when the rows are asked for. What `octets` raises.
    """
    lines = _lines(octets, json.dumps({"rows_max": rows_max, "looks_for": sorted(looks_for)}))
    next(lines)  # the child is at it
    return lambda: _reading(next(lines), lines)


def _reading(head: dict[str, Any], lines: Generator[dict[str, Any], None, None]) -> Reading:
    merged = tuple(tuple(each) for each in head["merged"])
    found = Reading(head["sheet"], tuple(head["sheets"]), head["template"], head["is_1904"], merged, iter(()), head["wrong_rows"])

    def blocks() -> Iterator[Lines]:
        with closing(lines):
            for line in lines:
                if "end" in line:
                    found.count, found.peak = line["end"], line["peak"]
                else:
                    yield _lines_in(line)

    found.blocks = blocks()
    return found


def _lines_in(line: dict[str, Any]) -> Lines:
    try:
        found = Lines(line["n"], [cells.split(BETWEEN) if isinstance(cells, str) else cells for cells in line["c"]])
        if {len(cells) for cells in found.columns} == {len(found.numbers)}:
            return found
    except (KeyError, TypeError):
        pass  # of a child that a file has broken into
    raise FileRefused(_DIED)


def _lines(octets: Callable[[], bytes], asked: str) -> Generator[dict[str, Any], None, None]:
    """Nothing, as soon as the child has begun; then what it says, line by line. Ends with its last line, or with the refusal."""
    command = [sys.executable, "-I", "-B", str(_CHILD), asked]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}) as child:
        answered, feeder = Event(), None
        watch = Thread(target=_watch, args=(child, answered))
        watch.start()
        try:
            feeder = _fed(child, octets())
            yield {}
            for text in child.stdout:  # type: ignore[union-attr]
                answered.set()
                line = _loads(text)
                if "refused" in line:
                    raise FileRefused(line.pop("refused"), **line)
                yield line
                if "end" in line:
                    return
            raise FileRefused(_DIED)
        finally:
            answered.set()
            child.kill()
            if feeder:
                feeder.join()


def _watch(child: "subprocess.Popen[bytes]", answered: Event) -> None:
    """Second by second: while the machine stands still (suspended, stopped) one of them takes as long as it may, and the child cannot work
    either. By one deadline it would be killed as soon as both go on, and a sound file refused for an unsafe one."""
    for _ in range(_SECONDS):
        if answered.wait(1):
            return
    child.kill()


def _fed(child: "subprocess.Popen[bytes]", octets: bytes) -> Thread:
    if not octets:
        raise FileRefused("empty")
    feeder = Thread(target=_feed, args=(child, octets))
    feeder.start()
    return feeder


def _feed(child: "subprocess.Popen[bytes]", octets: bytes) -> None:
    try:
        child.stdin.write(octets)  # type: ignore[union-attr]
        child.stdin.close()  # type: ignore[union-attr]
    except OSError:
        pass  # it died: its answer says so


def _loads(text: bytes) -> dict[str, Any]:
    """A line of the child's, with what JSON has no word for. A line that is none is no answer."""
    try:
        line = json.loads(text, object_hook=_special)
    except ValueError:
        raise FileRefused(_DIED) from None
    return line if isinstance(line, dict) else {"refused": _DIED}


def _special(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    [(kind, value)] = found.items()
    if kind == "d":
        moment = datetime.fromisoformat(value)
        return moment.date() if len(value) == 10 else moment
    if kind == "t":
        return value
    if kind == "f":
        return Unreadable("这一格是公式，但文件里没有存下结果。请用Excel或WPS打开保存一次，或改成数值。")
    return Unreadable(f"这一格是表格的错误值（{value}），请改正。") if kind == "e" else found
