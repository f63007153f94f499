"""What comes round in this room (`deadlines.periods`), with its rhythm and the line that tells what came of it."""

from datetime import timedelta
from functools import partial

from deadlines import periods
from organization.models import Post

from .transitions import make_bulletin
from .transitions.rounds import open_rounds

IN_THE_MORNING = timedelta(hours=7)


def register() -> None:
    """After an outage the latest alone is made: what was open weeks ago cannot be counted any more."""
    for every, title in ((periods.Every.WEEK, "生成督查周报"), (periods.Every.MONTH, "生成督查月报")):
        periods.register(f"monitoring.{every}", title, partial(_made, every.value), every=every, at=IN_THE_MORNING)
    # Each day, since a round may open before its month begins (RULES corrections 4).
    periods.register("monitoring.open_rounds", "开放数据报送轮次", _opened, every=periods.Every.DAY)


def _made(every: str, period: periods.Period) -> str:
    bulletin = make_bulletin(every=every, on=period.first, by=Post.objects.the_system())
    return f"{bulletin}，{bulletin.lines.count()}个单位"


def _opened(period: periods.Period) -> str:  # noqa: ARG001
    opened = open_rounds(by=Post.objects.the_system())
    return "；".join(f"{row}开放，{row.deliveries.count()}个单位" for row in opened) or "没有要开放的轮次"
