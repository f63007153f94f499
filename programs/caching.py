"""Public pages and the API are asked for again only when something changed: ETag by the state of the catalogue.

The tag covers what such an answer is made of: the programs' last change, the departments' telephones and the county's for complaints, the
day (versions come into force by date), the running code and templates, and how this browser shows pages. No Last-Modified: a telephone has
no moment at which it changed, and to who asks by time alone a new one would be "not modified" until midnight. Signed-in pages carry the
person's header and are not tagged.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import condition

from config import clock
from config.text_size import is_large
from organization.figures import figure_or

from .models import Program

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]


def public_page(view: View[P]) -> View[P]:
    """Answers 304 to a signed-out browser that holds the present state. Every use is checked again with the server (`no-cache`)."""
    tagged = condition(etag_func=_etag)(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        is_private = request.user.is_authenticated or len(get_messages(request)) > 0
        response = view(request, *args, **kwargs) if is_private else tagged(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        patch_cache_control(response, no_cache=True, private=True)
        return response

    return answer


def _etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    changed, programs, departments = _state(request)
    parts = [changed, programs, departments, figure_or("complaint_phone", ""), clock.today(), _release(), is_large(request),
             request.headers.get("HX-Request"), request.headers.get("Accept"), request.get_full_path()]  # fmt: skip
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _state(request: HttpRequest) -> tuple[datetime | None, int, list[tuple[Any, ...]]]:
    """Two small queries, once per request."""
    known: tuple[datetime | None, int, list[tuple[Any, ...]]] | None = getattr(request, "catalogue_state", None)
    if known is None:
        programs = Program.objects.visible_to(None)
        departments = programs.departments().values_list("code", "name", "phone", "address", "program_count")
        known = (*programs.last_change(), list(departments))
        request.catalogue_state = known  # type: ignore[attr-defined]
    return known


@lru_cache(maxsize=1)
def _release() -> float:
    """When the newest file that shapes these answers was written: another release, another tag."""
    folders = (settings.BASE_DIR / "templates", settings.BASE_DIR / "programs", settings.BASE_DIR / "config", settings.BASE_DIR / "static")
    return max(path.stat().st_mtime for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".html", ".css", ".js"})
