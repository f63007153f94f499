"""Applications and referrals for other systems: the rows, columns and verbs of the pages."""

from .applications import ApplicationViewSet
from .referrals import ReferralViewSet

__all__ = ["ApplicationViewSet", "ReferralViewSet"]
