"""Lists of whom an identity or a registration holds of (STATUS programs, RULES F8): tags and facts, compared set by set.

The list is whole. What a decision gave and the list lacks is marked and stands; what a list gave and the next one lacks ends.
"""

from typing import TYPE_CHECKING, Any

from psycopg2.extras import Json

from spreadsheets.declaration import Comparison

from ..rules import FACT_OF_PROGRAM, TAG_OF_PROGRAM
from .fact_plan import SAID_ON
from .laying import (
    CELLS_GONE,
    NAMED,
    PEOPLE_MARKS,
    UNREAD_PEOPLE,
    WHO_GONE,
    after,
    lay_out,
    marks_counted,
    other_people,
    refuse_rows,
    refuse_twice,
)
from .people import asked, run, run_many, township_of
from .records import ABSENT, CONFIRMS, LABELS, OFFLINE, OLDER

if TYPE_CHECKING:
    from spreadsheets.models import Batch

    from .roll_templates import Roll

# Behind the name of the list, of a fact that names the day of its registration: not the day for which the list said so.
SINCE = "，登记日期"
FOUND_TAG = """
    CREATE TEMP TABLE roll_found ON COMMIT DROP AS
    SELECT DISTINCT ON (id) * FROM (
        SELECT r.id, t.id AS record_id, t.decision_id IS NOT NULL AS decided, true AS is_same, false AS is_later,
            false AS is_older, t.until FROM roll_row r
        JOIN households_identitytag t ON r.holder_household = t.household_id AND t.kind = %s AND (t.until IS NULL OR t.until >= %s)
        UNION ALL
        SELECT r.id, t.id, t.decision_id IS NOT NULL, true, false, false, t.until FROM roll_row r
        JOIN households_identitytag t ON r.person_id = t.resident_id AND t.kind = %s AND (t.until IS NULL OR t.until >= %s)
    ) met ORDER BY id, until DESC NULLS FIRST, record_id
"""
# The newer day wins, whichever of the lists of one kind says it (`fact_plan`): an expired card is renewed, a newer word is left alone.
FOUND_FACT = f"""
    CREATE TEMP TABLE roll_found ON COMMIT DROP AS
    SELECT r.id, f.id AS record_id, f.value = %(value)s AND (f.valid_until IS NULL OR f.valid_until >= %(day)s) AS is_same,
        {SAID_ON} < %(day)s AS is_later, {SAID_ON} > %(day)s AS is_older, f.value, EXISTS (
            SELECT FROM households_fact d WHERE d.resident_id = r.person_id AND d.kind_id = f.kind_id AND d.how = 'decision'
                AND d.superseded_at IS NULL AND d.value = %(value)s) AS decided
    FROM roll_row r JOIN households_fact f ON f.resident_id = r.person_id
    WHERE f.kind_id = %(kind)s AND f.how = 'import' AND f.superseded_at IS NULL
"""  # noqa: S608 - of the declarations above
WEIGH = f"""
    CREATE TEMP TABLE roll_outcome ON COMMIT DROP AS
    SELECT r.id, r.number, r.new_id, r.person_id, r.household_id, r.holder_household, r.home, r.name, r.wrong,
        COALESCE(r.since, %s) AS since, r.since AS registered_on, f.record_id AS subject_id, w.outcome,
        w.outcome = 'same' AND f.is_later AS is_later, '{{}}'::jsonb AS before,
        {PEOPLE_MARKS} || array_remove(ARRAY[
            CASE WHEN w.outcome = 'new' THEN '{OFFLINE}' END, CASE WHEN w.outcome = 'same' AND f.decided THEN '{CONFIRMS}' END,
            CASE WHEN w.outcome = 'skipped' THEN '{OLDER}' END
        ]::varchar[], NULL) AS marks
    FROM roll_row r LEFT JOIN roll_found f ON f.id = r.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.wrong IS NOT NULL THEN 'error' WHEN f.record_id IS NULL THEN 'new' WHEN f.is_same THEN 'same'
            WHEN f.is_older THEN 'skipped' ELSE 'changed' END AS outcome
    ) w
"""  # noqa: S608 - of the declarations above
LEFT = """
    CREATE TEMP TABLE roll_left ON COMMIT DROP AS
    SELECT t.* FROM {table} t WHERE {standing} AND NOT EXISTS (SELECT FROM roll_found f WHERE f.record_id = t.id)
"""
MISS = f"""
    CREATE TEMP TABLE roll_gone ON COMMIT DROP AS
    SELECT t.id, {WHO_GONE}, {{marks}} AS marks, jsonb_strip_nulls(jsonb_build_object({CELLS_GONE}{{since}})) AS cells
    FROM roll_left t {NAMED}
    WHERE starts_with(COALESCE(gh.region_id, gp.region_id), %s)
        AND NOT EXISTS (SELECT FROM ({{unread}}) u WHERE u.person_id = t.resident_id OR u.household_id = t.household_id)
"""  # noqa: S608 - of the declarations above
STANDING = """
    SELECT count(*) FROM {table} t
    LEFT JOIN households_household gh ON gh.id = t.household_id LEFT JOIN households_resident gp ON gp.id = t.resident_id
    WHERE {standing} AND starts_with(COALESCE(gh.region_id, gp.region_id), %s)
"""
OF_TAGS = "t.kind = %s AND (t.until IS NULL OR t.until >= %s) AND t.since <= %s"
OF_FACTS = "t.kind_id = %s AND t.how = 'import' AND t.superseded_at IS NULL AND t.value = %s "
OF_FACTS += f"AND split_part(t.source, '{SINCE}', 1) = %s AND COALESCE(t.confirmed_on, t.found_on) <= %s"


