"""What the pages of the monthly lists show: how many wait, who, and why. Sensitive identities are named to the list's own unit alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from config import clock
from households.models import IdentityTag, Membership
from households.showing import shown_name
from organization.models import Post
from programs.models import Program

from . import roll
from .bulk import Result, refuse_too_many
from .models import ListEntry, MonthlyList
from .permissions import can_prepare_list
from .transitions import confirm_entry

State = ListEntry.State
TONES = {State.PROPOSED: "amber", State.CONFIRMED: "green", State.SET_ASIDE: "grey", State.LEAVING: "red"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list's page."""

    entry: ListEntry
    name: str
    place: str
    why: str
    tone: str
    said: str


def counted(lists: Sequence[MonthlyList]) -> dict[UUID, dict[str, int]]:
    """How many of each state, by list: one statement."""
    rows = ListEntry.objects.filter(monthly_list__in=lists).order_by().values_list("monthly_list", "state").annotate(number=Count("pk"))
    found: dict[UUID, dict[str, int]] = {row.pk: {} for row in lists}
    for pk, state, number in rows:
        found[pk][state] = number
    return found


def of_post(post: Post) -> list[Program]:
    """Programs whose list this post may have made now."""
    rows = Program.objects.accepting(clock.today()).filter(pk__in=roll.CHOICES).select_related("department").order_by("pk")
    if post.unit.kind == "department":
        return [program for program in rows if program.department_id == post.unit.department_id]
    return list(rows) if can_prepare_list(post, post.unit) else []


def lines(entries: Iterable[ListEntry], listed: MonthlyList, post: Post) -> list[Line]:
    """The rows of one page: names in full to the unit whose work it is, masked where the county is only watched."""
    entries = list(entries)
    heads = _heads(entries)
    is_own = post.unit_id == listed.unit_id
    return [_line(entry, heads.get(entry.household_id, ""), is_own, post) for entry in entries]


def _line(entry: ListEntry, head: str, is_own: bool, post: Post) -> Line:
    name = entry.resident.name if entry.resident else head
    place = entry.household.region.full_name if entry.household else entry.place_name  # type: ignore[attr-defined]
    return Line(entry, shown_name(name, post), place, _why(entry, is_own), TONES[State(entry.state)], _said(entry))


def _why(entry: ListEntry, is_own: bool) -> str:
    if entry.state == State.LEAVING:
        return "列入时的身份已经终止"
    kinds = [IdentityTag.Kind(kind) for kind in entry.identities]
    words = [str(kind.label) for kind in kinds if is_own or kind not in IdentityTag.SENSITIVE]
    return "、".join(words + (["敏感身份"] if len(words) < len(kinds) else []))


def _said(entry: ListEntry) -> str:
    if entry.settled_at and entry.settled_by:
        said = f"{clock.local(entry.settled_at):%Y-%m-%d %H:%M} {entry.settled_by.staff.name}"
        return f"{said}：{entry.reason}" if entry.reason else said
    return f"自{entry.record.since}起享受" if entry.record else ""


def _heads(entries: Sequence[ListEntry]) -> dict[Any, str]:
    """The heads of the households of a page."""
    homes = [entry.household_id for entry in entries if entry.household_id]
    rows = Membership.objects.open().filter(household__in=homes, relation=Membership.Relation.HEAD).order_by()
    return dict(rows.values_list("household", "resident__name"))


def confirm_each(ids: Sequence[UUID], by: Post) -> Result:
    """Each in its own savepoint; who is not confirmed stays, with the reason. There is no such verb that leaves people out.

    Raises:
        TransitionError: more than are done at once.
    """
    refuse_too_many(ids)
    result = Result()
    for place, pk in enumerate(dict.fromkeys(ids), 1):
        result.try_one(lambda entry=pk: confirm_entry(entry_id=entry, by=by), f"勾选的第{place}行")  # type: ignore[misc]
    return result
