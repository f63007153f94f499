from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

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
