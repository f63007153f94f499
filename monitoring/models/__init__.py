from .bulletin import Bulletin, BulletinLine
from .closing import DayClose, DaySupplement, MonthClose
from .doubt import Doubt, DoubtRun
from .order import OrderReply, SupervisionOrder
from .round import Delivery, DeliveryItem, Round
from .written_reminder import ReminderReason, WrittenReminder

__all__ = [
    "Bulletin",
    "BulletinLine",
    "DayClose",
    "DaySupplement",
    "Delivery",
    "DeliveryItem",
    "MonthClose",
    "Doubt",
    "DoubtRun",
    "OrderReply",
    "ReminderReason",
    "Round",
    "SupervisionOrder",
    "WrittenReminder",
]
