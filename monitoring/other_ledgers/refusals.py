"""不符合条件分类台账 (L5, QJ-14): what was not accepted and what was not granted in a month, by class, with the reason; and the counts.

A change that was turned down leaves the aid as it is and is no refusal of anybody.

Of a sensitive program only those who work on it read the name, the class and the reason, as in the ledger of referrals (DESIGN 2).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from deadlines.rules import date_of, end_of, start_of
from intake.models import Application
from organization.lineage import desks
from organization.models import Post
from referrals.models import Referral
from referrals.names import UNNAMED, names
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part, Statement
from spreadsheets.held import statement_of
from spreadsheets.ledgers import Asked, Ledger

from .asking import ID_NUMBER, TOWNSHIP_COLUMN, VILLAGE_COLUMN, SpanForm, namer, numberer, of_place, sealed_of, township_of
from .permissions import works_on_aid

NOTHING = "—"
NOT_ACCEPTED, REFUSED = "不予受理", "不予批准"

SQL = """
WITH refused (id) AS ({referrals}), unaccepted (id) AS ({applications})
SELECT * FROM (
SELECT 'refused' AS class, referral.refusal_code AS code, referral.number, referral.decided_at AS at,
  ARRAY[referral.program_id] AS programs, family.region_id, place.name AS village, family.number AS family,
  person.id AS person, coalesce(person.name, '') AS name,
  {sealed} AS sealed, coalesce(person.id_number_masked, '') AS masked, referral.refusal_reason AS reason, referral.remedies AS advice,
  referral.unit_id, referral.window_id = ANY(%s) OR EXISTS (
    SELECT FROM referrals_referralstage stay WHERE stay.referral_id = referral.id AND stay.unit_id = ANY(%s)) AS is_own
FROM refused
JOIN referrals_referral referral ON referral.id = refused.id
JOIN households_household family ON family.id = referral.case_household_id
JOIN organization_region place ON place.code = family.region_id
LEFT JOIN intake_application application ON application.id = referral.application_id
LEFT JOIN LATERAL (
  SELECT member.resident_id FROM households_membership member WHERE member.household_id = family.id AND member.until IS NULL
  ORDER BY member.relation, member.id LIMIT 1
) head ON true
LEFT JOIN households_resident person ON person.id = coalesce(referral.resident_id, application.applicant_id, head.resident_id)
UNION ALL
SELECT 'not_accepted', application.not_accepted_code, application.number, application.ended_at,
  coalesce((SELECT array_agg(item.program_id ORDER BY item.program_id) FROM intake_applicationitem item
    WHERE item.application_id = application.id), ARRAY[]::varchar[]),
  family.region_id, place.name, family.number, person.id, person.name, {sealed}, person.id_number_masked, application.end_reason,
  application.end_advice, application.unit_id, application.unit_id = ANY(%s)
FROM unaccepted
JOIN intake_application application ON application.id = unaccepted.id
JOIN households_household family ON family.id = application.household_id
JOIN organization_region place ON place.code = family.region_id
JOIN households_resident person ON person.id = application.applicant_id
) told
ORDER BY class, CASE WHEN programs && %s::varchar[] AND NOT is_own THEN '' ELSE code END, at, number
"""
COLUMNS = (
    Column("类别", width=10), Column("情形", width=20), Column("理由", width=40), TOWNSHIP_COLUMN, VILLAGE_COLUMN,
    Column("户编号", width=18),
    Column("申请人（对象）", width=12), ID_NUMBER, Column("救助项目", width=26), Column("作出单位", width=18),
    Column("作出日期", Kind.DATE, 12), Column("编号", width=24), Column("救济途径或转送建议", width=30),
)  # fmt: skip
COUNTED = (Column("类别", width=10), Column("情形", width=24), Column("件数", Kind.NUMBER, 10))


def statement(asked: Asked, form: SpanForm) -> Statement:
    since, until = start_of(form.first), end_of(form.last)
    refused = Referral.objects.visible_to(asked.by).filter(purpose="grant", outcome="refused", decided_at__gte=since, decided_at__lt=until)
    unaccepted = Application.objects.visible_to(asked.by).filter(status="not_accepted", ended_at__gte=since, ended_at__lt=until)
    place = form.place
    first, first_params = statement_of(of_place(refused, "case_household__region__code", place).order_by().values("pk"))
    second, second_params = statement_of(of_place(unaccepted, "household__region__code", place).order_by().values("pk"))
    own = list(desks(asked.by))
    sql = SQL.format(referrals=first, applications=second, sealed=sealed_of(asked, "person"))
    return Statement(sql, [*first_params, *second_params, own, own, own, sorted(names().sensitive)])  # nor does its place tell the class


def shaper(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    words, name, number = names(), namer(asked), numberer(asked)
    codes = {"refused": dict(Referral.RefusalCode.choices), "not_accepted": dict(Application.NotAcceptedCode.choices)}

    def cells(row: Any) -> Sequence[Any]:
        kind, code, paper, at, programs, region, village, family, pk, who, sealed, masked, reason, advice, unit, is_own = row
        is_unnamed = not is_own and any(program in words.sensitive for program in programs)
        named = dict.fromkeys(
            UNNAMED if is_unnamed and code_ in words.sensitive else words.programs.get(code_, code_) for code_ in programs
        )
        return (
            NOT_ACCEPTED if kind == "not_accepted" else REFUSED, NOTHING if is_unnamed else str(codes[kind].get(code, code)),
            NOTHING if is_unnamed else reason, township_of(region), village, family, name(who), number(pk, sealed, masked),
            "、".join(named), NOTHING if is_unnamed else words.units.get(unit, ""), _day(at), paper,
            NOTHING if is_unnamed else advice,
        )  # fmt: skip

    return cells


def counted(asked: Asked, form: SpanForm) -> list[Sequence[Any]]:
    """How many of each class: of what the first sheet lists, and no more."""
    sql, params = statement(asked, form)
    shape = shaper(asked)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        found = Counter(tuple(shape(row)[:2]) for row in cursor)
    lines: list[Sequence[Any]] = [(*key, number) for key, number in sorted(found.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))]
    return [*lines, ("合计", "", sum(found.values()))]


def _day(at: datetime | None) -> Any:
    return date_of(at) if at else None


def _form(given: Mapping[str, str], post: Post) -> SpanForm:
    return SpanForm(given, post=post)


def _parts(asked: Asked) -> Sequence[Part]:
    form = _form(asked.given, asked.by)
    form.is_valid()
    return (
        Part("不符合条件分类台账", COLUMNS, statement(asked, form), shape=shaper(asked)),
        Part("分类汇总", COUNTED, counted(asked, form)),
    )


LEDGER = Ledger(
    "monitoring.refusals",
    "不符合条件分类台账",
    works_on_aid,
    _form,
    _parts,
    number="L5",
    about="不予受理的申请和不予批准的事项，按情形分类，写明理由和救济途径。",
    may_in_clear=True,
)
