"""通报: the numbers of a week or month, made once, told to supervision and the platform, never changed (ZX-48, RULES correction 11)."""

from datetime import date

from django.db import transaction

from audit.transitions import record
from config import clock
from deadlines.transitions import announce
from organization.models import Post, Unit

from .. import periods, standing
from ..models import Bulletin, BulletinLine

READERS = (Unit.Kind.SUPERVISION, Unit.Kind.PLATFORM)


@transaction.atomic
def make_bulletin(*, every: str, by: Post, on: date | None = None) -> Bulletin:
    """Of the last week or month that was complete `on` a day (default: today); asked again, the one that was made. Two at once make one.

    What is open and late is counted now, and the page says of when; what was closed is counted over the period.
    """
    now = clock.now()
    period = periods.last_complete(every, on or clock.today())
    bulletin, is_new = Bulletin.objects.get_or_create(
        every=every, first_on=period.first, defaults={"last_on": period.last, "as_of_at": now}
    )
    if not is_new:
        return bulletin
    figures = standing.of_period(period, now)
    BulletinLine.objects.bulk_create(BulletinLine(bulletin=bulletin, unit_id=unit, **said) for unit, said in figures.items())
    record("bulletin.made", bulletin, by=by, new=str(bulletin), data={"units": len(figures)})
    late = sum(said.get("overdue", 0) for said in figures.values())
    readers = list(Unit.objects.current(clock.today()).filter(kind__in=READERS))
    announce(
        "bulletin.made", bulletin, to=readers, title=f"{bulletin}已生成", body=f"全县超期{late}件，各单位情况见通报。",
        url=bulletin.get_absolute_url(), dedupe=f"bulletin:{period.key}",
    )  # fmt: skip
    return bulletin
