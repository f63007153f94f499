"""Data rounds, doubts, clues, early warning, supervision, dashboards."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "监测与监督"

    def ready(self) -> None:
        from audit.presenters import register, register_reading
        from deadlines import periods
        from documents import gates, numbering
        from households import links
        from spreadsheets import holders, ledgers

        from . import (
            closing_words,
            doubt_words,
            list_check_words,
            month_work,
            papers,
            record_words,
            review_words,
            round_door,
            round_words,
            rounds,
        )
        from .dashboards import ledgers as dashboards
        from .doubts import working
        from .household_ledger import declared as household_ledger
        from .household_ledger import words as ledger_words
        from .household_ledger import working as ledger_working
        from .models import SupervisionOrder, WrittenReminder
        from .other_ledgers import registering
        from .presenters import PHRASES, SUBJECTS
        from .profile import links as profile_links
        from .profile import words as profile_words
        from .reviews import registering as reviews
        from .summaries import keeping
        from .transitions.letting_go import DoubtsOfEntries, LinesOfRecords

        dashboards.declare_figures()
        ledgers.register(dashboards.LEDGER)
        register(PHRASES, SUBJECTS)
        register_reading(record_words)
        register(closing_words.PHRASES, closing_words.SUBJECTS)
        register(doubt_words.PHRASES, {})
        register(list_check_words.PHRASES, list_check_words.SUBJECTS)
        register(ledger_words.PHRASES, ledger_words.SUBJECTS)
        register(round_words.PHRASES, round_words.SUBJECTS)
        register(profile_words.PHRASES, {}, profile_words.CLERICAL)
        register(review_words.PHRASES, review_words.SUBJECTS)
        links.register(profile_links.links)
        rounds.register()
        registering.register()
        working.register()
        ledger_working.register()
        household_ledger.register()
        round_door.register()
        holders.register("monitoring.doubts", DoubtsOfEntries())
        holders.register("monitoring.review_lines", LinesOfRecords())
        keeping.register()
        reviews.register()
        periods.register(
            "monitoring.open_months", "开始上月月结", month_work.open_last_month, every="month", at=month_work.first_workday, makes_up=True
        )
        numbering.register("supervision_order", "{scope}〔{year}〕{number:03d}号")
        numbering.register("written_reminder", "{prefix}{scope}〔{year}〕{number:03d}号")
        gates.register("monitoring.supervisionorder", papers.lets_read(SupervisionOrder))
        gates.register("monitoring.writtenreminder", papers.lets_read(WrittenReminder))
