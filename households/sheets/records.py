"""Rolls of aid compared with the records that stand: which row confirms a decision, which is aid without one, which changes a sum, and who
is on the roll no more (ZX-23, ZX-24).

A row is of the household that its person belongs to today, or of the person. It meets the record of its program that is in force on the
cut-off day; a decision's that begins within the next month too, since rolls are drawn up ahead of it. A grant meets that of its day, or the
one decision near its day that no list has held yet: of several, none is guessed.
"""

from datetime import date
from typing import TYPE_CHECKING

from config.dates import add_months
from organization.figures import figure
from spreadsheets.declaration import Comparison

from ..holds import covers, last_day
from ..open_cases import changes_under_way
from .laying import (
    CELLS_GONE,
    DEAD,
    EARLY,
    HIRED,
    IN_FORCE,
    NAMED,
    PEOPLE_MARKS,
    UNREAD_PEOPLE,
    WHO_GONE,
    Wrong,
    after,
    lay_out,
    marks_counted,
    other_people,
    refuse_rows,
    refuse_twice,
)
from .people import LOOSE, STRANGER, asked, run, run_many, township_of

if TYPE_CHECKING:
    from spreadsheets.models import Batch

    from .roll_templates import Roll

LONG_AGO = date(1900, 1, 1)
OFFLINE, CONFIRMS, AMOUNT_DIFFERS, ABSENT, PART, UNSURE = "offline", "confirms", "amount_differs", "absent", "part", "unsure"
OLDER, HELD, CHANGING = "older", "held", "changing"
LABELS = {
    OFFLINE: "线下办理（没有审批决定）",
    CONFIRMS: "与审批决定相符",
    AMOUNT_DIFFERS: "金额与审批决定不同（按决定）",
    HELD: "金额不同，正在暂缓（不改，恢复后下期名册再改）",
    CHANGING: "金额不同，正在办理变更（不改，办结后下期名册再改）",
    ABSENT: "有审批决定、名册中没有（不终止）",
    PART: "保障人数少于家庭成员（只记申请人）",
    LOOSE: "未归户",
    STRANGER: "其中新登记人员",
    DEAD: "已登记死亡",
    EARLY: "早于收集起始日",
    OLDER: "平台已有更新的数据，不再改回",
}
# A row meets a record by the household that holds it, or by the person.
SIDES = "r.holder_household = t.household_id", "r.holder_household IS NULL AND r.person_id = t.resident_id"
MEET = """
    SELECT r.id, t.id AS record_id, t.source, t.amount AS had, t.in_kind AS had_in_kind, t.since AS had_since, t.until AS had_until,
        r.amount, {rank} AS rank
    FROM roll_row r JOIN households_assistancerecord t ON {side}
    WHERE t.program_id = %s AND {condition}
"""
FOUND = "CREATE TEMP TABLE roll_found ON COMMIT DROP AS SELECT DISTINCT ON (id) * FROM ({meetings}) met ORDER BY id, rank, record_id"


def compare(batch: "Batch", roll: "Roll") -> Comparison:
    """The tables of the comparison, and what is said of it; `laying.write_back` writes it."""
    lay(batch, roll)
    counted = marks_counted()
    remarks = tuple((label, counted[mark]) for mark, label in LABELS.items() if counted.get(mark))
    return Comparison(standing=_stood(batch, roll), remarks=remarks)


def lay(batch: "Batch", roll: "Roll") -> None:
    """The tables alone, as an entry asks for them."""
    rows = lay_out(batch, roll)
    field, word = ("since", "起始日期") if roll.is_whole else ("granted_on", "救助日期")
    refuse_rows(*other_people(batch), *_wrong_sums(roll), after(field, word, batch.as_of))
    refuse_twice(roll)
    if roll.is_whole:
        _meet_in_force(batch, roll, rows)
    else:
        _meet_grants(roll, rows)
    run("ANALYZE roll_found")
    _weigh(batch, roll, rows)
    _miss(batch, roll, rows)


def _wrong_sums(roll: "Roll") -> list[Wrong]:
    found = [Wrong("amount", "'金额须大于0。没有金额的，金额留空。'", "", "r.amount <= 0")]
    if roll.needs_sum:
        found.append(Wrong("amount", "'请填写金额。'", "", "r.amount IS NULL"))
    elif roll.program.kind == "cash":
        found.append(Wrong("amount", "'请填写金额，或写明实物、服务的内容。'", "", "r.amount IS NULL AND COALESCE(r.in_kind, '') = ''"))
    return found


