from datetime import date

from django.db import connection

from households.models import AssistanceRecord
from monitoring.models import SummaryMark
from tests.households.factories import HouseholdFactory, assistance

MORE = """
    INSERT INTO households_assistancerecord (
        id, program_id, household_id, region_code, amount, in_kind, cadence, since, until, source, unit_id, granted_at, granted_by_id
    )
    SELECT gen_random_uuid(), program_id, household_id, region_code, 50, '', 'once', since, since, 'roll', unit_id,
        granted_at, granted_by_id
    FROM households_assistancerecord, generate_series(1, 6000)
"""


def test_thousands_are_marked_at_once_after_a_statement_of_no_row(db):
    """The plan of the first is the plan of the second: row against row would be 36 million comparisons."""
    assistance(HouseholdFactory(), "MZ01", since=date(2026, 9, 1))
    AssistanceRecord.objects.filter(amount=1).update(amount=2)
    with connection.cursor() as cursor:
        cursor.execute(MORE)
        SummaryMark.objects.all().delete()
        cursor.execute("SET LOCAL statement_timeout = '2s'")
        assert AssistanceRecord.objects.filter(amount=50).update(amount=60) == 6_000
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    [mark] = SummaryMark.objects.all()
    assert (mark.since, mark.until) == (date(2026, 9, 1), date(2026, 9, 1))
