"""What the addresses of 名单核身 name: purposes of the officer's department, and of another's."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from organization.models import Post
from tests.matrix.objects import arguments_of, body_of, by_scope
from tests.monitoring.lists import PURPOSE, purpose_in


@arguments_of(
    "monitoring:list_check_detail", "monitoring:list_check_run", "monitoring:list_check_runs", "monitoring:list_check_end", shared=by_scope
)
def an_approved_purpose(scope: str, post: Post | None) -> dict[str, Any]:
    """own: 县残联's. dept: 县教委's."""
    return {"pk": (purpose_in(program="CL03", proposer="officer") if scope == "own" else purpose_in()).pk}


@arguments_of("monitoring:list_check_answer", shared=by_scope)
def a_proposed_purpose(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": purpose_in("proposed", program="CL03", proposer="officer").pk}


@body_of("monitoring:list_check_propose")
def a_purpose() -> dict[str, Any]:
    return {"program": "CL03", "purpose": PURPOSE}


@body_of("monitoring:list_check_answer")
def agreed() -> dict[str, Any]:
    return {"act": "approve", "months": 12, "answer": ""}


@body_of("monitoring:list_check_end")
def not_needed() -> dict[str, Any]:
    return {"reason": "不再需要。"}


@body_of("monitoring:list_check_run")
def a_list() -> dict[str, Any]:
    return {"file": SimpleUploadedFile("名单.csv", b"")}  # an empty file comes back with its sentence: the door was open
