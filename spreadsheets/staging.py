"""Rows of a file on their way into the staging table: what identifies somebody is sealed before it gets there, the rest is written as read.

No plain number of anybody reaches a table, in whichever column it was typed: text that looks like an ID number where none belongs is
masked, and its row is wrong (SECURITY R9, D7).
"""

import dataclasses
import json
import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import islice, repeat
from typing import Any

from django.db import connection
from django.views.decorators.debug import sensitive_variables

from config import clock
from config.county import copy_escaped, copy_text
from config.protection.fields import BANK_ACCOUNT, ID_NUMBER, PHONE, Kind, declared
from config.protection.keys import SealBroken
from config.protection.numbers import SHORTEST, without_id_numbers
from config.protection.sealing import as_uuids, digest_texts, open_apart, open_sealed, seal_again, seal_apart, seal_texts, unseal

from .declaration import Field, Template, Type
from .headings import shown
from .models import Batch, StagedRow
from .parsing import Block, ParsedRow
from .staged import NAME_LONGEST, UNREAD

PLACE_LONGEST = 12
NULL = "\\N"
AT_ONCE = 8  # blocks
KINDS: Mapping[Type, Kind] = {Type.ID_NUMBER: ID_NUMBER, Type.PHONE: PHONE, Type.BANK_ACCOUNT: BANK_ACCOUNT}
LACKING = """
    SELECT id, number, new_id::text FROM spreadsheets_stagedrow
    WHERE batch_id = %s AND number > 0 AND (person_id IS NULL OR outcome = 'error') AND sealed ? %s AND NOT sealed -> %s ? 's'
"""
SEALED = """
    UPDATE spreadsheets_stagedrow s SET sealed = jsonb_set(s.sealed, ARRAY[%s, 's'], to_jsonb(k.token))
    FROM unnest(%s::bigint[], %s::text[]) AS k (id, token) WHERE k.id = s.id
"""
COLUMNS = (
    "batch_id", "number", "outcome", "cells", "sealed", "person_digest", "name", "region_code", "new_id", "before", "problems", "marks",
)  # fmt: skip
NO_PLACE_FOR_NUMBERS = "此列不能填写证件号码，请删去后再上传。"
_VERSION_7, _VARIANT = bytes(0x70 | octet & 0x0F for octet in range(256)), bytes(0x80 | octet & 0x3F for octet in range(256))
_written = json.JSONEncoder(ensure_ascii=False, default=str).encode


@dataclasses.dataclass(slots=True)
class Staged:
    """Rows as they will stand in the staging table, column by column; `cells` and `sealed` as the text of JSON objects."""

    numbers: Sequence[int]
    new_ids: Sequence[str]
    problems: dict[int, list[list[str]]]  # by place
    cells: list[str]
    sealed: list[str]
    digests: list[str]  # "" for none
    names: list[str]
    places: list[str]
    unsealed: dict[int, str] = dataclasses.field(default_factory=dict, repr=False)  # by number: what `seal_rest` may be asked to seal

    def lines(self, batch: Batch) -> str:
        """As COPY reads them, with COLUMNS in their order. Tokens and digests hold nothing to escape."""
        count = len(self.numbers)
        outcomes, said = [""] * count, ["[]\t{}\n"] * count
        for at, problems in self.problems.items():
            if problems:
                outcomes[at], said[at] = "error", f"{copy_escaped(_written(problems))}\t{{{UNREAD}}}\n"
        columns = (
            repeat(str(batch.pk), count), map(str, self.numbers), outcomes, _escaped(self.cells), self.sealed,
            [digest or NULL for digest in self.digests], _escaped(self.names), self.places, self.new_ids, repeat("{}", count), said,
        )  # fmt: skip
        return "".join(map("\t".join, zip(*columns, strict=True)))


