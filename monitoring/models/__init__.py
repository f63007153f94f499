from .bulletin import Bulletin, BulletinLine
from .closing import DayClose, DaySupplement, MonthClose
from .order import OrderReply, SupervisionOrder
from .written_reminder import ReminderReason, WrittenReminder

__all__ = [
    "Bulletin",
    "BulletinLine",
    "DayClose",
    "DaySupplement",
    "MonthClose",
    "OrderReply",
    "ReminderReason",
    "SupervisionOrder",
    "WrittenReminder",
]
