from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "deadlines"
    verbose_name = "时限与提醒"

    def ready(self) -> None:
        from audit.presenters import register

        from .presenters import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
