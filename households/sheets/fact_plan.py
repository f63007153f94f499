"""What a sheet of facts says of whom, beside what stands: tables of this transaction alone, from which rows are told and facts written.

`fact_row`: every row that was read, with person and household, what it says of each kind (`said`, NULL where it says nothing), and
`wrong`: field, sentence, mark of a row that may not come in. `fact_plan`: one for each kind and subject, with what is to be done: new,
changed, same, or older, where a newer day was delivered before. Subjects whom the register lacks go by the id they will be entered with.
What came of a row is written back in one statement (`spreadsheets.apart.tell`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Max

from config.verbs import TransitionError
from programs.models import FactKind
from spreadsheets.apart import tell
from spreadsheets.models import Batch
from spreadsheets.staged import SAME_NUMBER

from .fact_sheets import Sheet
from .people import HOLDERS, LOOSE, OTHER_NAME, STRANGER, asked, differs, literal, masked, run

LAY = """
    CREATE TEMP TABLE fact_row ON COMMIT DROP AS
    SELECT r.id, r.number, r.new_id, r.name, r.region_code, r.outcome, r.before, r.problems, r.marks, r.person_digest,
        r.person_id AS was_person, r.household_id AS was_household, p.id AS person_id, p.name AS known_name, h.id AS household_id,
        ARRAY[{said}] AS said, {valid_until} AS valid_until, NULL::text[] AS wrong
    FROM spreadsheets_stagedrow r {holders}
    WHERE r.batch_id = %s AND r.number > 0 AND {which}
"""
SAID_ON = "COALESCE(f.confirmed_on, f.found_on)"  # of a fact `f`, as `Fact.said_on`
READ, CONFIRMED = "true", "r.outcome IN ('new', 'changed', 'same')"
GOOD = "(r.outcome <> 'error' AND r.wrong IS NULL)"
# A line for each kind that a good row says something of: a scan for each costs less than taking the array apart.
SAID = f"""
    SELECT r.id AS row_id, r.number, {{kind}}::text AS kind, COALESCE(r.{{holder}}, r.new_id) AS holder, r.said[{{at}}] AS value,
        r.valid_until
    FROM fact_row r WHERE {GOOD} AND r.said[{{at}}] IS NOT NULL AND (r.person_id IS NOT NULL OR {{collected}})
