from .access import Access
from .assistance import AssistanceRecord, Coverage
from .change import RecordChange
from .consent import Authorisation, KinDeclaration, StaffKin
from .draft import HouseholdDraft
from .household import Household, Membership, Relative
from .knowledge import Fact, FactUse, IdentityTag
from .resident import Resident

__all__ = [
    "Access",
    "AssistanceRecord",
    "Authorisation",
    "Coverage",
    "Fact",
    "FactUse",
    "Household",
    "HouseholdDraft",
    "IdentityTag",
    "KinDeclaration",
    "Membership",
    "RecordChange",
    "Relative",
    "Resident",
    "StaffKin",
]
