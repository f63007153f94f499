"""The beats every transition shares (STYLE): fetch through the gate, lock, legal edge, gate and permission again.

Errors and what the outside makes of them: `TransitionError` carries a sentence fit for a clerk (message and redirect in HTML, 409 in the
API); not visible is 404; visible but not allowed is 403. A statement that gave up waiting for a lock is told as `HELD` (`is_held`).
Everything else is a bug and may be a 500.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, models
from django.http import Http404
from psycopg2.errors import LockNotAvailable

HELD = "同事或入库任务正在处理这条记录，请稍候片刻再提交。"
HELD_SECONDS = 5  # after which it is worth another try


class TransitionError(Exception):
    """A verb that cannot be done now. `str(error)` is a Chinese sentence saying why and what to do next."""


class AlreadyHandled(TransitionError):
    """Somebody else was first: the sentence says who and when."""


def is_held(raised: BaseException) -> bool:
    """Whether a statement gave up waiting for what another transaction holds (`DB_LOCK_TIMEOUT`): a row, a key, an advisory lock.

    It stays the database's error and is no `TransitionError`: a job, or a verb that passes over what is refused, would take that for a no
    that stands, and nothing is refused here. A job is put back and tried again; whoever answers a person says `HELD`: `submit`, acts on
    several at once, the middleware, the API.
    """
    return isinstance(raised, OperationalError) and isinstance(raised.__cause__, LockNotAvailable)


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
        except (self.model.DoesNotExist, ValidationError, ValueError, TypeError) as missing:
            raise Http404("没有找到，或不在您的权限范围内。") from missing


M = TypeVar("M", bound=models.Model)


def lock(row: M) -> M:
    """The same row, read again under a row lock. Lock parents first: application, referral, verification, household,
    what was reported of it, its aid, duty."""
    return type(row)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)


def edge(current: str, target: str, edges: Mapping[str, frozenset[str]], *, refusal: str | Callable[[], str]) -> None:
    """Refuse a step that the table of legal edges does not hold.

    Raises:
        AlreadyHandled: with `refusal`, which names who was first where the caller knows; a function, where that must be looked up.
    """
    if target not in edges.get(current, frozenset()):
        raise AlreadyHandled(refusal if isinstance(refusal, str) else refusal())


class ConstraintBroken(ValidationError):
    """The database refused a row: which constraint by `name`, and what it says to people."""

    def __init__(self, constraint: models.BaseConstraint) -> None:
        self.name = constraint.name
        super().__init__(constraint.get_violation_error_message(), code="constraint")


def save(row: models.Model, *fields: str) -> None:
    """The sixth beat: clean the row's own values and write it, all of it or these fields. What it breaks is told in the constraint's words.

    The database asks every constraint and every key anyway. To ask each one before, as `full_clean` does, costs a statement apiece, forty
    for a referral (see docs/adr). The refused statement ends the verb's transaction: after `ConstraintBroken` nothing is done but telling.

    Raises:
        ValidationError: a value that does not fit its field, by field.
        ConstraintBroken: a named constraint of the model.
    """
    clean(row)
    try:
        if row._state.adding:
            row.save(force_insert=True)
        else:
            row.save(update_fields=fields or None)
    except IntegrityError as refused:
        name = getattr(getattr(refused.__cause__, "diag", None), "constraint_name", None)
        broken = next((constraint for constraint in row._meta.constraints if constraint.name == name), None)
        if broken is None:
            raise
        raise ConstraintBroken(broken) from refused


def clean(row: models.Model) -> None:
    """The row's own values alone, for what writes it otherwise than `save`. Raises ValidationError, by field."""
    unasked = {field.name for field in row._meta.concrete_fields if field.is_relation or field.attname in row.get_deferred_fields()}
    row.full_clean(exclude=unasked, validate_unique=False, validate_constraints=False)


def recheck(row: M, predicate: Callable[[Any, M], bool], by: Any) -> None:
    """The gate again as a second query under the lock (404), then the permission (403)."""
    gate: GatedQuerySet = type(row)._default_manager.all()  # type: ignore[assignment]
    if not gate.visible_to(by).filter(pk=row.pk).exists():
        raise Http404("没有找到，或不在您的权限范围内。")
    if not predicate(by, row):
        raise PermissionDenied("您的岗位不能做这一步。")
