"""Finding a referral over all posts of a person, and telling whoever looks at a page that is no longer true."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from audit.models import Event
from audit.presenters import phrase
from config import clock
from config.verbs import AlreadyHandled
from organization.gates import through_any
from organization.models import Post
from organization.requests import StaffRequest

from ..forms import SeenForm
from ..models import Referral, ReferralStage
from ..permissions import can_look_into
from ..steps import stale_advice
from ..transitions.edges import hold

R = TypeVar("R")

PAGE = (
    "application__applicant", "application__unit", "item", "household", "resident", "case_household__region__parent", "program__department",
    "version", "track__above_ceiling", "track__version", "stage__department", "unit__region", "unit__department", "window__region",
)  # fmt: skip
# Joined as well, a statement of thirty-odd tables: planning it takes longer than all else on the page (docs/benchmarks.md).
PEOPLE = (
    "handler", "responsible", "arrived_by", "accepted_by", "decided_by", "fed_back_by", "feedback_returned_by", "confirmed_by", "ended_by",
)  # fmt: skip


def found(request: StaffRequest, pk: UUID) -> Referral:
    """Behind the gate of any of the person's posts, the acting one first."""
    referral: Referral
    referral, _ = through_any(request, lambda post: Referral.objects.readable_by(post).select_related(*PAGE), pk)
    _name_people(referral)
    return referral


def asks_why(request: StaffRequest, pk: UUID) -> bool:
    """Whether it is behind the gate of the acting post, which must say why before it reads."""
    referral = Referral.objects.visible_to(request.post).select_related("program").filter(pk=pk).first()
    return referral is not None and can_look_into(request.post, referral)


def _name_people(referral: Referral) -> None:
    """Everybody who had a hand in it, with staff and unit, in one statement."""
    ids = {name: getattr(referral, f"{name}_id") for name in PEOPLE}
    posts = Post.objects.select_related("staff", "unit").in_bulk([pk for pk in ids.values() if pk])
    for name, pk in ids.items():
        if pk:
            setattr(referral, name, posts[pk])


def last_stay(referral: Referral) -> ReferralStage | None:
    """Where it stands, or stood last."""
    stay: ReferralStage | None = referral.walked.select_related("unit", "stage", "proposed_by__staff", "proposed_by__unit").last()
    return stay


def state_of(referral: Referral, stay: ReferralStage | None) -> str:
    """What a page showed: status, stay and proposal. It travels with the form as `seen`."""
    proposed = f"{stay.proposed_at.timestamp():.6f}" if stay and stay.proposed_at else ""
    return f"{referral.status}~{stay.pk if stay else ''}~{proposed}"


def changed_since(seen: str, referral: Referral, stay: ReferralStage | None) -> str:
    """Who did what and when since the page was made; empty where nothing has changed, or nobody says what was seen."""
    if not seen or seen == state_of(referral, stay):
        return ""
    last = Event.objects.about(referral).order_by("-pk").first()
    if last is None:
        return "这件转办单已有变化，请按最新情况办理。"
    return f"这件转办单已有变化：{last.post_label}已于{clock.local(last.at):%Y-%m-%d %H:%M}{phrase(last, in_full=True).rstrip('。')}。"


class Changed(AlreadyHandled):
    """What a page showed no longer stands: the sentence says who did what, `referral` is how it stands now."""

    def __init__(self, told: str, referral: Referral) -> None:
        self.referral = referral
        super().__init__(told)


def as_seen(seen: str, referral: Referral, verb: str, act: Callable[[], R]) -> R:
    """Do `act` on what the page showed. Asked under the locks of the verb, and held until it is done: a proposal that is being rewritten at
    this moment is waited for, and then told.

    Raises:
        Changed: something was done since.
    """
    with transaction.atomic():
        now = hold(referral, verb)
        if told := changed_since(seen, now, last_stay(now)):
            raise Changed(told, now)
        return act()


def advised(seen: str, referral: Referral, verb: str, act: Callable[[], R]) -> R:
    """The same for a form: the sentence says as well what to do with what was filled in."""
    try:
        return as_seen(seen, referral, verb, act)
    except Changed as changed:
        raise Changed(f"{changed}{stale_advice(changed.referral, verb)}", changed.referral) from changed


def found_anew(request: StaffRequest, form: SeenForm, pk: UUID) -> tuple[Referral, ReferralStage | None]:
    """As it stands after all, for the page of a form that came too late."""
    referral = found(request, pk)
    stay = last_stay(referral)
    see_again(form, state_of(referral, stay))
    return referral, stay


def see_again(form: SeenForm, state: str) -> None:
    """The form that comes back has seen what stands now: sent once more, it is meant."""
    posted: Any = form.data
    data = posted.copy()
    data[form.add_prefix("seen")] = state
    form.data = data
