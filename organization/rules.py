"""Terms of a grant, and what a figure may be: pure functions, every date comes in."""

import re
from datetime import date, timedelta

from config.dates import add_months

A_YEAR = timedelta(days=366)  # the longest that the constraint `grant_is_dated_within_a_year` lets pass


def term_end(valid_from: date, months: int) -> date:
    """The last day of a grant of so many months."""
    return min(add_months(valid_from, months), valid_from + A_YEAR)


# Least and most of the figures by which the house locks its own door, so that neither nobody nor everybody gets in, and of those that its
# nightly work counts days and months by. Of a composite figure they hold for each part.
BOUNDS = {
    "sign_in_failures_max": (3, 20),
    "sign_in_lock_minutes": (1, 1440),
    "sign_in_failures_per_address": (20, 100_000),
    "session_idle_minutes": (5, 480),
    "session_absolute_hours": (1, 24),
    "password_length_min": (8, 64),
    "password_classes_min": (1, 4),
    "password_age_max": (0, 3650),
    "password_history": (0, 24),
    "grant_term_max": (1, 12),
    "grant_expiry_notice": (0, 180),
    "new_account_unused_days": (1, 365),
    "amber_before_due": (0, 30),
    "amber_divisor": (1, 100),
    "upload_size_max": (1, 25),  # nginx lets 30 MB through
    "upload_pixels_max": (1_000_000, 60_000_000),  # what the process that opens files has memory for
    "upload_pages_max": (1, 5_000),
    "attachment_shown_for": (1, 120),
    "job_lease": (15, 600),
    "job_tries_max": (1, 10),
    "job_running_max": (1, 50),
    "job_kept_days": (1, 3650),
    "period_kept_days": (32, 3650),
    "outbox_tries_max": (1, 100),
    "progress_wrong_tries_max": (1, 20),
    "progress_wrong_tries_per_address": (5, 10_000),  # a hall with many people stands behind one address
    "progress_lock_hours": (1, 720),
    "data_cycle_due_day": (1, 31),  # a month that has no such day: its last
    "push_due_day": (1, 31),
    "paper_due_day": (1, 31),
    "e_submit_window": (1, 31),
    "month_close_due_day": (1, 31),
    "review_rhythm": (0, 12),  # 0: no list
    "review_rhythm_others": (0, 12),
    "certification_rhythm": (0, 12),
    "review_list_month": (1, 12),
    "certification_list_month": (1, 12),
}


# Earliest and latest of those that are a time of day, written 08:30.
TIMES_OF_DAY = {"digest_hour": ("06:00", "20:00")}
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def out_of_bounds(key: str, value: object) -> str:
    """Why the house cannot take this value for a figure it runs on itself; empty where it can."""
    if key in TIMES_OF_DAY:
        earliest, latest = TIMES_OF_DAY[key]
        is_time = isinstance(value, str) and _TIME_OF_DAY.fullmatch(value) and earliest <= value <= latest
        return "" if is_time else f"须为{earliest}至{latest}之间的时刻，如08:30"
    if key not in BOUNDS:
        return ""
    least, most = BOUNDS[key]
    numbers = list(value.values()) if isinstance(value, dict) else [value]
    is_within = all(isinstance(number, int) and least <= number <= most for number in numbers)
    return "" if is_within else f"{'各项' if isinstance(value, dict) else ''}须为{least}至{most}的整数"
