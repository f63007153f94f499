"""Rows of a file on their way into the staging table: what identifies somebody is sealed before it gets there, the rest is written as read.

No plain number of anybody reaches a table, in whichever column it was typed: text that looks like an ID number where none belongs is
masked, and its row is wrong (SECURITY R9, D7).
"""

import dataclasses
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from django.views.decorators.debug import sensitive_variables

from config.county import copy_into
from config.protection.fields import BANK_ACCOUNT, ID_NUMBER, MASKED_LENGTH, PHONE, Kind, declared
from config.protection.sealing import digest_many, open_apart, seal_apart, seal_many, unseal

from .declaration import Field, Template, Type
from .models import Batch, StagedRow
from .numbers import SHORTEST, without_id_numbers
from .staged import UNREAD

STRETCH = 2_000  # rows sealed and copied at once
KINDS: Mapping[Type, Kind] = {Type.ID_NUMBER: ID_NUMBER, Type.PHONE: PHONE, Type.BANK_ACCOUNT: BANK_ACCOUNT}
COLUMNS = (
    "batch_id", "number", "outcome", "cells", "sealed", "person_digest", "name", "region_code", "new_id", "before", "problems", "marks",
)  # fmt: skip
NO_PLACE_FOR_NUMBERS = "此列不能填写证件号码，请删去后再上传。"
_written = json.JSONEncoder(ensure_ascii=False, default=str).encode


@dataclasses.dataclass(slots=True)
class Line:
    """A row as it will stand in the staging table: what `StagedRow` holds, without the weight of a model a hundred thousand times."""

    number: int
    new_id: uuid.UUID
    outcome: str = ""
    cells: dict[str, Any] = dataclasses.field(default_factory=dict)
    sealed: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    problems: list[list[str]] = dataclasses.field(default_factory=list)
    marks: list[str] = dataclasses.field(default_factory=list)
    person_digest: uuid.UUID | None = None
    name: str = ""
    region_code: str = ""


class Row(Protocol):
    """What the reader hands over (`parsing.ParsedRow`). cells: by key, as written into a table; plain: the texts to be sealed."""

    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, Any]: ...
    @property
    def plain(self) -> Mapping[str, str]: ...
    @property
    def problems(self) -> Sequence[tuple[str, str]]: ...


@sensitive_variables()
def stage(batch: Batch, template: Template, rows: Iterable[Row], told: Callable[[int], None] = lambda _: None) -> int:
    """Seal and COPY the rows, some thousand at a time; how many. `told` hears how many stand so far."""
    done, waiting = 0, iter(rows)
    while stretch := list(islice(waiting, STRETCH)):
        copy_into(StagedRow, COLUMNS, (_line(batch, row) for row in staged(template, stretch)))
        done += len(stretch)
        told(done)
    return done


@sensitive_variables()
def staged(template: Template, rows: Sequence[Row], new_ids: Sequence[uuid.UUID] = ()) -> list[Line]:
    """The same rows as they will stand, not yet written. `new_ids`: of rows that have one already, because they are mended."""
    keys = new_ids or [uuid.uuid4() for _ in rows]
    made = [Line(row.number, key) for row, key in zip(rows, keys, strict=True)]
    plain = [field for field in template.fields if not field.is_sealed]
    for row, line in zip(rows, made, strict=True):
        _write(line, row, plain)
    for field in template.fields:
        if field.is_sealed:
            _seal(template, field, rows, made)
    _describe(template, made)
    return made


@sensitive_variables()
def _write(line: Line, row: Row, fields: Sequence[Field]) -> None:
    """The cells that are not sealed; what could not be read, as typed, under `?key`, where no statement takes it for a value."""
    wrong = {key for key, _ in row.problems}
    line.problems = [[key, _without_numbers(sentence, row)] for key, sentence in row.problems]
    for field in fields:
        value = row.cells.get(field.key)
        if value is None or value == "":
            continue
        if isinstance(value, str):
            if len(value) >= SHORTEST and (hidden := without_id_numbers(value)) is not value:
                line.problems.append([field.key, NO_PLACE_FOR_NUMBERS])
                wrong.add(field.key)
                value = hidden
            value = value.replace("\0", "")
        line.cells["?" + field.key if field.key in wrong else field.key] = value
    line.outcome = StagedRow.Outcome.ERROR if line.problems else ""
    line.marks = [UNREAD] if line.problems else []