@sensitive_variables()
def stage(
    batch: Batch, template: Template, blocks: Iterable[Block], told: Callable[[int], None] = lambda _: None
) -> tuple[int, dict[int, str]]:
    """Seal and COPY the rows block by block; how many, and by number what is still to be sealed of some (`seal_rest`).

    A COPY takes in some blocks: what is sealed already goes into the table while the next is read and sealed. `told` hears how many stand
    so far.
    """
    unsealed: dict[int, str] = {}

    def lines(block: Block) -> str:
        made = staged(template, block)
        unsealed.update(made.unsealed)
        return made.lines(batch)

    done, blocks = 0, iter(blocks)
    while some := copy_text(StagedRow, COLUMNS, (lines(block) for block in islice(blocks, AT_ONCE))):
        done += some
        told(done)
    return done, unsealed


@sensitive_variables()
def seal_rest(batch: Batch, template: Template, unsealed: Mapping[int, str]) -> None:
    """Once the rows are compared: the number of each that is wrong, or names nobody of the register. Of the others the register keeps it.

    Called in the transaction that read them; `unsealed` is never written otherwise.
    """
    if not unsealed:
        return
    key = template.person
    field = template.field(key)
    with connection.cursor() as cursor:
        cursor.execute(LACKING, [batch.pk, key, key])
        rows = [(pk, new_id, unsealed[number]) for pk, number, new_id in cursor.fetchall()]
        if rows and field.sealed_in:
            told = seal_texts(*field.sealed_in, ((new_id, text) for _, new_id, text in rows))
            cursor.execute(SEALED, [key, [pk for pk, _, _ in rows], [token for token, _, _ in told]])


@sensitive_variables()
def staged_again(template: Template, row: ParsedRow, new_id: uuid.UUID) -> dict[str, Any]:
    """What a row that was put right holds from now on, by name of the attribute."""
    cells, plain = ({key: [value] for key, value in part.items()} for part in (row.cells, row.plain))
    made = staged(template, Block([row.number], cells, plain, {0: row.problems} if row.problems else {}), [str(new_id)])
    problems, digest = made.problems.get(0, []), made.digests[0]
    return {
        "cells": json.loads(made.cells[0]), "sealed": json.loads(made.sealed[0]), "person_digest": uuid.UUID(digest) if digest else None,
        "name": made.names[0], "region_code": made.places[0], "problems": problems, "marks": [UNREAD] if problems else [],
        "outcome": StagedRow.Outcome.ERROR if problems else "",
    }  # fmt: skip


@sensitive_variables()
def staged(template: Template, block: Block, new_ids: Sequence[str] = ()) -> Staged:
    """The same rows as they will stand, not yet written. `new_ids`: of rows that have one already, because they are mended."""
    count = len(block.numbers)
    keys = new_ids or _fresh(count)
    problems = {at: [[key, _without_numbers(sentence, block, at)] for key, sentence in said] for at, said in block.problems.items() if said}
    made = Staged(block.numbers, keys, problems, [], [], [""] * count, [""] * count, [""] * count)
    open_ = {field.key: _open(made, field.key, block.cells[field.key]) for field in template.fields if field.key in block.cells}
    _describe(made, template, block)
    cells = list(open_.values())
    sealed: list[list[str]] = []
    for field in template.fields:
        if field.is_sealed and field.key in block.plain:
            is_person = field.key == template.person
            later = is_person and template.of_the_registered and not new_ids
            tokens, masked = (_digest if later else _seal)(made, field, block.plain[field.key], is_person=is_person)
            sealed.append(tokens)
            cells.append(masked)
    made.cells, made.sealed = _objects(cells, count), _objects(sealed, count)
    return made


def _fresh(count: int) -> list[str]:
    """Keys (UUID, version 7) as they are written: many at once, and no object for each.

    They begin with the moment and rise with the rows, and cannot be guessed all the same: what a file enters goes side by side into each
    index of such a key, where random ones would touch as many leaves as there are rows.
    """
    drawn = bytearray(os.urandom(16 * count))
    drawn[6::16], drawn[8::16] = drawn[6::16].translate(_VERSION_7), drawn[8::16].translate(_VARIANT)
    for at, octet in enumerate(int(clock.now().timestamp() * 1_000).to_bytes(6)):
        drawn[at::16] = bytes((octet,)) * count
    return sorted(as_uuids(drawn))


