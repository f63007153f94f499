from .application import Application, ApplicationItem
from .assessment import Assessment
from .paper import Paper, SupplementLine, SupplementNotice
from .request import Request, RequestHandover
from .visit import Visit

__all__ = [
    "Application",
    "ApplicationItem",
    "Assessment",
    "Paper",
    "Request",
    "RequestHandover",
    "SupplementLine",
    "SupplementNotice",
    "Visit",
]
