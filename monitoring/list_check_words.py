"""What the record says of 名单核身, and how a purpose stands on a day."""

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import CheckPurpose

EXPIRED = "已过期", "grey"

PHRASES = {
    "check_purpose.proposed": "提出核身用途“{note}”，核对{new}",
    "check_purpose.approved": "批准核身用途，有效至{new}：{note}",
    "check_purpose.refused": "不批准核身用途：{note}",
    "check_purpose.ended": "停用核身用途：{note}",
    "list_check.ran": "名单核身，{new}：{note}",
}
SUBJECTS = {"monitoring.checkpurpose": "核身用途", "monitoring.listcheck": "名单核身"}


def standing(purpose: "CheckPurpose", on: date) -> tuple[str, str]:
    """Word and tone of its badge: an approval whose days are over is no longer one, though nobody has ended it."""
    is_over = purpose.status == "approved" and (purpose.until is None or purpose.until < on)
    return EXPIRED if is_over else (purpose.get_status_display(), purpose.tone)
