import time
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from config.county import Plan, trusting_its_own_keys
from config.reference import rooms_with

MOST = 900_000  # the serials of a township's households have six digits


class Command(BaseCommand):
    help = (
        "Fill a demo or test database with a county of people who do not exist, for measurements: by COPY, once, on top of what is there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=350_000, help="how many households (about 2.9 residents each)")
        parser.add_argument("--referrals", type=int, default=None, help="how many referrals; by default six for seven households")
        parser.add_argument("--facts", action="store_true", help="facts of every kind that a rule asks, whole lists and identities, too")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same county")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("虚构的全县数据只能装入演示或测试环境（IS_DEMO）。")
        households = options["households"]
        referrals = households * 6 // 7 if options["referrals"] is None else options["referrals"]
        if not 1 <= households <= MOST or referrals < 0:
            raise CommandError(f"户数为1至{MOST:,}，转办单数不能为负。")
        plan = Plan(households, referrals, options["seed"], apps.get_model("organization", "Post").objects.the_system())
        started = time.perf_counter()
        with transaction.atomic():
            trusting_its_own_keys()
            rooms = [*rooms_with("county", "fill"), *(rooms_with("county_facts", "fill") if options["facts"] else [])]
            for room, module in rooms:
                from_here = time.perf_counter()
                for what, count in module.fill(plan):
                    self.stdout.write(f"{room}: {what} {count:,}")
                self.stdout.write(f"{room}: {time.perf_counter() - from_here:.0f} s")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        self.stdout.write(f"全县虚构数据已就绪，用时 {time.perf_counter() - started:.0f} 秒。")
