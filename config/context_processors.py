"""What the page frame asks of every request."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config import banners, clock
from config.navigation import Link, address, links_for
from config.text_size import is_large


class Frame:
    """The frame's questions, each answered only when a template asks. Posts are set by the middleware of `organization`."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def post(self) -> Any:
        return getattr(self._request, "post", None)

    @cached_property
    def other_posts(self) -> list[Any]:
        return [post for post in getattr(self._request, "posts", ()) if post != self.post]

    @cached_property
    def navigation(self) -> list[Link]:
        if not self.post:
            return []
        unit = self.post.unit
        return links_for(self.post.role, current_path=self._request.path, unit_kind=unit.kind, departments=self.post.department_codes)

    @cached_property
    def banners(self) -> list[banners.Banner]:
        return banners.banners_for(self.post)

    @property
    def is_large(self) -> bool:
        return is_large(self._request)

    @property
    def path(self) -> str:
        """Where a page sends people back to after a switch of post or text size."""
        return self._request.get_full_path()

    @property
    def sign_in_path(self) -> str:
        """By this address a script tells that a request was answered with the sign-in page."""
        return address(settings.LOGIN_URL)

    @property
    def session_state_path(self) -> str:
        """Where an open page asks whether its session still lives, before a form is sent."""
        return address("organization:session_state")

    @property
    def phrases_path(self) -> str:
        """Where a field for an opinion finds one's own phrases; nowhere for whoever has no post."""
        return address("organization:phrase_choices") if self.post else ""

    @property
    def password_path(self) -> str:
        return address("organization:password_change")

    @property
    def staff_id(self) -> int | None:
        """Whose page this is: if somebody else signs in over it, nothing is sent."""
        return getattr(self._request.user, "pk", None)

    @cached_property
    def watermark(self) -> str:
        """User, unit and date (UI): shown over pages with personal data, on screen and on paper."""
        user = self._request.user
        name = user.name if user.is_authenticated else ""
        unit = self.post.unit.short_name if self.post else ""
        return " ".join(part for part in (name, unit, clock.today().isoformat()) if part)


def frame(request: HttpRequest) -> dict[str, Frame]:
    return {"frame": Frame(request)}
