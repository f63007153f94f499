"""Behind the addresses of the watching room."""

import uuid
from typing import Any

from tests.matrix.objects import body_of


@body_of("monitoring:workbench_receive", "monitoring:workbench_take", "monitoring:workbench_assign", "monitoring:workbench_remind")
def ticks() -> dict[str, Any]:
    """Of a duty that is none of theirs: told so, and led back."""
    return {"duties": [str(uuid.UUID(int=7))], "tab": "waiting", "text": "请尽快办理", "handler": ""}
