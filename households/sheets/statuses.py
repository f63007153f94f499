"""Lists of whom an identity or a registration holds of (STATUS programs, RULES F8): tags and facts, compared and written set by set.

The list is whole. What a decision gave and the list lacks is marked and stands; what a list gave and the next one lacks ends.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from psycopg2.extras import Json

from audit.transitions import record_from
from config import clock
from spreadsheets import effects
from spreadsheets.declaration import Comparison

from ..models import Fact, FactRequest, IdentityTag
from ..rules import FACT_OF_PROGRAM, TAG_OF_PROGRAM
from ..transitions.settling import settle_by
from .laying import (
    CELLS_GONE,
    NAMED,
    PEOPLE_MARKS,
    UNREAD_PEOPLE,
    WHO_GONE,
    lay_out,
    marks_counted,
    refuse_after,
    refuse_people,
    refuse_twice,
)
from .letting_in import close_of, giver, let_in_by
from .people import asked, literal, masked, run, run_many, township_of
from .records import ABSENT, CONFIRMS, LABELS, OFFLINE

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.models import Batch

    from .roll_templates import Roll

FOUND_TAG = """
    CREATE TEMP TABLE roll_found ON COMMIT DROP AS
    SELECT DISTINCT ON (id) * FROM (
        SELECT r.id, t.id AS record_id, t.decision_id IS NOT NULL AS decided, true AS is_same, t.until FROM roll_row r
        JOIN households_identitytag t ON r.holder_household = t.household_id AND t.kind = %s AND (t.until IS NULL OR t.until >= %s)
        UNION ALL
        SELECT r.id, t.id, t.decision_id IS NOT NULL, true, t.until FROM roll_row r
        JOIN households_identitytag t ON r.person_id = t.resident_id AND t.kind = %s AND (t.until IS NULL OR t.until >= %s)
    ) met ORDER BY id, until DESC NULLS FIRST, record_id
"""
FOUND_FACT = """
    CREATE TEMP TABLE roll_found ON COMMIT DROP AS
    SELECT r.id, t.id AS record_id, t.value = %s AS is_same, t.value, EXISTS (
            SELECT FROM households_fact d WHERE d.resident_id = r.person_id AND d.kind_id = t.kind_id AND d.how = 'decision'
                AND d.superseded_at IS NULL AND d.value = %s) AS decided
    FROM roll_row r JOIN households_fact t ON t.resident_id = r.person_id
    WHERE t.kind_id = %s AND t.how = 'import' AND t.superseded_at IS NULL
"""
WEIGH = f"""
    CREATE TEMP TABLE roll_outcome ON COMMIT DROP AS
    SELECT r.id, r.number, r.new_id, r.person_id, r.household_id, r.holder_household, r.home, r.name, r.wrong,
        COALESCE(r.since, %s) AS since, f.record_id AS subject_id, w.outcome, '{{}}'::jsonb AS before,
        {PEOPLE_MARKS} || array_remove(ARRAY[
            CASE WHEN w.outcome = 'new' THEN '{OFFLINE}' END, CASE WHEN w.outcome = 'same' AND f.decided THEN '{CONFIRMS}' END
        ]::varchar[], NULL) AS marks
    FROM roll_row r LEFT JOIN roll_found f ON f.id = r.id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.wrong IS NOT NULL THEN 'error' WHEN f.record_id IS NULL THEN 'new' WHEN f.is_same THEN 'same' ELSE 'changed' END
            AS outcome
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
OF_FACTS = "t.kind_id = %s AND t.how = 'import' AND t.superseded_at IS NULL AND t.value = %s AND t.source = %s"


def compare(batch: "Batch", roll: "Roll") -> Comparison:
    rows = lay_out(batch, roll)
    refuse_people(batch)
    refuse_after("since", "日期", batch.as_of)
    refuse_twice(roll)
    day = batch.as_of
    if roll.code in TAG_OF_PROGRAM:
        kind = TAG_OF_PROGRAM[roll.code]
        run_many(FOUND_TAG, [kind, day, kind, day], rows=rows)
        table, standing, params, since = "households_identitytag", OF_TAGS, [kind, day, day], ", 'since', t.since"
        marks = f"CASE WHEN t.decision_id IS NULL THEN '{{}}' ELSE '{{{ABSENT}}}' END::varchar[]"
    else:
        kind, value = FACT_OF_PROGRAM[roll.code]
        run_many(FOUND_FACT, [Json(value), Json(value), kind], rows=rows)
        table, standing, params, since = "households_fact", OF_FACTS, [kind, Json(value), roll.template.title], ", 'since', t.found_on"
        marks = "'{}'::varchar[]"
    run("ANALYZE roll_found")
    run(WEIGH, [day, day])
    where = township_of(batch)
    run_many(LEFT.format(table=table, standing=standing), params, rows=rows)
    run("ANALYZE roll_left")
    run(MISS.format(unread=UNREAD_PEOPLE, marks=marks, since=since), [where, batch.pk])
    [[stood]] = asked(STANDING.format(table=table, standing=standing), [*params, where])
    counted = marks_counted()
    return Comparison(standing=stood, remarks=tuple((label, counted[mark]) for mark, label in LABELS.items() if counted.get(mark)))


