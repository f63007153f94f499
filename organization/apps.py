from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "organization"
    verbose_name = "机构与人员"

    def ready(self) -> None:
        from audit.presenters import register

        from .presenters import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
