"""A compared sheet of people, written: households opened, who joins them, what the register lacked. Inner, of the entry of a file."""

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record_from
from config import clock
from config.protection.sealing import seal_again
from config.verbs import TransitionError
from spreadsheets import effects

from ..models import Household, Membership, Resident
from ..numbers import household_numbers
from ..sheets.home_plan import FILLS, lay
from ..sheets.people import asked, by_hash, masked, run, take_turn
from .entering_strangers import enter_strangers

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.declaration import Template
    from spreadsheets.models import Batch

# Between comparison and entry somebody was entered, housed, moved or merged.
MOVED = """
    SELECT count(*) FROM spreadsheets_stagedrow r
    LEFT JOIN households_resident d ON d.id_number_digest = r.person_digest AND d.id_type <> 'none'
    LEFT JOIN households_resident p ON p.id = COALESCE(d.survivor_id, d.id)
    LEFT JOIN households_membership m ON m.resident_id = p.id AND m.until IS NULL
    LEFT JOIN households_household h ON h.id = r.subject_id
    WHERE r.batch_id = %s AND r.number > 0 AND r.outcome IN ('new', 'changed', 'same')
        AND (p.id IS DISTINCT FROM r.person_id OR m.household_id IS DISTINCT FROM r.household_id OR h.closed_at IS NOT NULL)
"""
HOUSEHOLDS = """
    INSERT INTO households_household
        (id, number, region_id, setting, address, opened_at, opened_by_id, revised_at, revised_by_id)
    SELECT g.new_id, n.number, g.region_code, COALESCE(g.setting, NULLIF(w.setting, ''), NULLIF(t.setting, ''), 'rural'), g.address,
        %s, %s, %s, %s
    FROM home_group g JOIN unnest(%s::text[], %s::text[]) AS n (home, number) ON n.home = g.home
    JOIN organization_region w ON w.code = g.region_code LEFT JOIN organization_region t ON t.code = w.parent_id
"""
MEMBERSHIPS = """
    INSERT INTO households_membership
        (household_id, resident_id, relation, lives_together, is_counted, since, added_at, added_by_id, end_reason)
    SELECT COALESCE(g.target, g.new_id), s.person_id, l.relation, l.lives_together, true, %s, %s, %s, ''
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN spreadsheets_stagedrow s ON s.id = l.row_id WHERE s.outcome = 'new'
    ORDER BY l.number
"""
# Whoever joins lives where the household does; somebody new is entered with what the file says, somebody known gets what is lacking.
NEWCOMERS = {
    "joined": "JOIN home_line l ON l.row_id = s.id JOIN home_group g ON g.home = l.home "
    "LEFT JOIN households_household h ON h.id = g.target",
    "region": "COALESCE(h.region_id, g.region_code)",
    "place": "l.registered_place",
    "phone": "COALESCE(s.sealed #>> '{phone,s}', ''), l.phone_digest, CASE WHEN s.sealed ? 'phone' THEN s.cells ->> 'phone' ELSE '' END",
}
JOINED = """
    UPDATE households_resident AS t SET region_id = h.region_id,
        registered_place = CASE WHEN t.registered_place = '' THEN l.registered_place ELSE t.registered_place END
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN spreadsheets_stagedrow s ON s.id = l.row_id
    JOIN households_household h ON h.id = COALESCE(g.target, g.new_id)
    WHERE t.id = s.person_id AND t.id <> s.new_id AND s.outcome = 'new'
        AND (t.region_id <> h.region_id OR t.registered_place = '' AND l.registered_place <> '')
"""
FILLED = f"""
    UPDATE households_resident AS t SET registered_place = CASE WHEN f.place THEN l.registered_place ELSE t.registered_place END,
        phone_sealed = COALESCE(n.token, t.phone_sealed),
        phone_digest = CASE WHEN n.token IS NULL THEN t.phone_digest ELSE l.phone_digest END,
        phone_masked = CASE WHEN n.token IS NULL THEN t.phone_masked ELSE l.phone_masked END, revised_at = %s, revised_by_id = %s
    FROM ({FILLS}) f JOIN home_line l ON l.row_id = f.row_id
    LEFT JOIN unnest(%s::bigint[], %s::text[]) AS n (row_id, token) ON n.row_id = f.row_id
    WHERE t.id = f.person_id AND (f.place OR f.phone)
"""  # noqa: S608 - constants
REVISED = "revised_at", "revised_by_id"
FILLS_IN = "registered_place", "phone_sealed", "phone_digest", "phone_masked", *REVISED
# Forms of these households that were opened before are stale.
TOUCHED = f"""
    UPDATE households_household AS t SET address = CASE WHEN t.address = '' THEN x.address ELSE t.address END,
        revised_at = %s, revised_by_id = %s
    FROM (
        SELECT g.target AS id, max(CASE WHEN f.address THEN l.address ELSE '' END) AS address
        FROM home_group g JOIN home_line l ON l.home = g.home JOIN spreadsheets_stagedrow s ON s.id = l.row_id
        LEFT JOIN ({FILLS}) f ON f.row_id = l.row_id
        WHERE g.target IS NOT NULL AND s.outcome IN ('new', 'changed') GROUP BY g.target
    ) x WHERE t.id = x.id
"""  # noqa: S608 - constants


