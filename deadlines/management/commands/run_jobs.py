from typing import Any

from django.core.management.base import BaseCommand

from deadlines import running


class Command(BaseCommand):
    help = "办理排队的后台任务，直到没有可办的为止（不经 Celery，可与后台作业同时运行）"

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        while running.run_next():
            count += 1
        self.stdout.write(f"已办理 {count} 个任务。")
