from .calendar import CalendarDay, CalendarYear
from .duty import Duty, DutyExtension, DutyPause
from .job import Job
from .notice import Notice, OutboxMessage

__all__ = ["CalendarDay", "CalendarYear", "Duty", "DutyExtension", "DutyPause", "Job", "Notice", "OutboxMessage"]
