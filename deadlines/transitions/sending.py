"""Texts leave the house: claimed and held in one short transaction, sent outside of any, marked in another (DESIGN 6).

A drain that dies between sending and marking leaves a hold that runs out, and the next one sends again under the same key, which the
gateway honours. Marking first would lose the text with the drain. The verbs of people are `retry_message` and `drop_message`.
"""

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.keys import SealBroken
from config.protection.sealing import open_sealed
from config.verbs import TransitionError, edge, lock, recheck, save
from organization.figures import figure
from organization.models import Mobile, Post, Unit

from .. import gateways
from ..gaps import KEEPERS
from ..models import Notice, OutboxMessage
from ..periods import wait_after
from ..permissions import can_mend_outbox

logger = logging.getLogger(__name__)
SMS, S = OutboxMessage.Channel.SMS, OutboxMessage.State
EDGES: Mapping[str, frozenset[str]] = {S.WAITING: frozenset({S.WAITING, S.DROPPED}), S.PARKED: frozenset({S.WAITING, S.DROPPED})}
MARGIN = 30  # seconds of a hold beyond the gateway's time: reading, marking, a machine under load
ROUND = 30  # seconds after which a round takes up no further text: with the longest SMS_TIMEOUT it ends before the task's own limit
ENOUGH = 3  # failures in a row end a round: the gateway is away, and what stays inside the house must not wait for it
NUMBERS = re.compile(r"\d(?:[\s-]?\d){10,}|\d{5,}")  # 138 0000 1234 too; a date stays


@dataclass(frozen=True, slots=True)
class Text:
    key: str
    phone: str
    words: str

    def __repr__(self) -> str:
        return f"Text({self.key})"


class Unwanted(Exception):
    """Nobody wants this text any more."""


def send_texts() -> int:
    """Send the texts that are due; how many went. What a slow gateway leaves over waits for the next round, which is never far.

    Without a gateway those that wait go on waiting."""
    if not gateways.is_configured():
        return 0
    through, sent, failures, until = gateways.gateway(), 0, 0, time.monotonic() + ROUND
    while failures < ENOUGH and time.monotonic() < until and (message := claim()):
        if _send(message, through):
            sent, failures = sent + 1, 0
        else:
            failures += 1
    return sent


@transaction.atomic
def claim() -> OutboxMessage | None:
    """The next text, held. One that has had its tries, whose drains died over it, is parked on the way."""
    while message := OutboxMessage.objects.claim(SMS, 1).first():
        if message.tries >= figure("outbox_tries_max"):
            _park(message, f"连续{message.tries}次发送中断")
            continue
        message.lease, message.tries = uuid4(), message.tries + 1
        held = OutboxMessage.objects.filter(pk=message.pk)
        held.hold(settings.SMS_TIMEOUT + MARGIN, lease=message.lease, tries=message.tries)
        return message
    return None


def _send(message: OutboxMessage, through: gateways.Gateway) -> bool:
    """Whether it went. What nobody wants any more is no failure of the gateway's either."""
    try:
        text = _text_of(message)
        gateways.send_within(settings.SMS_TIMEOUT, through, text.key, text.phone, text.words)
    except Unwanted as reason:
        _abandon(message, str(reason))
    except (gateways.Refused, SealBroken) as refused:
        fail(message, str(refused), is_final=True)
        return False
    except gateways.Failed as failed:
        fail(message, str(failed))
        return False
    else:
        _mark(message)
    return True


@sensitive_variables()
def _text_of(message: OutboxMessage) -> Text:
    """Read when it is sent, so that the outbox holds ids alone: the notice's own masked title, to the number that stands today.

    Raises:
        Unwanted: the notice is gone, or its reader has switched texts off.
    """
    notice = Notice.objects.filter(pk=message.payload["notice"]).first()
    mobile = Mobile.objects.of(notice.staff_id) if notice and notice.staff_id else None
    if notice is None or mobile is None:
        raise Unwanted("收件人已关闭短信提醒")
    return Text(f"sms-{message.pk}", open_sealed(mobile, "number"), f"【{settings.SYSTEM_NAME}】{notice.title}。请登录平台办理。")


@transaction.atomic
def _mark(message: OutboxMessage) -> None:
    """It went: a fact, whoever holds the row by now."""
    OutboxMessage.objects.unsent().filter(pk=message.pk).update(
        delivered_at=clock.now(), parked_at=None, lease=None, leased_until=None, last_error=""
    )


