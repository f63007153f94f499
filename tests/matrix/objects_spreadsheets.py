"""Behind the addresses of files on their way in."""

import uuid
from typing import Any

from config import clock
from organization.models import Post
from spreadsheets.models import Batch
from tests import cast
from tests.matrix.objects import arguments_of, by_scope

OF = {"town": "clerk", "department": "officer"}


def batch_of(scope: str, **more: Any) -> Batch:
    """A file of that unit at its preview, laid down: nothing of it is read here."""
    by = cast.member(OF[scope])
    given = {"status": "ready", "rows": 1, "counts": {"new": 1, "jump": 0, "unknown": 0}, "compared_at": clock.now(), **more}
    file = {"template": "test:added", "title": "测试名册", "file_name": "名册.csv", "file_digest": uuid.uuid4(), "size": 100}
    handed_in = {"unit": by.unit, "handed_in_at": clock.now(), "handed_in_by": by, "handed_in_by_staff": by.staff}
    return Batch.objects.create(as_of=clock.today(), **file, **handed_in, **given)


@arguments_of("spreadsheets:batch_detail", shared=by_scope)
def a_batch(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": batch_of(scope).pk}
