from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "文书与附件"

    def ready(self) -> None:
        from audit.presenters import register

        from .phrases import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
