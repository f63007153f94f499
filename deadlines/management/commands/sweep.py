from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.verbs import TransitionError
from deadlines.transitions import sweep


class Command(BaseCommand):
    help = "提醒巡检：找出到期的事项，产生提醒并告知（不经 Celery，可与后台作业同时运行）"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(str(sweep()))
        except TransitionError as busy:
            raise CommandError(str(busy)) from busy
