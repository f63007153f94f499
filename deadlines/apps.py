from datetime import timedelta

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "deadlines"
    verbose_name = "时限与提醒"

    def ready(self) -> None:
        from django.core import checks

        from audit.presenters import register
        from config import banners
        from organization import alarms

        from . import gaps, jobs, lateness, missing_calendar, periods, upkeep
        from .checks import sms_gateway
        from .presenters import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
        checks.register(sms_gateway)
        alarms.register(gaps.standing_still)
        jobs.register("deadlines.drop_jobs", upkeep.drop_jobs_before, title="清理到期的后台任务")
        periods.register("deadlines.forget_jobs", "清理到期的后台任务", upkeep.forget_jobs, every="day", at=timedelta(hours=2))
        periods.register("deadlines.forget_runs", "清理定期工作记录", upkeep.forget_runs, every="day", at=timedelta(hours=2))
        periods.register(
            "deadlines.ask_for_calendar", "提醒导入下一年工作日历", upkeep.ask_for_calendar, every="year", at=upkeep.first_of_november
        )
        periods.register(
            "organization.forget_sessions", "清理过期的登录会话", upkeep.forget_old_sessions,
            every="day", at=timedelta(hours=2), commits_itself=True,
        )  # fmt: skip
        periods.register("organization.forget_form_tokens", "清理已提交表单的标记", upkeep.forget_tokens, every="hour")
        banners.register(lateness.late_sweep)
        banners.register(missing_calendar.banner)
