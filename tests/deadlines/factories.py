"""Duties in situations, reached through the verbs."""

import itertools
from typing import Any

from deadlines import transitions
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from organization.models import Department, Post

TEN_DAYS = Limit(Rule.WORKING_DAYS, 10)
_numbers = itertools.count(1)


def subject() -> Department:
    """Something a duty can be about. Never saved: duties know label and id alone."""
    return Department(pk=900_000 + next(_numbers), name="测试对象")


def subject_of(duty: Duty) -> Department:
    """What a duty of these factories is about."""
    return Department(pk=int(duty.subject_id), name="测试对象")


def open_duty(by: Post, about: Any = None, **changed: Any) -> Duty:
    about = about or subject()
    given = {"kind": "decide", "kind_name": "审批", "unit": by.unit, "title": f"转办单{about.pk} 张*芳", "limit": TEN_DAYS}
    return transitions.open_duty(subject=about, by=by, **{**given, **changed})


def paused(by: Post, about: Any = None, **changed: Any) -> Duty:
    about = about or subject()
    open_duty(by, about, **changed)
    return transitions.pause(subject=about, kind="decide", reason="等待补正", by=by)


def closed(by: Post, about: Any = None, **changed: Any) -> Duty:
    about = about or subject()
    open_duty(by, about, **changed)
    return transitions.close_duty(subject=about, kind="decide", by=by)
