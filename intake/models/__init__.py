from .application import Application, ApplicationItem
from .assessment import Assessment
from .paper import Paper, SupplementLine, SupplementNotice
from .visit import Visit

__all__ = ["Application", "ApplicationItem", "Assessment", "Paper", "SupplementLine", "SupplementNotice", "Visit"]
