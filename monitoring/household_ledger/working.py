"""The ledger's periodic work: a month is closed in the night after the departments' round of the next month was due (ZX-28)."""

from datetime import date, datetime, timedelta

from config.dates import add_months
from deadlines import periods
from deadlines.rules import start_of
from deadlines.working_calendar import ONE_DAY
from organization.models import Post

IN_THE_NIGHT = timedelta(hours=2)


def register() -> None:
    """Not to be brought forward: whoever keeps the house running would freeze a month before the departments' round is in. The county
    platform may do that, on the ledger's own page.
    """
    periods.register(
        "monitoring.close_ledger", "按户统计台账月结", close_last_month, every="month", at=after_the_round, makes_up=True,
        only_when_due=True,
    )  # fmt: skip


def after_the_round(first: date) -> datetime:
    """Two hours into the day after the last day of the round, or of the month's first where the round was over before it."""
    from ..models import Round
    from ..transitions.rounds import planned

    return start_of(max(planned(Round.Kind.MONTHLY, first).due_on, first) + ONE_DAY) + IN_THE_NIGHT


def close_last_month(period: periods.Period) -> str:
    from ..models import LedgerMonth
    from ..transitions.ledger_months import close_ledger_month

    month = add_months(period.first.replace(day=1), -1)
    if LedgerMonth.objects.filter(month__gte=month).exists():
        return f"{month:%Y-%m}台账已由人员月结"
    row = close_ledger_month(month=month, by=Post.objects.the_system())
    return f"{row}月结，{row.lines}行，对上月的更正{row.corrections}行"