def compare(batch: "Batch", roll: "Roll") -> Comparison:
    lay(batch, roll)
    table, standing, params = _standing(batch, roll)
    [[stood]] = asked(STANDING.format(table=table, standing=standing), [*params, township_of(batch)])
    counted = marks_counted()
    return Comparison(standing=stood, remarks=tuple((label, counted[mark]) for mark, label in LABELS.items() if counted.get(mark)))


def lay(batch: "Batch", roll: "Roll") -> None:
    """The tables alone, as an entry asks for them."""
    rows = lay_out(batch, roll)
    refuse_rows(*other_people(batch), after("since", "日期", batch.as_of))
    refuse_twice(roll)
    day = batch.as_of
    if roll.code in TAG_OF_PROGRAM:
        kind = TAG_OF_PROGRAM[roll.code]
        run_many(FOUND_TAG, [kind, day, kind, day], rows=rows)
        since = ", 'since', t.since"
        marks = f"CASE WHEN t.decision_id IS NULL THEN '{{}}' ELSE '{{{ABSENT}}}' END::varchar[]"
    else:
        kind, value = FACT_OF_PROGRAM[roll.code]
        run_many(FOUND_FACT, {"value": Json(value), "kind": kind, "day": day}, rows=rows)
        since = f", 'since', COALESCE(NULLIF(split_part(t.source, '{SINCE}', 2), ''), t.found_on::text)"
        marks = "'{}'::varchar[]"
    run("ANALYZE roll_found")
    run(WEIGH, [day, day])
    table, standing, params = _standing(batch, roll)
    run_many(LEFT.format(table=table, standing=standing), params, rows=rows)
    run("ANALYZE roll_left")
    run(MISS.format(unread=UNREAD_PEOPLE, marks=marks, since=since), [township_of(batch), batch.pk])


def _standing(batch: "Batch", roll: "Roll") -> tuple[str, str, list[Any]]:
    """What the list is held against: table, condition, values."""
    if roll.code in TAG_OF_PROGRAM:
        return "households_identitytag", OF_TAGS, [TAG_OF_PROGRAM[roll.code], batch.as_of, batch.as_of]
    kind, value = FACT_OF_PROGRAM[roll.code]
    return "households_fact", OF_FACTS, [kind, Json(value), roll.template.title, batch.as_of]
