"""明天会超期: what will be late if a unit goes on as it has. Pure; the statement in `forecast` says the same (a test holds them equal).

A unit closed `closed` duties of a kind of step in the last `days` working days, so about `closed / days` on each. Its queue is taken in the
order of due dates. What stands at `place` (from 1) is done on the working day numbered `ceil(place * days / closed)` from today, today
included where it is worked; it will be late where that day lies after its last day in time. A unit that closed nothing has no speed.
"""

from collections.abc import Sequence


def day_number(place: int, *, closed: int, days: int) -> int | None:
    """On which working day from today, 1 for today, the thing at that place is done; None without a speed."""
    return -(-place * days // closed) if closed else None


def will_be_late(place: int, *, closed: int, days: int, workdays_left: int) -> bool | None:
    """`workdays_left`: working days from today up to the last day in time, both included; none left is late unless it is done before."""
    number = day_number(place, closed=closed, days=days)
    return None if number is None else number > workdays_left


def late_places(workdays_left: Sequence[int], *, closed: int, days: int) -> list[int]:
    """Of a queue in the order of its due dates, the places that will be late."""
    return [place for place, left in enumerate(workdays_left, 1) if will_be_late(place, closed=closed, days=days, workdays_left=left)]


def speed_text(closed: int, days: int) -> str:
    """每个工作日办结1.5件: what the page says of a unit."""
    return f"近{days}个工作日办结{closed}件，平均每个工作日{closed / days:.1f}件" if closed else f"近{days}个工作日没有办结，无法推算"
