"""全县筛查 behind the addresses of the matrix."""

from typing import Any

from organization.models import Post
from tests import cast
from tests.households.registers import finished_run
from tests.matrix.objects import arguments_of, by_scope


@arguments_of("households:screening_run_detail", shared=by_scope)
def a_run(scope: str, post: Post | None) -> dict[str, Any]:
    """own: asked for by the department of the cast. dept: by another."""
    return {"pk": finished_run(cast.member("civil_officer" if scope == "dept" else "officer")).pk}
