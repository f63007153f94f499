"""Who closes days and months, and who reads them."""

from organization.models import Post

from .models import DayClose, MonthClose

WINDOWS = frozenset({"township_window", "village_window"})


def can_close_day(post: Post) -> bool:
    """日清: - a handler of a township's window; - a village's assistant, for the village's (XX-20)."""
    return post.unit.kind in WINDOWS and post.role in {"T", "V"}


def can_supplement(post: Post, row: DayClose) -> bool:
    """Add a line to a closed day: - whoever closes days of that window."""
    return can_close_day(post) and post.unit_id == row.unit_id


def reads_days(post: Post) -> bool:
    """- windows and villages, theirs; - the township's offices; - the county platform; what exists for whom is the gate's."""
    return post.role in {"V", "T", "TA", "B", "BA"}


def can_close_month(post: Post, row: MonthClose) -> bool:
    """月结: - an approver of the township."""
    return post.role == "TA" and post.unit.region_id == row.unit.region_id


def reads_months(post: Post) -> bool:
    """- townships; - the county platform."""
    return post.role in {"T", "TA", "B", "BA"}


def reads_overview(post: Post) -> bool:
    """L13, numbers of every township: - the county platform; - supervision."""
    return post.role in {"B", "BA", "L"}
