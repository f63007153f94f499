"""重点人群花名册 (L3, QJ-11): people with an identity that speaks of hardship, whom no regular aid reaches, village by village, and how the
roster changed in the month.

Regular: by the month, the year or standing, in money or as a service; a premium paid or a fee waived reaches nobody's living. Sensitive
identities and programs count neither way, for anybody: who is missing from the roster would tell of them (DESIGN 2).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config.dates import age_on
from config.protection.identity import Sex
from deadlines.working_calendar import ONE_DAY
from households.models import IdentityTag, Membership
from organization.models import Post
from referrals.names import names
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part, Statement
from spreadsheets.held import statement_of
from spreadsheets.ledgers import Asked, Ledger

from .asking import (
    ID_NUMBER,
    NAME,
    NUMBER,
    TOWNSHIP_COLUMN,
    VILLAGE_COLUMN,
    MonthForm,
    homes,
    namer,
    numberer,
    sealed_of,
    township_of,
)
from .permissions import works_on_people

Tag = IdentityTag.Kind
KINDS = (
    Tag.BORDER, Tag.RIGID_EXPENDITURE, Tag.LOW_INCOME, Tag.CIVIL_AFFAIRS_FILE, Tag.CHILD_IN_DIFFICULTY, Tag.UNSTABLE_EXIT,
    Tag.EDGE_OF_POVERTY,
    Tag.SUDDEN_HARDSHIP, Tag.SEVERE_DISABILITY, Tag.NOBODY_EMPLOYED, Tag.HARDSHIP_WORKER,
)  # fmt: skip
WORDS = {str(kind): str(kind.label) for kind in KINDS}
RELATIONS = {str(value): str(label) for value, label in Membership.Relation.choices}
SEXES = {str(value): str(label) for value, label in Sex.choices}

# Who is tagged on {on}, in their homes; then by what regular aid each is reached that day.
TAGGED = """
SELECT member.resident_id, member.household_id, member.relation, array_agg(DISTINCT held.kind) AS kinds, min(held.since) AS since
FROM (
  SELECT tag.kind, tag.since, tag.household_id, tag.resident_id FROM households_identitytag tag
  WHERE tag.kind = ANY(%s) AND tag.since <= %s AND (tag.until IS NULL OR tag.until >= %s)
) held
JOIN households_membership member ON {whose}
JOIN households_resident person ON person.id = member.resident_id
WHERE member.since <= %s AND (member.until IS NULL OR member.until >= %s) AND (person.died_on IS NULL OR person.died_on > %s)
  AND member.household_id IN (SELECT id FROM home)
GROUP BY member.resident_id, member.household_id, member.relation
"""
# All regular aid of the day and whom it reaches, hashed once: asked person by person the coverage is searched by an index that begins with
# the record, a millisecond a time.
REACHED = """
SELECT aid.resident_id, array_agg(aid.program_id) AS programs FROM (
  SELECT record.resident_id, record.program_id FROM households_assistancerecord record WHERE record.resident_id IS NOT NULL AND {valid}
  UNION ALL
  SELECT reach.resident_id, record.program_id FROM households_coverage reach
  JOIN households_assistancerecord record ON record.id = reach.record_id
  WHERE reach.since <= %s AND (reach.until IS NULL OR reach.until >= %s) AND {valid}
  UNION ALL
  SELECT member.resident_id, record.program_id FROM households_assistancerecord record
  JOIN households_membership member ON member.household_id = record.household_id
  WHERE member.since <= %s AND (member.until IS NULL OR member.until >= %s) AND {valid}
    AND NOT EXISTS (SELECT FROM households_coverage reach WHERE reach.record_id = record.id)
) aid GROUP BY aid.resident_id
"""
VALID = """record.cadence <> 'once' AND record.since <= %s AND (record.until IS NULL OR record.until >= %s)
  AND record.program_id IN (SELECT code FROM programs_program WHERE NOT is_sensitive AND kind IN ('cash', 'service', ''))"""


def _standing(on: Any) -> tuple[str, list[Any]]:
    """Everybody tagged that day, with the aid that reaches them (null: none)."""
    days = [on, on]
    parts = [TAGGED.format(whose=whose) for whose in ("member.resident_id = held.resident_id", "member.household_id = held.household_id")]
    params = [list(WORDS), *days, *days, on] * 2
    sql = f"""
      WITH tagged AS MATERIALIZED (
        SELECT resident_id, household_id, relation, array_agg(DISTINCT kind ORDER BY kind) AS kinds, min(since) AS since
        FROM ({parts[0]} UNION ALL {parts[1]}) each_way, unnest(kinds) AS kind GROUP BY resident_id, household_id, relation
      ), reached AS MATERIALIZED ({REACHED.format(valid=VALID)})
      SELECT tagged.*, reached.programs FROM tagged LEFT JOIN reached ON reached.resident_id = tagged.resident_id"""  # noqa: S608
    return sql, [*params, *days * 5]


ROSTER = """
WITH home (id) AS ({seen})
SELECT family.region_id, place.name, family.number, coalesce(head.name, ''), person.id, person.name, {sealed}, person.id_number_masked,
  person.sex, person.birth_on, stand.relation, stand.kinds, stand.since
