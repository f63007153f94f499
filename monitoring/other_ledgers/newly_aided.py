"""新增救助群众台账 (L6, QJ-20): who was newly taken into aid in a month, in the five items of the seed, and the counts by township.

New: the same household or person had not that aid (or that identity) the day before, so neither a changed amount nor the next list of a
department makes anybody new. What civil affairs gives beside the four stands apart, that the items together are all that was given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection

from households.models import AssistanceRecord, IdentityTag
from organization.models import Post
from referrals.names import names
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part, Statement
from spreadsheets.held import statement_of
from spreadsheets.ledgers import Asked, Ledger

from .asking import (
    ID_NUMBER,
    NUMBER,
    TOGETHER,
    TOWNSHIP_COLUMN,
    VILLAGE_COLUMN,
    SpanForm,
    namer,
    numberer,
    sealed_of,
    township_of,
)
from .permissions import works_on_aid

ITEMS = {
    "extreme_poverty": "新增特困人员", "subsistence": "新纳入低保", "low_income": "新纳入低收入", "temporary": "临时救助",
    "referred": "转介其他部门救助", "other": "民政部门其他救助",
}  # fmt: skip
LOW_INCOME = ("low_income", "border", "rigid_expenditure", "civil_affairs_file")
CIVIL_AFFAIRS = "MZ"

SQL = """
WITH given (id) AS ({records}), named (id) AS ({tags})
SELECT item, fresh.region_id, coalesce(place.name, ''), family.number, person.id, coalesce(person.name, ''), {sealed},
  coalesce(person.id_number_masked, ''), what, program, amount, in_kind, cadence, since, source, fresh.holder
