"""A registration put aside, taken up again, dropped (UI: 暂存). Its content is erased with it: nobody keeps what was never registered."""

import json
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.sealing import open_sealed, seal
from config.verbs import save
from organization.models import Post

from ..models import HouseholdDraft
from ..permissions import can_enter

Content = dict[str, Any]


@sensitive_variables()
@transaction.atomic
def put_aside(*, content: Content, draft_id: UUID | None = None, by: Post) -> HouseholdDraft:
    """Keep what was typed, in place of what the same draft held before; a new one where that is gone, dropped in another window.

    `content`: `address` and a list of `members`.
    """
    if not can_enter(by):
        raise PermissionDenied("只有乡镇（街道）经办可以登记家庭。")
    draft = _held(draft_id, by) or HouseholdDraft()
    seal(draft, content=json.dumps(content, ensure_ascii=False))
    draft.members, draft.saved_at, draft.saved_by = len(content["members"]), clock.now(), by
    save(draft)
    record("household_draft.put_aside", draft, by=by, new=f"{draft.members}人")
    return draft


@sensitive_variables()
def content_of(draft: HouseholdDraft) -> Content:
    """What was typed; the caller fetched the draft through its gate."""
    return json.loads(open_sealed(draft, "content"))


@transaction.atomic
def drop(*, draft_id: UUID, by: Post) -> None:
    """Throw a draft away, content and all: registered since, or not wanted. One that is gone already is no fault."""
    draft = _held(draft_id, by)
    if draft is not None:
        record("household_draft.dropped", draft, by=by, new=f"{draft.members}人")
        draft.delete()


def _held(draft_id: UUID | None, by: Post) -> HouseholdDraft | None:
    """One's own draft, locked; None where there is none any more."""
    found: HouseholdDraft | None
    found = HouseholdDraft.objects.visible_to(by).filter(pk=draft_id).select_for_update(of=("self",)).first() if draft_id else None
    return found
