"""The staged rows of a batch as an owner's statements read them: one typed column for each field.

    rows = typed(template)                        # SQL with one place: the id of the batch
    cursor.execute(f"UPDATE ... FROM ({rows}) AS r WHERE ...", [batch.pk])

Columns: id, number, outcome, marks, before, new_id, person_digest, subject_id, person_id, household_id, name, region_code, then each field
by its key: text, numeric (money, number), bigint (whole), boolean, date (a month: its first day), NULL where the cell is empty or could not
be read. A sealed field is its mask, beside `<key>_digest` (uuid) and `<key>_sealed` (the token). Rows that are wrong, and those that are
gone, are not among them: what `refuse` marked is left out of the next statement of itself.

Before each comparison the rows are as they were read (`transitions.comparing`): no outcome, problems, marks or subject of an earlier one.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from .declaration import Template, Type

if TYPE_CHECKING:
    from .models import Batch

COLUMN = {
    Type.NUMBER: "numeric",
    Type.MONEY: "numeric",
    Type.WHOLE: "bigint",
    Type.DATE: "date",
    Type.MONTH: "date",
    Type.YES_NO: "boolean",
}
NAME_LONGEST = 80
MONTHS_FIRST = " || '-01'"  # a month stands as 2026-09
OWN = ("id", "number", "outcome", "marks", "before", "new_id", "person_digest", "subject_id", "person_id", "household_id")
FILLED = ("name", "region_code")  # of the reader; a field of the same key stands in its place
UNREAD = "unread"  # the mark of a row whose cells could not all be read: no comparison makes it right, only mending
# Of a wrong row that may have somebody else's number: an owner's mark where the register has another name for it; ours where another line
# has the number under another name.
OTHER_NAME, SAME_NUMBER = "name_differs", "same_number"
REFUSE = """
    UPDATE spreadsheets_stagedrow AS r SET
        outcome = 'error', problems = r.problems || jsonb_build_array(jsonb_build_array(%s::text, wrong.sentence)),
        marks = CASE WHEN wrong.mark = '' OR wrong.mark = ANY (r.marks) THEN r.marks ELSE r.marks || wrong.mark::varchar END
    FROM ({source}) AS wrong (id, sentence, mark)
    WHERE r.id = wrong.id
"""


def typed(template: Template) -> str:
    """A SELECT of the rows of a batch that are not wrong (see the module)."""
    keys = {field.key for field in template.fields}
    named = next((field for field in template.fields if field.type == Type.NAME), None)
    if named and named.longest > NAME_LONGEST:
        raise ValueError(f"{template.key}: {named.key} is longer than a name is kept")
    columns = [f"s.{name}" for name in (*OWN, *(name for name in FILLED if name not in keys))]
    for field in template.fields:
        if not field.key.isidentifier() or field.key in OWN:
            raise ValueError(f"{template.key}: {field.key} is no key of a field")
        if field is named:  # the reader keeps it beside the cells: it need not be taken out of them
            columns.append(f"NULLIF(s.name, '') AS {field.key}")
            continue
        cell = f"(s.cells ->> '{field.key}'{MONTHS_FIRST if field.type == Type.MONTH else ''})"
        columns.append(f"{cell}{'::' + COLUMN[field.type] if field.type in COLUMN else ''} AS {field.key}")
        if field.is_sealed:
            columns.append(f"(s.sealed #>> '{{{field.key},d}}')::uuid AS {field.key}_digest")
            columns.append(f"(s.sealed #>> '{{{field.key},s}}') AS {field.key}_sealed")
    # Keys of a declaration alone, which are identifiers; what people typed is never in the text.
    return f"SELECT {', '.join(columns)} FROM spreadsheets_stagedrow s WHERE s.batch_id = %s AND s.outcome <> 'error' AND s.number > 0"  # noqa: S608


def refuse(batch: "Batch", field: str, source: str, params: Sequence[Any] = ()) -> int:  # noqa: ARG001
    """Rows of a batch that are wrong: `source` selects id, sentence and mark ('' for none), each once. `field`: the key of the cell, or "".

    The rows are met by their key alone: of a batch that was staged just now the planner may believe that it holds one row.
    """
    with connection.cursor() as cursor:
        cursor.execute(REFUSE.format(source=source), [field, *params])
        return int(cursor.rowcount)
