"""A compared roll of aid written: decisions confirmed, sums changed from the month on, new aid with whom it reaches, ended aid, absences.
Inner, of the entry of a file.

All by `spreadsheets.effects`, so that an undo puts every row back, with a line in the record for each aid that changed. `eve`: the last day
before the month of the cut-off day, the last that was paid at the old sum or at all.
"""

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from audit.transitions import record_from
from config import clock
from config.verbs import TransitionError
from deadlines.transitions import follow_subject
from spreadsheets import effects

from ..models import AssistanceRecord, Coverage, IdentityTag, RollAbsence
from ..rules import TAGS_OF_RECORD
from ..sheets.people import asked, literal, masked, run
from ..sheets.records import ABSENT, CONFIRMS, PART
from .letting_in import close_of, giver, let_in_by

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.models import Batch

    from ..sheets.roll_templates import Roll

MARKED = "SELECT subject_id FROM roll_outcome WHERE '{mark}' = ANY (marks)"
ENDED = f"SELECT id FROM roll_gone WHERE NOT '{ABSENT}' = ANY (marks)"  # noqa: S608 - constants


@transaction.atomic
def enter_records(*, batch: "Batch", roll: "Roll", by: "Post") -> None:
    """Raises TransitionError: a decision of the same aid came between."""
    try:
        _confirm(batch, roll, by)
        if roll.is_whole:
            _end(batch, roll, by)
            _note_absent(batch, roll, by)
            _change_from_month(batch, roll, by)
        _correct(batch, roll, by)
        _grant(batch, roll, by)
    except IntegrityError as clash:
        if "_never_overlap" not in str(clash):
            raise
        raise TransitionError("入库时同一项救助刚刚由审批登记。") from clash


# ── decisions met ───────────────────────────────────────────────────────────────────────────────────────────────────


def _confirm(batch: "Batch", roll: "Roll", by: "Post") -> None:
    if not asked(f"SELECT EXISTS ({MARKED.format(mark=CONFIRMS)})")[0][0]:
        return  # most lists of grants meet none: four statements that go through all rows
    effects.update(
        batch, AssistanceRecord,
        f"UPDATE households_assistancerecord t SET source = 'both', "  # noqa: S608 - constants
        "rolled_on = CASE WHEN t.cadence = 'once' AND o.granted_on <> t.since THEN o.granted_on ELSE t.rolled_on END "
        f"FROM roll_outcome o WHERE o.subject_id = t.id AND '{CONFIRMS}' = ANY (o.marks)",
        sets=("source", "rolled_on"),
    )  # fmt: skip
    let_in_by(batch, roll, f"'{CONFIRMS}' = ANY (o.marks)", [], by, subject="o.subject_id")
    _told(batch, roll, by, "assistance_record.confirmed", f"t.id IN ({MARKED.format(mark=CONFIRMS)})", new=f"'{batch.as_of}'")


def _note_absent(batch: "Batch", roll: "Roll", by: "Post") -> None:
    effects.insert(
        batch, RollAbsence,
        "INSERT INTO households_rollabsence (record_id, as_of, batch_id, noted_at, noted_by_id) "  # noqa: S608 - constants
        f"SELECT id, %s, %s, %s, %s FROM roll_gone WHERE '{ABSENT}' = ANY (marks) ON CONFLICT DO NOTHING",
        [batch.as_of, batch.pk, clock.now(), by.pk],
    )  # fmt: skip
    absent = "t.id IN (SELECT record_id FROM households_rollabsence WHERE batch_id = %s)"
    _told(batch, roll, by, "assistance_record.not_on_roll", absent, [batch.pk], new=f"'{batch.as_of}'")


# ── sums changed ────────────────────────────────────────────────────────────────────────────────────────────────────

