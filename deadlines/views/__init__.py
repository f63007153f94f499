from .calendar import calendar, calendar_change, calendar_load
from .duties import duty_explain, duty_list, duty_put_back, duty_take, duty_take_over
from .notices import notice_list, notice_read, notice_read_all

__all__ = [
    "calendar",
    "calendar_change",
    "calendar_load",
    "duty_explain",
    "duty_list",
    "duty_put_back",
    "duty_take",
    "duty_take_over",
    "notice_list",
    "notice_read",
    "notice_read_all",
]
