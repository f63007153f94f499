"""The county platform opens a sensitive item that others work on: with a reason, recorded, for some minutes (DESIGN 2, SECURITY D12)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from organization.models import Post

from ..conditions import words
from ..models import Referral
from ..permissions import can_look_into
from ..querysets import LOOKED_INTO
from .walking import note

REASON = 200


@transaction.atomic
def look_into(*, referral_id: Any, reason: str, by: Post) -> Referral:
    """Say why. Nothing of the referral changes, so nothing is locked: the line itself lets the pages be read (`readable_by`).

    Raises:
        TransitionError: no reason, or an ID number in it.
    """
    referral: Referral = Referral.objects.visible_to(by).select_related("program").get_or_404(referral_id)
    if not can_look_into(by, referral):
        raise PermissionDenied("只有县级平台查看敏感项目须写明原因。")
    note(LOOKED_INTO, referral, by, note=words(reason, "请写明查看原因：为哪件工作、核对什么。", REASON))
    return referral
