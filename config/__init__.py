"""Settings, URLs, the clock, protected fields and the launcher: what every room stands on."""

from .celery import app as celery_app

__all__ = ["celery_app"]
