from .bulletin import Bulletin, BulletinLine
from .order import OrderReply, SupervisionOrder
from .written_reminder import ReminderReason, WrittenReminder

__all__ = ["Bulletin", "BulletinLine", "OrderReply", "ReminderReason", "SupervisionOrder", "WrittenReminder"]
