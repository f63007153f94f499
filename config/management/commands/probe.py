import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import heartbeats


class Command(BaseCommand):
    help = "For a container's health check: ends with 0 when the web answers here, or when the beat (or any worker) gave a sign of life."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", choices=["web", heartbeats.BEAT, heartbeats.WORKER])
        parser.add_argument("--address", default="http://127.0.0.1:8000", help="where gunicorn listens")

    def handle(self, *args: Any, **options: Any) -> None:
        part = options["part"]
        if part == "web":
            ask_web(options["address"])
            return
        age = heartbeats.ages().get(part)
        if age is None or age > heartbeats.LIMITS[part]:
            raise CommandError(f"{part}: {'从未有过心跳' if age is None else f'{age.total_seconds():.0f} 秒没有心跳'}")


def ask_web(address: str) -> None:
    """Whether the process answers at `address`, asked by a name it may be called."""
    name = next(iter(settings.ALLOWED_HOSTS), "localhost").removeprefix(".").replace("*", "localhost")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(urllib.request.Request(f"{address}/healthz", headers={"Host": name}), timeout=5).close()  # noqa: S310
    except OSError as error:
        raise CommandError(f"web: {error}") from None