"""  # noqa: S608 - of the declarations above
# Several lines of one subject are one fact: the texts together, a yes of any, the greatest number. Nearly all have one line, and are not
# counted: to look for different values among those of each cost more than all the rest.
TOGETHER = "string_agg(DISTINCT value #>> '{{}}', '、' ORDER BY value #>> '{{}}')"
# In the order of the subjects, so that facts that are entered meet the pages of their indexes one after another.
PLAN = f"""
    CREATE TEMP TABLE fact_plan ON COMMIT DROP AS
    WITH said AS (
        SELECT kind, holder, min(row_id) AS row_id, max(valid_until) AS valid_until, array_agg(value) AS lines
        FROM ({{said}}) AS each GROUP BY holder, kind
    ), one AS NOT MATERIALIZED (
        SELECT kind, holder, row_id, valid_until, CASE WHEN cardinality(lines) = 1 THEN lines[1] ELSE (
            SELECT CASE WHEN count(DISTINCT value) = 1 THEN lines[1]
                WHEN bool_or(value = 'true') THEN 'true'
                WHEN kind = ANY (%(numbers)s)
                THEN to_jsonb((max((value #>> '{{{{}}}}')::numeric) FILTER (WHERE kind = ANY (%(numbers)s)))::text)
                WHEN length({TOGETHER}) > 80 THEN to_jsonb(left({TOGETHER}, 70) || '……共' || count(DISTINCT value) || '项')
                ELSE to_jsonb({TOGETHER}) END
            FROM unnest(lines) AS each (value)
        ) END AS value FROM said OFFSET 0
    )
    SELECT one.kind, one.holder, one.row_id, one.value, one.valid_until, f.id AS standing_id, f.value AS old, f.valid_until AS old_until,
        gen_random_uuid() AS new_id,
        CASE WHEN f.id IS NULL THEN 'new'
            WHEN f.value = one.value AND CASE WHEN %(dated)s THEN f.valid_until IS NOT DISTINCT FROM one.valid_until
                ELSE f.valid_until IS NULL OR f.valid_until >= %(as_of)s END THEN 'same'
            WHEN f.said_on > %(as_of)s THEN 'older'
            ELSE 'changed' END AS act, f.said_on < %(as_of)s AS is_later
    FROM one LEFT JOIN fact_standing f ON f.holder = one.holder AND f.kind = one.kind
    ORDER BY one.holder, one.kind
"""  # noqa: S608 - of the declarations above
# What each row comes to, with the old values of what it changes.
OUTCOME = """
    SELECT said.row_id,
        CASE WHEN bool_and(p.act = 'older') THEN 'skipped' WHEN bool_and(p.act IN ('same', 'older')) THEN 'same'
            WHEN bool_or(p.act = 'changed') THEN 'changed' ELSE 'new' END AS outcome,
        COALESCE(jsonb_object_agg(p.kind, p.old) FILTER (WHERE p.act = 'changed' AND p.old <> p.value), '{{}}')
        || COALESCE(jsonb_object_agg('valid_until', p.old_until) FILTER (
            WHERE p.act = 'changed' AND p.old_until IS DISTINCT FROM p.valid_until), '{{}}') AS before,
        bool_and(p.act = 'older') AS is_older
    FROM ({said}) said JOIN fact_plan p ON p.kind = said.kind AND p.holder = said.holder GROUP BY said.row_id
"""  # noqa: S608 - of the declarations above
# Whoever the register lacks and the sheet does not collect is left out, unless more is wrong with the row.
TOLD = f"""
    SELECT r.id, NULL::uuid AS subject_id, r.person_id, r.household_id, COALESCE(o.before, '{{{{}}}}') AS before,
        CASE WHEN NOT {GOOD} THEN 'error' ELSE COALESCE(o.outcome, 'skipped') END AS outcome,
        CASE WHEN r.wrong IS NULL THEN r.problems ELSE r.problems || jsonb_build_array(jsonb_build_array(r.wrong[1], r.wrong[2])) END
            AS problems,
        r.marks || array_remove(ARRAY[
            CASE WHEN r.person_digest IS NOT NULL AND r.household_id IS NULL
                AND (r.person_id IS NOT NULL OR {{collected}} OR r.outcome = 'error') THEN '{LOOSE}' END,
            CASE WHEN r.person_digest IS NOT NULL AND r.person_id IS NULL THEN '{STRANGER}' END,
            NULLIF(r.wrong[3], ''), CASE WHEN o.is_older THEN 'older' END
        ]::varchar[], NULL) AS marks
    FROM fact_row r LEFT JOIN ({OUTCOME}) o ON o.row_id = r.id
"""  # noqa: S608 - of the declarations above
# Apart, and with statistics of its own: a planner that takes the facts for none walks them once for each line.
STANDING = """
    CREATE TEMP TABLE fact_standing ON COMMIT DROP AS
    SELECT f.id, f.kind_id AS kind, f.{subject} AS holder, f.value, f.valid_until, {said_on} AS said_on,
        f.source = %(title)s AS is_own
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
        WHERE f.is_own AND f.said_on <= %(as_of)s GROUP BY f.holder
    ) g JOIN households_resident r ON r.id = {whose}
    WHERE NOT EXISTS (SELECT FROM fact_row s WHERE s.{holder} = g.holder)
"""  # noqa: S608 - of the declarations above
HEAD = (
    "(SELECT m.resident_id FROM households_membership m WHERE m.household_id = g.holder AND m.until IS NULL "
    "ORDER BY m.relation, m.id LIMIT 1)"
)
# A second line of a household that says something else of what can be said once.
CONTRADICTED = """
    WITH said AS MATERIALIZED ({said})
    UPDATE fact_row r SET wrong = ARRAY['', '同一家庭的“' || w.label || '”在前面的行中填写了不同的内容，请核对后只留一行。', '']
    FROM (
        SELECT said.row_id, min(k.label) AS label
        FROM said JOIN programs_factkind k ON k.key = said.kind AND k.value_type NOT IN ('yes_no', 'text')
        WHERE EXISTS (
            SELECT 1 FROM said other WHERE other.kind = said.kind AND other.holder = said.holder AND other.number < said.number
                AND other.value <> said.value
        ) GROUP BY said.row_id
    ) w WHERE w.row_id = r.id
"""  # noqa: S608 - of the declarations above
# Several lines are one fact: without one of them it would say less than the file does, and take the place of what stands. A wrong line
# holds back the others of whom its number is, unless one says the same; under another's number, also those of whoever bears the name.
BESIDE = f"""
    UPDATE fact_row r SET wrong = ARRAY['', '{{whom}}另有一行（第' || w.number || '行）有错误，改好后一并入库。', '']
    FROM (
        SELECT holder, min(number) AS number FROM (
            SELECT b.{{holder}} AS holder, b.number FROM fact_row b
            WHERE (b.outcome = 'error' OR b.wrong IS NOT NULL) AND b.{{holder}} IS NOT NULL AND NOT EXISTS (
                SELECT FROM fact_row g WHERE g.{{holder}} = b.{{holder}} AND g.said = b.said AND g.outcome <> 'error' AND g.wrong IS NULL
            )
            UNION ALL
            SELECT g.{{holder}}, b.number FROM fact_row b JOIN fact_row g ON g.known_name = b.name
            WHERE b.wrong[3] = '{OTHER_NAME}' OR '{SAME_NUMBER}' = ANY (b.marks)
        ) each GROUP BY holder
    ) w WHERE r.{{holder}} = w.holder AND {GOOD}
"""  # noqa: S608 - of the declarations above
# The number leads to the person still, and the person to the household.
MOVED = f"""
    SELECT count(*) FROM fact_row r LEFT JOIN ({OUTCOME}) o ON o.row_id = r.id
    WHERE o.outcome IS DISTINCT FROM r.outcome OR o.before IS DISTINCT FROM r.before
        OR r.person_id IS DISTINCT FROM r.was_person OR r.household_id IS DISTINCT FROM r.was_household
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
    def collects(self) -> bool:
        """Whom the register lacks: entered with the sheet, or left out of it."""
        return self.sheet.enters_strangers and not self.is_of_home

    @property
    def params(self) -> dict[str, Any]:
        return {
            "batch": self.batch.pk, "kinds": list(self.sheet.kinds),
            "as_of": self.batch.as_of, "title": self.sheet.title, "dated": bool(self.sheet.validity),
            "numbers": [key for key, kind in self.kinds.items() if kind.value_type in {"number", "money"}],
        }  # fmt: skip

    def written(self, statement: str) -> str:
        columns = {"holder": self.holder, "collected": str(self.collects).lower(), "whom": "此户" if self.is_of_home else "此人"}
        lines = [SAID.format(**columns, kind=literal(key), at=at) for at, key in enumerate(self.sheet.kinds, 1)]
        whose = HEAD if self.is_of_home else "g.holder"
        return statement.format(**columns, said_on=SAID_ON, said=" UNION ALL ".join(lines), subject=self.subject, whose=whose)

    def lay(self, which: str = READ) -> None:
        """The rows beside whom they are about: all that were read, or those that were confirmed."""
        run("SET LOCAL work_mem = '64MB'; SET LOCAL default_statistics_target = 4; SET LOCAL jit = off")  # as `laying.lay_out`
        run("DROP TABLE IF EXISTS pg_temp.fact_row, pg_temp.fact_plan, pg_temp.fact_standing")
        cells = [f"NULLIF(NULLIF(r.cells -> {literal(key)}, 'null'), '\"\"')" for key in self.sheet.kinds]
        said = ["'true'::jsonb" if key in self.sheet.fixed else cell for key, cell in zip(self.sheet.kinds, cells, strict=True)]
        valid_until = "(r.cells ->> 'valid_until')::date" if self.sheet.validity else "NULL::date"
        run(LAY.format(said=", ".join(said), valid_until=valid_until, holders=HOLDERS, which=which), [self.batch.pk])
        run("ANALYZE fact_row (id, outcome, person_id, household_id, new_id, wrong)")

    def refuse(self, field: str, sentence: str, condition: str, params: Sequence[Any] = (), *, mark: str = "") -> None:
        """Rows that may not come in, unless something else was wrong with them before. `sentence` is an expression."""
        wrong = f"UPDATE fact_row r SET wrong = ARRAY[%s, {sentence}, %s] WHERE {GOOD} AND {condition}"  # noqa: S608 - of our own
        run(wrong, [field, mark, *params])

    def refuse_older(self) -> None:
        """As `rolls._refuse_older`: an older list would end whom a newer one has, and bring back whom it has not.

        Raises:
            TransitionError: a list of a later day stands.
        """
        if not self.sheet.is_whole:
            return
        newer = Batch.objects.standing().filter(template=self.batch.template, as_of__gt=self.batch.as_of)
        day = newer.aggregate(day=Max("as_of"))["day"]
        if day is not None:
            told = f"平台已有截至{day}的“{self.sheet.title}”，这份截至{self.batch.as_of}，更早，不能入库。"
            raise TransitionError(f"{told}请核对数据截止日和文件。")

    def refuse_other_names(self) -> None:
        """As `people.refuse_other_names`."""
        sentence = f"'证件号码登记的姓名与表中不同（登记为' || {masked('r.known_name')} || '）。请核对姓名和证件号码。'"
        other = f"r.known_name IS NOT NULL AND r.name <> '' AND {differs('r.name', 'r.known_name')}"
        self.refuse("name", sentence, other, mark=OTHER_NAME)

    def refuse_contradictions(self) -> None:
        run(self.written(CONTRADICTED))

    def refuse_beside_wrong(self) -> None:
        run(self.written(BESIDE))

    def weigh(self) -> None:
        """What is to be done of each subject."""
        run(self.written(STANDING), self.params)
        run("ANALYZE fact_standing")
        run(self.written(PLAN), self.params)
        run("ANALYZE fact_plan (kind, holder, row_id, standing_id, act)")

    def count_moved(self) -> int:
        """Rows that are no longer what was confirmed."""
        [(count,)] = asked(self.written(MOVED))
        return int(count)

    def tell(self) -> None:
        tell(self.written(TOLD))

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
