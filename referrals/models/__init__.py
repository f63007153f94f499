from .change import Change, ChangeReport
from .dispute import Dispute, Ruling
from .extension import ExtensionRequest
from .progress import ProgressTry
from .publicity import Publicity
from .referral import Referral
from .stage import ReferralStage
from .waiting import WaitingItem

__all__ = [
    "Change",
    "ChangeReport",
    "Dispute",
    "ExtensionRequest",
    "ProgressTry",
    "Publicity",
    "Referral",
    "ReferralStage",
    "Ruling",
    "WaitingItem",
]
