"""A second calendar, written apart from the first: the holiday notices of the State Council's general office, typed in by hand.

2019-2024 from the yearly notices (with the 2019 change of Labour Day and the 2020 extension of the Spring Festival), 2025 and 2026 from the
rule book. Nothing here looks at the package the application fills its table from, nor at the application's own arithmetic.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

# Per year: days off, as MMDD or MMDD-MMDD, then the weekend days worked instead.
NOTICES = {
    2019: ("0101 0204-0210 0405-0407 0501-0504 0607-0609 0913-0915 1001-1007", "0202 0203 0428 0505 0929 1012"),
    2020: ("0101 0124-0202 0404-0406 0501-0505 0625-0627 1001-1008", "0119 0426 0509 0628 0927 1010"),
    2021: ("0101-0103 0211-0217 0403-0405 0501-0505 0612-0614 0919-0921 1001-1007", "0207 0220 0425 0508 0918 0926 1009"),
    2022: ("0101-0103 0131-0206 0403-0405 0430-0504 0603-0605 0910-0912 1001-1007 1231", "0129 0130 0402 0424 0507 1008 1009"),
    2023: ("0101-0102 0121-0127 0405 0429-0503 0622-0624 0929-1006 1230-1231", "0128 0129 0423 0506 0625 1007 1008"),
    2024: ("0101 0210-0217 0404-0406 0501-0505 0608-0610 0915-0917 1001-1007", "0204 0218 0407 0428 0511 0914 0929 1012"),
    2025: ("0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008", "0126 0208 0427 0928 1011"),
    2026: ("0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007", "0104 0214 0228 0509 0920 1010"),
}
FIRST, LAST = date(2019, 1, 1), date(2026, 12, 31)


def _day(year: int, text: str) -> date:
    return date(year, int(text[:2]), int(text[2:]))


def _spread(year: int, text: str) -> set[date]:
    first, _, last = text.partition("-")
    days = range((_day(year, last or first) - _day(year, first)).days + 1)
    return {_day(year, first) + timedelta(n) for n in days}


DAYS_OFF = {day for year, (off, _) in NOTICES.items() for text in off.split() for day in _spread(year, text)}
MADE_UP = {_day(year, text) for year, (_, work) in NOTICES.items() for text in work.split()}
ALL_DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
WORKDAYS = [day for day in ALL_DAYS if day in MADE_UP or (day.weekday() not in (5, 6) and day not in DAYS_OFF)]


def last_day(
    start: date,
    amount: int,
    unit: str,
    pauses: list[tuple[date, date]] = (),
    *,
    shifts: bool = False,
    worked: Iterable[date] = WORKDAYS,
    days: Sequence[date] = ALL_DAYS,
) -> date:
    """The last day in time, by sets and positions instead of a walk. `pauses`: from the first date, not on the second.

    `worked` of `days`: another calendar than that of the notices."""
    paused = {first + timedelta(n) for first, end in pauses for n in range((end - first).days)}
    workdays = set(worked)
    if amount == 0:
        last = start
    elif unit == "working_days":
        last = sorted(day for day in workdays - paused if day > start)[amount - 1]
    else:
        if unit == "months":
            target = start.month - 1 + amount
            year, month = start.year + target // 12, target % 12 + 1
            following = date(year + month // 12, month % 12 + 1, 1)
            corresponding = min(following - timedelta(1), date(year, month, 1) + timedelta(start.day - 1))
            amount = (corresponding - start).days
        last = [day for day in days if day > start and day not in paused][amount - 1]
    if shifts and last not in workdays:
        last = min(day for day in workdays - paused if day > last)
    return last
