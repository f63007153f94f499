from .absence import Absence
from .department import Department
from .mobile import Mobile
from .parameter import Parameter
from .phrase import Phrase
from .post import Post
from .region import Region
from .staff import PasswordRecord, Staff
from .unit import ReviewOffice, Unit

__all__ = [
    "Absence",
    "Department",
    "Mobile",
    "Parameter",
    "PasswordRecord",
    "Phrase",
    "Post",
    "Region",
    "ReviewOffice",
    "Staff",
    "Unit",
]
