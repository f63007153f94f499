"""What the room of reviews tells the ground floor: its night's work and its ledger."""

from datetime import timedelta

from deadlines import periods
from spreadsheets import ledgers

from . import ledger, work


def register() -> None:
    periods.register(
        "monitoring.review_lists", "生成复核和认证清单", work.run, every="day", at=timedelta(hours=1, minutes=30), commits_itself=True
    )
    ledgers.register(ledger.LEDGER)
