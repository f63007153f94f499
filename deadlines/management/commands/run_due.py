import logging
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from config.verbs import TransitionError
from deadlines import running, transitions

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "到期的事都办一遍：提醒巡检、发送消息、定期工作、后台任务（不经 Celery，可由 cron 每分钟执行，可与后台作业同时运行）"

    def handle(self, *args: Any, **options: Any) -> None:
        parts: tuple[tuple[str, Callable[[], str]], ...] = (
            ("提醒巡检", _sweep),
            ("消息", _drain),
            ("定期工作", _periods),
            ("后台任务", _jobs),
        )
        broken = [name for name, part in parts if not self._do(name, part)]
        if broken:
            raise CommandError(f"未办成：{'、'.join(broken)}。原因见上，下次执行时再办。")

    def _do(self, name: str, part: Callable[[], str]) -> bool:
        """A part that breaks off does not keep the others from their turn, as it does not where beat calls each by itself."""
        try:
            self.stdout.write(f"{name}：{part()}")
        except Exception as broken:  # whatever it is: the others must have their turn, and the exit code tells cron
            is_away = isinstance(broken, Error)
            logger.log(logging.WARNING if is_away else logging.ERROR, "run_due: %s", name, exc_info=broken)
            self.stderr.write(f"{name}：{'数据库中断' if is_away else '出现故障，原因见日志'}。")
            connection.close()
            return False
        return True


def _sweep() -> str:
    try:
        return str(transitions.sweep())
    except TransitionError as busy:  # the next time makes up for it
        return str(busy)


def _drain() -> str:
    return f"已送达 {transitions.drain()} 条"


def _periods() -> str:
    tally = transitions.run_due()
    return f"办成 {tally.done} 项" + (f"，未办成 {tally.failed} 项，见定期工作页" if tally.failed else "")


def _jobs() -> str:
    count = 0
    while running.run_next():
        count += 1
    return f"已办理 {count} 个"