def _escaped(texts: list[str]) -> list[str]:
    return texts if (whole := "".join(texts)).isprintable() and "\\" not in whole else [copy_escaped(text) for text in texts]


def _objects(columns: list[list[str]], count: int) -> list[str]:
    """The members of each row, in braces."""
    if not columns:
        return ["{}"] * count
    if all(map(all, columns)):
        return [f"{{{members}}}" for members in map(",".join, zip(*columns, strict=True))]
    return [f"{{{','.join(filter(None, members))}}}" for members in zip(*columns, strict=True)]


@sensitive_variables()
def _open(made: Staged, key: str, values: Sequence[Any]) -> list[str]:
    """A column that is not sealed, as members of JSON objects; what could not be read, as typed, under `?key`, where no statement takes it
    for a value."""
    wrong: dict[int, Any] = {at: values[at] for at in _wrong(made, key)}
    distinct = [value for value in set(values) if value is not None and value != ""]
    long = [value for value in distinct if type(value) is str and len(value) >= SHORTEST]
    hidden = {value: masked for value in long if (masked := without_id_numbers(value)) is not value}
    if hidden:
        for at, value in enumerate(values):
            if value in hidden:
                made.problems.setdefault(at, []).append([key, NO_PLACE_FOR_NUMBERS])
                wrong[at] = hidden[value]
    member = {None: "", "": "", **dict(zip(distinct, _members(key, distinct), strict=True))}
    texts = list(map(member.__getitem__, values))
    for at, instead in wrong.items():
        texts[at] = "".join(_members(f"?{key}", [] if instead is None or instead == "" else [instead]))
    return texts


def _wrong(made: Staged, key: str) -> set[int]:
    return {at for at, said in made.problems.items() if any(each == key for each, _ in said)}


def _describe(made: Staged, template: Template, block: Block) -> None:
    """Name and place, by which a list of rows is read: the first name, the village before the township, of what could be read."""
    names = [field.key for field in template.fields if field.type == Type.NAME][:1]
    places = [field.key for kind in (Type.TOWNSHIP, Type.VILLAGE) for field in reversed(template.fields) if field.type == kind]
    for keys, column, longest in ((names, made.names, NAME_LONGEST), (places, made.places, PLACE_LONGEST)):
        for key in keys:
            found = ["" if value is None else value for value in block.cells.get(key, column)]
            for at in _wrong(made, key):
                found[at] = ""
            if max(map(len, found), default=0) > longest or "\0" in "".join(found):
                found = [value.replace("\0", "")[:longest] for value in found]
            column[:] = found if all(found) else [value or before for value, before in zip(found, column, strict=True)]


@cache
def _encoder(key: str) -> Callable[[Any], str]:
    return json.JSONEncoder(ensure_ascii=False, default=str, separators=(f'\0"{key}":', ":")).encode


def _members(key: str, values: Sequence[Any]) -> list[str]:
    """Each value as the member `key` of a JSON object, NUL left out: one call for all of them, with NUL, which JSON never holds as it is,
    and the key as the separator."""
    text = _encoder(key)(values)
    if "\\u0000" in text:
        text = _encoder(key)([value.replace("\0", "") if isinstance(value, str) else value for value in values])
    return f'\0"{key}":{text[1:-1]}'.split("\0")[1:] if values else []


@sensitive_variables()
def _seal(made: Staged, field: Field, values: Sequence[Any], *, is_person: bool) -> tuple[list[str], list[str]]:
    """A column that is sealed, as members of JSON objects: its tokens with their digests, and its masks."""
    kind, filled = kind_of(field), _filled(values)
    if field.sealed_in:
        told = seal_texts(*field.sealed_in, ((made.new_ids[at], text) for at, text in filled))
        return _closed(made, field, filled, told, is_person=is_person)
    normal = [kind.normalise(text) for _, text in filled]
    tokens = [seal_apart(kind.label, text, _bound_to(field, made.new_ids[at])) for text, (at, _) in zip(normal, filled, strict=True)]
    told = [(token, *digested) for token, digested in zip(tokens, digest_texts(kind, normal), strict=True)]
    return _closed(made, field, filled, told, is_person=is_person)


