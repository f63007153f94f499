"""The wrong rows of a file as a workbook of its template: put right, they are handed in as they are; of a whole list, with all others."""

from collections.abc import Iterator
from typing import Any

from django.views.decorators.debug import sensitive_variables

from config import clock
from organization.models import Post

from . import permissions, staging
from .blank import blank
from .declaration import Template
from .ground import ground
from .models import Batch, StagedRow
from .preview import typed


def workbook_of(batch: Batch, template: Template, post: Post) -> Iterator[bytes]:
    """Whoever handed the file in has its numbers and gets them back; anybody else sees what they end in."""
    rows = StagedRow.objects.filter(batch=batch, outcome=StagedRow.Outcome.ERROR).order_by("number", "id")
    labels = {field.key: field.label for field in template.fields}
    reasons = [
        f"第{number}行："
        + "；".join(f"{labels[key]}：{sentence}" if key in labels else sentence for key, sentence in problems).replace("。；", "；")
        for number, problems in rows.values_list("number", "problems")
    ]
    in_full = permissions.can_read_numbers(post, batch)
    return blank(template, ground(clock.today()), rows=_cells(rows, template, in_full=in_full), reasons=reasons, out_of=batch.rows)


@sensitive_variables()
def _cells(rows: Any, template: Template, *, in_full: bool) -> Iterator[dict[str, Any]]:
    for row in rows.iterator(chunk_size=2_000):
        cells = {field.key: typed(row, field) for field in template.fields}
        if in_full:
            cells |= {field.key: staging.opened(row, field) for field in template.fields if field.is_sealed}
        yield cells
