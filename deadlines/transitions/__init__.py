from .calendar import change_day, load_year, load_years, rehearse
from .duties import (
    close_all,
    close_duty,
    extend,
    open_duty,
    pass_on,
    pause,
    put_back,
    put_in_hand,
    relocate,
    reopen_duty,
    resume,
    succeed,
    take,
    take_over,
)
from .jobs import ask_job, cancel_job, drop_jobs
from .notices import read_all_notices, read_notice, succeed_to_notices
from .outbox import announce, drain
from .periods import ask_for_run, drop_runs, run_due
from .piles import close_duties, follow_subject, open_duties
from .reminder_rules import change_reminder_rule, withdraw_reminder_rule
from .sending import drop_message, retry_message
from .sweeping import sweep

__all__ = [
    "announce",
    "ask_for_run",
    "ask_job",
    "cancel_job",
    "change_day",
    "change_reminder_rule",
    "close_all",
    "close_duties",
    "close_duty",
    "drain",
    "drop_jobs",
    "drop_message",
    "drop_runs",
    "extend",
    "follow_subject",
    "load_year",
    "load_years",
    "open_duties",
    "open_duty",
    "pass_on",
    "pause",
    "put_back",
    "put_in_hand",
    "read_all_notices",
    "read_notice",
    "rehearse",
    "relocate",
    "reopen_duty",
    "resume",
    "retry_message",
    "run_due",
    "succeed",
    "succeed_to_notices",
    "sweep",
    "take",
    "take_over",
    "withdraw_reminder_rule",
]
