from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Brings the drill's kind of work. Not in an `apps.py`: it has no tables, and the bed's template need not be built anew for it."""

    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        from deadlines import jobs

        from .trade import JOB, long_work

        jobs.register(JOB, long_work, title="演练任务")