@sensitive_variables()
def _digest(made: Staged, field: Field, values: Sequence[Any], *, is_person: bool) -> tuple[list[str], list[str]]:
    """The same without tokens: `seal_rest` makes those that are wanted."""
    filled = _filled(values)
    told = [("", *digested) for digested in digest_texts(kind_of(field), [text for _, text in filled])]
    made.unsealed.update((made.numbers[at], text) for at, text in filled)
    return _closed(made, field, filled, told, is_person=is_person)


@sensitive_variables()
def _filled(values: Sequence[Any]) -> list[tuple[int, str]]:
    return [(at, text) for at, value in enumerate(values) if value and (text := str(value).replace("\0", ""))]


@sensitive_variables()
def _closed(
    made: Staged, field: Field, filled: Sequence[tuple[int, str]], told: Sequence[tuple[str, str, str]], *, is_person: bool
) -> tuple[list[str], list[str]]:
    """`told`: token, digest and mask of each that is filled; without digest it was nothing, once it was tidied."""
    count, key = len(made.numbers), field.key
    sealed, cells = [""] * count, [""] * count
    wrong, masks = _wrong(made, key), _members(key, [mask for _, _, mask in told])
    for (at, _), (token, digest, _), mask in zip(filled, told, masks, strict=True):
        if digest:
            kept = f'"s":"{token}",' if token else ""
            sealed[at] = f'"{key}":{{{kept}"d":"{digest}"}}'
            cells[at] = mask
            if is_person and at not in wrong:
                made.digests[at] = digest
    return sealed, cells


def kind_of(field: Field) -> Kind:
    return declared(*field.sealed_in).kind if field.sealed_in else KINDS[field.type]


@sensitive_variables()
def opened(row: StagedRow, field: Field) -> str:
    """The plain text of a sealed cell, for its uploader alone; "" where there is none or its key has gone.

    A number that the register keeps is opened there, in whosever file it stands: the row may be of somebody whom this one was merged into.
    """
    kept = row.sealed.get(field.key) or {}
    token = kept.get("s", "")
    if not field.sealed_in:
        return open_apart(kind_of(field).label, token, _bound_to(field, row.new_id)) if token else ""
    if token:
        return unseal(*field.sealed_in, row.new_id, token)
    if not kept:
        return ""
    model, name = field.sealed_in
    person = model._default_manager.filter(**{f"{name}_digest": kept["d"]}).first()
    return open_sealed(person, name) if person else ""


@sensitive_variables()
def sealed_again(field: Field, new_id: uuid.UUID, token: str) -> str:
    """The token of the same cell under the current key. Raises SealBroken where it does not open."""
    if field.sealed_in:
        return seal_again(*field.sealed_in, [(new_id, token, new_id)])[0]
    label, bound_to = kind_of(field).label, _bound_to(field, new_id)
    text = open_apart(label, token, bound_to)
    if not text:
        raise SealBroken("暂存的内容打不开。")
    return seal_apart(label, text, bound_to)


def _bound_to(field: Field, new_id: uuid.UUID | str) -> str:
    return f"spreadsheets_stagedrow.{field.key}.{new_id}"


@sensitive_variables()
def _without_numbers(sentence: str, block: Block, at: int) -> str:
    """A sentence may quote what was typed, but no number of anybody."""
    for column in block.plain.values():
        text = column[at]
        if text and text in sentence:
            sentence = sentence.replace(text, "（已隐去）")
    return without_id_numbers(sentence)


def columns_without_numbers(columns: Mapping[str, Any]) -> dict[str, Any]:
    """What a file calls its columns: a file without a head has people in its first row."""

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return shown(value)
        if isinstance(value, Mapping):
            return {clean(key): each for key, each in value.items()}
        return [clean(each) for each in value] if isinstance(value, list | tuple) else value

    return {key: clean(value) for key, value in columns.items()}
