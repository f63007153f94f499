"""转办反馈台账 (L11): one row for each referral, from acceptance to the word to the applicant. Page and file have it from one statement.

Masked throughout, for everybody. Of a sensitive program only those who work on it read the name, the department, where it is, when its
step is due (the list of late matters has that day beside the unit), the ruling and the reason (DESIGN 2); supervision reads no person, no
village and no words that somebody wrote.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from config.protection.masks import mask_name
from deadlines.rules import date_of, due_on
from organization.lineage import desks
from organization.models import Post
from referrals.models import Referral
from referrals.names import UNNAMED, names
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Statement
from spreadsheets.held import statement_of

NOTHING = "—"


class Field(NamedTuple):
    """A column of the ledger: `name` on the page, `is_extra` where the page shows it on demand; `is_personal`: not for supervision."""

    name: str
    column: Column
    is_extra: bool = False
    is_personal: bool = False


FIELDS = (
    Field("number", Column("转办单号", width=24)),
    Field("applicant", Column("申请人", width=10), is_personal=True),
    Field("id_number", Column("证件号码", width=21), is_extra=True, is_personal=True),
    Field("township", Column("乡镇（街道）", width=14)),
    Field("village", Column("村（社区）", width=16), is_extra=True, is_personal=True),
    Field("program", Column("救助项目", width=22)),
    Field("purpose", Column("用途", width=8), is_extra=True),
    Field("department", Column("主管部门", width=16), is_extra=True),
    Field("status", Column("状态", width=12)),
    Field("accepted", Column("受理日期", Kind.DATE, 12), is_extra=True),
    Field("dispatched", Column("转出日期", Kind.DATE, 12)),
    Field("received", Column("首次签收", Kind.MOMENT, 18), is_extra=True),
    Field("stage_due", Column("本环节到期日", Kind.DATE, 14), is_extra=True),
    Field("decided", Column("决定日期", Kind.DATE, 12)),
    Field("outcome", Column("决定", width=12)),
    Field("reason", Column("不予批准理由", width=30), is_extra=True),
    Field("fed_back", Column("反馈日期", Kind.DATE, 12), is_extra=True),
    Field("told", Column("告知日期", Kind.DATE, 12), is_extra=True),
    Field("told_how", Column("告知方式", width=14), is_extra=True),
    Field("promise", Column("承诺办结日", Kind.DATE, 12)),
    Field("timely", Column("是否按期", width=18)),
    Field("forwarded", Column("送下一环节（次）", Kind.NUMBER, 10), is_extra=True),
    Field("returned", Column("退回（次）", Kind.NUMBER, 10)),
    Field("disputed", Column("争议（次）", Kind.NUMBER, 10)),
    Field("ruling", Column("裁定", width=30), is_extra=True),
    Field("unit", Column("现承办单位", width=16)),
)


def fields_for(post: Post) -> tuple[Field, ...]:
    return tuple(field for field in FIELDS if not (field.is_personal and hides_persons(post)))


def hides_persons(post: Post) -> bool:
    return post.unit.kind == "supervision"


class Row(NamedTuple):
    """What the statement gives, in its order."""

    id: Any
    number: str
    purpose: str
    status: str
    program: str
    township: str
    unit_id: int
    accepted_at: datetime
    dispatched_at: datetime
    decided_at: datetime | None
    fed_back_at: datetime | None
    confirmed_at: datetime | None
    told_how: str
    outcome: str
    refusal_code: str
    refusal_reason: str
    applicant: str
    id_number: str
    village: str
    department: str
    received_at: datetime | None
    forwarded: int
    returned: int
    is_own: bool
    stage_due: datetime | None
    promise_due: datetime | None
    promise_closed: datetime | None
    promise_outcome: str
    late_days: int | None
    disputed: int
    ruling: str


# Who applied; where nobody did, the person or the head of the family whose aid it is (`Referral.applicant`). Every look beside the
# referral is by an index of its own.
SQL = """
WITH seen (id) AS ({seen})
SELECT referral.id, referral.number, referral.purpose, referral.status, referral.program_id, referral.township_code, referral.unit_id,
  referral.accepted_at, referral.dispatched_at, referral.decided_at, referral.fed_back_at, referral.confirmed_at, referral.told_how,
  referral.outcome, referral.refusal_code, referral.refusal_reason,
  coalesce(applicant.name, person.name, head.name, ''),
  coalesce(applicant.id_number_masked, person.id_number_masked, head.id_number_masked, ''),
  place.name, department.name,
  walked.received_at, walked.forwarded, walked.returned, coalesce(walked.is_own, false) OR referral.window_id = ANY(%s),
  stage.due_at, promise.due_at, promise.closed_at, coalesce(promise.outcome, ''), ended.ordinal - last.ordinal,
  disputed.times, coalesce(ruling.words, '')
