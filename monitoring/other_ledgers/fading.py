"""渐退台账 (L7, XX-13): aid that fades out after somebody found work, with the reason, and what is given in each of its months."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config import clock
from households.holds import covers, last_day
from households.models import AssistanceRecord, RecordChange
from organization.models import Post
from referrals.names import names
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part, Statement
from spreadsheets.held import statement_of
from spreadsheets.ledgers import Asked, Ledger

from .asking import (
    ID_NUMBER,
    NUMBER,
    TOWNSHIP_COLUMN,
    VILLAGE_COLUMN,
    SpanForm,
    namer,
    numberer,
    sealed_of,
    township_of,
)
from .permissions import works_on_aid

WHO = """
JOIN households_assistancerecord record ON record.id = change.record_id
LEFT JOIN organization_region place ON place.code = record.region_code AND length(record.region_code) > 9
LEFT JOIN LATERAL (
  SELECT member.household_id FROM households_membership member WHERE member.resident_id = record.resident_id AND member.until IS NULL
) mine ON true
LEFT JOIN households_household family ON family.id = coalesce(record.household_id, mine.household_id)
LEFT JOIN LATERAL (
  SELECT member.resident_id FROM households_membership member
  WHERE member.household_id = record.household_id AND member.until IS NULL ORDER BY member.relation, member.id LIMIT 1
) head ON true
LEFT JOIN households_resident person ON person.id = coalesce(record.resident_id, head.resident_id)
"""
SQL = """
WITH seen (id) AS ({seen})
SELECT record.region_code, coalesce(place.name, ''), coalesce(family.number, ''), person.id, coalesce(person.name, ''), {sealed},
  coalesce(person.id_number_masked, ''), record.program_id, change.reason, change.since, change.until,
  coalesce(change.former_amount, record.amount), coalesce(change.amount, change.former_amount, record.amount),
  coalesce(successor.until, record.until), referral.number
FROM seen JOIN households_recordchange change ON change.id = seen.id
{who}
LEFT JOIN households_assistancerecord successor ON successor.id = change.successor_id
LEFT JOIN referrals_referral referral ON referral.id = change.decision_id
ORDER BY record.region_code, change.since, change.id
"""
# What is given in each month: by the record that fades, or that followed it with another sum, as far as it stands; not while it is held.
# Where it fades out anew, that has its own row.
MONTHS = """
WITH RECURSIVE seen (id) AS ({seen}), given (change_id, record_id) AS (
  SELECT change.id, coalesce(change.successor_id, change.record_id)
  FROM seen JOIN households_recordchange change ON change.id = seen.id
  UNION ALL
  SELECT given.change_id, next.successor_id FROM given CROSS JOIN LATERAL (
    SELECT successor_id FROM households_recordchange WHERE record_id = given.record_id AND kind = 'adjust'
    UNION SELECT successor_id FROM households_standardline WHERE record_id = given.record_id AND successor_id IS NOT NULL
    UNION SELECT id FROM households_assistancerecord WHERE former_id = given.record_id
  ) next
)
SELECT record.region_code, coalesce(place.name, ''), coalesce(family.number, ''), coalesce(person.name, ''), record.program_id,
  month::date, sum.amount, nth
FROM seen JOIN households_recordchange change ON change.id = seen.id
{who}
CROSS JOIN LATERAL generate_series(change.since::timestamp, change.until::timestamp, interval '1 month')
  WITH ORDINALITY AS series (month, nth)
JOIN given ON given.change_id = change.id
JOIN households_assistancerecord sum ON sum.id = given.record_id AND sum.since <= month AND (sum.until IS NULL OR sum.until >= month)
WHERE NOT EXISTS (SELECT FROM households_recordchange held WHERE held.record_id = sum.id AND {held})
ORDER BY record.region_code, change.since, change.id, month
"""
HELD = covers("held", "month", last_day("month"))
COLUMNS = (
    TOWNSHIP_COLUMN, VILLAGE_COLUMN, NUMBER, Column("对象（户主或本人）", width=14), ID_NUMBER, Column("救助项目", width=22),
    Column("渐退事由", width=24), Column("渐退起始", Kind.DATE, 12), Column("渐退截止", Kind.DATE, 12), Column("月数", Kind.NUMBER, 6),
    Column("原金额（元）", Kind.NUMBER, 12), Column("渐退期金额（元）", Kind.NUMBER, 14), Column("状态", width=12),
    Column("转办单号", width=24),
)  # fmt: skip
MONTHLY = (
    TOWNSHIP_COLUMN, VILLAGE_COLUMN, NUMBER, Column("对象（户主或本人）", width=14), Column("救助项目", width=22), Column("月份", width=10),
    Column("第几月", Kind.NUMBER, 8), Column("金额（元）", Kind.NUMBER, 12),
)  # fmt: skip


def _seen(asked: Asked, form: SpanForm) -> tuple[str, Sequence[Any]]:
    """What fades out in one of these months, of aid that the post may be shown."""
    records = AssistanceRecord.objects.visible_to(asked.by).shown_to(asked.by)
    if form.place:
        records = records.filter(region_code__startswith=form.place)
    rows = RecordChange.objects.filter(kind="fade", since__lte=form.last, until__gte=form.first, record__in=records)
    return statement_of(rows.order_by().values("pk"))


def _shape(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    words, name, number, today = names(), namer(asked), numberer(asked), clock.today()

    def cells(row: Any) -> Sequence[Any]:
        region, village, family, pk, who, sealed, masked, program, reason, since, until, former, amount, last, paper = row
        months = (until.year - since.year) * 12 + until.month - since.month + 1
        state = "未开始" if today < since else "已退出" if last and last < today else "渐退中"
        return (
            township_of(region), village, family, name(who), number(pk, sealed, masked), words.programs.get(program, program), reason,
            since, until, months, former, amount, state, paper or "",
        )  # fmt: skip

    return cells


def _monthly(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    words, name = names(), namer(asked)

    def cells(row: Any) -> Sequence[Any]:
        region, village, family, who, program, month, amount, place = row
        return township_of(region), village, family, name(who), words.programs.get(program, program), f"{month:%Y-%m}", place, amount

    return cells


def _form(given: Mapping[str, str], post: Post) -> SpanForm:
    return SpanForm(given, post=post)


def _parts(asked: Asked) -> Sequence[Part]:
    form = _form(asked.given, asked.by)
    form.is_valid()
    seen, params = _seen(asked, form)
    rows = Statement(SQL.format(seen=seen, who=WHO, sealed=sealed_of(asked, "person")), params)
    months = Statement(MONTHS.format(seen=seen, who=WHO, held=HELD), params)
    return Part("渐退台账", COLUMNS, rows, shape=_shape(asked)), Part("分月金额", MONTHLY, months, shape=_monthly(asked))


LEDGER = Ledger(
    "monitoring.fading",
    "渐退台账",
    works_on_aid,
    _form,
    _parts,
    number="L7",
    about="就业或收入增加后逐步退出的救助：起止、事由、原金额和渐退期各月金额。",
    may_in_clear=True,
)
