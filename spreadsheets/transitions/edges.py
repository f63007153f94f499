"""The legal steps of a file on its way in, and the beats every verb on one shares."""

from collections.abc import Callable, Mapping
from uuid import UUID

from config import clock
from config.verbs import TransitionError, edge, lock, recheck
from organization.models import Post

from ..declaration import Owner, Template, owner_of
from ..models import Batch

S = Batch.Status
EDGES: Mapping[str, frozenset[str]] = {
    S.READING: frozenset({S.READY, S.REFUSED, S.DROPPED}),
    S.REFUSED: frozenset({S.READING, S.DROPPED}),
    # Entered without a second where little changes; refused where a heading was taken wrongly and the file is not kept any more.
    S.READY: frozenset({S.READY, S.READING, S.REFUSED, S.PROPOSED, S.APPLYING, S.DROPPED}),
    S.PROPOSED: frozenset({S.READY, S.APPLYING, S.DROPPED}),
    S.APPLYING: frozenset({S.APPLIED, S.READY}),
    S.APPLIED: frozenset({S.UNDONE}),
}
READ, APPLY, UNDO = "spreadsheets.read", "spreadsheets.apply", "spreadsheets.undo"


def taken_up(batch_id: UUID | str, target: str, permission: Callable[[Post, Batch], bool], by: Post) -> Batch:
    """The batch under its lock, on its way to `target`.

    Raises:
        AlreadyHandled: it stands where no such step leads from: the sentence says where.
    """
    batch: Batch = lock(Batch.objects.visible_to(by).get_or_404(batch_id))
    edge(batch.status, target, EDGES, refusal=lambda: standing(batch))
    recheck(batch, permission, by)
    return batch


def standing(batch: Batch) -> str:
    """Where it stands, since when and by whom: for whoever comes second."""
    moments = (
        (batch.undone_at, batch.undone_by), (batch.dropped_at, batch.dropped_by), (batch.applied_at, batch.applied_by),
        (batch.confirmed_at, batch.confirmed_by), (batch.proposed_at, batch.proposed_by), (batch.handed_in_at, batch.handed_in_by),
    )  # fmt: skip
    at, by = next((at, by) for at, by in moments if at is not None)
    since = f"{clock.local(at):%Y-%m-%d %H:%M} {by.label if by else ''}"
    return f"这个文件现为“{batch.get_status_display()}”（{since}），不能再做这一步。"


def known(batch: Batch) -> tuple[Owner, Template]:
    """Who declares the batch's template, and the template.

    Raises:
        TransitionError: this version of the house does not know it any more.
    """
    owner, template = owner_of(batch.template), batch.declared
    if owner is None or template is None:
        raise TransitionError(f"本平台已没有“{batch.title}”这个模板，文件不能再办理。请作废后用现在的模板填报。")
    return owner, template