def _meet_in_force(batch: "Batch", roll: "Roll", rows: int) -> None:
    later = "(t.since > %s AND t.since < %s AND t.source <> 'roll')"
    condition = f"t.cadence <> 'once' AND (t.since <= %s AND (t.until IS NULL OR t.until >= %s) OR {later})"
    ahead = add_months(batch.as_of.replace(day=1), 2)
    meetings = [MEET.format(rank="(t.since > %s)", side=side, condition=condition) for side in SIDES]
    params = [batch.as_of, roll.code, batch.as_of, batch.as_of, batch.as_of, ahead]
    run_many(FOUND.format(meetings=" UNION ALL ".join(meetings)), params * len(SIDES), rows=rows)


def _meet_grants(roll: "Roll", rows: int) -> None:
    """By the day; then what is left over against the decisions near by that no list has held, where it is one against one."""
    condition = "t.cadence = 'once' AND COALESCE(t.rolled_on, t.since) = r.granted_on"
    meetings = [MEET.format(rank="(t.amount IS DISTINCT FROM r.amount)", side=side, condition=condition) for side in SIDES]
    run_many(FOUND.format(meetings=" UNION ALL ".join(meetings)), [roll.code] * len(SIDES), rows=rows)
    run_many(MOVED, [roll.code], rows=rows)
    if asked(UNHELD, [roll.code])[0][0]:
        _meet_near(roll, rows)


def _meet_near(roll: "Roll", rows: int) -> None:
    """Grants against the decisions near their day that no list has held yet, where it is one against one."""
    days = figure("roll_grant_near_days")
    near = f"""
        t.cadence = 'once' AND t.source = 'decision' AND t.rolled_on IS NULL AND abs(t.since - r.granted_on) <= {int(days)}
        AND r.wrong IS NULL AND r.granted_on >= %s AND r.id NOT IN (SELECT id FROM roll_found)
        AND t.id NOT IN (SELECT record_id FROM roll_found)
    """  # noqa: S608 - a figure
    meetings = [MEET.format(rank="false", side=side, condition=near) for side in (SIDES[0], "r.person_id = t.resident_id")]
    params = [roll.code, figure("one_off_since")] * len(SIDES)
    run_many(f"CREATE TEMP TABLE roll_near ON COMMIT DROP AS {' UNION ALL '.join(meetings)}", params, rows=rows)
    for narrowed in ("true", "amount = had"):
        run(NEAR.format(narrowed=narrowed))
    sentence = "'此人（户）有几笔审批决定尚未见于清单（' || near.days || '），分不清这一行是哪一笔。请把救助日期填成决定上的日期。'"
    refuse_rows(
        Wrong("granted_on", sentence, UNSURE, "r.id = near.id"),
        source="FROM (SELECT id, string_agg(DISTINCT had_since::text, '、') AS days FROM roll_near GROUP BY id) near",
    )
    run("DROP TABLE roll_near")


# A grant of the household that the person has left since: it reached the person that day.
MOVED = """
    INSERT INTO roll_found
    SELECT DISTINCT ON (r.id) r.id, t.id, t.source, t.amount, t.in_kind, t.since, t.until, r.amount, true
    FROM roll_row r JOIN households_coverage c ON c.resident_id = r.person_id AND c.since <= r.granted_on
    JOIN households_assistancerecord t ON t.id = c.record_id AND COALESCE(t.rolled_on, t.since) = r.granted_on
    WHERE t.program_id = %s AND t.cadence = 'once' AND t.household_id IS NOT NULL AND r.id NOT IN (SELECT id FROM roll_found)
        AND t.id NOT IN (SELECT record_id FROM roll_found)
    ORDER BY r.id, t.id
"""
# Most programs have none: without one nobody looks through the sheet for what lies near.
UNHELD = """
    SELECT EXISTS (
        SELECT FROM households_assistancerecord t
        WHERE t.program_id = %s AND t.cadence = 'once' AND t.source = 'decision' AND t.rolled_on IS NULL
    )
"""
NEAR = """
    WITH one AS (
        SELECT id, record_id, count(*) OVER (PARTITION BY id) AS of_row, count(*) OVER (PARTITION BY record_id) AS of_record
        FROM roll_near WHERE {narrowed}
    ), met AS (
        INSERT INTO roll_found SELECT n.* FROM roll_near n JOIN one USING (id, record_id) WHERE of_row = 1 AND of_record = 1
        RETURNING id, record_id
    )
    DELETE FROM roll_near n USING met WHERE n.id = met.id OR n.record_id = met.record_id
"""

