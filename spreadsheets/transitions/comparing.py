"""What a file would change, found by its owner over rows as they were read (DESIGN 7). Inner: its callers hold the batch."""

from typing import Any

from django.db import connection

from config import clock
from config.verbs import save
from organization.figures import figure

from ..declaration import Comparison, Field, Owner, Template
from ..models import Batch, StagedRow
from ..staged import OTHER_NAME, SAME_NUMBER, UNREAD, refuse
from .edges import S

CHANGES = ("new", "changed", "gone")
WORTH_ANALYZING = 1_000  # rows: below it the planner does well without knowing them, above it a nested loop takes minutes
# A row that could not be read keeps what is wrong with it; whatever an owner said of it is said again.
AFRESH = f"""
    UPDATE spreadsheets_stagedrow AS s SET
        outcome = CASE WHEN is_unread THEN 'error' ELSE '' END, problems = CASE WHEN is_unread THEN s.problems ELSE '[]' END,
        marks = CASE WHEN is_unread THEN '{{{UNREAD}}}' ELSE '{{}}' END::varchar[],
        before = '{{}}', subject_id = NULL, person_id = NULL, household_id = NULL
    FROM (SELECT id, '{UNREAD}' = ANY (marks) AS is_unread FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome <> '') AS found
    WHERE s.id = found.id
"""  # noqa: S608 - a word of ours
# Of the columns that statements join and choose by: what the cells and the ciphertext hold costs most of it and tells nothing. A sample of
# some thousand rows tells as much as the usual thirty thousand: how many there are, and that each is another's. Of a table of the
# transaction, which holds one file, some hundred do; in the table of all, the files' shares are told too.
SAMPLED = "SET LOCAL default_statistics_target = %s"
APART, AMONG_OTHERS = 4, 8  # by three hundred rows
KNOWN = "ANALYZE spreadsheets_stagedrow (id, batch_id, number, outcome, person_digest, new_id, subject_id, person_id, household_id)"
# Most files hold none: asked by groups first, which needs no order of all rows.
ANY_REPEATED = """
    SELECT EXISTS (
        SELECT FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome <> 'error' AND number > 0 AND {filled}
        GROUP BY {keys} HAVING count(*) > 1
    )
"""
REPEATED = """
    SELECT id, CASE WHEN {other} THEN '号码与第' || first || '行相同而姓名不同，请核对号码。'
        ELSE '与第' || first || '行重复：' || %s || '相同。同一对象只填一行。' END, CASE WHEN {other} THEN %s ELSE '' END
    FROM (
        SELECT id, name, first_value(name) OVER same AS first_name, first_value(number) OVER same AS first, row_number() OVER same AS nth
        FROM spreadsheets_stagedrow
        WHERE batch_id = %s AND outcome <> 'error' AND number > 0 AND {filled}
        WINDOW same AS (PARTITION BY {keys} ORDER BY number, id)
    ) AS found WHERE nth > 1
"""
# Of whom the register kept the number when the file was read, and keeps it no more: the number was corrected, or the entry that brought the
# person was undone. Nobody can be told by it any more: on a whole list the person seems gone until the row is mended.
CORRECTED = """
    SELECT s.id, '读取时平台有此人，现在查不到这个号码：号码已更正，或登记此人的导入已撤销。请重新填写，或重新上传文件。', ''
    FROM spreadsheets_stagedrow s
    WHERE s.batch_id = %s AND s.number > 0 AND s.outcome <> 'error' AND s.sealed ? %s AND NOT s.sealed -> %s ? 's'
        AND NOT EXISTS (SELECT FROM {table} p WHERE p.{column} = s.person_digest)
"""
# A list that says who stands is only whole once each of its rows says of whom it is.
COUNTED = """
    SELECT outcome, count(*), count(*) FILTER (WHERE person_digest IS NULL) FROM spreadsheets_stagedrow WHERE batch_id = %s GROUP BY outcome
"""
# A line with somebody else's number says of him that he is listed, and leaves the one whom it names with no line at all: he seems gone.
# Whom a misspelt name is of is met by his own number, and nobody of that name is gone.
MISTAKEN = """
    SELECT count(*) FROM spreadsheets_stagedrow
    WHERE batch_id = %s AND outcome = 'error' AND person_digest IS NOT NULL AND marks && %s::varchar[] AND name IN (
        SELECT name FROM spreadsheets_stagedrow WHERE batch_id = %s AND number = 0 AND outcome = 'gone' AND name <> ''
    )
"""


