"""Posts with open work: what a handover would move, and whose work lies where nobody will do it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, F, Q
from django.db.models.functions import Cast

from deadlines.models import Duty
from organization.alarms import Alarm
from organization.models import Post
from organization.querysets import UnitQuerySet

from .models import Referral


@dataclass(frozen=True, slots=True)
class Load:
    post: Post
    state: str
    duties: int
    referrals: int


def loads(posts: Any, on: date) -> list[Load]:
    """Those of these posts that have anything in hand: who has gone first, then who has most. Two statements for the counts."""
    keys = list(posts.order_by().values_list("pk", flat=True))
    carried = Referral.objects.open().filter(handler__in=keys).annotate(key=Cast("pk", CharField())).order_by().values("key")
    duties = _counted(Duty.objects.open().filter(taken_by__in=keys).exclude(subject_id__in=carried), "taken_by")
    referrals = _counted(Referral.objects.open().filter(handler__in=keys, handler__unit=F("unit")), "handler")
    busy = posts.filter(pk__in={*duties, *referrals}).select_related("staff", "unit")
    rows = [Load(post, _state(post, on), duties.get(post.pk, 0), referrals.get(post.pk, 0)) for post in busy]
    return sorted(rows, key=lambda row: (row.state == "生效中", -row.duties - row.referrals, row.post.pk))


def _counted(rows: Any, by: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(n=Count("pk")))


def _state(post: Post, on: date) -> str:
    return post.state_on(on) if post.staff.is_active else "账号停用"


def left_behind(units: UnitQuerySet, on: date) -> Iterator[Alarm]:
    """Posts that have ended, expired, or whose account is disabled, with work still in hand: the clocks run on and nobody looks."""
    gone = Post.objects.filter(unit__in=units, granted_at__isnull=False).exclude(pk__in=Post.objects.effective(on).values("pk"))
    gone = gone.filter(Q(ended_at__isnull=False) | Q(valid_until__lt=on) | Q(staff__is_active=False))
    for load in loads(gone, on):
        counted = ((load.duties, "件事项"), (load.referrals, "件转办单"))
        what = "、".join(f"{count}{word}" for count, word in counted if count)
        yield Alarm(load.post.unit, "离岗未交接", f"{load.post.label}{load.state}，名下还有{what}没有交接。", "平台暂定")