WEIGH = """
    CREATE TEMP TABLE roll_outcome ON COMMIT DROP AS
    SELECT r.id, r.number, r.new_id, r.person_id, r.household_id, r.holder_household, r.home, r.name, r.known_name, r.wrong,
        r.granted_on, r.persons,
        f.record_id AS subject_id, f.had_since, f.had_until, r.amount, w.said,
        COALESCE(w.said, CASE WHEN r.amount IS NULL THEN %s END, '') AS in_kind, w.since,
        w.outcome, CASE
            WHEN w.outcome <> 'changed' THEN '{{}}'::jsonb
            WHEN w.goods_differ IS NOT TRUE THEN jsonb_build_object('amount', COALESCE(f.had::text, ''))
            ELSE jsonb_strip_nulls(jsonb_build_object(
                'amount', CASE WHEN w.sum_differs THEN COALESCE(f.had::text, '') END, '{goods}', {had_goods}))
        END AS before,
        CASE
            -- As most are: put together piece by piece, their marks took a fifth of this statement.
            WHEN w.outcome IN ('new', 'changed') AND r.household_id IS NOT NULL AND r.person_id IS NOT NULL AND r.died_on IS NULL
            THEN CASE WHEN w.outcome = 'new' THEN '{{{offline}}}'::varchar[] ELSE '{{}}'::varchar[] END
            ELSE {people_marks} || array_remove(ARRAY[
                CASE WHEN w.outcome = 'new' THEN '{offline}' END,
                CASE WHEN w.outcome = 'same' AND f.source = 'decision' THEN '{confirms}' END,
                CASE WHEN w.outcome = 'same' AND f.source <> 'roll' AND w.sum_differs THEN '{amount_differs}' END,
                CASE WHEN w.outcome = 'skipped' THEN '{early}' END
            ]::varchar[], NULL)
        END AS marks
    FROM roll_row r LEFT JOIN roll_found f ON f.id = r.id
    CROSS JOIN LATERAL (SELECT NULLIF({said}, '') AS said) g
    CROSS JOIN LATERAL (
        SELECT g.said, r.amount IS NOT NULL AND r.amount IS DISTINCT FROM f.had AS sum_differs,
            g.said IS NOT NULL AND g.said <> f.had_in_kind AS goods_differ
    ) v
    CROSS JOIN LATERAL (
        SELECT v.*, COALESCE(r.granted_on, r.since, %s) AS since, CASE
            WHEN r.wrong IS NOT NULL THEN 'error'
            WHEN r.granted_on < %s THEN 'skipped'
            WHEN f.record_id IS NULL THEN 'new'
            WHEN f.source = 'roll' AND (v.sum_differs OR v.goods_differ) THEN 'changed'
            ELSE 'same' END AS outcome
    ) w
"""


def _weigh(batch: "Batch", roll: "Roll", rows: int) -> None:
    is_hired = "employer" in roll.has
    statement = WEIGH.format(
        goods="employer" if is_hired else "in_kind", had_goods=f"replace(f.had_in_kind, '{HIRED}', '')" if is_hired else "f.had_in_kind",
        said=f"'{HIRED}' || r.employer" if is_hired else "r.in_kind", people_marks=PEOPLE_MARKS, offline=OFFLINE, confirms=CONFIRMS,
        amount_differs=AMOUNT_DIFFERS, early=EARLY,
    )  # fmt: skip
    dead_by = batch.as_of if roll.is_whole else LONG_AGO  # what is given once may still be due (C-17)
    run(statement, [roll.given, dead_by, batch.as_of.replace(day=1), figure("one_off_since")])
    run("ALTER TABLE roll_outcome ADD until date")
    run("ANALYZE roll_outcome (id, new_id, person_id, household_id, holder_household, subject_id, outcome)")
    if roll.is_whole:
        run(STANDS.format(changing=changes_under_way()), [batch.as_of.replace(day=1)])
        run_many(FIT, [batch.as_of, batch.as_of, roll.code, roll.code], rows=rows)
        run(PARTLY, [PART])