def compare(batch: Batch, owner: Owner, template: Template) -> Batch:
    """From the rows as read to what they would do: counts, remarks, and whether a second person is needed. Any number of times."""
    if batch.compared_at is None and batch.rows >= WORTH_ANALYZING:
        make_known(batch, APART)
    else:
        StagedRow.objects.filter(batch=batch, number=0).delete()
        with connection.cursor() as cursor:
            cursor.execute(AFRESH, [batch.pk])
    _refuse_repeated(batch, template)
    corrected = 0 if batch.compared_at is None else _refuse_corrected(batch, template)
    found = owner.compare(batch, template)
    counts, unknown = _counted(batch)
    if "" in counts:
        raise RuntimeError(f"{batch.template}: {counts['']} rows compared without an outcome")
    jump = _jump(counts, found, template)
    is_told = template.is_whole and bool(template.person)  # who stands, and by their numbers
    unknown = unknown + corrected + _count_mistaken(batch, counts) if is_told else 0
    batch.counts = {**counts, "jump": jump, "unknown": unknown}
    batch.remarks, batch.standing = [list(remark) for remark in found.remarks if remark[1]], found.standing
    batch.needs_second = template.always_second or changes(batch) > int(figure("import_two_people_above")) or is_jump(batch)
    batch.status, batch.compared_at, batch.jump_reason = S.READY, clock.now(), ""  # it was said of another comparison
    save(batch, "status", "columns", "rows", "counts", "remarks", "standing", "needs_second", "compared_at", "jump_reason")
    return batch


def make_known(batch: Batch, sample: int = AMONG_OTHERS) -> None:
    """Tell the planner of a large file's rows, in the table in which they lie by then."""
    if batch.rows >= WORTH_ANALYZING:
        with connection.cursor() as cursor:
            cursor.execute(SAMPLED, [sample])
            cursor.execute(KNOWN)  # waits for another file's, which is a matter of seconds


def changes(batch: Batch) -> int:
    return sum(int(batch.counts.get(outcome, 0)) for outcome in CHANGES)


def has_rows_to_enter(batch: Batch) -> bool:
    """Also where nothing would change: that is what a list says which is as it was the last time."""
    return any(batch.counts.get(outcome) for outcome in (*CHANGES, "same"))


def is_jump(batch: Batch) -> bool:
    """Whether so many come to a whole list, or go from it, that somebody has to say why (RULES, 月度轮次)."""
    return abs(int(batch.counts.get("jump", 0))) >= int(figure("roll_change_stop"))


def jump_in_words(batch: Batch) -> str:
    """How much of a whole list is another than the last time; "" where nothing is. Both ways are named: a wrong file keeps the length."""
    jump, new, gone = (int(batch.counts.get(key, 0)) for key in ("jump", "new", "gone"))
    if not jump or not batch.standing:
        return ""
    word = "变动" if new and gone else "增加" if jump > 0 else "减少"
    share = f"{abs(jump)}%" if abs(jump) <= 1_000 else "超过10倍"
    return f"名单比上期{word}{share}（上期{batch.standing}条，新增{new}条，消失{gone}条）"


def _refuse_repeated(batch: Batch, template: Template) -> None:
    fields = [template.field(key) for key in template.key_fields]
    if not fields:
        return
    keys = [_key(template, field) for field in fields]
    # The first key is always filled; another may be empty in both rows alike.
    other = "(name <> '' AND first_name <> '' AND name <> first_name)" if template.person in template.key_fields else "false"
    said = {"keys": ", ".join(keys), "filled": f"{keys[0]} IS NOT NULL", "other": other}
    with connection.cursor() as cursor:
        cursor.execute(ANY_REPEATED.format(**said), [batch.pk])
        [is_any] = cursor.fetchone()
    if not is_any:
        return
    source = REPEATED.format(**said)
    refuse(batch, fields[0].key, source, ["、".join(field.label for field in fields), SAME_NUMBER, batch.pk])


def _refuse_corrected(batch: Batch, template: Template) -> int:
    sealed_in = template.field(template.person).sealed_in if template.of_the_registered else None
    if sealed_in is None:
        return 0
    model, name = sealed_in
    source = CORRECTED.format(table=model._meta.db_table, column=f"{name}_digest")
    return refuse(batch, template.person, source, [batch.pk, template.person, template.person])


def _key(template: Template, field: Field) -> str:
    if field.key == template.person:
        return "person_digest"  # the same, and narrower: of a row that is not wrong
    return f"(sealed #>> '{{{field.key},d}}')" if field.is_sealed else f"(cells ->> '{field.key}')"


def _counted(batch: Batch) -> tuple[dict[str, int], int]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [batch.pk])
        rows: list[Any] = cursor.fetchall()
    return {outcome: count for outcome, count, _ in rows}, sum(
        unknown for outcome, _, unknown in rows if outcome == StagedRow.Outcome.ERROR
    )


def _count_mistaken(batch: Batch, counts: dict[str, int]) -> int:
    """Rows under somebody else's number that name who seems gone."""
    if not (counts.get(StagedRow.Outcome.GONE) and counts.get(StagedRow.Outcome.ERROR)):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(MISTAKEN, [batch.pk, [OTHER_NAME, SAME_NUMBER], batch.pk])
        [count] = cursor.fetchone()
    return int(count)


def _jump(counts: dict[str, int], found: Comparison, template: Template) -> int:
    """How many per cent of what stood come to a whole list or, below nought, go from it: the more of the two. Another list of the same
    length is no small change."""
    if not template.is_whole or not found.standing:
        return 0
    new, gone = counts.get("new", 0), counts.get("gone", 0)
    per_cent = max(new, gone) * 100 // found.standing  # 29.9 is not 30
    return per_cent if new > gone else -per_cent
