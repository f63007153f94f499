"""A request handed from window to window inside the platform; whoever gives it answers until it is signed for (首问负责, TZ-14, LY-12)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines.transitions import close_duty
from organization.models import Post, Unit

from ..models import Request, RequestHandover
from ..permissions import can_settle, can_take_over
from .requests import SETTLE, S, in_words, note, owe_an_answer, seize, take_up, tell

Outcome = RequestHandover.Outcome


@transaction.atomic
def hand_over_request(*, request_id: Any, to_unit_id: Any, reason: str, by: Post) -> Request:
    """To the window of another township. The clock stays here until that window signs for it; the person is not sent from door to door.

    Raises:
        TransitionError: one's own window.
    """
    request = take_up(request_id, "hand_over_request", can_settle, by)
    words = in_words(reason, "reason", "请写明移交理由，让对方窗口接着就能办。")
    target = Unit.objects.current(clock.today()).filter(kind=Unit.Kind.TOWNSHIP_WINDOW, pk=to_unit_id).first()
    if target is None:
        raise ValidationError({"to_unit": "请选择一个乡镇（街道）综合救助窗口。"})
    if target.pk == request.window_id:
        raise TransitionError("这件求助就在本窗口，不用移交。")
    handover = RequestHandover(
        request=request, from_unit=request.window, to_unit=target, reason=words, handed_at=clock.now(), handed_by=by
    )  # fmt: skip
    save(handover)
    request.status = S.HANDED_OVER
    save(request, "status")
    note("request.handed_over", request, by, new=target.name, note=words)
    tell(request, target, "request.handed_over", f"{by.unit.short_name}移交求助，请签收", words)
    _tell_the_sender(request, by, "request.handed_over", f"求助移交{target.short_name}，等待签收", words)
    return request


@transaction.atomic
def acknowledge_request(*, request_id: Any, by: Post) -> Request:
    """签收: from here on this window answers, with a clock of its own, and the other is free."""
    request, handover = _offered(request_id, "acknowledge_request", by)
    old = request.window
    _end(handover, Outcome.ACKNOWLEDGED, by)
    close_duty(subject=request, kind=SETTLE, by=by)
    request.status, request.window = S.PUSHED, handover.to_unit
    if request.region.township_code != handover.to_unit.region_id:
        request.region = handover.to_unit.region
    save(request, "status", "window", "region")
    owe_an_answer(request, by)
    note("request.acknowledged", request, by, old=old.name)
    tell(request, old, "request.acknowledged", f"{by.unit.short_name}已签收移交的求助")
    _tell_the_sender(request, by, "request.acknowledged", f"求助由{by.unit.short_name}接着办理", but=old)
    return request


@transaction.atomic
def decline_request(*, request_id: Any, reason: str, by: Post) -> Request:
    """Not ours either: back to the window that handed it over, whose clock has run on, with a sentence."""
    request, handover = _offered(request_id, "decline_request", by)
    handover.note = in_words(reason, "reason", "请写明为什么不能接收。")
    _end(handover, Outcome.DECLINED, by)
    request.status = S.PUSHED
    save(request, "status")
    note("request.declined", request, by, new=request.window.name, note=handover.note)
    tell(request, request.window, "request.declined", f"{by.unit.short_name}没有接收移交的求助", handover.note)
    return request


@transaction.atomic
def recall_request(*, request_id: Any, by: Post) -> Request:
    """Taken back by the window that handed it over, before the other signed for it."""
    request = take_up(request_id, "recall_request", can_settle, by)
    handover = lock(request.handovers.open().select_related("to_unit").get())
    _end(handover, Outcome.RECALLED, by)
    request.status = S.PUSHED
    save(request, "status")
    note("request.recalled", request, by)
    tell(request, handover.to_unit, "request.recalled", f"{by.unit.short_name}收回了移交的求助")
    return request


def _offered(request_id: Any, verb: str, by: Post) -> tuple[Request, RequestHandover]:
    """Fetch through the gate, lock request and handover, legal step, gate and permission again.

    Raises:
        AlreadyHandled: a colleague has declined it, or the other window has taken it back: then the request is seen here no longer.
    """
    _refuse_gone(request_id, by)
    request = seize(request_id, verb, by)
    handover = lock(request.handovers.open().get())
    recheck(handover, can_take_over, by)
    return request, handover


def _refuse_gone(request_id: Any, by: Post) -> None:
    """In words that name no person: which number, who, when."""
    rows = RequestHandover.objects.filter(request=request_id, to_unit=by.unit_id).select_related(
        "request", "ended_by__staff", "ended_by__unit"
    )
    last = rows.order_by("-pk").first()
    if last is None or last.ended_by is None or last.outcome not in {Outcome.DECLINED, Outcome.RECALLED}:
        return
    if not Request.objects.visible_to(by).filter(pk=request_id).exists():
        when = f"{clock.local(last.ended_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"移交的求助{last.request.number}已由{last.ended_by.label}于{when}登记为“{last.get_outcome_display()}”。")


def _end(handover: RequestHandover, outcome: str, by: Post) -> None:
    handover.outcome, handover.ended_at, handover.ended_by = outcome, clock.now(), by
    save(handover)


def _tell_the_sender(request: Request, by: Post, verb: str, what: str, body: str = "", *, but: Unit | None = None) -> None:
    if request.registered_unit_id not in {by.unit_id, but.pk if but else None}:
        tell(request, request.registered_unit, verb, what, body)
