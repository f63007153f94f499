from .change import Change, ChangeReport
from .dispute import Dispute, Ruling
from .extension import ExtensionRequest
from .monthly import ListEntry, MonthlyList
from .progress import ProgressTry
from .publicity import Publicity
from .referral import Referral
from .rescreening import Rescreening
from .stage import ReferralStage
from .urgent import UrgentAid
from .waiting import WaitingItem

__all__ = [
    "Change",
    "ChangeReport",
    "Dispute",
    "ExtensionRequest",
    "ListEntry",
    "MonthlyList",
    "ProgressTry",
    "Publicity",
    "Referral",
    "ReferralStage",
    "Rescreening",
    "Ruling",
    "UrgentAid",
    "WaitingItem",
]
