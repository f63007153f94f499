"""The lines of a payment list, written in one statement from what is due (`payments.entitlement`). Inner: its verbs hold the list."""

from typing import Any

from django.db import connection

from config.dates import add_months
from config.protection.sealing import seal_many, unseal

from ..models import PaymentCorrection, PaymentLine, PaymentList, Resident
from ..payments.entitlement import NOUGHT, Scene, lay_out, scene_of

ADULT = 18  # years: whoever is younger has the head of the household as payee
SEALED_AT_ONCE = 2_000
CHANGE = f"""CASE
    WHEN d.record_id IS NULL AND f.line_id IS NOT NULL THEN 'stopped'
    WHEN d.record_id IS NULL THEN CASE WHEN h.key <> {NOUGHT} AND x.arrears > 0 THEN 'new' ELSE 'same' END
    WHEN d.held_for IS NOT NULL THEN 'held'
    WHEN f.line_id IS NULL THEN CASE WHEN %(has_former)s OR d.first >= %(month)s OR h.key <> {NOUGHT} THEN 'new' ELSE 'same' END
    WHEN f.change = 'held' THEN 'back'
    WHEN d.amount > f.amount THEN 'more' WHEN d.amount < f.amount THEN 'less' ELSE 'same' END"""
ROWS = f"""
    CREATE TEMP TABLE pay_row ON COMMIT DROP AS
    WITH fixed AS (
        SELECT holder, key, (array_agg(record_id ORDER BY month DESC))[1] AS record_id,
            COALESCE(sum(rightful - listed) FILTER (WHERE rightful > listed), 0) AS arrears
        FROM pay_fix GROUP BY 1, 2
    ), heads AS (
        SELECT holder, key FROM pay_due WHERE month = %(month)s UNION SELECT holder, key FROM pay_former
        UNION SELECT holder, key FROM fixed UNION SELECT holder, key FROM pay_again
    ), summed AS (
        SELECT h.holder, h.key, COALESCE(d.record_id, f.record_id, x.record_id, a.record_id) AS record_id, f.line_id AS former_id,
            COALESCE(d.amount, 0) AS amount, COALESCE(f.amount, 0) AS former_amount, COALESCE(x.arrears, 0) AS arrears,
            COALESCE(a.amount, 0) AS resent, d.held_for, {CHANGE} AS change,
            COALESCE(d.amount, 0) + COALESCE(x.arrears, 0) + COALESCE(a.amount, 0) AS brings
        FROM heads h
        LEFT JOIN pay_due d ON d.month = %(month)s AND d.holder = h.holder AND d.key = h.key
        LEFT JOIN pay_former f ON f.holder = h.holder AND f.key = h.key
        LEFT JOIN fixed x ON x.holder = h.holder AND x.key = h.key
        LEFT JOIN pay_again a ON a.holder = h.holder AND a.key = h.key
    ), placed AS (
        SELECT s.*, row_number() OVER (PARTITION BY s.holder ORDER BY s.brings DESC, s.key) AS nth FROM summed s
    )
    SELECT gen_random_uuid() AS line_id, p.*, o.much AS owes, LEAST(COALESCE(o.much, 0), p.brings) AS deduction
    FROM placed p LEFT JOIN pay_owed o ON o.holder = p.holder AND p.nth = 1
"""  # noqa: S608 - constants
REASON = """CASE r.change
    WHEN 'held' THEN r.held_for
    WHEN 'back' THEN '恢复发放'
    WHEN 'new' THEN CASE WHEN r.amount = 0 THEN '补登以前月份' WHEN t.source = 'roll' THEN '部门名册' ELSE '审批决定' END
    WHEN 'stopped' THEN COALESCE(
        (SELECT c.reason FROM households_recordchange c WHERE c.record_id = t.id AND c.kind IN ('stop', 'fade')
            ORDER BY c.made_at DESC LIMIT 1),
        CASE WHEN own.died_on IS NOT NULL THEN '死亡' WHEN t.source <> 'decision' THEN '名册中已没有' ELSE '到期' END)
    WHEN 'same' THEN CASE
        WHEN r.amount > 0 THEN '' WHEN r.resent > 0 THEN '重发' WHEN r.arrears > 0 THEN '补发以前月份' ELSE '更正以前月份' END
    ELSE COALESCE(
        (SELECT c.reason FROM households_recordchange c WHERE c.successor_id = t.id),
        (SELECT '标准调整' FROM households_standardline g WHERE g.successor_id = t.id),
        CASE WHEN t.source = 'roll' THEN '名册金额变动' ELSE '金额调整' END) END"""
