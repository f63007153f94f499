"""Whether a text is a right ID number as it stands, told by its parts: for many, each of which `identity` would take ten times as long.

A number that is told so is right. Of one that is not, nothing is known: it is for `identity.check_id_number` to look at.
"""

from collections.abc import Callable
from datetime import date, timedelta
from operator import mul

from .identity import CHECK_CHARACTERS, SYNTHETIC_AREAS, WEIGHTS

REMEMBERED = 10_000  # of each part there are fewer, but for what strangers make up
_LAST = {total: CHECK_CHARACTERS[total % 11] for total in range(9 * sum(WEIGHTS) + 1)}  # by check sum
_NEVER = -(10**6)  # spoils every check sum
_DAYS = frozenset(f"{date(2001, 1, 1) + timedelta(days=day):%m%d}" for day in range(365))  # of each year: without the 29th of February


class _Part(dict[str, int]):
    """What the digits that begin at `place` add to the check sum: areas, years, days of the year and serials repeat, so nearly all are
    looked up. `_NEVER` for what is none that a number may have there without a closer look."""

    def __init__(self, place: int, may_be: Callable[[str], bool] = bool) -> None:
        super().__init__()
        self._weights = WEIGHTS[place:]
        self._may_be = may_be

    def __missing__(self, digits: str) -> int:
        is_right = digits.isascii() and digits.isdigit() and self._may_be(digits)
        found = sum(map(mul, map(int, digits), self._weights)) if is_right else _NEVER
        if len(self) < REMEMBERED:
            self[digits] = found
        return found


def looked_up(*, on: date, allow_synthetic: bool) -> Callable[[str], bool]:
    """The question for the numbers of one file: born before the year of `on`, of an area that is or, among invented people, may be."""
    this_year = f"{on:%Y}"

    def is_area(digits: str) -> bool:
        return digits[0] in "123456" or (allow_synthetic and digits in SYNTHETIC_AREAS)

    def is_past(year: str) -> bool:
        return "1896" <= year < this_year

    areas, years, days, serials = _Part(0, is_area), _Part(6, is_past), _Part(10, _DAYS.__contains__), _Part(14)

    def is_plain(text: str) -> bool:
        if len(text) != 18:
            return False
        total = areas[text[:6]] + years[text[6:10]] + days[text[10:14]] + serials[text[14:17]]
        return _LAST.get(total) == text[17]

    return is_plain