def apply(batch: "Batch", roll: "Roll", by: "Post") -> None:
    run(
        "UPDATE roll_outcome o SET person_id = s.person_id FROM spreadsheets_stagedrow s "
        "WHERE s.id = o.id AND o.person_id IS NULL AND o.outcome = 'new'"
    )
    if roll.code in TAG_OF_PROGRAM:
        _apply_tags(batch, roll, by)
    else:
        _apply_facts(batch, roll, by)


# ── identities ──────────────────────────────────────────────────────────────────────────────────────────────────────

ENDED = f"SELECT id FROM roll_gone WHERE NOT '{ABSENT}' = ANY (marks)"  # noqa: S608 - constants
GRANT_TAG = """
    INSERT INTO households_identitytag (id, kind, household_id, resident_id, unit_id, since, granted_at, granted_by_id)
    SELECT o.new_id, %s, o.holder_household, CASE WHEN o.holder_household IS NULL THEN o.person_id END, %s, o.since, %s, %s
    FROM roll_outcome o WHERE o.outcome = 'new'
"""


def _apply_tags(batch: "Batch", roll: "Roll", by: "Post") -> None:
    """An identity that the list holds no more ended on the eve of its day."""
    kind, now, eve = TAG_OF_PROGRAM[roll.code], clock.now(), batch.as_of - timedelta(days=1)
    effects.update(
        batch, IdentityTag,
        f"UPDATE households_identitytag t SET until = GREATEST(t.since, %s), ended_at = %s, ended_by_id = %s WHERE t.id IN ({ENDED})",  # noqa: S608
        [eve, now, by.pk],
    )  # fmt: skip
    close_of(batch, f"({ENDED})", [], by, model=IdentityTag)
    effects.insert(batch, IdentityTag, GRANT_TAG, [kind, giver(batch, roll).pk, now, by.pk])
    let_in_by(batch, roll, "o.outcome = 'new'", [], by, model=IdentityTag)
    label = "敏感身份" if kind in IdentityTag.SENSITIVE else IdentityTag.Kind(kind).label
    told = {
        "is_confidential": str(kind in IdentityTag.SENSITIVE).lower(),
        "data": f"jsonb_build_object('kind', '{label}', 'batch', '{batch.pk}')",
    }
    _told("tag.granted", IdentityTag, f"t.id IN ({NEW})", by, label, new="t.since::text", **told)
    _told("tag.ended", IdentityTag, f"t.id IN ({ENDED})", by, label, new="t.until::text", note="'名单中不再有'", **told)


NEW = "SELECT new_id FROM roll_outcome WHERE outcome = 'new'"
WRITTEN = "SELECT new_id FROM roll_outcome WHERE outcome IN ('new', 'changed')"

# ── registrations ───────────────────────────────────────────────────────────────────────────────────────────────────

SUPERSEDE = """
    UPDATE households_fact t SET superseded_at = %s, superseded_by_id = %s, successor_id = o.new_id
    FROM roll_outcome o WHERE o.outcome = 'changed' AND t.id = o.subject_id
"""
END_FACT = """
    UPDATE households_fact t SET superseded_at = %s, superseded_by_id = %s WHERE t.id IN (SELECT id FROM roll_gone)
"""
NOTE = """
    INSERT INTO households_fact (
        id, kind_id, resident_id, value, detail_sealed, detail_masked, how, source, found_on, found_at, found_by_id
    )
    SELECT o.new_id, %s, o.person_id, %s, '', '', 'import', %s, o.since, %s, %s
    FROM roll_outcome o WHERE o.outcome IN ('new', 'changed')
"""


def _apply_facts(batch: "Batch", roll: "Roll", by: "Post") -> None:
    (kind, value), now = FACT_OF_PROGRAM[roll.code], clock.now()
    effects.update(batch, Fact, SUPERSEDE, [now, by.pk])
    effects.update(batch, Fact, END_FACT, [now, by.pk])
    effects.insert(batch, Fact, NOTE, [kind, Json(value), roll.template.title, now, by.pk])
    title = literal(roll.template.title)
    told = {"data": f"jsonb_build_object('kind', t.kind_id, 'label', {title}, 'how', '批量导入', 'batch', '{batch.pk}')"}
    label = roll.program.seed_name
    _told("fact.noted", Fact, f"t.id IN ({WRITTEN})", by, label, new="'在册'", note="t.source", **told)
    _told("fact.noted", Fact, "t.id IN (SELECT id FROM roll_gone)", by, label, old="'在册'", new="'不再在册'", note="t.source", **told)
    waiting = FactRequest.objects.open().filter(kind=kind).values("resident_id")
    for fact in Fact.objects.standing().filter(kind=kind, how=Fact.How.IMPORT, found_at=now, resident__in=waiting).order_by("pk"):
        settle_by(fact, by)


def _told(verb: str, model: Any, where: str, by: "Post", label: str, **said: str) -> None:
    """A line for each, with whose it is, masked."""
    source = (
        f"{model._meta.db_table} t LEFT JOIN households_household h ON h.id = t.household_id "
        "LEFT JOIN households_resident p ON p.id = t.resident_id "
        f"LEFT JOIN households_membership m ON m.resident_id = t.resident_id AND m.until IS NULL WHERE {where}"
    )
    record_from(
        verb, model, source, by=by, household_id="COALESCE(t.household_id, m.household_id)",
        subject_text=f"{literal(label + '：')} || COALESCE({masked('p.name')}, '户编号 ' || h.number)", **said,
    )  # fmt: skip
