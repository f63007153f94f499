"""The demo's closed days and months: most windows on time, one late, one not yet; the month before confirmed by most townships."""

from datetime import date, datetime, time

from config import clock
from config.dates import add_months
from deadlines.counting import calendar_since
from deadlines.rules import SHANGHAI
from organization.models import Post, Unit

from .day_page import Day
from .models import DayClose, MonthClose
from .month_work import first_workday
from .transitions import closing

DAYS = 3
WORDS = "当天外出入户，明早办理。"
NOTE = "本月求助、申请均已登记答复，无遗留。"
EVENING, MORNING = time(17, 30), time(9, 0)


def load(by: Post) -> None:
    """Through the verbs, at the clock's time of each; safe to repeat."""
    if DayClose.objects.exists():
        return
    posts = list(Post.objects.effective(clock.today()).select_related("unit__region", "staff").order_by("pk"))
    clerks = {post.unit_id: post for post in posts if post.role == "T" and post.unit.kind == Unit.Kind.TOWNSHIP_WINDOW}
    for place, clerk in enumerate(clerks.values()):
        for day in _days():
            if place % 7 != 5 or day != _days()[-1]:  # one window in seven has forgotten the last day
                _close(clerk, day, is_late=place % 7 == 3 and day == _days()[0])
    _months(posts, by)


def _days() -> list[date]:
    """The last working days before today."""
    calendar, today = calendar_since(add_months(clock.today(), -1)), clock.today()
    return [calendar.workday_before(today, number) for number in range(DAYS, 0, -1)]


def _close(clerk: Post, day: date, *, is_late: bool) -> None:
    moment = datetime.combine(clock.today() if is_late else day, MORNING if is_late else EVENING, SHANGHAI)
    with clock.set_clock(min(moment, clock.now())):
        said = {line.key: WORDS for line in Day(clerk, day, clock.now()).lines if line.asks}
        closing.close_day(day=day, said=said, by=clerk)


def _months(posts: list[Post], by: Post) -> None:
    month = add_months(clock.today().replace(day=1), -1)
    begins = first_workday(add_months(month, 1))
    with clock.set_clock(min(begins, clock.now())):
        closing.open_months(month=month, by=by)
    approvers = {post.unit.region_id: post for post in posts if post.role == "TA"}
    for place, row in enumerate(MonthClose.objects.filter(month=month).select_related("unit").order_by("unit__region_id")):
        approver = approvers.get(row.unit.region_id)
        if approver is not None and place % 5 != 4:
            closing.close_month(month_close_id=row.pk, note=NOTE, by=approver)
