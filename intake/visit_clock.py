"""The 15-minute clock of a visit (XX-22): from the read ID to the answer, for 坐诊 alone. It informs, it never blocks."""

from datetime import datetime, timedelta

from deadlines.lamps import Lamp, lamp
from organization.figures import figure

from .models import Visit

MINUTE = timedelta(minutes=1)


def clock_of(visit: Visit, now: datetime) -> Lamp | None:
    """Colour, word and shape for a seated visit; None for the other modes, whose time is not measured."""
    if visit.mode != Visit.Mode.SEATED:
        return None
    limit, share = int(figure("window_answer_min")), int(figure("amber_divisor"))
    if visit.answered_at:
        return answered(int((visit.answered_at - visit.arrived_at) / MINUTE), limit)
    return waiting(int((now - visit.arrived_at) / MINUTE), limit, share)


def waiting(minutes: int, limit: int, share: int) -> Lamp:
    """Green, amber in the last part of the limit (one `share`th of it), red from the limit on. `js/visit_clock.js` says the same."""
    if minutes >= limit:
        return lamp("red", f"已等{span(minutes)}，超过{limit}分钟")
    if minutes >= limit - limit / share:
        return lamp("amber", f"已等{span(minutes)}，剩{limit - minutes}分钟")
    return lamp("green", f"已等{span(minutes)}" if minutes else "刚到")


def answered(minutes: int, limit: int) -> Lamp:
    if minutes < limit:
        return lamp("blue", f"{span(minutes)}答复" if minutes else "不到1分钟答复")
    return lamp("red", f"{span(minutes)}答复，超过{limit}分钟")


def span(minutes: int) -> str:
    """Minutes in words: 8分钟, 1小时5分钟, 3日."""
    if minutes < 60:
        return f"{minutes}分钟"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}小时{rest}分钟" if rest else f"{hours}小时"
    return f"{hours // 24}日"
