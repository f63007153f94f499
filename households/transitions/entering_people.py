"""A compared sheet of people, written: households opened, who joins them, what the register lacked. Inner, of the entry of a file."""

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record_from
from config import clock
from config.arrays import array
from config.protection.sealing import seal_again
from config.verbs import TransitionError
from spreadsheets import effects

from ..models import Household, Membership, Resident
from ..numbers import household_numbers
from ..sheets.home_plan import ADDRESS, IS_MEMBER, MOVED, PHONE, PLACE, group, lay
from ..sheets.people import asked, by_hash, masked, take_turn
from .entering_strangers import enter_strangers

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.declaration import Template
    from spreadsheets.models import Batch

HOUSEHOLDS = """
    INSERT INTO households_household
        (id, number, region_id, setting, address, opened_at, opened_by_id, revised_at, revised_by_id)
    SELECT g.new_id, n.number, g.region_code, COALESCE(g.setting, NULLIF(w.setting, ''), NULLIF(t.setting, ''), 'rural'), g.address,
        %s, %s, %s, %s
    FROM home_group g JOIN unnest(%s::text[], %s::text[]) AS n (home, number) ON n.home = g.home
    JOIN organization_region w ON w.code = g.region_code LEFT JOIN organization_region t ON t.code = w.parent_id
"""
# A person of the line, known or entered with the file.
PERSON = "COALESCE(l.person_id, l.new_id)"
MEMBERSHIPS = f"""
    INSERT INTO households_membership
        (household_id, resident_id, relation, lives_together, is_counted, since, added_at, added_by_id, end_reason)
    SELECT COALESCE(g.target, g.new_id), {PERSON}, l.relation, l.lives_together, true, %s, %s, %s, ''
    FROM home_line l JOIN home_group g ON g.home = l.home WHERE l.outcome = 'new' ORDER BY l.number
"""  # noqa: S608 - of the declaration above
# Whoever joins lives where the household does; somebody new is entered with what the file says, somebody known gets what is lacking.
NEWCOMERS = {
    "joined": "JOIN home_line l ON l.row_id = s.id JOIN home_group g ON g.home = l.home "
    "LEFT JOIN households_household h ON h.id = g.target",
    "region": "COALESCE(h.region_id, g.region_code)",
    "place": "l.registered_place",
    "phone": "COALESCE(s.sealed #>> '{phone,s}', ''), l.phone_digest, l.phone_masked",
}
JOINED = """
    UPDATE households_resident AS t SET region_id = h.region_id
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN households_household h ON h.id = COALESCE(g.target, g.new_id)
    WHERE t.id = l.person_id AND l.outcome = 'new' AND t.region_id <> h.region_id
"""
# What somebody known lacked when the households were locked, and lacks still: a member, or who becomes one by this line. A wrong line of
# a household that is entered fills nothing.
LACKS = f"(l.outcome = 'changed' AND {IS_MEMBER} OR l.outcome = 'new' AND l.person_id IS NOT NULL) AND ({PLACE} OR {PHONE})"
FILLED = f"""
    UPDATE households_resident AS t SET
        registered_place = CASE WHEN t.registered_place = '' THEN l.registered_place ELSE t.registered_place END,
        phone_sealed = CASE WHEN t.phone_digest IS NULL THEN COALESCE(n.token, '') ELSE t.phone_sealed END,
        phone_digest = CASE WHEN t.phone_digest IS NULL AND n.token IS NOT NULL THEN l.phone_digest ELSE t.phone_digest END,
        phone_masked = CASE WHEN t.phone_digest IS NULL AND n.token IS NOT NULL THEN l.phone_masked ELSE t.phone_masked END,
        revised_at = %s, revised_by_id = %s
    FROM home_line l JOIN home_group g ON g.home = l.home
    LEFT JOIN unnest(%s::bigint[], %s::text[]) AS n (row_id, token) ON n.row_id = l.row_id
    WHERE t.id = l.person_id AND {LACKS}
"""  # noqa: S608 - constants
REVISED = "revised_at", "revised_by_id"
FILLS_IN = "registered_place", "phone_sealed", "phone_digest", "phone_masked", *REVISED
# Forms of these households that were opened before are stale.
TOUCHED = f"""
    UPDATE households_household AS t SET address = CASE WHEN t.address = '' THEN x.address ELSE t.address END,
        revised_at = %s, revised_by_id = %s
    FROM (
        SELECT g.target AS id, max(CASE WHEN {IS_MEMBER} AND {ADDRESS} THEN l.address ELSE '' END) AS address
        FROM home_group g JOIN home_line l ON l.home = g.home
        WHERE g.target IS NOT NULL AND l.outcome IN ('new', 'changed') GROUP BY g.target
    ) x WHERE t.id = x.id
"""  # noqa: S608 - constants
PHONES = f"""
    SELECT l.row_id, l.new_id, s.sealed #>> '{{phone,s}}', l.person_id
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN spreadsheets_stagedrow s ON s.id = l.row_id WHERE {LACKS} AND {PHONE}
"""  # noqa: S608 - constants


