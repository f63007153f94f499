"""A pile of open duties by one statement, for measurements and races: alike but for their dates."""

from datetime import datetime

from django.db import connection, transaction

from config.county import trusting_its_own_keys
from organization.models import Post


def pile_of_duties(number: int, *, by: Post, opened_at: datetime, amber_at: datetime, due_at: datetime, rule: str = "working_days") -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        trusting_its_own_keys()
        cursor.execute(
            """INSERT INTO deadlines_duty (id, unit_id, kind, kind_name, subject_label, subject_id, title, url, region_code, topic_code,
                 rule, "limit", shifts, basis, is_promise, is_return, opened_at, opened_by_id, starts_at, due_at, amber_at,
                 calendar_version, falls_back, outcome)
               SELECT gen_random_uuid(), %(unit)s, 'decide', '审批', 'deadlines.pile', n::text, '转办单' || n, '', '', '',
                 %(rule)s, 10, false, '', false, false, %(opened)s, %(by)s, %(opened)s, %(due)s, %(amber)s, 1, false, ''
               FROM generate_series(1, %(number)s) AS n""",
            {"unit": by.unit_id, "by": by.pk, "number": number, "rule": rule, "opened": opened_at, "due": due_at, "amber": amber_at},
        )
