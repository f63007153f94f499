"""Lists that go to the server as one text."""

import uuid
from datetime import date

import pytest
from django.db import connection

from config.arrays import array


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", ["虚构", "", " ", "NULL", "null", 'a"b', "a\\b", "{a,b}", "a,b", "'", "%s", "\n\t", None]),
        ("bigint", [1, -2, None, 10**12]),
        ("date", [date(1956, 7, 8), None]),
        ("boolean", [True, False, None]),
        ("uuid", [uuid.UUID(int=7), None]),
        ("text", []),
    ],
)
def test_what_goes_in_comes_out(kind, values):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT x FROM unnest(%s::{kind}[]) WITH ORDINALITY AS k (x, at) ORDER BY at", [array(values)])
        assert [value for (value,) in cursor.fetchall()] == values
