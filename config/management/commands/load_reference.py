from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from config.reference import rooms_with


class Command(BaseCommand):
    help = "Load the reference data of every room. Safe to repeat: what is already there stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        from django.apps import apps

        with transaction.atomic():
            by = None
            for room, module in rooms_with("reference"):
                module.load(by=by)
                by = by or apps.get_model("organization", "Post").objects.the_system()
                self.stdout.write(f"{room}: 参考数据已就绪")
