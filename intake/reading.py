"""What this room tells the floors below: who reads its papers, how they are numbered, whether a household has an open case."""

from collections.abc import Callable
from uuid import UUID

from config.verbs import GatedQuerySet
from organization.models import Post

from .models import Application, ApplicationItem, Paper, SupplementNotice, Visit
from .permissions import can_read_papers


def _through(rows: GatedQuerySet, township_code: str) -> Callable[[Post, str], bool]:
    """Whoever sees the row, if the post is one that reads papers of the township. `township_code` is the path to it."""

    def may_read(post: Post, pk: str) -> bool:
        code = rows.visible_to(post).filter(pk=pk).values_list(township_code, flat=True).first()
        return code is not None and can_read_papers(post, code)

    return may_read


def _unless_confidential(may_read: Callable[[Post, str], bool], guarded: GatedQuerySet, window: str) -> Callable[[Post, str], bool]:
    """What names sensitive programs is read at the window that took the application in; a room above passes it on to their way."""

    def may_read_it(post: Post, pk: str) -> bool:
        return may_read(post, pk) and not guarded.filter(pk=pk).exclude(**{window: post.unit_id}).exists()

    return may_read_it


_applications = _through(Application.objects.all(), "township_code")
_papers = _through(Paper.objects.all(), "application__township_code")
_notices = _through(SupplementNotice.objects.all(), "application__township_code")
GATES = {
    "intake.application": _unless_confidential(_applications, Application.objects.filter(items__program__is_sensitive=True), "unit"),
    "intake.paper": _unless_confidential(_papers, Paper.objects.filter(is_confidential=True), "application__unit"),
    "intake.supplementnotice": _unless_confidential(
        _notices, SupplementNotice.objects.filter(application__items__program__is_sensitive=True), "application__unit"
    ),
    "intake.visit": _through(Visit.objects.all(), "unit__region_id"),
}
# Applications and visits are read out on the telephone and typed by hand: short, the township by its last three digits.
NUMBERS = {
    "application": "SQ{year}{scope}{number:05d}",
    "request": "QZ{year}{scope}{number:05d}",
    "visit": "LF{year}{scope}{number:05d}",
}


def has_open_case(household_id: UUID) -> bool:
    return Application.objects.open().filter(household_id=household_id).exists()


def open_items(household_id: UUID) -> dict[tuple[str, str], str]:
    """What open applications of the household ask for, by program and person."""
    items = ApplicationItem.objects.filter(application__household=household_id, application__status__in=Application.OPEN)
    return {
        (item.program_id, str(item.resident_id or "")): f"{item.application.get_status_display()}：{item.application.number}"
        for item in items.select_related("application")
    }