@sensitive_variables()
def _seal(template: Template, field: Field, rows: Sequence[Row], made: Sequence[Line]) -> None:
    filled = [(line, text) for row, line in zip(rows, made, strict=True) if (text := str(row.plain.get(field.key) or "").replace("\0", ""))]
    if not filled:
        return
    texts, kind = [text for _, text in filled], kind_of(field)
    if field.sealed_in:
        sealed = seal_many(*field.sealed_in, ((line.new_id, text) for line, text in filled))
        told = [(each.sealed, each.digest, each.masked) for each in sealed]
    else:
        normal = [kind.normalise(text) for text in texts]
        tokens = [seal_apart(kind.label, text, _bound_to(field, line.new_id)) for text, (line, _) in zip(normal, filled, strict=True)]
        masked = [kind.mask(text)[:MASKED_LENGTH] for text in normal]
        told = list(zip(tokens, digest_many(kind, texts), masked, strict=True))
    for (line, _), (token, digest, mask) in zip(filled, told, strict=True):
        if not token:
            continue
        line.sealed[field.key] = {"s": token, "d": str(digest)}
        line.cells[field.key] = mask
        if field.key == template.person and all(key != field.key for key, _ in line.problems):
            line.person_digest = digest


def _describe(template: Template, made: Sequence[Line]) -> None:
    """Name and place, by which a list of rows is read."""
    names = [field.key for field in template.fields if field.type == Type.NAME][:1]
    places = [field.key for kind in (Type.VILLAGE, Type.TOWNSHIP) for field in template.fields if field.type == kind]
    for line in made:
        line.name = next((str(line.cells[key]) for key in names if key in line.cells), "")[:80]
        line.region_code = next((str(line.cells[key]) for key in places if key in line.cells), "")[:12]


def kind_of(field: Field) -> Kind:
    return declared(*field.sealed_in).kind if field.sealed_in else KINDS[field.type]


@sensitive_variables()
def opened(row: StagedRow, field: Field) -> str:
    """The plain text of a sealed cell, for its uploader alone; "" where there is none or its key has gone."""
    token = (row.sealed.get(field.key) or {}).get("s", "")
    if not token:
        return ""
    if field.sealed_in:
        return unseal(*field.sealed_in, row.new_id, token)
    return open_apart(kind_of(field).label, token, _bound_to(field, row.new_id))


def _bound_to(field: Field, new_id: uuid.UUID) -> str:
    return f"spreadsheets_stagedrow.{field.key}.{new_id}"


@sensitive_variables()
def _without_numbers(sentence: str, row: Row) -> str:
    """A sentence may quote what was typed, but no number of anybody."""
    for text in row.plain.values():
        if text and text in sentence:
            sentence = sentence.replace(text, "（已隐去）")
    return without_id_numbers(sentence)


def _line(batch: Batch, row: Line) -> tuple[Any, ...]:
    described = (row.person_digest, row.name, row.region_code, row.new_id)
    problems = _written(row.problems) if row.problems else "[]"
    return (batch.pk, row.number, row.outcome, _written(row.cells), _written(row.sealed), *described, "{}", problems, row.marks)


def columns_without_numbers(columns: Mapping[str, Any]) -> dict[str, Any]:
    """What a file calls its columns: a file without a head has people in its first row."""

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return without_id_numbers(value)[:80]
        if isinstance(value, Mapping):
            return {clean(key): each for key, each in value.items()}
        return [clean(each) for each in value] if isinstance(value, list | tuple) else value

    return {key: clean(value) for key, value in columns.items()}
