from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "verification"
    verbose_name = "核查"

    def ready(self) -> None:
        from audit.presenters import register
        from documents import numbering
        from households import links

        from . import household_links
        from .presenters import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
        numbering.register("verification", "HC{year}{scope}{number:05d}")
        links.register(household_links.links)
