from datetime import date

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from audit.transitions import record
from organization.models import Region


@pytest.mark.django_db
def test_event_is_append_only():

    region = Region.objects.create(code="500233", name="忠县", level="county", valid_from=date(2021, 1, 1))
    with transaction.atomic():
        record("region.created", region, by=None)
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event")