# A roll record that began before this month ends with the eve and another follows; one of this month, or of one day, is put right in place.
# What decisions have to say of it, or soon will, is not among them (`records.STANDS`).
FOLLOWS = "o.outcome = 'changed' AND o.had_since < %s"
SUCCEED = f"""
    INSERT INTO households_assistancerecord (
        id, former_id, program_id, version_id, household_id, resident_id, region_code, amount, in_kind, cadence, since, until, source,
        unit_id, granted_at, granted_by_id
    )
    SELECT o.new_id, t.id, t.program_id, t.version_id, t.household_id, t.resident_id, o.home, COALESCE(o.amount, t.amount),
        COALESCE(o.said, t.in_kind), t.cadence, %s, o.had_until, 'roll', t.unit_id, %s, %s
    FROM roll_outcome o JOIN households_assistancerecord t ON t.id = o.subject_id WHERE {FOLLOWS}
"""  # noqa: S608 - constants
SUCCEED_COVERAGE = f"""
    INSERT INTO households_coverage (record_id, resident_id, since, until)
    SELECT o.new_id, c.resident_id, %s, c.until
    FROM roll_outcome o JOIN households_coverage c ON c.record_id = o.subject_id AND (c.until IS NULL OR c.until >= %s)
    WHERE {FOLLOWS}
"""  # noqa: S608 - constants
CORRECT = """
    UPDATE households_assistancerecord t SET amount = COALESCE(o.amount, t.amount), in_kind = COALESCE(o.said, t.in_kind)
    FROM roll_outcome o WHERE o.subject_id = t.id AND o.outcome = 'changed' {unless}
"""


def _change_from_month(batch: "Batch", roll: "Roll", by: "Post") -> None:
    month = batch.as_of.replace(day=1)
    eve, now = month - timedelta(days=1), clock.now()
    ids = f"SELECT o.subject_id FROM roll_outcome o WHERE {FOLLOWS}"  # noqa: S608 - constants
    _close(batch, f"({ids})", [month], eve)
    effects.insert(batch, AssistanceRecord, SUCCEED, [month, now, by.pk, month])
    effects.insert(batch, Coverage, SUCCEED_COVERAGE, [month, month, month])
    _close_coverage(batch, f"({ids})", [month], eve)
    close_of(batch, f"({ids})", [month], by)
    let_in_by(batch, roll, FOLLOWS, [month], by)
    went = f"SELECT o.subject_id::text, o.new_id::text FROM roll_outcome o WHERE {FOLLOWS}"  # noqa: S608 - constants
    follow_subject(label=AssistanceRecord._meta.label_lower, source=went, params=[month])  # and back: `leading_back`
    _changed(batch, roll, by, f"{FOLLOWS} AND t.id = o.new_id", [month], note=f"按{batch.as_of:%Y年%m月}名册")


def _correct(batch: "Batch", roll: "Roll", by: "Post") -> None:
    unless, params = ("AND o.had_since >= %s", [batch.as_of.replace(day=1)]) if roll.is_whole else ("", [])
    effects.update(batch, AssistanceRecord, CORRECT.format(unless=unless), params, sets=("amount", "in_kind"))
    _changed(batch, roll, by, f"o.outcome = 'changed' {unless} AND t.id = o.subject_id", params, note="按名册更正")


def _changed(batch: "Batch", roll: "Roll", by: "Post", where: str, params: list[Any], *, note: str) -> None:
    """Whose it is was laid out with the row; a grant may be of the household that the person has left since, and is told in its story."""
    old = "COALESCE(o.before ->> 'amount' || '元', o.before ->> 'in_kind', o.before ->> 'employer', '')"
    told = "COALESCE(t.amount::text || '元', t.in_kind) || '，自' || t.since"
    record_from(
        "assistance_record.rolled", AssistanceRecord, f"roll_outcome o, households_assistancerecord t WHERE {where}", params, by=by,
        household_id="COALESCE(t.household_id, CASE WHEN t.resident_id = o.person_id THEN o.household_id ELSE "
        "(SELECT m.household_id FROM households_membership m WHERE m.resident_id = t.resident_id AND m.until IS NULL) END)",
        subject_text=_whose(roll, "t.household_id", "t.resident_id"), old=old, new=told, note=f"'{note}'", **_about(batch, roll),
    )  # fmt: skip