@transaction.atomic
def enter_people(*, batch: "Batch", template: "Template", by: "Post") -> None:
    """Raises TransitionError: people or households are others than those that were confirmed."""
    take_turn("pg_advisory_xact_lock_shared(hashtext(%s))", template.key)
    with by_hash(batch.rows):
        _refuse_moved(batch)
        lay(batch)
        enter_strangers(batch=batch, template=template, by=by, note="由导入的居民和家庭登记表登记", said=NEWCOMERS)
        _open(batch, by)
        _join(batch, by)
        _fill(batch, by)


def hold(template: "Template") -> None:
    """Nothing is entered while a file is taken back: an entry locks households before people, an undo first whom it entered."""
    take_turn("pg_advisory_xact_lock(hashtext(%s))", template.key)


def _refuse_moved(batch: "Batch") -> None:
    """What was confirmed is what is written; the households are held.

    Raises:
        TransitionError: how many lines no longer are what was confirmed.
    """
    held = "SELECT COALESCE(subject_id, household_id) FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome IN ('new', 'changed')"
    run(f"SELECT 1 FROM households_household t WHERE t.id IN ({held}) ORDER BY t.id FOR NO KEY UPDATE", [batch.pk])  # noqa: S608 - above
    [(count,)] = asked(MOVED, [batch.pk])
    if count:
        raise TransitionError(f"比对以后有{count}行的人员或家庭已经变化，没有入库。请重新比对，核对后再确认。")


def _open(batch: "Batch", by: "Post") -> None:
    groups = asked("SELECT home, left(region_code, 9) FROM home_group WHERE target IS NULL ORDER BY region_code, home")
    if not groups:
        return
    numbers = {code: iter(household_numbers(code, count)) for code, count in sorted(Counter(code for _, code in groups).items())}
    named = [[home for home, _ in groups], [next(numbers[code]) for _, code in groups]]
    now = clock.now()
    effects.insert(batch, Household, HOUSEHOLDS, [now, by.pk, now, by.pk, *named])
    record_from(
        "household.opened", Household, "home_group AS g JOIN households_household t ON t.id = g.new_id", by=by,
        subject_text="'户编号 ' || t.number", household_id="t.id", new="g.lines || '人'",
    )  # fmt: skip


def _join(batch: "Batch", by: "Post") -> None:
    """Who belongs nowhere yet, to the household of the line."""
    now = clock.now()
    effects.update(batch, Resident, JOINED, sets=("region_id", "registered_place"))
    effects.insert(batch, Membership, MEMBERSHIPS, [clock.today(), now, by.pk])
    relations = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in Membership.Relation.choices)
    record_from(
        "member.added", Membership,
        "spreadsheets_stagedrow s JOIN households_membership t ON t.resident_id = s.person_id AND t.until IS NULL "
        "JOIN households_resident r ON r.id = s.person_id WHERE s.batch_id = %s AND s.outcome = 'new'",
        [batch.pk], by=by, subject_text=masked("r.name"), household_id="t.household_id", new=f"CASE t.relation {relations} END",
    )  # fmt: skip


@sensitive_variables()
def _fill(batch: "Batch", by: "Post") -> None:
    """What the register lacked. A telephone is sealed anew, for the row of the person."""
    now = clock.now()
    tokens = asked(
        f"SELECT f.row_id, f.person_id, l.new_id, s.sealed #>> '{{phone,s}}' FROM ({FILLS}) f JOIN home_line l ON l.row_id = f.row_id "  # noqa: S608
        "JOIN spreadsheets_stagedrow s ON s.id = f.row_id WHERE f.phone ORDER BY f.row_id"
    )
    phones = [[row_id for row_id, *_ in tokens], seal_again(Resident, "phone", ((new, token, person) for _, person, new, token in tokens))]
    effects.update(batch, Household, TOUCHED, [now, by.pk], sets=("address", *REVISED))
    if effects.update(batch, Resident, FILLED, [now, by.pk, *phones], sets=FILLS_IN):
        record_from(
            "resident.revised", Resident,
            "spreadsheets_stagedrow s JOIN households_resident t ON t.id = s.person_id WHERE s.batch_id = %s AND s.outcome = 'changed' "
            "AND s.before ?| ARRAY['phone', 'registered_place']",
            [batch.pk], by=by, subject_text=masked("t.name"), household_id="s.household_id",
            new="concat_ws('、', CASE WHEN s.before ? 'registered_place' THEN '户籍地' END, "
            "CASE WHEN s.before ? 'phone' THEN '联系电话' END)",
        )  # fmt: skip
    record_from(
        "household.revised", Household,
        "spreadsheets_stagedrow s JOIN households_household t ON t.id = s.household_id WHERE s.batch_id = %s AND s.outcome = 'changed' "
        "AND s.before ? 'address'",
        [batch.pk], by=by, subject_text="'户编号 ' || t.number", household_id="t.id", new="'详细地址'",
    )  # fmt: skip
