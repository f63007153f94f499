from datetime import timedelta

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Brings the drill's kinds of work. Not in an `apps.py`: it has no tables, and the bed's template need not be built anew for it."""

    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        from deadlines import jobs, periods

        from .trade import JOB, ROUND, ROUNDS, come_round, long_work

        jobs.register(JOB, long_work, title="演练任务")
        for number in range(ROUNDS):
            periods.register(f"{ROUND}_{number}", "演练定期工作", come_round(number), every=timedelta(minutes=1))
