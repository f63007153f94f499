from .department import Department
from .parameter import Parameter
from .post import Post
from .region import Region
from .staff import PasswordRecord, Staff
from .unit import ReviewOffice, Unit

__all__ = ["Department", "Parameter", "PasswordRecord", "Post", "Region", "ReviewOffice", "Staff", "Unit"]
