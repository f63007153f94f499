"""When the figures are counted: every minute what changed, each night all of it against what stands."""

from datetime import timedelta

from audit.presenters import register as say
from deadlines import periods
from organization.models import Post

from ..transitions.summaries import check_all, count_changed
from ..transitions.work_summaries import count_work

# The work is counted up to midnight: two hours later nothing of the day before is still being written.
EACH_MINUTE, AT_NIGHT, OF_WORK = timedelta(minutes=1), timedelta(hours=2, minutes=20), timedelta(hours=2, minutes=5)


def register() -> None:
    periods.register("monitoring.count_changed", "汇总变动的救助", _counted, every=EACH_MINUTE)
    periods.register("monitoring.check_summaries", "汇总全量核对", _checked, every="day", at=AT_NIGHT)
    periods.register("monitoring.count_work", "汇总办理用时", _worked, every="day", at=OF_WORK)
    say({"summary.mended": "汇总与明细不符，更正{new}处（{note}）"}, {"monitoring.summarymonth": "汇总"})


def _counted(period: periods.Period) -> str:  # noqa: ARG001
    months = count_changed()
    return f"重新汇总{months}个月" if months else "没有变动"


def _checked(period: periods.Period) -> str:  # noqa: ARG001
    found = check_all(by=Post.objects.the_system())
    return f"更正{found.untold}处" if found.untold else "与明细一致"


def _worked(period: periods.Period) -> str:  # noqa: ARG001
    return f"汇总{count_work()}个月的办理用时"
