from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = "救助项目目录"

    def ready(self) -> None:
        from audit.presenters import register

        from .phrases import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
