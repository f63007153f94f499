"""Verifications behind the addresses of the matrix."""

from typing import Any

from organization.models import Post
from tests import cast
from tests.matrix.objects import arguments_of
from tests.verification import factories


@arguments_of("verification:verification_detail")
def a_verification(scope: str, post: Post | None) -> dict[str, Any]:
    """own: of the home township, to be started. town: the neighbour's."""
    by = cast.member("neighbour_clerk" if scope == "town" else "clerk")
    return {"pk": factories.pending(of=factories.household(code=by.unit.region_id, by=by), by=by).pk}
