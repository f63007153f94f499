from typing import Any

from django.core.management.base import BaseCommand

from deadlines.transitions import drain


class Command(BaseCommand):
    help = "发送待发消息（不经 Celery，可与后台作业同时运行）"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"已送达 {drain()} 条消息。")
