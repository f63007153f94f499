"""Who works in the county of the measurements: the demo's people, where nobody is there yet."""

from collections.abc import Iterator

from config import clock
from config.county import Plan

from .demo import load
from .models import Post


def fill(plan: Plan) -> Iterator[tuple[str, int]]:
    working = Post.objects.effective(clock.today()).filter(family=Post.Family.CASEWORK, unit__kind="township_window")
    if not working.exists():
        load(by=plan.by)
    yield "岗位", Post.objects.effective(clock.today()).count()
