"""A row put right on the page, or taken out of the file, before anything is entered."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, save
from deadlines.transitions import ask_job
from organization.models import Post

from .. import parsing, permissions, staging
from ..declaration import Template
from ..ground import ground
from ..models import Batch, StagedRow
from .comparing import compare
from .edges import READ, S, known, taken_up

COMPARED_AT_ONCE = 20_000  # rows: below it nobody waits for longer than a page takes


@sensitive_variables()
@transaction.atomic
def mend_row(*, batch_id: UUID | str, row_id: int, values: Mapping[str, str | None], by: Post) -> Batch:
    """What was typed stands in place of what was read, and the file is compared again. `values`: by key of the field, as people type.

    A sealed field that is not among the values, or of which nothing is typed, keeps what it has; by None it is emptied. What is still wrong
    stays wrong, with its sentence.

    Raises:
        TransitionError: the file is no longer at its preview.
    """
    batch, template, row = _taken(batch_id, row_id, by)
    emptied = {key for key, value in values.items() if value is None}
    kept = {field.key for field in template.fields if field.is_sealed and field.key in row.sealed and not values.get(field.key)} - emptied
    typed = {key: value or "" for key, value in values.items() if key not in kept}
    read = parsing.reread(template, row.number, typed, ground=ground(clock.today()))
    made = staging.staged_again(template, _without(read, kept, row), row.new_id)
    for key in kept:
        made["sealed"][key], made["cells"][key] = row.sealed[key], row.cells.get(key, "")
        if key == template.person and all(each != key for each, _ in made["problems"]):
            made["person_digest"] = row.person_digest or UUID(row.sealed[key]["d"])
    for name, value in made.items():
        setattr(row, name, value)
    row.save()
    record("batch.row_mended", batch, by=by, new=str(row))
    return _again(batch, template, by)


@transaction.atomic
def take_out_row(*, batch_id: UUID | str, row_id: int, by: Post) -> Batch:
    """Out of the file, as if the line had not been in it.

    Raises:
        TransitionError: the file is no longer at its preview; it is the only row.
    """
    batch, template, row = _taken(batch_id, row_id, by)
    if batch.rows <= 1:
        raise TransitionError("文件里只剩这一行，请作废整个文件。")
    text = str(row)
    row.delete()
    batch.rows -= 1
    record("batch.row_taken_out", batch, by=by, old=text)
    return _again(batch, template, by)


def _taken(batch_id: UUID | str, row_id: int, by: Post) -> tuple[Batch, Template, StagedRow]:
    batch = taken_up(batch_id, S.READY, permissions.can_mend, by)
    if batch.status != S.READY:
        raise TransitionError("文件已提交确认，不能再改。请先退回或撤回，再更正。")
    _, template = known(batch)
    if not permissions.can_mend(by, batch):
        raise PermissionDenied("您的岗位不能更正这个文件。")
    row = StagedRow.objects.filter(batch=batch, pk=row_id, number__gt=0).first()
    if row is None:
        raise Http404("没有这一行。")
    return batch, template, row


def _without(read: Any, kept: set[str], row: StagedRow) -> parsing.ParsedRow:
    """What was read anew, leaving alone the sealed cells that nobody typed again: what was wrong with them is wrong still."""
    wrong = [(key, sentence) for key, sentence in row.problems if key in kept] if staging.UNREAD in row.marks else []
    problems = [(key, sentence) for key, sentence in read.problems if key not in kept]
    return parsing.ParsedRow(
        row.number, dict(read.cells), {key: text for key, text in read.plain.items() if key not in kept}, problems + wrong
    )


def _again(batch: Batch, template: Template, by: Post) -> Batch:
    owner, _ = known(batch)
    if batch.rows <= COMPARED_AT_ONCE:
        return compare(batch, owner, template)
    batch.status = S.READING
    save(batch, "status", "rows")
    ask_job(READ, arguments={"batch": str(batch.pk)}, by=by, title=f"重新比对：{batch.title}")
    return batch
