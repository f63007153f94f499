"""Numbers that run on: of households by township, of people without papers by county and year (RULES C4)."""

from datetime import date

from django.conf import settings

from config.protection.identity import temporary_number
from documents.transitions.numbers import next_serial, next_serials

FOREVER = 0  # a household keeps its number, whatever the year


def household_number(township_code: str) -> str:
    """`ZH`, the township, six digits. The series stays locked to the end of the transaction: ask late in the verb."""
    return f"ZH{township_code}{next_serial('household', township_code, FOREVER):06}"


def household_numbers(township_code: str, count: int) -> list[str]:
    """As many at once, under the same lock."""
    return [f"ZH{township_code}{serial:06}" for serial in next_serials("household", township_code, FOREVER, count)]


def next_temporary_number(on: date) -> str:
    """The number of somebody without papers, who is registered all the same (无证)."""
    return temporary_number(settings.COUNTY_CODE, on.year, next_serial("temporary_number", settings.COUNTY_CODE, on.year))
