from .calendar import calendar, calendar_change, calendar_load, calendar_moves
from .duties import duty_explain, duty_put_back, duty_take, duty_take_over
from .jobs import job_cancel, job_detail, job_list, job_progress, job_rows
from .notices import notice_list, notice_read, notice_read_all
from .outbox import outbox_drop, outbox_list, outbox_retry
from .periods import period_list, period_run
from .reminders import reminder_rule_change, reminder_rule_withdraw, reminder_rules

__all__ = [
    "calendar",
    "calendar_change",
    "calendar_load",
    "calendar_moves",
    "duty_explain",
    "duty_put_back",
    "duty_take",
    "duty_take_over",
    "job_cancel",
    "job_detail",
    "job_list",
    "job_progress",
    "job_rows",
    "notice_list",
    "notice_read",
    "notice_read_all",
    "reminder_rule_change",
    "reminder_rule_withdraw",
    "reminder_rules",
    "outbox_drop",
    "outbox_list",
    "outbox_retry",
    "period_list",
    "period_run",
]
