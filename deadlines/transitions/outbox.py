"""Messages: written with their cause, sent after it has been committed, each once (SECURITY D2, R5)."""

import logging
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config import clock
from organization.desks import still
from organization.models import Mobile, Staff, Unit

from .. import gateways
from ..models import Notice, OutboxMessage
from . import sending

logger = logging.getLogger(__name__)
BATCH = 200


@transaction.atomic
def announce(
    verb: str,
    subject: models.Model,
    *,
    to: Unit | Staff | Iterable[Unit | Staff],
    title: str,
    body: str = "",
    url: str = "",
    is_urgent: bool = False,
    dedupe: str = "",
) -> int:
    """Tell units or people, in the caller's transaction; how many were told. Title and body hold masked text only.

    A unit that has ended reads nothing: who took it over is told. With `dedupe` the same news reaches the same target once, however often
    it is announced; the second caller waits for the first to commit or give up. Urgent news goes to people by SMS too,
    where they want it.
    """
    targets: list[Unit | Staff] = [to] if isinstance(to, Unit | Staff) else list(to)
    texted = _texted(targets) if is_urgent else set()
    told = 0
    for target in (still(one, clock.today()) if isinstance(one, Unit) else one for one in targets):
        notice = Notice(
            kind=verb, subject_label=subject._meta.label_lower, subject_id=str(subject.pk), title=_cut(title, 120), body=_cut(body, 500),
            url=url, is_urgent=is_urgent, created_at=clock.now(), **({"unit": target} if isinstance(target, Unit) else {"staff": target}),
        )  # fmt: skip
        sent = {"kind": verb, "payload": {"notice": str(notice.pk)}, "created_at": clock.now()}
        is_new = True
        if dedupe:
            _, is_new = OutboxMessage.objects.get_or_create(dedupe_key=f"{dedupe}>{target._meta.model_name}:{target.pk}", defaults=sent)
        else:
            OutboxMessage.objects.create(dedupe_key=f"{verb}:{uuid.uuid4()}", **sent)
        if is_new:
            notice.save(force_insert=True)
            told += 1
            if notice.staff_id in texted:
                OutboxMessage.objects.create(channel=OutboxMessage.Channel.SMS, dedupe_key=f"sms:{notice.pk}", **sent)
    if told:
        _wake_on_commit()
    return told


def _texted(targets: list[Unit | Staff]) -> set[int | None]:
    """The people among them who want texts, where the county has a gateway."""
    people = [target.pk for target in targets if isinstance(target, Staff)]
    return set(Mobile.objects.filter(staff__in=people).values_list("staff", flat=True)) if people and gateways.is_configured() else set()


def _cut(text: str, size: int) -> str:
    """A notice is a hint; the page behind it has the whole text."""
    return text if len(text) <= size else f"{text[: size - 1]}…"


def drain(limit: int = BATCH) -> int:
    """Deliver everything that waits, batch by batch; how many. Any number of drains may run at once.

    Inside the house claim, delivery and mark are one transaction: a crash leaves the batch waiting, and nobody saw half of it. Texts leave
    the house one by one, outside of any transaction (`sending`), after whatever stays inside.
    """
    total = 0
    while batch := _drain_batch(limit):
        total += batch
    return total + sending.send_texts()


@transaction.atomic
def _drain_batch(limit: int) -> int:
    messages = list(OutboxMessage.objects.claim(OutboxMessage.Channel.IN_APP, limit))
    if messages:
        _deliver_in_app(messages)
        OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(
            delivered_at=clock.now(), tries=models.F("tries") + 1, leased_until=None, last_error=""
        )
    return len(messages)


def _deliver_in_app(messages: list[OutboxMessage]) -> None:
    """The notices appear. One that is gone is no fault: its message is done."""
    ids = [message.payload["notice"] for message in messages]
    Notice.objects.filter(pk__in=ids, delivered_at=None).update(delivered_at=clock.now())


class Wake:
    """After the commit, one hint to the worker that something waits. The beat comes round anyway, so a silent broker costs nothing.

    A broker that does not answer is left alone for a while: a request never waits for it twice in a row.
    """

    REST = 30

    def __init__(self, task: str = "drain") -> None:
        self.task = task
        self.failed_at: Any = None

    def __call__(self) -> None:
        if self.failed_at and (clock.now() - self.failed_at).total_seconds() < self.REST:
            return
        from .. import tasks

        task = getattr(tasks, self.task)
        options = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 2, "retry_on_timeout": False}
        try:
            with task.app.connection_for_write(connect_timeout=1, transport_options=options) as connection:
                task.apply_async(producer=task.app.amqp.Producer(connection, auto_declare=False), retry=False)
            self.failed_at = None
        except (OperationalError, RedisError, OSError) as silent:
            self.failed_at = clock.now()
            logger.warning("the broker did not take the wake-up of %s, the beat will come round: %s", self.task, type(silent).__name__)


wake = Wake()


def _wake_on_commit() -> None:
    """Once a transaction, however much is announced in it."""
    if all(hook[1] is not wake for hook in transaction.get_connection().run_on_commit):
        transaction.on_commit(wake)
