"""The house done wrong, as it is often done: what each check of the drill must catch. Nothing here is ever called but by `test_naive`.

`hole` is called where a process may die: between two steps that ought to have been one.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from deadlines.models import Notice, OutboxMessage, Reminder
from deadlines.transitions import announce
from organization.models import Post
from referrals.models import Referral

Hole = Callable[[], None]


def drain_marks_then_sends(hole: Hole) -> None:
    """At most once: whatever dies in between was never sent and is never tried again."""
    waiting = list(OutboxMessage.objects.filter(delivered_at=None))
    OutboxMessage.objects.filter(pk__in=[message.pk for message in waiting]).update(delivered_at=clock.now())
    hole()
    Notice.objects.filter(pk__in=[message.payload["notice"] for message in waiting]).update(delivered_at=clock.now())


def drain_sends_then_marks(send: Callable[[str, str], None], hole: Hole) -> None:
    """At least once, without a key by which the gateway could know a text again."""
    for message in OutboxMessage.objects.filter(delivered_at=None):
        send(str(message.pk), message.kind)
        hole()
        OutboxMessage.objects.filter(pk=message.pk).update(delivered_at=clock.now())


def decide_reads_then_writes(referral_id: Any, by: Post, hole: Hole) -> bool:
    """Read, look, write, without a lock: two may have looked before either wrote."""
    row = Referral.objects.get(pk=referral_id)
    if row.status != Referral.Status.HANDLING:
        return False
    hole()
    with transaction.atomic():
        _write_decision(row, by)
        _tell_of_it(row, by)
    return True


def decide_in_two_transactions(referral_id: Any, by: Post, hole: Hole) -> None:
    """The referral first, its event, notice and the rest afterwards."""
    row = Referral.objects.get(pk=referral_id)
    _write_decision(row, by)
    hole()
    _tell_of_it(row, by)


def _write_decision(row: Referral, by: Post) -> None:
    said = {"status": "decided", "outcome": "approved", "amount": Decimal(1500), "start_on": clock.today(), "responsible": by}
    Referral.objects.filter(pk=row.pk).update(**said, decided_at=clock.now(), decided_by=by, decided_by_staff=by.staff)


def _tell_of_it(row: Referral, by: Post) -> None:
    record("referral.decided", row, by=by, new="批准")
    announce("referral.decided", row, to=row.window, title="已作出决定")


def remind_unless_reminded(duty: Any, hole: Hole) -> None:
    """A sweep that looks before it inserts, and no key that would refuse the second."""
    is_reminded = Reminder.objects.filter(duty=duty, stage="overdue").exists()
    hole()
    if not is_reminded:
        Reminder.objects.create(duty=duty, stage="overdue", due_at=duty.due_at, is_urgent=True, made_at=clock.now())


def announce_unless_announced(subject: Any, to: Any, hole: Hole) -> None:
    """The same for news: looked for, and no key."""
    is_told = Notice.objects.filter(kind="faults.said", subject_id=str(subject.pk)).exists()
    hole()
    if not is_told:
        announce("faults.said", subject, to=to, title="演练消息")


def announce_on_the_broker(broker: Any, number: int) -> None:
    """The fact travels, and lives nowhere else."""
    broker.rpush("announcements", number)


def consume_from_the_broker(broker: Any, to: Any, subject: Callable[[int], Any]) -> None:
    while (number := broker.lpop("announcements")) is not None:
        announce("faults.said", subject(int(number)), to=to, title="演练消息")


def serve_only_with_the_broker(broker: Any, act: Callable[[], None]) -> bool:
    """A page that must hand its task to the broker before it answers."""
    from redis.exceptions import RedisError

    try:
        broker.rpush("tasks", "decide")
    except RedisError:
        return False
    act()
    return True