# What a decision holds from the month on, or what one is about to be taken of, is not cut: the record that goes on would be paid in spite
# of the hold, and the decision would be of one that has ended. Its sum stays as that of a decision does; the next roll asks anew.
STANDS = f"""
    UPDATE roll_outcome o SET outcome = 'same', before = '{{{{}}}}', marks = o.marks || said.marks
    FROM (
        SELECT r.id, array_agg(DISTINCT w.mark) AS marks FROM roll_outcome r JOIN (
            SELECT c.record_id, '{HELD}'::varchar AS mark FROM households_recordchange c
            WHERE {covers("c", "c.since", last_day("c.since"))} AND (c.until IS NULL OR c.until >= %s)
            UNION ALL SELECT g.record_id, '{CHANGING}' FROM ({{changing}}) g
        ) w ON w.record_id = r.subject_id
        WHERE r.outcome = 'changed' GROUP BY r.id
    ) said WHERE said.id = o.id
"""  # noqa: S608 - constants
# Aid that was there before or comes after: a new record lies between, never over another.
FIT = """
    UPDATE roll_outcome o SET since = GREATEST(o.since, b.eve + 1), until = b.next - 1
    FROM (
        SELECT id, max(until) FILTER (WHERE until < %s) AS eve, min(since) FILTER (WHERE since > %s) AS next FROM (
            SELECT o.id, t.since, t.until FROM roll_outcome o JOIN households_assistancerecord t ON t.household_id = o.holder_household
            WHERE o.outcome = 'new' AND t.program_id = %s AND t.cadence <> 'once'
            UNION ALL
            SELECT o.id, t.since, t.until FROM roll_outcome o JOIN households_assistancerecord t ON t.resident_id = o.person_id
            WHERE o.outcome = 'new' AND o.holder_household IS NULL AND t.program_id = %s AND t.cadence <> 'once'
        ) others GROUP BY id
    ) b WHERE b.id = o.id
"""
PARTLY = """
    UPDATE roll_outcome o SET marks = o.marks || %s::varchar
    FROM (
        SELECT m.household_id, count(*) AS people FROM households_membership m
        JOIN households_resident p ON p.id = m.resident_id AND p.died_on IS NULL
        WHERE m.until IS NULL AND m.is_counted AND m.household_id IN (SELECT holder_household FROM roll_outcome WHERE persons IS NOT NULL)
        GROUP BY 1
    ) home
    WHERE o.outcome = 'new' AND home.household_id = o.holder_household AND o.persons < home.people
"""
MONTH_OF_ROLL = "date_trunc('month', %s::date)::date"
# What stands and no row has met. Aid that is on hold is rightly not on the roll.
LEFT = f"""
    CREATE TEMP TABLE roll_left ON COMMIT DROP AS
    SELECT t.id, t.household_id, t.resident_id, t.source, t.amount, t.since FROM households_assistancerecord t
    WHERE t.program_id = %s AND {IN_FORCE}
        AND NOT EXISTS (SELECT FROM roll_found f WHERE f.record_id = t.id)
        AND NOT EXISTS (
            SELECT FROM households_recordchange c WHERE c.record_id = t.id AND {covers("c", MONTH_OF_ROLL, last_day(MONTH_OF_ROLL))})
"""  # noqa: S608 - constants
MISS = f"""
    CREATE TEMP TABLE roll_gone ON COMMIT DROP AS
    SELECT t.id, {WHO_GONE}, CASE WHEN t.source = 'roll' THEN '{{{{}}}}' ELSE '{{{{{ABSENT}}}}}' END::varchar[] AS marks,
        jsonb_strip_nulls(jsonb_build_object({CELLS_GONE}, 'amount', t.amount::text, 'since', t.since)) AS cells
    FROM roll_left t {NAMED}
    WHERE starts_with(COALESCE(gh.region_id, gp.region_id), %s)
        AND NOT EXISTS (SELECT FROM ({{unread}}) u WHERE u.person_id = t.resident_id OR u.household_id = t.household_id)
"""  # noqa: S608 - constants
STANDING = f"""
    SELECT count(*) FROM households_assistancerecord t
    LEFT JOIN households_household gh ON gh.id = t.household_id LEFT JOIN households_resident gp ON gp.id = t.resident_id
    WHERE t.program_id = %s AND {IN_FORCE} AND starts_with(COALESCE(gh.region_id, gp.region_id), %s)
"""  # noqa: S608 - constants


def _miss(batch: "Batch", roll: "Roll", rows: int) -> None:
    """What stands and is on the roll no more."""
    day, where = batch.as_of, township_of(batch)
    run_many(LEFT if roll.is_whole else f"{LEFT} AND false", [roll.code, day, day, day, day], rows=rows)
    run("ANALYZE roll_left")
    run(MISS.format(unread=UNREAD_PEOPLE), [where, batch.pk])


def _stood(batch: "Batch", roll: "Roll") -> int:
    return int(asked(STANDING, [roll.code, batch.as_of, batch.as_of, township_of(batch)])[0][0]) if roll.is_whole else 0
