"""The beats every transition shares (STYLE): fetch through the gate, lock, legal edge, gate and permission again.

Errors and what the outside makes of them: `TransitionError` carries a sentence fit for a clerk (message and redirect in HTML, 409 in the
API); not visible is 404; visible but not allowed is 403. Everything else is a bug and may be a 500.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404


class TransitionError(Exception):
    """A verb that cannot be done now. `str(error)` is a Chinese sentence saying why and what to do next."""


class AlreadyHandled(TransitionError):
    """Somebody else was first: the sentence says who and when."""


class Actor(Protocol):
    """What the lower floors know of a Post."""

    pk: Any
    staff_id: Any
    unit_id: Any

    @property
    def label(self) -> str: ...


class GatedQuerySet(models.QuerySet[Any]):
    """A QuerySet with a gate. Closed until a room opens it."""

    def visible_to(self, post: Any) -> Self:  # noqa: ARG002
        """The rows that exist for `post`: nothing, unless the room says otherwise."""
        return self.none()

    def get_or_404(self, pk: object) -> Any:
        """The row, or Http404: what is behind the gate does not exist."""
        try:
            return self.get(pk=pk)
        except (self.model.DoesNotExist, ValueError, TypeError) as missing:
            raise Http404("没有找到，或不在您的权限范围内。") from missing


M = TypeVar("M", bound=models.Model)


def lock(row: M) -> M:
    """The same row, read again under a row lock. Lock parents first: application, referral, verification, household, duty."""
    return type(row)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)


def edge(current: str, target: str, edges: Mapping[str, frozenset[str]], *, refusal: str) -> None:
    """Refuse a step that the table of legal edges does not hold.

    Raises:
        AlreadyHandled: with `refusal`, which names who was first where the caller knows.
    """
    if target not in edges.get(current, frozenset()):
        raise AlreadyHandled(refusal)


def recheck(row: M, predicate: Callable[[Any, M], bool], by: Any) -> None:
    """The gate again as a second query under the lock (404), then the permission (403)."""
    gate: GatedQuerySet = type(row)._default_manager.all()  # type: ignore[assignment]
    if not gate.visible_to(by).filter(pk=row.pk).exists():
        raise Http404("没有找到，或不在您的权限范围内。")
    if not predicate(by, row):
        raise PermissionDenied("您的岗位不能做这一步。")