FROM seen
JOIN referrals_referral referral ON referral.id = seen.id
JOIN programs_program program ON program.code = referral.program_id
JOIN organization_department department ON department.id = program.department_id
JOIN households_household family ON family.id = referral.case_household_id
JOIN organization_region place ON place.code = family.region_id
LEFT JOIN intake_application application ON application.id = referral.application_id
LEFT JOIN households_resident applicant ON applicant.id = application.applicant_id
LEFT JOIN households_resident person ON person.id = referral.resident_id
LEFT JOIN LATERAL (
  SELECT resident.name, resident.id_number_masked FROM households_membership membership
  JOIN households_resident resident ON resident.id = membership.resident_id
  WHERE membership.household_id = referral.case_household_id AND membership.until IS NULL
    AND referral.application_id IS NULL AND referral.resident_id IS NULL
  ORDER BY membership.relation, membership.id LIMIT 1
) head ON true
LEFT JOIN LATERAL (
  SELECT min(stay.received_at) AS received_at, count(*) FILTER (WHERE stay.result = 'forwarded') AS forwarded,
    count(*) FILTER (WHERE stay.result IN ('returned', 'sent_back')) AS returned, bool_or(stay.unit_id = ANY(%s)) AS is_own
  FROM referrals_referralstage stay WHERE stay.referral_id = referral.id
) walked ON true
LEFT JOIN LATERAL (
  SELECT duty.due_at FROM deadlines_duty duty
  WHERE duty.subject_label = 'referrals.referral' AND duty.subject_id = referral.id::text AND duty.kind = 'stage'
  ORDER BY duty.opened_at DESC LIMIT 1
) stage ON true
LEFT JOIN LATERAL (
  SELECT duty.due_at, duty.closed_at, duty.outcome FROM deadlines_duty duty
  WHERE duty.subject_label = 'referrals.referral' AND duty.subject_id = referral.id::text AND duty.is_promise
  ORDER BY duty.opened_at DESC LIMIT 1
) promise ON true
LEFT JOIN deadlines_calendarday last
  ON last.date = ((promise.due_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN deadlines_calendarday ended ON ended.date = (coalesce(promise.closed_at, %s) AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN LATERAL (
  SELECT count(*) AS times FROM referrals_dispute dispute WHERE dispute.referral_id = referral.id
) disputed ON true
LEFT JOIN LATERAL (
  SELECT ruling.number || ' ' || unit.short_name AS words FROM referrals_ruling ruling
  JOIN referrals_dispute dispute ON dispute.id = ruling.dispute_id
  JOIN organization_unit unit ON unit.id = ruling.named_unit_id
  WHERE dispute.referral_id = referral.id AND ruling.in_force_at IS NOT NULL
  ORDER BY ruling.in_force_at DESC LIMIT 1
) ruling ON true
ORDER BY referral.dispatched_at DESC, referral.id DESC
"""


def statement(rows: "QuerySet[Any]", post: Post, now: datetime) -> Statement:
    """The ledger of these referrals, the newest first."""
    seen, params = statement_of(rows.order_by().values("pk"))
    own = list(desks(post))
    return Statement(SQL.format(seen=seen), [*params, own, own, now])


def listed(rows: "QuerySet[Any]", post: Post, now: datetime) -> list[tuple[Any, tuple[Any, ...]]]:
    """The ids of a page's referrals with their cells."""
    sql, params = statement(rows, post, now)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        found = cursor.fetchall()
    shape = shaper(post, now)
    return [(row[0], shape(row)) for row in found]


def shaper(post: Post, now: datetime) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Makes the cells of `fields_for(post)` of what the statement gives."""
    words, hides = names(), hides_persons(post)
    labels = {str(value): str(label) for value, label in Referral.Status.choices}
    purposes = {str(value): str(label) for value, label in Referral.Purpose.choices}
    outcomes = {str(value): str(label) for value, label in Referral.Outcome.choices}
    codes = {str(value): str(label) for value, label in Referral.RefusalCode.choices}
    ways = {str(value): str(label) for value, label in Referral.ToldHow.choices}
    kept = [not (field.is_personal and hides) for field in FIELDS]

    def cells(given: Sequence[Any]) -> tuple[Any, ...]:
        row = Row(*given)
        is_unnamed = row.program in words.sensitive and (hides or not row.is_own)
        reason = codes.get(row.refusal_code, "")
        if row.refusal_reason and not hides:
            reason = f"{reason}：{row.refusal_reason}"
        every = (
            row.number, mask_name(row.applicant), row.id_number, words.townships.get(row.township, ""), row.village,
            UNNAMED if is_unnamed else words.programs.get(row.program, row.program), purposes.get(row.purpose, ""),
            NOTHING if is_unnamed else row.department, labels.get(row.status, ""), date_of(row.accepted_at),
            date_of(row.dispatched_at), row.received_at, None if is_unnamed else row.stage_due and due_on(row.stage_due),
            row.decided_at and date_of(row.decided_at),
            outcomes.get(row.outcome, ""), NOTHING if is_unnamed and reason else reason, row.fed_back_at and date_of(row.fed_back_at),
            row.confirmed_at and date_of(row.confirmed_at), ways.get(row.told_how, ""), row.promise_due and due_on(row.promise_due),
            timely(row, now), row.forwarded, row.returned, row.disputed, NOTHING if is_unnamed and row.ruling else row.ruling,
            NOTHING if is_unnamed else words.units.get(row.unit_id, ""),
        )  # fmt: skip
        return tuple(cell for cell, is_kept in zip(every, kept, strict=True) if is_kept)

    return cells


def timely(row: Row, now: datetime) -> str:
    """What became of the promise to the applicant."""
    if row.promise_due is None:
        return "暂停计时" if row.status not in {"withdrawn", "terminated", "confirmed"} else NOTHING
    if row.promise_outcome == "cancelled":
        return "已中止"
    is_over = row.promise_closed is not None
    if (row.promise_closed or now) < row.promise_due:
        return "按期" if is_over else "未到期"
    late = f"{row.late_days}个工作日" if row.late_days else "不足1个工作日"
    return f"超期{late}" if is_over else f"未办结，已超期{late}"
