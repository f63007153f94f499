"""From the plain rows of a sheet to the fields of a template: which column is which, and what stands in each cell. Pure: nothing is asked.

What is wrong with the sheet as a whole is refused with a sentence; what is wrong with a cell is a problem of its row. Cells are read column
by column in blocks, and what repeats in a column is read once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Any

from config.protection.numbers import without_id_numbers
from config.protection.typed import tidy

from . import declaration
from .blank import REASON
from .cells import letter
from .declaration import Field, Template, Type
from .ground import Ground
from .headings import ColumnsAmbiguous, ColumnsRefused, heading_keys, known, meant, one_of, remembered, shown
from .reading import FileRefused, Lines, Reading, Row
from .values import Reader, Wrong, column_reader, reader, text_of, village_in

HEAD_WITHIN = 20
MERGED_MAX = 20_000  # covered cells that are told of
REMEMBERED = 5_000  # values of a column that are read once
UNLIKE = frozenset({Type.ID_NUMBER, Type.NAME, Type.PHONE, Type.BANK_ACCOUNT, Type.TEXT})  # every cell another: nothing to remember
TOTALS = frozenset({"合计", "总计", "小计", "共计", "累计", "本页合计", "本页小计"})
COUNT = re.compile(r"\s*共?\s*\d{1,7}(?:\.0)?\s*[人户名笔条位家件]?\s*")  # beside a total, in the column of whom each row is about
NOTES = (
    "注:",
    "说明:",
    "备注:",
    "填表人",
    "填报人",
    "制表人",
    "审核人",
    "经办人:",
    "负责人",
    "单位负责人",
    "填报单位",
    "填表说明",
    "单位(盖章)",
)


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """`cells`: by key what is not sealed, blank ones left out. `plain`: by key the sealed fields as normalised, or as typed if wrong.

    `problems`: (key of the field or "", sentence).
    """

    number: int
    cells: dict[str, Any]
    plain: dict[str, str]
    problems: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Block:
    """Some hundred rows, column by column. `cells`, `plain`: by key the values of all rows as in `ParsedRow`; of a blank cell None, or ""
    where it is wrong. `problems`: by place in the block.
    """

    numbers: list[int]
    cells: dict[str, list[Any]]
    plain: dict[str, list[Any]]
    problems: dict[int, list[tuple[str, str]]]

    def rows(self) -> Iterator[ParsedRow]:
        count = len(self.numbers)
        both = zip(self.numbers, _dicts(self.cells, count), _dicts(self.plain, count), strict=True)
        for at, (number, cells, plain) in enumerate(both):
            yield ParsedRow(number, cells, plain, self.problems.get(at, []))


@dataclass(slots=True)
class Parsed:
    """`columns`: key by heading as it is named. `remembered`: those of them that the unit's own words alone explain. `ignored`: headings
    that mean nothing here. `absent`: fields that have no column.

    `left_out` counts lines that are no rows (totals, notes under the table), once all rows are gone through.
    """

    columns: dict[str, str]
    ignored: tuple[str, ...]
    absent: tuple[str, ...]
    remembered: tuple[str, ...] = ()
    blocks: Iterator[Block] = field(default_factory=lambda: iter(()))
    left_out: int = 0

    @property
    def rows(self) -> Iterator[ParsedRow]:
        """The same, row by row: once, and instead of the blocks."""
        return (row for block in self.blocks for row in block.rows())


def parse(reading: Reading, template: Template, mapping: Mapping[str, str] | None = None, *, ground: Ground) -> Parsed:
    """The rows of the sheet as rows of the template. `mapping`: the unit's own headings, key by heading ("" for one to ignore).

    Raises:
        FileRefused: another template's file, the wrong rows of a whole list, or a sheet without the template's heads; ColumnsRefused where
            some are missing or could be either of two.
    """
    try:
        return _parse(reading, template, mapping, ground)
    except FileRefused:
        reading.close()
        raise


def _parse(reading: Reading, template: Template, mapping: Mapping[str, str] | None, ground: Ground) -> Parsed:
    _refuse_other(reading.template, template)
    first = next(reading.blocks, Lines([], []))
    head = _head(first.at(range(min(HEAD_WITHIN, len(first.numbers)))).rows(), template, mapping)
    if head is None:
        sheet = f"“{without_id_numbers(reading.sheet)[:20]}”" if reading.sheet else "文件"
        labels = "、".join(each.label for each in template.fields[:4])
        raise FileRefused("no_heads", sheet=sheet, wanted=template.title, heads=labels)
    number, headings = head
    places, parsed = _columns(headings, template, mapping)
    below = first.at([at for at, line in enumerate(first.numbers) if line > number])
    following = below if below.numbers else next(reading.blocks, below)
    if not following.numbers:
        raise FileRefused("nothing_below")
    blocks = chain([following], reading.blocks)
    parsed.blocks = _Rows(reading, template, ground, places, number, parsed).blocks(blocks)
    return parsed


def _refuse_other(found: str, template: Template) -> None:
    if not found or found == template.key:
        return
    other = declaration.template_of(found)
    if other is None:
        raise FileRefused("unknown_template", wanted=template.title, found=without_id_numbers(found)[:40])
    raise FileRefused("other_template", wanted=template.title, found=other.title)


def _head(rows: list[Row], template: Template, mapping: Mapping[str, str] | None) -> tuple[int, list[str]] | None:
    """The line of the heads and the headings. Heads of two lines are read as one: the lower word, or the upper where it is blank."""
    words = known(template, mapping)
    best: tuple[int, int, list[str]] | None = None
    for place, (number, values) in enumerate(rows):
        texts = [text_of(value) if value != "" else "" for value in values]
        tries = [(number, texts)]
        if place + 1 < len(rows) and rows[place + 1][0] == number + 1:
            lower = [text_of(value) if value != "" else "" for value in rows[place + 1][1]]
            width = max(len(texts), len(lower))
            texts, lower = texts + [""] * (width - len(texts)), lower + [""] * (width - len(lower))
            tries.append((number + 1, [below or above for above, below in zip(texts, lower, strict=True)]))
        for at, headings in tries:
            score = len({key for heading in headings if heading and (key := meant(heading, words)) is not None})
            if score and (best is None or score > best[0]):
                best = (score, at, headings)
    enough = min(2, len(template.fields))
    return (best[1], best[2]) if best and best[0] >= enough else None


def _columns(headings: list[str], template: Template, mapping: Mapping[str, str] | None) -> tuple[dict[str, int], Parsed]:
    """The place of each field's column."""
    if template.is_whole and any(heading_keys(heading)[1] == REASON for heading in headings):
        raise FileRefused("wrong_rows_alone")
    words = known(template, mapping)
    named = [shown(heading) for heading in headings]
    found: dict[str, list[int]] = {}
    ignored: list[str] = []
    for place, heading in enumerate(headings):
        if heading and (key := meant(heading, words)):
            found.setdefault(key, []).append(place)
        elif heading and heading != REASON:  # of the file of wrong rows, mended and handed in again
            ignored.append(named[place])
    places: dict[str, int] = {}
    columns: dict[str, str] = {}
    doubt: ColumnsRefused | None = None
    for key, rivals in found.items():
        try:
            chosen = one_of(template.field(key), rivals, named, mapping or {}, ignored)
        except ColumnsAmbiguous as told:  # once the others are known, which may be asked about on the same page
            doubt = doubt or told
            continue
        if chosen is not None:
            places[key], columns[named[chosen]] = chosen, key
        ignored += [named[place] for place in rivals if place != chosen]
    missing = [each for each in template.fields if each.required and each.key not in places]
    if missing and not doubt:
        doubt = ColumnsRefused(missing, ignored, [heading for heading in columns if heading in (mapping or {})])
    if doubt:
        doubt.found = columns
        raise doubt
    absent = tuple(each.key for each in template.fields if each.key not in places)
    believed = remembered({headings[place]: key for key, place in places.items()}, ignored, template, mapping or {})
    return places, Parsed(columns, tuple(ignored), absent, tuple(believed))


