"""Number and telephone of a request in full, for the window that must reach the person; each look is recorded (SECURITY D12)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.reading import reveal
from config.protection.masks import mask_name
from households.transitions.reveals import OWN_WORK, warn_past_the_mark
from organization.models import Post

from ..models import Request
from ..permissions import can_see_number_of


@sensitive_variables("value")
@transaction.atomic
def reveal_number_of_request(*, request_id: Any, field: str, by: Post) -> str:
    """One's own work is the reason. Whoever registered it reads the masks afterwards, as a village does everywhere."""
    request: Request = Request.objects.visible_to(by).get_or_404(request_id)
    if not can_see_number_of(by, request):
        raise PermissionDenied("您的岗位只能查看脱敏号码。")
    value = reveal(
        row=request, field=field, by=by, reason=f"{OWN_WORK}（{request.number}）", household_id=request.household_id,
        subject_text=mask_name(request.name),
    )  # fmt: skip
    warn_past_the_mark(by)
    return value
