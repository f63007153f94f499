"""Signs of life, kept in PostgreSQL, so that health can tell a dead worker from a dead beat from a queue that does not move.

`worker` and `beat` write their own line, each from its own loop. `queue` is written by the task `tick`, which beat sends through the
broker to a worker and which expires after a minute: a young line proves that whole way. So each of the three can fall silent while the
others beat. `sweep` is written by the sweep of the deadlines when it has come to its end, with Celery or without. `summaries` is written
when nothing waits any more to be counted into the figures of the dashboards, `comparison` when the night has held all of them against the
rows: work that comes round, so that it says nothing before the first time.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.db import Error, connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

WORKER, BEAT, QUEUE, SWEEP, SUMMARIES, COMPARISON = "worker", "beat", "queue", "sweep", "summaries", "comparison"
EVERY = 15  # seconds
# How old a line may be. A worker busy with long jobs still beats, but its queue may stand for as long as such a job runs (15 minutes).
# A large entry is counted for minutes, 20 seconds of each; a night may be missed.
LIMITS = {
    WORKER: timedelta(seconds=60), BEAT: timedelta(seconds=60), QUEUE: timedelta(minutes=16), SWEEP: timedelta(minutes=5),
    SUMMARIES: timedelta(minutes=15), COMPARISON: timedelta(hours=50),
}  # fmt: skip
NOT_AT_FIRST = frozenset({SUMMARIES, COMPARISON})
NEVER = datetime.min.replace(tzinfo=UTC)

logger = logging.getLogger(__name__)


def write(name: str) -> None:
    """One statement, so that any number of workers may write the same line at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO config_heartbeat (name, at) VALUES (%s, clock_timestamp()) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            [name],
        )


def write_from_loop(name: str) -> None:
    """For the loops of worker and beat: a database that is away is logged and tried again with the next beat.

    The connection is closed each time: a worker forks, and a connection must not be open in two processes.
    """
    try:
        write(name)
    except Error as error:
        logger.warning("no heartbeat of %s: %s", name, str(error).partition("\n")[0])
    finally:
        connection.close()


_AGE = ExpressionWrapper(Now() - F("at"), output_field=DurationField())


def ages() -> dict[str, timedelta]:
    """How long ago each line was written, by the database's clock."""
    from .models import Heartbeat

    return dict(Heartbeat.objects.annotate(age=_AGE).values_list("name", "age"))


def silent_since(name: str) -> datetime | None:
    """When a line fell silent that is older than it may be (`NEVER`: it was never written); None while it is young enough."""
    from .models import Heartbeat

    at, age = Heartbeat.objects.filter(name=name).annotate(age=_AGE).values_list("at", "age").first() or (NEVER, LIMITS[name] * 2)
    return at if age > LIMITS[name] else None