class _Memo(dict[Any, Any]):
    """What a reader made of each value it met."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Any) -> Any:
        found = self._read(value)
        if len(self) < REMEMBERED:
            self[value] = found
        return found


class _Rows:
    """The rows below the head, block by block."""

    def __init__(self, reading: Reading, template: Template, ground: Ground, places: Mapping[str, int], head: int, parsed: Parsed) -> None:
        self.ground = ground
        self.parsed = parsed
        self.fields = [each for each in template.fields if each.key in places]
        self.places = [places[each.key] for each in self.fields]
        self.width = max(self.places) + 1
        self.readers = [_column(each, ground, reading.is_1904) for each in self.fields]
        self.anchor = places.get(template.person, next((places[key] for key in template.key_fields if key in places), None))
        self.required = [each for each in self.fields if each.required]
        self.township = next((each.key for each in self.fields if each.type == Type.TOWNSHIP), "")
        self.villages = [each.key for each in self.fields if each.type == Type.VILLAGE]
        self.merged = self._merged(reading, head)

    def _merged(self, reading: Reading, head: int) -> dict[int, list[tuple[str, str]]]:
        """By line, what is to be said of cells that are covered by a neighbour's."""
        of_place = dict(zip(self.places, self.fields, strict=True))
        said: dict[int, list[tuple[str, str]]] = {}
        count = 0
        for top, left, bottom, right in reading.merged:
            if bottom < head or bottom - top > MERGED_MAX:
                continue
            covered = f"{letter(left)}{top + 1}:{letter(right)}{bottom + 1}"
            within = [place for place in of_place if left <= place <= right]
            for line, place in product(range(max(top, head), bottom + 1), within):
                if (line, place) != (top, left):
                    said.setdefault(line + 1, []).append((of_place[place].key, f"{covered}是合并单元格，请取消合并，每行分别填写。"))
                    count += 1
            if count > MERGED_MAX:
                break
        return said

    def blocks(self, blocks: Iterator[Lines]) -> Iterator[Block]:
        for lines in blocks:
            kept = lines if _are_people(lines.columns[0]) else self._with_people(lines)
            self.parsed.left_out += len(lines.numbers) - len(kept.numbers)
            if kept.numbers and (found := self.block(kept)).numbers:
                yield found

    def _with_people(self, lines: Lines) -> Lines:
        kept = [at for at, (_, values) in enumerate(lines.rows()) if not self._is_no_row(values)]
        return lines if len(kept) == len(lines.numbers) else lines.at(kept)

    def _is_no_row(self, values: Sequence[Any]) -> bool:
        """A total or a note under the table: no person in it, and the first word says so."""
        first = values[0]
        if _are_people([first]):
            return False
        beside = values[self.anchor] if self.anchor and self.anchor < len(values) else ""
        if beside != "" and not COUNT.fullmatch(str(beside)):
            return False
        word = first if first != "" else next((value for value in values if value != ""), "")
        word = tidy(word) if type(word) is str else ""
        return word in TOTALS or (beside == "" and word.startswith(NOTES))

    def block(self, lines: Lines) -> Block:
        count = len(lines.numbers)
        columns = [*lines.columns, *[[""] * count] * (self.width - len(lines.columns))]
        problems: dict[int, list[tuple[str, str]]] = {}
        wrong_at: set[int] = set()
        made = Block(list(lines.numbers), {}, {}, problems)
        for each, place, read in zip(self.fields, self.places, self.readers, strict=True):
            found = read(columns[place])
            if Wrong in set(map(type, found)):
                wrong_at.update(_set_apart(each.key, found, problems))
            if each.required and None in found:
                for at, value in enumerate(found):
                    if value is None:
                        problems.setdefault(at, []).append((each.key, each.when_missing))
            (made.plain if each.is_sealed else made.cells)[each.key] = found
        made = self._without_blank(made, wrong_at)
        for key in self.villages:
            self._place(key, made)
        if self.merged:
            self._cover(made)
        return made

    def _without_blank(self, block: Block, wrong_at: set[int]) -> Block:
        """Without the rows in which no column of ours holds anything. (False is something.)"""
        if any(map(all, (*block.cells.values(), *block.plain.values()))):
            return block  # one column is filled in every row: most often the number
        rows = enumerate(zip(*block.cells.values(), *block.plain.values(), strict=True))
        blank = {at for at, values in rows if not any(values) and at not in wrong_at and False not in values}
        if not blank:
            return block
        self.parsed.left_out += len(blank)
        kept = [at for at in range(len(block.numbers)) if at not in blank]
        cells, plain = ({key: [found[at] for at in kept] for key, found in part.items()} for part in (block.cells, block.plain))
        problems = {to: block.problems[at] for to, at in enumerate(kept) if at in block.problems}
        return Block([block.numbers[at] for at in kept], cells, plain, problems)

    def _place(self, key: str, block: Block) -> None:
        townships = block.cells.get(self.township, [None] * len(block.numbers))
        column = block.cells[key]
        for at, (word, township) in enumerate(zip(column, townships, strict=True)):
            if word and not any(each == key for each, _ in block.problems.get(at, [])):
                found = village_in(word, township or None, self.ground)
                if isinstance(found, Wrong):
                    block.problems.setdefault(at, []).append((key, found.sentence))
                    column[at] = found.typed
                else:
                    column[at] = found

    def _cover(self, block: Block) -> None:
        """What is said of a covered cell stands instead of what it is otherwise."""
        for at, number in enumerate(block.numbers):
            if number in self.merged:
                covered = {key for key, _ in self.merged[number]}
                block.problems[at] = [each for each in block.problems.get(at, []) if each[0] not in covered] + self.merged[number]