WRITE = f"""
    INSERT INTO households_paymentline (
        id, list_id, number, record_id, former_id, payee_id, region_code, persons, change, reason, amount, former_amount, arrears,
        deduction, resent, payable, owed, bank_name, account_sealed, account_masked, state, failure
    )
    SELECT r.line_id, %(list)s, row_number() OVER (ORDER BY place.code, payee.name_order, r.record_id), r.record_id, r.former_id, payee.id,
        place.code, GREATEST(reached.persons, 1), r.change, left({REASON}, 60), r.amount, r.former_amount, r.arrears, r.deduction, r.resent,
        r.brings - r.deduction, COALESCE(r.owes, 0) - r.deduction, COALESCE(payee.bank_name, ''), '', '',
        CASE WHEN r.brings > r.deduction THEN 'due' ELSE 'none' END, ''
    FROM pay_row r
    JOIN households_assistancerecord t ON t.id = r.record_id
    LEFT JOIN households_resident own ON own.id = t.resident_id
    LEFT JOIN households_membership theirs ON theirs.resident_id = t.resident_id AND theirs.until IS NULL
    LEFT JOIN households_household home ON home.id = COALESCE(t.household_id, theirs.household_id)
    LEFT JOIN LATERAL (
        SELECT p.id FROM households_membership m JOIN households_resident p ON p.id = m.resident_id
        WHERE m.household_id = home.id AND m.until IS NULL AND p.died_on IS NULL AND (p.birth_on IS NULL OR p.birth_on <= %(adult)s)
        ORDER BY m.relation = '02' DESC, p.birth_on, p.id LIMIT 1
    ) head ON true
    LEFT JOIN households_resident payee ON payee.id = CASE
        WHEN own.died_on IS NULL AND (own.birth_on IS NULL OR own.birth_on <= %(adult)s) THEN COALESCE(own.id, head.id)
        ELSE COALESCE(head.id, own.id) END
    CROSS JOIN LATERAL (SELECT COALESCE(home.region_id, own.region_id, t.region_code) AS code) place
    LEFT JOIN LATERAL (
        SELECT count(*) AS persons FROM households_coverage c
        WHERE c.record_id = t.id AND c.since < %(next_month)s AND (c.until IS NULL OR c.until >= %(month)s)
    ) reached ON true
"""  # noqa: S608 - constants
CORRECTIONS = """
    INSERT INTO households_paymentcorrection (line_id, month, listed, rightful)
    SELECT r.line_id, x.month, x.listed, x.rightful FROM pay_fix x JOIN pay_row r ON r.holder = x.holder AND r.key = x.key
"""
COUNT = """
    UPDATE households_paymentlist SET people = x.people, total = x.total, counts = x.counts FROM (
        SELECT count(*) FILTER (WHERE payable > 0) AS people, COALESCE(sum(payable), 0) AS total, jsonb_strip_nulls(jsonb_build_object(
            'new', NULLIF(count(*) FILTER (WHERE change = 'new'), 0), 'more', NULLIF(count(*) FILTER (WHERE change = 'more'), 0),
            'less', NULLIF(count(*) FILTER (WHERE change = 'less'), 0), 'same', NULLIF(count(*) FILTER (WHERE change = 'same'), 0),
            'held', NULLIF(count(*) FILTER (WHERE change = 'held'), 0), 'back', NULLIF(count(*) FILTER (WHERE change = 'back'), 0),
            'stopped', NULLIF(count(*) FILTER (WHERE change = 'stopped'), 0),
            'corrected', NULLIF(count(*) FILTER (WHERE EXISTS (
                SELECT FROM households_paymentcorrection c WHERE c.line_id = l.id)), 0))) AS counts
        FROM households_paymentline l WHERE list_id = %(list)s
    ) x WHERE id = %(list)s
"""
# What a second person saw: two drafts with the same mark pay the same people the same sums.
MARK = """
    SELECT md5(string_agg(concat_ws('|', record_id, payee_id, region_code, change, reason, amount, arrears, deduction, resent, owed), ','
        ORDER BY record_id)) FROM households_paymentline WHERE list_id = %s
"""


