"""The Celery application: wake-ups only. Every fact lives in PostgreSQL, so losing the broker loses nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("assistance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _add_pulse() -> None:
    from .pulse import WorkerPulse  # needs settings, which a process that only imports the app must not load yet

    app.steps["worker"].add(WorkerPulse)


app.on_after_configure.connect(lambda **_: _add_pulse(), weak=False)
