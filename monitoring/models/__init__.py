from .bulletin import Bulletin, BulletinLine
from .closing import DayClose, DaySupplement, MonthClose
from .doubt import Doubt, DoubtRun
from .ledger_month import LedgerCorrection, LedgerLine, LedgerMonth
from .list_check import CheckPurpose, ListCheck
from .order import OrderReply, SupervisionOrder
from .review import ReviewLine, ReviewList
from .round import Delivery, DeliveryItem, Round
from .summary import SummaryCell, SummaryMark, SummaryMonth
from .work_summary import WorkCell, WorkMonth
from .written_reminder import ReminderReason, WrittenReminder

__all__ = [
    "Bulletin",
    "BulletinLine",
    "CheckPurpose",
    "DayClose",
    "DaySupplement",
    "Delivery",
    "DeliveryItem",
    "LedgerCorrection",
    "LedgerLine",
    "LedgerMonth",
    "ListCheck",
    "MonthClose",
    "Doubt",
    "DoubtRun",
    "OrderReply",
    "ReminderReason",
    "ReviewLine",
    "ReviewList",
    "Round",
    "SummaryCell",
    "SummaryMark",
    "SummaryMonth",
    "SupervisionOrder",
    "WorkCell",
    "WorkMonth",
    "WrittenReminder",
]
