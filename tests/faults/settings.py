"""Settings of the house under faults: the bed's, with private servers, the broker really used, and a clock that walks on from the bed's.

People of the cast hold their posts in 2026, and the build has walked the referrals to the bed's moment: the house's time begins there and
runs as fast as any other, in all processes alike.
"""

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from django.utils import timezone

from config import clock
from config.environment import env
from config.settings.test import *  # noqa: F403
from config.settings.test import DATABASES, INSTALLED_APPS

CELERY_TASK_ALWAYS_EAGER = False
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL")
DATABASES["default"]["CONN_MAX_AGE"] = 600  # as in production: what a dead server leaves in a pool of connections is part of the drill
SMS_GATEWAY = "tests.faults.gateway.SocketGateway"
SMS_TIMEOUT = 4  # the adapter gives up before
INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.registering.FaultsConfig"]

BEGAN = datetime.fromtimestamp(env.int("FAULTS_BEGAN"), tz=ZoneInfo("UTC"))
START = datetime(2026, 9, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def _now() -> datetime:
    return timezone.now() - BEGAN + START


clock.timezone = SimpleNamespace(now=_now, localdate=timezone.localdate, localtime=timezone.localtime)  # type: ignore[assignment]
assert clock.now() - START < timedelta(days=1), "FAULTS_BEGAN is the second in which this drill began"

env.finish()
