"""Data rounds, doubts, clues, early warning, supervision, dashboards."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "监测与监督"

    def ready(self) -> None:
        from audit.presenters import register
        from documents import gates, numbering

        from . import rounds
        from .models import SupervisionOrder, WrittenReminder
        from .presenters import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
        rounds.register()
        numbering.register("supervision_order", "{scope}〔{year}〕{number:03d}号")
        numbering.register("written_reminder", "{prefix}{scope}〔{year}〕{number:03d}号")
        gates.register("monitoring.supervisionorder", lambda post, pk: SupervisionOrder.objects.visible_to(post).filter(pk=pk).exists())
        gates.register("monitoring.writtenreminder", lambda post, pk: WrittenReminder.objects.visible_to(post).filter(pk=pk).exists())
