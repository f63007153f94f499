"""What a sheet of facts says of whom, beside what stands: two tables of the transaction, from which its rows are told and facts written.

`fact_said`: a line for each good row and kind. `fact_plan`: one for each kind and subject, with what is to be done: new, changed, same, or
older, where a newer day was delivered before. Subjects whom the register lacks go by the id they will be entered with.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from programs.models import FactKind
from spreadsheets.models import Batch

from .fact_sheets import Sheet
from .people import asked, run

NOTHING = "('null'::jsonb, '\"\"'::jsonb)"
SAID = f"""
    CREATE TEMP TABLE fact_said ON COMMIT DROP AS
    SELECT s.id AS row_id, s.number, k.key AS kind, COALESCE(s.{{holder}}, s.new_id) AS holder,
        CASE WHEN k.is_fixed THEN 'true'::jsonb ELSE s.cells -> k.key END AS value, (s.cells ->> 'valid_until')::date AS valid_until
    FROM spreadsheets_stagedrow s CROSS JOIN unnest(%(kinds)s::text[], %(fixed)s::boolean[]) AS k (key, is_fixed)
    WHERE s.batch_id = %(batch)s AND s.number > 0 AND s.outcome NOT IN ('error', 'skipped')
        AND (k.is_fixed OR COALESCE(s.cells -> k.key, 'null') NOT IN {NOTHING})