# ── new aid ─────────────────────────────────────────────────────────────────────────────────────────────────────────

GRANT = """
    INSERT INTO households_assistancerecord (
        id, program_id, household_id, resident_id, region_code, amount, in_kind, cadence, since, until, source, unit_id,
        granted_at, granted_by_id
    )
    SELECT o.new_id, %s, o.holder_household, CASE WHEN o.holder_household IS NULL THEN o.person_id END, o.home, o.amount, o.in_kind, %s,
        o.since, COALESCE(o.until, o.granted_on), 'roll', %s, %s, %s
    FROM roll_outcome o WHERE o.outcome = 'new'
"""
# Whom it reaches: of a household its counted members, alive that day; where the roll helps fewer, and does not say whom, the one it names.
COVER = f"""
    INSERT INTO households_coverage (record_id, resident_id, since, until)
    SELECT o.new_id, COALESCE(m.resident_id, o.person_id), o.since, COALESCE(o.until, o.granted_on)
    FROM roll_outcome o
    LEFT JOIN (
        SELECT m.household_id, m.resident_id, p.died_on FROM households_membership m JOIN households_resident p ON p.id = m.resident_id
        WHERE m.until IS NULL AND m.is_counted AND m.household_id IN (SELECT holder_household FROM roll_outcome WHERE outcome = 'new')
    ) m ON m.household_id = o.holder_household AND NOT '{PART}' = ANY (o.marks) AND (m.died_on IS NULL OR m.died_on >= o.since)
    WHERE o.outcome = 'new'
"""  # noqa: S608 - constants


def _grant(batch: "Batch", roll: "Roll", by: "Post") -> None:
    run(
        "UPDATE roll_outcome o SET person_id = s.person_id FROM spreadsheets_stagedrow s "
        "WHERE s.id = o.id AND o.person_id IS NULL AND o.outcome = 'new'"
    )
    effects.insert(batch, AssistanceRecord, GRANT, [roll.code, roll.cadence, giver(batch, roll).pk, clock.now(), by.pk])
    effects.insert(batch, Coverage, COVER)
    let_in_by(batch, roll, "o.outcome = 'new'", [], by)
    often = AssistanceRecord.Cadence(roll.cadence).label
    holder = "CASE WHEN o.holder_household IS NULL THEN o.person_id END"
    record_from(
        "assistance_record.granted", AssistanceRecord, "roll_outcome o WHERE o.outcome = 'new'", by=by, subject_id="o.new_id",
        household_id="COALESCE(o.holder_household, o.household_id)", subject_text=_whose(roll, "o.holder_household", holder),
        new=f"COALESCE(o.amount::numeric(12, 2)::text || '元', o.in_kind) || '，{often}，自' || o.since", **_about(batch, roll),
    )  # fmt: skip


# ── ended ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _end(batch: "Batch", roll: "Roll", by: "Post") -> None:
    eve = batch.as_of.replace(day=1) - timedelta(days=1)
    _end_tags(batch, roll, eve, by)
    _close(batch, f"({ENDED})", [], eve)
    _close_coverage(batch, f"({ENDED})", [], eve)
    close_of(batch, f"({ENDED})", [], by)
    _told(batch, roll, by, "assistance_record.ended", f"t.id IN ({ENDED})", new="t.until::text")


def _close(batch: "Batch", ids: str, params: list[Any], eve: date) -> None:
    effects.update(
        batch, AssistanceRecord, f"UPDATE households_assistancerecord t SET until = GREATEST(t.since, %s) WHERE t.id IN {ids}",  # noqa: S608
        [eve, *params], sets=("until",),
    )  # fmt: skip


