"""Several referrals by one click: each is a step of its own, in its own savepoint, and what was not done is told with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.http import Http404

from config import clock
from config.verbs import HELD, TransitionError, is_held
from organization.figures import figure
from organization.models import Post

from .models import Referral
from .steps import BESIDE, STEPS, post_for, right_post

IMPATIENT = "500ms"
NOT_FOUND = "有一件没有找到，或不在您的权限范围内。"
_APPROVERS = frozenset({"TA", "DA"})


@dataclass
class Result:
    """How many went through, with their numbers, and each other one by its number with what to do."""

    done: int = 0
    refused: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def try_one(self, act: Callable[[], object], name: str) -> bool:
        """One of them in its own savepoint. Whatever a verb says no with is a line of the result, and so is a row that somebody else holds
        for too long: nothing of the others is undone."""
        try:
            with transaction.atomic():
                act()
        except (TransitionError, PermissionDenied, Http404) as refusal:
            self.refused.append(f"{name}：{refusal if str(refusal) else '您的岗位不能做这一步。'}")
            return False
        except ValidationError as refusal:
            self.refused.append(f"{name}：{'；'.join(refusal.messages)}")
            return False
        except OperationalError as broken:
            if not is_held(broken):
                raise
            self.refused.append(f"{name}：{HELD}")
            _wait_less()
            return False
        self.done += 1
        return True


def _wait_less() -> None:
    """Whoever holds one of them is likely to hold many: to wait seconds for each of a hundred would take longer than a page may."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [IMPATIENT])


def refuse_too_many(ids: Sequence[UUID]) -> None:
    """At most `bulk_steps_max` at once.

    Raises:
        TransitionError: more.
    """
    most = int(figure("bulk_steps_max"))
    if len(ids) > most:
        raise TransitionError(f"一次最多办理{most}件，请分几次办理。")


def each(ids: Sequence[UUID], posts: Sequence[Post], verb: str, act: Callable[[Referral, Post], object]) -> Result:
    """Do one step for each of them as whichever of a person's posts may; one that is refused leaves the others done.

    What is no longer there for these posts was not theirs to choose: it is counted as refused, without its number.

    Raises:
        TransitionError: more than are done at once.
    """
    refuse_too_many(ids)
    result = Result()
    for pk in dict.fromkeys(ids):
        try_referral(result, pk, posts, verb, act)
    return result


def try_referral(result: Result, pk: UUID, posts: Sequence[Post], verb: str, act: Callable[[Referral, Post], object]) -> None:
    """One of them, told in the result under its number."""
    referral, step = seen(pk, posts), STEPS.get(verb) or BESIDE[verb]
    if referral is None:
        result.refused.append(NOT_FOUND)
    elif result.try_one(lambda: act(referral, post_for(posts, referral, step)), referral.number):
        result.numbers.append(referral.number)


def may_assign(posts: Sequence[Post]) -> bool:
    return any(post.role in _APPROVERS for post in posts)


def colleagues(posts: Sequence[Post]) -> "QuerySet[Post]":
    """To whom somebody may give what his units hold: the people of the units in which he is an approver."""
    units = [post.unit_id for post in posts if post.role in _APPROVERS]
    people = Post.objects.effective(clock.today()).filter(unit_id__in=units)
    return people.select_related("staff", "unit").order_by("unit", "rank", "pk")


def seen(pk: UUID, posts: Sequence[Post], *also: str) -> Referral | None:
    """Behind the gate of any of a person's posts, with what `also` names joined."""
    found = read(pk, posts, *also)
    return found[0] if found else None


def read(pk: UUID, posts: Sequence[Post], *also: str) -> tuple[Referral, Post] | None:
    """The same with the post by which it is read: the one that it is for, where that one may."""
    for post in posts:
        rows = Referral.objects.readable_by(post).select_related("unit", "track", "program", *also)
        row: Referral | None = rows.filter(pk=pk).first()
        if row is not None:
            right = right_post(posts, row)
            is_right = right == post or Referral.objects.readable_by(right).filter(pk=pk).exists()
            return row, right if is_right else post
    return None
