"""The demo's data rounds: last month's delivered by nearly all, this month's in every state that a board shows."""

from datetime import date, datetime, time, timedelta

from config import clock
from config.dates import add_months
from deadlines.rules import SHANGHAI
from organization.models import Post, Unit

from .models import Delivery, Round
from .transitions import deliveries, rounds

REASON = "救助信息名册缺少两个乡镇，请补报。"
REMARK = "本月名单已与业务系统核对一致。"


def load(by: Post) -> None:
    """Through the verbs, at the clock's time of each; safe to repeat."""
    if Round.objects.exists():
        return
    desk = _Desk()
    this = clock.today().replace(day=1)
    for month in (add_months(this, -1), this):
        days = rounds.planned(Round.Kind.MONTHLY, month)
        with clock.set_clock(_at(days.opens_on, 0)):
            rounds.open_rounds(by=by)
        row = Round.objects.get(kind=Round.Kind.MONTHLY, month=month)
        for place, delivery in enumerate(Delivery.objects.filter(round=row).select_related("unit").order_by("unit__department__number")):
            desk.deliver(delivery, row, place, is_latest=month == this)


def _at(day: date, hour: int) -> datetime:
    return min(datetime.combine(day, time(hour, 30), SHANGHAI), clock.now())


class _Desk:
    def __init__(self) -> None:
        posts = list(Post.objects.effective(clock.today()).select_related("unit__region", "staff").order_by("pk"))
        self.platform = [post for post in posts if post.unit.kind == Unit.Kind.PLATFORM]
        self.own = {post.unit_id: post for post in reversed(posts) if post.unit.kind == Unit.Kind.DEPARTMENT}

    def deliver(self, delivery: Delivery, row: Round, place: int, *, is_latest: bool) -> None:
        """Two departments in seven do not hand in this month's in time: one late, one not at all; one has it back, one is helped."""
        late = is_latest and place % 7 == 2
        day = min(row.due_on + timedelta(days=2 if late else -(place % 4)), clock.today())
        if (is_latest and place % 7 == 5) or day < row.opens_on or delivery.unit_id not in self.own:
            return
        by = self.platform[0] if is_latest and place == 8 else self.own[delivery.unit_id]
        with clock.set_clock(_at(day, 9 + place % 8)):
            if delivery.items.filter(part="policy").exists():
                deliveries.confirm_policy(delivery_id=delivery.pk, by=by)
            if delivery.items.filter(state="empty").exists():
                deliveries.mark_unchanged(delivery_id=delivery.pk, by=by)
            deliveries.submit(delivery_id=delivery.pk, remark=REMARK if place % 3 == 0 else "", by=by)
        if is_latest and place % 7 == 6:
            return  # waits to be confirmed
        judge = next((post for post in self.platform if post.staff_id != by.staff_id), None)
        if judge is None:
            return
        with clock.set_clock(_at(day + timedelta(days=1), 9)):
            if is_latest and place == 3:
                deliveries.send_back(delivery_id=delivery.pk, reason=REASON, by=judge)
            else:
                deliveries.accept(delivery_id=delivery.pk, by=judge)
