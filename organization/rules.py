"""Terms of a grant: pure functions, every date comes in."""

from datetime import date, timedelta

from config.dates import add_months

A_YEAR = timedelta(days=366)  # the longest that the constraint `grant_is_dated_within_a_year` lets pass


def term_end(valid_from: date, months: int) -> date:
    """The last day of a grant of so many months."""
    return min(add_months(valid_from, months), valid_from + A_YEAR)
