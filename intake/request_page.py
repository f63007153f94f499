"""What the page of a request says: who needs help and why, whose turn it is and since when, and what this post can do about it."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from audit.models import Event
from audit.presenters import phrase
from config import clock
from deadlines import counting
from deadlines.lamps import Lamp
from deadlines.models import Duty
from households.models import Household, Resident
from households.showing import shown_name
from organization.models import Post
from programs.models import Program

from .beneficiaries import possible_applicants
from .models import Application, Request, RequestHandover
from .onward import Matter, matters_of
from .permissions import can_follow, can_push, can_see_number_of, can_settle, can_take_over
from .receiving import Kept
from .turns import Turn

S = Request.Status
SHOWN = 20


def turn_of(request: Request) -> Turn | None:
    """Whose move it is; None once nobody owes anything. Until a handed-over request is signed for, who handed it over answers for it;
    who signed for it answers from then on, not from the push. Of a row that came with its list data."""
    match request.status:
        case S.REGISTERED:
            return Turn(request.registered_unit.short_name, request.registered_at)
        case S.RETURNED:
            return Turn(request.registered_unit.short_name, request.settled_at)
        case S.PUSHED:
            return Turn(request.window.short_name, _waiting_since(request))
        case S.HANDED_OVER:
            handover = next(row for row in request.handovers.all() if row.ended_at is None)
            return Turn(f"{request.window.short_name}（等{handover.to_unit.short_name}签收）", handover.handed_at)
    return None


def _waiting_since(request: Request) -> datetime | None:
    """Pushed, or signed for: whichever came last, since what came back after a handover is pushed to the window that has it."""
    signed = (row.ended_at for row in request.handovers.all() if row.outcome == RequestHandover.Outcome.ACKNOWLEDGED)
    return max((moment for moment in (request.pushed_at, *signed) if moment), default=None)


class RequestPage:
    def __init__(self, request: Request, post: Post, kept: Kept) -> None:
        self.request, self.post, self.kept = request, post, kept

    @property
    def name(self) -> str:
        return shown_name(self.request.name, self.post)

    @property
    def helper(self) -> str:
        return shown_name(self.request.helper_name, self.post)

    @cached_property
    def wanted(self) -> list[str]:
        rows = Program.objects.visible_to(self.post).filter(pk__in=self.request.wanted)
        return list(rows.values_list("seed_name", flat=True))

    # ── whose turn ──────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def handovers(self) -> list[RequestHandover]:
        """The newest first, as the list data bring them."""
        return list(self.request.handovers.all())

    @cached_property
    def turn(self) -> Turn | None:
        return turn_of(self.request)

    @cached_property
    def lamp(self) -> Lamp | None:
        """Where the date is explained, only the unit that owes it may look."""
        duty: Any = Duty.objects.open().about(self.request).select_related("unit").prefetch_related("pauses", "extensions").first()
        if duty is None:
            return None
        lamp = counting.lamp_of(duty, clock.now(), counting.calendar_for(duty))
        return lamp if duty.unit_id == self.post.unit_id else {**lamp, "url": ""}

    # ── what can be done ────────────────────────────────────────────────────────────────────────────────────────────
    @property
    def can_push(self) -> bool:
        return self.request.status == S.REGISTERED and can_push(self.post, self.request)

    @property
    def can_complete(self) -> bool:
        return self.request.status == S.RETURNED and can_push(self.post, self.request)

    @property
    def can_settle(self) -> bool:
        return self.request.status == S.PUSHED and can_settle(self.post, self.request)

    @property
    def can_recall(self) -> bool:
        return self.request.status == S.HANDED_OVER and can_settle(self.post, self.request)

    @property
    def can_take_over(self) -> bool:
        offered = next((h for h in self.handovers if h.ended_at is None), None)
        return offered is not None and can_take_over(self.post, offered)

    @property
    def reveals(self) -> dict[str, str]:
        """Where one logged click shows number and telephone; nowhere for those who read masks."""
        may_see = can_see_number_of(self.post, self.request)
        fields = ("id_number", "phone")
        return {field: reverse("intake:request_number", args=[self.request.pk, field]) if may_see else "" for field in fields}

    # ── who it is, for the window ───────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def resident(self) -> Resident | None:
        if self.request.resident_id is None or not self._is_window:
            return None
        return Resident.objects.visible_to(self.post).filter(pk=self.request.resident_id).select_related("region").first()

    @cached_property
    def household(self) -> Household | None:
        if self.resident is None:
            return None
        rows = Household.objects.beyond_the_card(self.post).filter(pk=self.request.household_id).select_related("region__parent")
        return rows.first()

    @cached_property
    def candidates(self) -> list[Resident]:
        """Who it may be: the holder of the number, once within the gate; those found; else people of that name in the own township."""
        if not self.can_settle:
            return []
        people: QuerySet[Resident] = Resident.objects.visible_to(self.post).remaining()
        digest = self._digest
        if digest and (held := list(people.with_digests([digest]).select_related("region"))):  # type: ignore[attr-defined]
            return held
        if self.kept.candidates:
            return list(people.filter(pk__in=self.kept.candidates).select_related("region").order_by("name_order", "pk"))
        return list(Resident.objects.named(self.request.name, self.post).select_related("region")[:SHOWN])

    @cached_property
    def applicants(self) -> list[Resident]:
        return list(possible_applicants(self.household, clock.today()).order_by("name_order", "pk")) if self.household else []

    @cached_property
    def twins(self) -> list[Request]:
        """Other requests of the same number that this window sees: most likely the same need, told twice."""
        if not self._is_window or self._digest is None:
            return []
        rows = Request.objects.visible_to(self.post).filter(id_number_digest=self._digest).exclude(pk=self.request.pk)
        return list(rows.select_related("registered_unit").order_by("-registered_at")[:5])

    @cached_property
    def under_way(self) -> list[Application]:
        """Applications of the household that run already."""
        if self.household is None:
            return []
        rows = Application.objects.visible_to(self.post).filter(household=self.household).open()
        return list(rows.with_list_data().order_by("-drafted_at", "-pk")[:5])

    @property
    def _digest(self) -> Any:
        """Of the number that was told; the same number has the same digest in every table."""
        row: Any = self.request
        return row.id_number_digest

    @property
    def _is_window(self) -> bool:
        return can_settle(self.post, self.request)

    # ── what became of it ───────────────────────────────────────────────────────────────────────────────────────────
    @property
    def follows(self) -> bool:
        return can_follow(self.post, self.request)

    @cached_property
    def application(self) -> Application | None:
        rows = Application.objects.filter(request=self.request).select_related("unit")
        return rows.first() if self.request.status == S.ACCEPTED else None

    @property
    def opens_application(self) -> bool:
        return self._is_window or self.post.role in {"B", "BA"}

    @cached_property
    def matters(self) -> list[Matter]:
        if self.application is None or not self.follows:
            return []
        return matters_of(self.post, [self.application]).get(self.application.pk, [])

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """What happened to the request itself, newest first."""
        lines = Event.objects.about(self.request).exclude(verb="personal_data.revealed").order_by("-id")
        return [{"at": line.at, "who": line.post_label, "text": phrase(line)} for line in lines] if self.follows else []