def write_lines(payment_list: PaymentList) -> None:
    """Make the lines anew from the records of today; the totals with them."""
    clear(payment_list)
    scene = scene_of(payment_list)
    lay_out(scene, is_extra=payment_list.kind == PaymentList.Kind.EXTRA)
    values = {**scene.values, **_days(scene), "list": payment_list.pk}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pay_row")
        for statement in (ROWS, WRITE, CORRECTIONS, COUNT):
            cursor.execute(statement, values)
    payment_list.refresh_from_db(fields=["people", "total", "counts"])


def _days(scene: Scene) -> dict[str, Any]:
    month = scene.month
    return {"has_former": scene.has_former, "next_month": add_months(month, 1), "adult": add_months(month, -12 * ADULT)}


def clear(payment_list: PaymentList) -> None:
    lines = PaymentLine.objects.filter(list=payment_list)
    PaymentCorrection.objects.filter(line__in=lines).delete()
    lines._raw_delete(lines.db)


def mark_of(payment_list: PaymentList) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(MARK, [payment_list.pk])
        mark: str | None = cursor.fetchone()[0]
        return mark


def take_up_failures(payment_list: PaymentList) -> bool:
    """The failed lines that this list sends again know where. False: the bank's answer about one of them has come since they were read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(sum(cardinality(lines)), 0) FROM pay_again")
        [wanted] = cursor.fetchone()
        cursor.execute(
            "UPDATE households_paymentline l SET resent_in_id = r.line_id FROM pay_again a JOIN pay_row r USING (holder, key) "
            "WHERE l.id = ANY (a.lines) AND l.state = 'failed' AND l.resent_in_id IS NULL AND l.mended_at IS NOT NULL"
        )
        return bool(cursor.rowcount == wanted)


COPY = """
    UPDATE households_paymentline l SET account_sealed = x.sealed, account_digest = x.digest, account_masked = x.masked
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[]) AS x (id, sealed, digest, masked) WHERE l.id = x.id
"""


def copy_accounts(payment_list: PaymentList) -> None:
    """Each line keeps the account of its payee as it is today, sealed as the line's own."""
    rows = PaymentLine.objects.filter(list=payment_list, payable__gt=0).exclude(payee=None).exclude(payee__bank_account_sealed="")
    known = list(rows.values_list("pk", "payee_id", "payee__bank_account_sealed"))
    for start in range(0, len(known), SEALED_AT_ONCE):
        part = known[start : start + SEALED_AT_ONCE]
        plain = [(pk, unseal(Resident, "bank_account", payee, token)) for pk, payee, token in part]
        sealed = seal_many(PaymentLine, "account", plain)
        columns = [[str(getattr(each, name)) for each in sealed] for name in ("sealed", "digest", "masked")]
        with connection.cursor() as cursor:
            cursor.execute(COPY, [[str(pk) for pk, _ in plain], *columns])


def is_settled(payment_list: PaymentList) -> bool:
    """Whether every line has come to its end: paid, or failed and taken up by a later list."""
    rows = PaymentLine.objects.filter(list=payment_list)
    return not rows.filter(state="due").exists() and not rows.filter(state="failed", resent_in=None).exists()
