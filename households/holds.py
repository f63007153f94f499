"""Which months a hold (暂缓) takes from aid: those that it covers to their last day. The one home of that rule, as SQL.

A hold that was lifted before it began ends on the day on which it was to begin, and so covers no month.
"""


def last_day(month: str) -> str:
    """Of the month that begins on that day."""
    return f"({month} + interval '1 month' - interval '1 day')::date"


def covers(change: str, first: str, last: str) -> str:
    """Whether the row `change` of `households_recordchange` is a hold of the whole month of these two days."""
    return f"{change}.kind = 'hold' AND {change}.since <= {first} AND ({change}.until IS NULL OR {change}.until >= {last})"