@transaction.atomic
def enter_people(*, batch: "Batch", template: "Template", by: "Post") -> None:
    """Raises TransitionError: people or households are others than those that were confirmed."""
    take_turn("pg_advisory_xact_lock_shared(hashtext(%s))", template.key)
    with by_hash(batch.rows):
        _lay_held(batch)
        enter_strangers(batch=batch, template=template, by=by, note="由导入的居民和家庭登记表登记", said=NEWCOMERS)
        _open(batch, by)
        _join(batch, by)
        _fill(batch, by)


def hold(template: "Template") -> None:
    """Nothing is entered while a file is taken back: an entry locks households before people, an undo first whom it entered."""
    take_turn("pg_advisory_xact_lock(hashtext(%s))", template.key)


def _lay_held(batch: "Batch") -> None:
    """The households are held before their lines are laid out: what was confirmed is what is written.

    Raises:
        TransitionError: how many lines no longer are what was confirmed.
    """
    held = "SELECT COALESCE(subject_id, household_id) FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome IN ('new', 'changed')"
    locked = f"SELECT FROM households_household t WHERE t.id IN ({held}) ORDER BY t.id FOR NO KEY UPDATE"  # noqa: S608 - above
    asked(f"SELECT count(*) FROM ({locked}) held", [batch.pk])  # noqa: S608 - counted, so that no key need be handed on
    lay(batch)
    [(count,)] = asked(MOVED)
    if count:
        raise TransitionError(f"比对以后有{count}行的人员或家庭已经变化。")
    group()


def _open(batch: "Batch", by: "Post") -> None:
    groups = asked("SELECT home, left(region_code, 9) FROM home_group WHERE target IS NULL ORDER BY region_code, home")
    if not groups:
        return
    numbers = {code: iter(household_numbers(code, count)) for code, count in sorted(Counter(code for _, code in groups).items())}
    named = [[home for home, _ in groups], [next(numbers[code]) for _, code in groups]]
    now = clock.now()
    effects.insert(batch, Household, HOUSEHOLDS, [now, by.pk, now, by.pk, *map(array, named)])
    record_from(
        "household.opened", Household, "home_group AS g JOIN households_household t ON t.id = g.new_id", by=by,
        subject_text="'户编号 ' || t.number", household_id="t.id", new="g.lines || '人'",
    )  # fmt: skip


def _join(batch: "Batch", by: "Post") -> None:
    """Who belongs nowhere yet, to the household of the line."""
    now = clock.now()
    effects.update(batch, Resident, JOINED, sets=("region_id",))
    effects.insert(batch, Membership, MEMBERSHIPS, [clock.today(), now, by.pk])
    relations = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in Membership.Relation.choices)
    record_from(
        "member.added", Membership,
        f"home_line l JOIN households_membership t ON t.resident_id = {PERSON} AND t.until IS NULL "
        "JOIN households_resident r ON r.id = t.resident_id WHERE l.outcome = 'new'",
        by=by, subject_text=masked("r.name"), household_id="t.household_id", new=f"CASE t.relation {relations} END",
    )  # fmt: skip


@sensitive_variables()
def _fill(batch: "Batch", by: "Post") -> None:
    """What the register lacked. A telephone is sealed anew, for the row of the person."""
    now, phones = clock.now(), asked(PHONES)
    tokens = [[row_id for row_id, *_ in phones], seal_again(Resident, "phone", ((new, token, person) for _, new, token, person in phones))]
    effects.update(batch, Household, TOUCHED, [now, by.pk], sets=("address", *REVISED))
    if effects.update(batch, Resident, FILLED, [now, by.pk, *map(array, tokens)], sets=FILLS_IN):
        record_from(
            "resident.revised", Resident,
            f"home_line l JOIN home_group g ON g.home = l.home WHERE {LACKS}",
            by=by, subject_id="l.person_id", subject_text=masked("l.known_name"), household_id="COALESCE(g.target, g.new_id)",
            new=f"concat_ws('、', CASE WHEN {PLACE} THEN '户籍地' END, CASE WHEN {PHONE} THEN '联系电话' END)",
        )  # fmt: skip
    record_from(
        "household.revised", Household, "home_line l WHERE l.outcome = 'changed' AND l.before ? 'address'", by=by,
        subject_id="l.own_home", subject_text="'户编号 ' || l.own_number", household_id="l.own_home", new="'详细地址'",
    )  # fmt: skip
