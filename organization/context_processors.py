"""What public pages say of the county."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .figures import figure_or


def county(request: HttpRequest) -> dict[str, object]:
    """The complaint telephone (ZX-55), read only by a page that shows it; empty until the county has set it."""
    return {"complaint_phone": SimpleLazyObject(_complaint_phone)}


def _complaint_phone() -> str:
    return str(figure_or("complaint_phone", ""))
