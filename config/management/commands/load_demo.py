from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.local.side_by_side import side_by_side
from config.reference import rooms_with


class Command(BaseCommand):
    help = "Load the fictional people and work of the demo. Refuses anywhere but in the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("演示数据只能装入演示环境（IS_DEMO）。")
        by = apps.get_model("organization", "Post").objects.the_system()
        for room, module in rooms_with("demo"):
            with transaction.atomic():
                module.load(by=by)
            self.stdout.write(f"{room}: 演示数据已就绪")
        # Families and their work, township by township: the upper rooms of a share build on its own lower ones only.
        shared = [module for _, module in rooms_with("demo", "load_share")]
        if not side_by_side(partial(_load_share, shared, by), shared[0].SHARES):
            raise CommandError("演示数据没有全部装入，原因见上；再次执行会从断开的地方继续。")
        for _, module in rooms_with("demo", "finish"):  # what is made of all shares together
            module.finish(by=by)
        self.stdout.write("家庭和申请: 演示数据已就绪")


def _load_share(modules: list[Any], by: Any, share: int) -> None:
    for module in modules:
        module.load_share(share, by=by)
