"""大字版: larger text, remembered by this browser for a year. A link, so that it works without JavaScript and before sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

COOKIE = "text_size"
LARGE = "large"
NORMAL = "normal"
_YEAR = 365 * 24 * 60 * 60


def is_large(request: HttpRequest) -> bool:
    return request.COOKIES.get(COOKIE) == LARGE


@login_not_required
@require_safe
def text_size(request: HttpRequest, size: str) -> HttpResponse:
    """Remember the size and go back to the page the switch stood on. The cookie changes how pages look and nothing else."""
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    response.set_cookie(COOKIE, size, max_age=_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response