FROM ({standing}) stand
JOIN households_household family ON family.id = stand.household_id
JOIN organization_region place ON place.code = family.region_id
JOIN households_resident person ON person.id = stand.resident_id
{head}
WHERE stand.programs IS NULL
ORDER BY family.region_id, family.number, stand.relation, person.id
"""
HEAD = """
LEFT JOIN LATERAL (
  SELECT resident.name FROM households_membership member JOIN households_resident resident ON resident.id = member.resident_id
  WHERE member.household_id = family.id AND member.until IS NULL ORDER BY member.relation, member.id LIMIT 1
) head ON true
"""
CHANGES = """
WITH home (id) AS ({seen}), earlier AS ({standing}), later AS ({standing})
SELECT family.region_id, place.name, family.number, coalesce(head.name, ''), person.id, person.name, {sealed}, person.id_number_masked,
  later.resident_id IS NOT NULL AND later.programs IS NULL, coalesce(later.kinds, earlier.kinds), later.since, person.died_on,
  earlier.programs, later.programs, later.resident_id IS NOT NULL
FROM earlier FULL JOIN later ON later.resident_id = earlier.resident_id AND later.household_id = earlier.household_id
JOIN households_household family ON family.id = coalesce(later.household_id, earlier.household_id)
JOIN organization_region place ON place.code = family.region_id
JOIN households_resident person ON person.id = coalesce(later.resident_id, earlier.resident_id)
{head}
WHERE (earlier.resident_id IS NOT NULL AND earlier.programs IS NULL) <> (later.resident_id IS NOT NULL AND later.programs IS NULL)
ORDER BY family.region_id, family.number, person.id
"""
COLUMNS = (
    TOWNSHIP_COLUMN, VILLAGE_COLUMN, NUMBER, Column("户主", width=12), NAME, ID_NUMBER, Column("性别", width=6),
    Column("年龄", Kind.NUMBER, 6),
    Column("与户主关系", width=14), Column("重点身份", width=30), Column("最早认定日期", Kind.DATE, 14),
)  # fmt: skip
CHANGE_COLUMNS = (
    TOWNSHIP_COLUMN, VILLAGE_COLUMN, NUMBER, Column("户主", width=12), NAME, ID_NUMBER, Column("变动", width=8),
    Column("重点身份", width=30), Column("变动原因", width=40),
)  # fmt: skip


def roster(asked: Asked, form: MonthForm) -> Statement:
    """Who stands on it on the month's last day."""
    seen, params = statement_of(homes(asked, form.place).values("pk"))
    standing, values = _standing(form.last)
    return Statement(ROSTER.format(seen=seen, sealed=sealed_of(asked, "person"), standing=standing, head=HEAD), [*params, *values])


def changes(asked: Asked, form: MonthForm) -> Statement:
    """Who came onto it and who left it between the eve of the month and its last day."""
    seen, params = statement_of(homes(asked, form.place).values("pk"))
    standing, before = _standing(form.first - ONE_DAY)
    _, after = _standing(form.last)
    sql = CHANGES.format(seen=seen, sealed=sealed_of(asked, "person"), standing=standing, head=HEAD)
    return Statement(sql, [*params, *before, *after])


def _kinds(kinds: Sequence[str]) -> str:
    return "、".join(WORDS[kind] for kind in WORDS if kind in kinds)


def _shape(asked: Asked, form: MonthForm) -> Callable[[Any], Sequence[Any]]:
    name, number, on = namer(asked), numberer(asked), form.last

    def cells(row: Any) -> Sequence[Any]:
        region, village, household, head, pk, who, sealed, masked, sex, birth_on, relation, kinds, since = row
        return (
            township_of(region), village, household, name(head), name(who), number(pk, sealed, masked), SEXES.get(sex, ""),
            age_on(birth_on, on) if birth_on else None, RELATIONS.get(relation, ""), _kinds(kinds), since,
        )  # fmt: skip

    return cells


def _change_shape(asked: Asked, form: MonthForm) -> Callable[[Any], Sequence[Any]]:
    name, number = namer(asked), numberer(asked)

    def cells(row: Any) -> Sequence[Any]:
        region, village, household, head, pk, who, sealed, masked, entered, kinds, since, died_on, before, after, is_tagged = row
        reason = _came(since, form, before) if entered else _left(died_on, form, after, is_tagged)
        return (
            township_of(region), village, household, name(head), name(who), number(pk, sealed, masked), "新增" if entered else "退出",
            _kinds(kinds), reason,
        )  # fmt: skip

    return cells


def _came(since: Any, form: MonthForm, before: Sequence[str] | None) -> str:
    if before:
        return f"原享受的救助已结束：{_programs(before)}"
    return f"{since}新认定" if since and since >= form.first else "新建档，或加入、迁入家庭"


def _left(died_on: Any, form: MonthForm, after: Sequence[str] | None, is_tagged: bool) -> str:
    if died_on and died_on <= form.last:
        return f"{died_on}去世"
    if after:
        return f"已纳入定期救助：{_programs(after)}"
    return "" if is_tagged else "身份已终止，或已离开家庭"


def _programs(codes: Sequence[str]) -> str:
    return "、".join(names().programs.get(code, code) for code in sorted(set(codes)))


def _form(given: Mapping[str, str], post: Post) -> MonthForm:
    return MonthForm(given, post=post)


def _parts(asked: Asked) -> Sequence[Part]:
    form = _form(asked.given, asked.by)
    form.is_valid()
    return (
        Part("重点人群花名册", COLUMNS, roster(asked, form), shape=_shape(asked, form)),
        Part("当月变动", CHANGE_COLUMNS, changes(asked, form), shape=_change_shape(asked, form)),
    )


LEDGER = Ledger(
    "monitoring.key_people",
    "重点人群花名册",
    works_on_people,
    _form,
    _parts,
    number="L3",
    about="有困难身份、没有享受定期救助的人员，按村（社区）列出，另列当月新增、退出和原因。",
    may_in_clear=True,
)
