from .calendar import CalendarDay, CalendarYear
from .duty import Duty, DutyExtension, DutyPause
from .job import Job
from .notice import Notice, OutboxMessage
from .period import PeriodRun
from .reminder import ESCALATIONS, Reminder, ReminderRule, Stage

__all__ = [
    "ESCALATIONS",
    "CalendarDay",
    "CalendarYear",
    "Duty",
    "DutyExtension",
    "DutyPause",
    "Job",
    "Notice",
    "OutboxMessage",
    "PeriodRun",
    "Reminder",
    "ReminderRule",
    "Stage",
]
