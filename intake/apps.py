from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = "综合受理"

    def ready(self) -> None:
        from audit.presenters import register
        from documents import gates, numbering
        from households import links, open_cases

        from . import household_links, reading
        from .presenters import CLERICAL, PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS, CLERICAL)
        for label, may_read in reading.GATES.items():
            gates.register(label, may_read)
        for kind, pattern in reading.NUMBERS.items():
            numbering.register(kind, pattern)
        open_cases.register(reading.has_open_case)
        open_cases.register_items(reading.open_items)
        links.register(household_links.links)