def _close_coverage(batch: "Batch", ids: str, params: list[Any], eve: date) -> None:
    effects.update(
        batch, Coverage,
        f"UPDATE households_coverage t SET until = GREATEST(t.since, %s) WHERE t.record_id IN {ids} "  # noqa: S608 - constants
        "AND (t.until IS NULL OR t.until > GREATEST(t.since, %s))",
        [eve, *params, eve], sets=("until",),
    )  # fmt: skip


def _end_tags(batch: "Batch", roll: "Roll", eve: date, by: "Post") -> None:
    """The identities that are held because the aid is."""
    kinds = list(TAGS_OF_RECORD.get(roll.code, ()))
    if not kinds:
        return
    effects.update(batch, IdentityTag, END_TAGS, [eve, clock.now(), by.pk, kinds], sets=("until", "ended_at", "ended_by_id"))
    record_from(
        "tag.ended", IdentityTag,
        f"households_identitytag t JOIN {effects.EACH} e ON e.batch_id = %s AND e.\"table\" = 'households_identitytag' "
        "AND e.row_id = t.id::text",
        [batch.pk], by=by, new="t.until::text", note="'救助变动'", household_id="t.household_id",
        data=f"jsonb_build_object('kind', {literal(roll.name + '对应的身份')})", is_confidential=str(roll.program.is_sensitive).lower(),
    )  # fmt: skip


END_TAGS = f"""
    UPDATE households_identitytag t SET until = GREATEST(t.since, %s), ended_at = %s, ended_by_id = %s
    WHERE t.kind = ANY (%s) AND t.ended_at IS NULL AND (
        t.household_id IN (SELECT a.household_id FROM households_assistancerecord a WHERE a.id IN ({ENDED}))
        OR t.resident_id IN (SELECT a.resident_id FROM households_assistancerecord a WHERE a.id IN ({ENDED}))
        OR t.resident_id IN (SELECT c.resident_id FROM households_coverage c WHERE c.record_id IN ({ENDED}))
    )
"""  # noqa: S608 - constants


# ── the record ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(batch: "Batch", roll: "Roll", by: "Post", verb: str, where: str, params: list[Any] | None = None, *, new: str) -> None:
    """A line for each record of aid: `t`, with whose it is, masked, and of which batch."""
    source = (
        "households_assistancerecord t "
        "LEFT JOIN households_household h ON h.id = t.household_id LEFT JOIN households_resident p ON p.id = t.resident_id "
        f"LEFT JOIN households_membership m ON m.resident_id = t.resident_id AND m.until IS NULL WHERE {where}"
    )
    record_from(
        verb, AssistanceRecord, source, params or [], by=by, household_id="COALESCE(t.household_id, m.household_id)",
        subject_text=f"{literal(roll.name + '：')} || COALESCE({masked('p.name')}, '户编号 ' || h.number)", new=new, **_about(batch, roll),
    )  # fmt: skip


# The same of `roll_outcome`, which knows most names: a newcomer, and whoever a grant was to before, are looked up one by one.
WHOSE = f"""CASE
    WHEN {{household}} IS NOT NULL THEN '户编号 ' || (SELECT h.number FROM households_household h WHERE h.id = {{household}})
    WHEN o.known_name IS NOT NULL AND {{resident}} = o.person_id THEN {masked("o.known_name")}
    ELSE (SELECT {masked("p.name")} FROM households_resident p WHERE p.id = {{resident}}) END"""  # noqa: S608 - constants


def _whose(roll: "Roll", household: str, resident: str) -> str:
    return f"{literal(roll.name + '：')} || {WHOSE.format(household=household, resident=resident)}"


def _about(batch: "Batch", roll: "Roll") -> dict[str, str]:
    said = json.dumps({"name": roll.name, "batch": str(batch.pk)}, ensure_ascii=False)
    return {"data": f"{literal(said)}::jsonb", "is_confidential": str(roll.program.is_sensitive).lower()}