def _are_people(firsts: Sequence[Any]) -> bool:
    """Whether each row begins with a number of somebody, as most do: the words of totals and notes are none of ASCII."""
    if not set(map(type, firsts)) <= {str} or not all(firsts):
        return False
    together = "".join(firsts)
    return together.isascii() and together.isalnum()


def _column(each: Field, ground: Ground, is_1904: bool) -> Callable[[Sequence[Any]], list[Any]]:
    if each.type in UNLIKE:
        return column_reader(each, ground, is_1904=is_1904)
    read = reader(each, ground, is_1904=is_1904)
    memo = _Memo(read)

    def reads(values: Sequence[Any]) -> list[Any]:
        if bool in set(map(type, values)):  # true is equal to 1.0: remembered apart from it
            return [read(value) for value in values]
        return list(map(memo.__getitem__, values))

    return reads


def _set_apart(key: str, found: list[Any], problems: dict[int, list[tuple[str, str]]]) -> list[int]:
    """What stands beside what is wrong with it, instead of it; where. A wrong cell is never also a blank one."""
    places = [at for at, value in enumerate(found) if type(value) is Wrong]
    for at in places:
        problems.setdefault(at, []).append((key, found[at].sentence))
        found[at] = found[at].typed
    return places


def _dicts(columns: Mapping[str, list[Any]], count: int) -> list[dict[str, Any]]:
    """Rows of what is there, blank cells left out."""
    if not columns:
        return [{} for _ in range(count)]
    turned = zip(*columns.values(), strict=True)
    return [{key: value for key, value in zip(columns, values, strict=True) if value is not None and value != ""} for values in turned]


def reread(template: Template, number: int, values: Mapping[str, Any], *, ground: Ground) -> ParsedRow:
    """One row again, from what stands in its form or in its cells: by key, as somebody would type it."""
    fields = template.fields
    typed = [[values.get(each.key, "") if values.get(each.key) is not None else ""] for each in fields]
    reading = Reading("", (), "", False, (), iter(()))
    rows = _Rows(reading, template, ground, {each.key: at for at, each in enumerate(fields)}, 0, Parsed({}, (), ()))
    found = next(rows.block(Lines([number], typed)).rows(), None)
    problems = [(each.key, each.when_missing) for each in fields if each.required]
    return found or ParsedRow(number, {}, {}, problems)
