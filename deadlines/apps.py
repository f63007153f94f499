from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "deadlines"
    verbose_name = "时限与提醒"

    def ready(self) -> None:
        from audit.presenters import register

        from . import jobs, upkeep
        from .presenters import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
        jobs.register("deadlines.drop_jobs", upkeep.drop_jobs_before, title="清理到期的后台任务")
