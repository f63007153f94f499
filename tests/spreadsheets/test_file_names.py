"""What a file was called, as it is kept: without its folders, and without a number of anybody."""

import pytest

from config.protection.numbers import without_id_numbers
from spreadsheets import declaration
from tests.spreadsheets import people
from tests.spreadsheets.factories import AS_OF, handed_in, id_number, line, octets

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    return people.register()


def test_as_of_and_file_name_are_kept_without_numbers(clerk):
    number = id_number()
    batch = handed_in([line("虚构乙")], by=clerk, file_name=f"C:\\名册\\{number}.csv")
    assert batch.as_of == AS_OF
    assert number not in batch.file_name
    assert batch.file_name.endswith(".csv")
    assert octets([line("虚构乙")]).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("dotted", ["{0}.{1}", "{0}.{1}.xlsx", "表{0}.{1}"])
@pytest.mark.parametrize("place", [6, 14, 16, 17])
def test_a_number_over_the_last_dot_of_a_file_name_is_masked(clerk, dotted, place):
    number = "99999919900101001X"
    batch = handed_in([line("虚构乙")], by=clerk, file_name=dotted.format(number[:place], number[place:]))
    assert ("19900101" in batch.file_name, "****" in batch.file_name) == (False, True)
    assert batch.file_name.endswith(".xlsx") is dotted.endswith(".xlsx")


def test_the_ending_of_a_file_name_is_no_part_of_a_number(clerk):
    """Its x makes no eighteenth character of seventeen digits, which are as little a number here as in any text."""
    digits = id_number()[:17]
    assert without_id_numbers(digits) == digits
    assert handed_in([line("虚构乙")], by=clerk, file_name=f"名册{digits}.xlsx").file_name == f"名册{digits}.xlsx"