@transaction.atomic
def fail(message: OutboxMessage, error: str, *, is_final: bool = False) -> None:
    """Another try later, or none. Says nothing where another drain has taken the row since."""
    ours = OutboxMessage.objects.waiting().filter(pk=message.pk, lease=message.lease)
    if ours.select_for_update(of=("self",), no_key=True).first() is None:
        return
    logger.warning("text %s failed at try %s", message.pk, message.tries)
    if is_final or message.tries >= figure("outbox_tries_max"):
        _park(message, error)
    else:
        ours.put_off(wait_after(message.tries), last_error=_clean(error))


def _park(message: OutboxMessage, error: str) -> None:
    """No more tries until somebody asks for them: an alarm, and once a day a notice to who keeps the house running."""
    from .outbox import announce  # which drains through this module

    error = _clean(error)
    OutboxMessage.objects.waiting().filter(pk=message.pk).update(parked_at=clock.now(), lease=None, leased_until=None, last_error=error)
    record("message.parked", message, by=Post.objects.the_system(), note=error)
    keepers = Unit.objects.current(clock.today()).filter(kind__in=KEEPERS)
    announce(
        "message.parked", message, to=keepers, title="有短信多次发送失败，已搁置", body="请系统管理员查明原因，重发或放弃。",
        url=reverse("deadlines:outbox_list"), dedupe=f"message.parked:{clock.today()}",
    )  # fmt: skip


@transaction.atomic
def _abandon(message: OutboxMessage, reason: str) -> None:
    OutboxMessage.objects.unsent().filter(pk=message.pk).update(
        dropped_at=clock.now(), dropped_by=Post.objects.the_system(), drop_reason=reason, lease=None, leased_until=None
    )


def _clean(error: str) -> str:
    """A gateway's words may repeat the number."""
    return NUMBERS.sub("…", error)[:200]


@transaction.atomic
def retry_message(*, message_id: int | str, reason: str, by: Post) -> OutboxMessage:
    """Try again now, with as many tries as a new one has: what was parked, or waits for its next try.

    Raises:
        AlreadyHandled: it was sent or dropped.
        TransitionError: no reason; a drain is sending it just now.
    """
    message, reason = _take_up(message_id, S.WAITING, reason, by)
    message.parked_at, message.tries, message.last_error = None, 0, ""
    save(message, "parked_at", "tries", "last_error")
    OutboxMessage.objects.filter(pk=message.pk).put_off(timedelta())
    record("message.retried", message, by=by, note=reason, data={"kind": message.kind})
    return message


@transaction.atomic
def drop_message(*, message_id: int | str, reason: str, by: Post) -> OutboxMessage:
    """Send it no more. The notice inside the house stays: only channels that can fail are dropped.

    Raises:
        AlreadyHandled: it was sent or dropped.
        TransitionError: no reason; a drain is sending it just now; a notice inside the house.
    """
    message, reason = _take_up(message_id, S.DROPPED, reason, by)
    if message.channel == OutboxMessage.Channel.IN_APP:
        raise TransitionError("站内消息不能放弃：它等的是后台作业，恢复后自动送达。")
    message.dropped_at, message.dropped_by, message.drop_reason = clock.now(), by, reason
    save(message, "dropped_at", "dropped_by", "drop_reason")
    record("message.dropped", message, by=by, note=reason, data={"kind": message.kind})
    return message


def _take_up(message_id: int | str, target: OutboxMessage.State, reason: str, by: Post) -> tuple[OutboxMessage, str]:
    """Gate, lock, legal step, gate and permission again; the reason tidied."""
    message: OutboxMessage = OutboxMessage.objects.visible_to(by).get_or_404(message_id)
    message = lock(message)
    edge(message.state, target, EDGES, refusal=lambda: _handled(message))
    recheck(message, can_mend_outbox, by)
    if OutboxMessage.objects.filter(pk=message.pk).held().exists():
        raise TransitionError("这条短信正在发送，请稍候刷新再看。")
    reason = _clean(" ".join(reason.split()))
    if not reason:
        raise TransitionError("请写明理由。")
    return message, reason


def _handled(message: OutboxMessage) -> str:
    if message.dropped_at and message.dropped_by:
        return f"这条消息已由{message.dropped_by.label}于{clock.local(message.dropped_at):%Y-%m-%d %H:%M}放弃。"
    return "这条消息已经发出，不用再处理。"
