"""A compared list of whom an identity or a registration holds of, written: begun, changed, ended. Inner, of the entry of a file.

All by `spreadsheets.effects`, so that an undo puts every row back, with a line in the record for each.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from psycopg2.extras import Json

from audit.transitions import record_from
from config import clock
from spreadsheets import effects

from ..models import Fact, FactRequest, IdentityTag
from ..rules import FACT_OF_PROGRAM, TAG_OF_PROGRAM
from ..sheets.people import literal, masked, run
from ..sheets.records import ABSENT
from ..sheets.statuses import SINCE
from .letting_in import close_of, giver, let_in_by
from .settling import settle_by

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.models import Batch

    from ..sheets.roll_templates import Roll


@transaction.atomic
def enter_statuses(*, batch: "Batch", roll: "Roll", by: "Post") -> None:
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
    SELECT o.new_id, %s, o.person_id, %s, '', '', 'import', %s || COALESCE({since} || o.registered_on, ''), %s, %s, %s
    FROM roll_outcome o WHERE o.outcome IN ('new', 'changed')
"""
SAID_AGAIN = """
    UPDATE households_fact t SET confirmed_on = %s FROM (
        SELECT f.id FROM roll_outcome o JOIN households_fact f ON f.id = o.subject_id WHERE o.is_later ORDER BY f.id FOR NO KEY UPDATE OF f
    ) o WHERE t.id = o.id AND t.superseded_at IS NULL
"""


def _apply_facts(batch: "Batch", roll: "Roll", by: "Post") -> None:
    (kind, value), now = FACT_OF_PROGRAM[roll.code], clock.now()
    effects.update(batch, Fact, SUPERSEDE, [now, by.pk])
    effects.update(batch, Fact, END_FACT, [now, by.pk])
    effects.insert(batch, Fact, NOTE.format(since=literal(SINCE)), [kind, Json(value), roll.template.title, batch.as_of, now, by.pk])
    effects.update(batch, Fact, SAID_AGAIN, [batch.as_of], sets=("confirmed_on",))
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