FROM (
  SELECT CASE WHEN program.category = 'extreme_poverty' THEN 'extreme_poverty' WHEN program.category = 'subsistence' THEN 'subsistence'
      WHEN department.code <> %s THEN 'referred' WHEN program.category = 'temporary' THEN 'temporary' ELSE 'other' END AS item,
    record.household_id, record.resident_id, record.region_code AS region_id, '' AS what, record.program_id AS program, record.amount,
    record.in_kind, record.cadence, record.since, record.source, coalesce(record.household_id, record.resident_id) AS holder, record.id
  FROM given JOIN households_assistancerecord record ON record.id = given.id
  JOIN programs_program program ON program.code = record.program_id
  JOIN organization_department department ON department.id = program.department_id
  WHERE NOT EXISTS (
      SELECT FROM households_assistancerecord former WHERE former.program_id = record.program_id AND former.id <> record.id
        AND former.cadence <> 'once' AND record.cadence <> 'once' AND former.since < record.since
        AND (former.until IS NULL OR former.until >= record.since - 1) AND former.household_id = record.household_id)
    AND NOT EXISTS (
      SELECT FROM households_assistancerecord former WHERE former.program_id = record.program_id AND former.id <> record.id
        AND former.cadence <> 'once' AND record.cadence <> 'once' AND former.since < record.since
        AND (former.until IS NULL OR former.until >= record.since - 1) AND former.resident_id = record.resident_id)
  UNION ALL
  SELECT 'low_income', tag.household_id, tag.resident_id, coalesce(home.region_id, alone.region_id), tag.kind, '', NULL, '', '', tag.since,
    CASE WHEN tag.decision_id IS NULL THEN 'roll' ELSE 'decision' END, coalesce(tag.household_id, tag.resident_id), tag.id
  FROM named JOIN households_identitytag tag ON tag.id = named.id
  LEFT JOIN households_household home ON home.id = tag.household_id
  LEFT JOIN households_resident alone ON alone.id = tag.resident_id
  WHERE NOT EXISTS (
    SELECT FROM households_identitytag former WHERE former.kind = tag.kind AND former.id <> tag.id AND former.since < tag.since
      AND (former.until IS NULL OR former.until >= tag.since - 1)
      AND former.household_id IS NOT DISTINCT FROM tag.household_id AND former.resident_id IS NOT DISTINCT FROM tag.resident_id)
) fresh
LEFT JOIN organization_region place ON place.code = fresh.region_id AND length(fresh.region_id) > 9
LEFT JOIN LATERAL (
  SELECT member.household_id FROM households_membership member WHERE member.resident_id = fresh.resident_id AND member.until IS NULL
) mine ON true
LEFT JOIN households_household family ON family.id = coalesce(fresh.household_id, mine.household_id)
LEFT JOIN LATERAL (
  SELECT member.resident_id FROM households_membership member
  WHERE member.household_id = fresh.household_id AND member.until IS NULL ORDER BY member.relation, member.id LIMIT 1
) head ON true
LEFT JOIN households_resident person ON person.id = coalesce(fresh.resident_id, head.resident_id)
WHERE left(fresh.region_id, length(%s)) = %s
ORDER BY item, fresh.region_id, since, fresh.id
"""
COLUMNS = (
    Column("分项", width=18), TOWNSHIP_COLUMN, VILLAGE_COLUMN, NUMBER, Column("对象（户主或本人）", width=14), ID_NUMBER,
    Column("救助项目或身份", width=26), Column("主管部门", width=16), Column("金额（元）", Kind.NUMBER, 12), Column("实物或服务", width=20),
    Column("方式", width=10), Column("起始日期", Kind.DATE, 12), Column("来源", width=16),
)  # fmt: skip
COUNTED = (TOWNSHIP_COLUMN, *(Column(label, Kind.NUMBER, 12) for label in ITEMS.values()), Column(TOGETHER, Kind.NUMBER, 10))


def statement(asked: Asked, form: SpanForm) -> Statement:
    span = {"since__gte": form.first, "since__lte": form.last}
    records = AssistanceRecord.objects.visible_to(asked.by).shown_to(asked.by).filter(**span, follows=None)
    tags = IdentityTag.objects.visible_to(asked.by).shown_to(asked.by).filter(**span, kind__in=LOW_INCOME)
    given, given_params = statement_of(records.order_by().values("pk"))
    named, named_params = statement_of(tags.order_by().values("pk"))
    sql = SQL.format(records=given, tags=named, sealed=sealed_of(asked, "person"))
    return Statement(sql, [*given_params, *named_params, CIVIL_AFFAIRS, form.place, form.place])


def shaper(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    words, name, number = names(), namer(asked), numberer(asked)
    departments = _departments()
    tags = {str(value): str(label) for value, label in IdentityTag.Kind.choices}
    cadences, sources = dict(AssistanceRecord.Cadence.choices), dict(AssistanceRecord.Source.choices)

    def cells(row: Any) -> Sequence[Any]:
        item, region, village, family, pk, who, sealed, masked, tag, program, amount, in_kind, cadence, since, source, _ = row
        what = words.programs.get(program, program) if program else f"{tags.get(tag, tag)}（身份）"
        return (
            ITEMS[item], township_of(region), village, family or "", name(who), number(pk, sealed, masked), what,
            departments.get(program, ""), amount, in_kind, str(cadences.get(cadence, "")), since, str(sources.get(source, "")),
        )  # fmt: skip

    return cells


def _departments() -> dict[str, str]:
    from programs.models import Program

    return dict(Program.objects.order_by("code").values_list("code", "department__name"))


def counted(asked: Asked, form: SpanForm) -> list[Sequence[Any]]:
    """Cases of each item by township: of what the first sheet lists, and no more."""
    sql, params = statement(asked, form)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT left(region_id, 9), item, count(*) FROM ({sql}) AS listed GROUP BY 1, 2",  # noqa: S608
            list(params),
        )
        found = {(place, item): number for place, item, number in cursor}
    lines: list[Sequence[Any]] = []
    for place in sorted({place for place, _ in found}):
        figures = [found.get((place, item), 0) for item in ITEMS]
        lines.append((township_of(place) or "未落到乡镇", *figures, sum(figures)))
    sums = [sum(line[column] for line in lines) for column in range(1, len(ITEMS) + 2)]
    return [*lines, (TOGETHER, *sums)]


def _form(given: Mapping[str, str], post: Post) -> SpanForm:
    return SpanForm(given, post=post)


def _parts(asked: Asked) -> Sequence[Part]:
    form = _form(asked.given, asked.by)
    form.is_valid()
    return (
        Part("新增救助群众台账", COLUMNS, statement(asked, form), shape=shaper(asked)),
        Part("分项汇总", COUNTED, counted(asked, form)),
    )


LEDGER = Ledger(
    "monitoring.newly_aided",
    "新增救助群众台账",
    works_on_aid,
    _form,
    _parts,
    number="L6",
    about="当月新增特困、低保、低收入、临时救助和转介其他部门救助的家庭和个人，分项列出并汇总。",
    may_in_clear=True,
)
