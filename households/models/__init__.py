from .access import Access
from .assistance import AssistanceRecord, Coverage
from .budget import Budget
from .change import RecordChange
from .consent import Authorisation, KinDeclaration, StaffKin
from .county_screening import ScreeningDifference, ScreeningRun
from .draft import HouseholdDraft
from .former_number import FormerNumber
from .household import Household, Membership, Relative
from .knowledge import Fact, FactUse, IdentityTag
from .payment import PaymentCorrection, PaymentLine, PaymentList
from .registry import ChangeMember, RegistryChange
from .resident import Resident
from .roll import RollAbsence
from .screening import FactRequest, Screening
from .standard import StandardChange, StandardLine
from .unidentified import Unidentified

__all__ = [
    "Access",
    "AssistanceRecord",
    "Authorisation",
    "Budget",
    "ChangeMember",
    "Coverage",
    "Fact",
    "FactRequest",
    "FactUse",
    "FormerNumber",
    "Household",
    "HouseholdDraft",
    "IdentityTag",
    "KinDeclaration",
    "Membership",
    "PaymentCorrection",
    "PaymentLine",
    "PaymentList",
    "RecordChange",
    "RegistryChange",
    "Relative",
    "Resident",
    "RollAbsence",
    "Screening",
    "ScreeningDifference",
    "ScreeningRun",
    "StaffKin",
    "StandardChange",
    "StandardLine",
    "Unidentified",
]