"""  # noqa: S608 - of the declarations above
# Several lines of one subject are one fact: the texts together, a yes of any, the greatest number. Nearly all have one line, and are not
# counted: to look for different values among those of each cost more than all the rest.
TOGETHER = "string_agg(DISTINCT value #>> '{{}}', '、' ORDER BY value #>> '{{}}')"
# In the order of the subjects, so that facts that are entered meet the pages of their indexes one after another.
PLAN = f"""
    CREATE TEMP TABLE fact_plan ON COMMIT DROP AS
    WITH said AS (
        SELECT kind, holder, max(valid_until) AS valid_until, array_agg(value) AS lines FROM fact_said GROUP BY holder, kind
    ), one AS MATERIALIZED (
        SELECT kind, holder, valid_until, CASE WHEN cardinality(lines) = 1 THEN lines[1] ELSE (
            SELECT CASE WHEN count(DISTINCT value) = 1 THEN lines[1]
                WHEN bool_or(value = 'true') THEN 'true'
                WHEN kind = ANY (%(numbers)s)
                THEN to_jsonb((max((value #>> '{{{{}}}}')::numeric) FILTER (WHERE kind = ANY (%(numbers)s)))::text)
                WHEN length({TOGETHER}) > 80 THEN to_jsonb(left({TOGETHER}, 70) || '……共' || count(DISTINCT value) || '项')
                ELSE to_jsonb({TOGETHER}) END
            FROM unnest(lines) AS each (value)
        ) END AS value FROM said
    )
    SELECT one.kind, one.holder, one.value, one.valid_until, f.id AS standing_id, f.value AS old, f.valid_until AS old_until,
        gen_random_uuid() AS new_id,
        CASE WHEN f.id IS NULL THEN 'new'
            WHEN f.value = one.value AND (NOT %(dated)s OR f.valid_until IS NOT DISTINCT FROM one.valid_until) THEN 'same'
            WHEN f.found_on > %(as_of)s THEN 'older'
            ELSE 'changed' END AS act
    FROM one LEFT JOIN fact_standing f ON f.holder = one.holder AND f.kind = one.kind
    ORDER BY one.holder, one.kind
"""  # noqa: S608 - of the declarations above
# What each row comes to, with the old values of what it changes.
OUTCOME = """
    SELECT said.row_id,
        CASE WHEN bool_and(p.act = 'older') THEN 'skipped' WHEN bool_and(p.act IN ('same', 'older')) THEN 'same'
            WHEN bool_or(p.act = 'changed') THEN 'changed' ELSE 'new' END AS outcome,
        COALESCE(jsonb_object_agg(p.kind, p.old) FILTER (WHERE p.act = 'changed' AND p.old <> p.value), '{}')
        || COALESCE(jsonb_object_agg('valid_until', p.old_until) FILTER (
            WHERE p.act = 'changed' AND p.old_until IS DISTINCT FROM p.valid_until), '{}') AS before,
        bool_and(p.act = 'older') AS is_older
    FROM fact_said said JOIN fact_plan p ON p.kind = said.kind AND p.holder = said.holder GROUP BY said.row_id
"""
TOLD = f"""
    UPDATE spreadsheets_stagedrow s SET outcome = o.outcome, before = o.before,
        marks = CASE WHEN o.is_older THEN s.marks || 'older'::varchar ELSE s.marks END
    FROM ({OUTCOME}) o WHERE s.id = o.row_id
"""  # noqa: S608 - of the declarations above
# Apart, and with statistics of its own: a planner that takes the facts for none walks them once for each line.
STANDING = """
    CREATE TEMP TABLE fact_standing ON COMMIT DROP AS
    SELECT f.id, f.kind_id AS kind, f.{subject} AS holder, f.value, f.valid_until, f.found_on, f.source = %(title)s AS is_own
    FROM households_fact f
    WHERE f.kind_id = ANY (%(kinds)s) AND f.how = 'import' AND f.superseded_at IS NULL AND f.{subject} IS NOT NULL
"""
# What was delivered by that day of subjects that no row of the file is about, right or wrong. A list ends what it has brought itself:
# another list of the unit may say the same of somebody.
GONE = """
    INSERT INTO spreadsheets_stagedrow
        (batch_id, number, outcome, cells, sealed, person_digest, name, region_code, new_id, {holder}, before, problems, marks)
    SELECT %(batch)s, 0, 'gone', g.facts || jsonb_build_object('name', r.name, 'id_number', r.id_number_masked), '{{}}',
        r.id_number_digest, r.name, r.region_id, gen_random_uuid(), g.holder, g.facts, '[]', '{{}}'
    FROM (
        SELECT f.holder, jsonb_object_agg(f.kind, f.value) AS facts FROM fact_standing f
        WHERE f.is_own AND f.found_on <= %(as_of)s GROUP BY f.holder
    ) g JOIN households_resident r ON r.id = {whose}
    WHERE NOT EXISTS (
        SELECT 1 FROM spreadsheets_stagedrow s WHERE s.batch_id = %(batch)s AND s.number > 0 AND s.{holder} = g.holder
    )
"""  # noqa: S608 - of the declarations above
HEAD = (
    "(SELECT m.resident_id FROM households_membership m WHERE m.household_id = g.holder AND m.until IS NULL "
    "ORDER BY m.relation, m.id LIMIT 1)"
)
# A second line of a household that says something else of what can be said once.
CONTRADICTED = """
    SELECT said.row_id, '同一家庭的“' || min(k.label) || '”在前面的行中填写了不同的内容，请核对后只留一行。', ''
    FROM fact_said said JOIN programs_factkind k ON k.key = said.kind AND k.value_type NOT IN ('yes_no', 'text')
    WHERE EXISTS (
        SELECT 1 FROM fact_said other WHERE other.kind = said.kind AND other.holder = said.holder AND other.number < said.number
            AND other.value <> said.value
    ) GROUP BY said.row_id
"""
# The number leads to the person still, and the person to the household.
MOVED = f"""
    SELECT count(*) FROM spreadsheets_stagedrow s
    LEFT JOIN ({OUTCOME}) o ON o.row_id = s.id
    LEFT JOIN (SELECT id FROM households_resident WHERE survivor_id IS NOT NULL) merged ON merged.id = s.person_id
    LEFT JOIN households_resident d ON d.id_number_digest = s.person_digest
    LEFT JOIN households_membership m ON m.resident_id = s.person_id AND m.until IS NULL
    WHERE s.batch_id = %s AND s.number > 0 AND s.outcome IN ('new', 'changed', 'same')
        AND (o.outcome IS DISTINCT FROM s.outcome OR o.before IS DISTINCT FROM s.before OR merged.id IS NOT NULL
            OR COALESCE(d.survivor_id, d.id) IS DISTINCT FROM s.person_id OR m.household_id IS DISTINCT FROM s.household_id)
"""  # noqa: S608 - of the declarations above


@dataclass(frozen=True)
class Plan:
    """A batch, its sheet and the kinds of its columns."""

    batch: Batch
    sheet: Sheet

    @cached_property
    def kinds(self) -> dict[str, FactKind]:
        rows = {kind.key: kind for kind in FactKind.objects.filter(key__in=self.sheet.kinds).select_related("holder")}
        return {key: rows[key] for key in self.sheet.kinds}

    @property
    def is_of_home(self) -> bool:
        return next(iter(self.kinds.values())).scope == FactKind.Scope.HOUSEHOLD

    @property
    def holder(self) -> str:
        """The subject's column of a staged row."""
        return "household_id" if self.is_of_home else "person_id"

    @property
    def subject(self) -> str:
        """The subject's column of a fact."""
        return "household_id" if self.is_of_home else "resident_id"

    @property
    def params(self) -> dict[str, Any]:
        return {
            "batch": self.batch.pk, "kinds": list(self.sheet.kinds), "fixed": [key in self.sheet.fixed for key in self.sheet.kinds],
            "as_of": self.batch.as_of, "title": self.sheet.title, "dated": bool(self.sheet.validity),
            "numbers": [key for key, kind in self.kinds.items() if kind.value_type in {"number", "money"}],
        }  # fmt: skip

    def written(self, statement: str) -> str:
        return statement.format(holder=self.holder, subject=self.subject, whose=HEAD if self.is_of_home else "g.holder")

    def say(self) -> None:
        run("SET LOCAL work_mem = '64MB'; SET LOCAL default_statistics_target = 4; SET LOCAL jit = off")  # as `laying.lay_out`
        run("DROP TABLE IF EXISTS pg_temp.fact_said")
        run(self.written(SAID), self.params)
        run("ANALYZE fact_said")

    def lay(self) -> None:
        run("DROP TABLE IF EXISTS pg_temp.fact_plan, pg_temp.fact_standing")
        run(self.written(STANDING), self.params)
        run("ANALYZE fact_standing")
        run(self.written(PLAN), self.params)
        run("ANALYZE fact_plan")

    def count_standing(self) -> int:
        """Of the list before it."""
        [(count,)] = asked("SELECT count(DISTINCT holder) FROM fact_standing WHERE is_own")
        return int(count)

    def count_answered(self) -> int:
        """Open questions that the file answers."""
        [(count,)] = asked(f"SELECT count(*) FROM ({self.questions}) q")  # noqa: S608 - below
        return int(count)

    @property
    def questions(self) -> str:
        return f"""
            SELECT q.id, p.new_id FROM fact_plan p JOIN households_factrequest q ON q.kind_id = p.kind AND q.status = 'open'
                AND q.{self.subject} = p.holder
            WHERE p.act IN ('new', 'changed')
        """  # noqa: S608 - our own column
