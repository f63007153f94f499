"""What the page of a visit says: the 15 minutes, who it is, what is known of the household (一证申请, TZ-17), what can be done next."""

from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse

from config import clock
from config.navigation import address
from deadlines.lamps import Lamp
from documents.models import IssuedDocument
from households.knowledge import Knowledge, known_about
from households.models import Household, Resident
from households.showing import shown_name
from organization.figures import figure
from organization.models import Post

from .handed_out import HandedOut, handed_out
from .models import Application, Visit
from .permissions import can_attend, can_receive
from .receiving import Kept
from .showing import programs_shown
from .visit_clock import clock_of


class VisitPage:
    def __init__(self, visit: Visit, post: Post, kept: Kept) -> None:
        self.visit, self.post, self.kept = visit, post, kept
        self.limit, self.share = figure("window_answer_min"), figure("amber_divisor")

    @property
    def lamp(self) -> Lamp | None:
        return clock_of(self.visit, clock.now())

    @property
    def seconds(self) -> int:
        """Since the arrival, for the script that counts on."""
        return int((clock.now() - self.visit.arrived_at).total_seconds())

    @property
    def can_attend(self) -> bool:
        """Name the person, answer: until the answer is registered."""
        return self.visit.is_open and can_attend(self.post, self.visit)

    @property
    def can_apply(self) -> bool:
        """An application may be begun from a visit, answered or not: people come back to what they were told."""
        return can_receive(self.post) and self.household is not None

    @property
    def apply_url(self) -> str:
        return f"{reverse('intake:application_new')}?{urlencode({'visit': self.visit.pk})}"

    @property
    def open_household_url(self) -> str:
        """The form that registers a household, with the number that was read here, and back here afterwards."""
        url = address("households:household_open") if self.can_attend else ""
        return f"{url}?{urlencode({'from': self.visit.pk, 'next': self.visit.get_absolute_url()})}" if url else ""

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def household(self) -> Household | None:
        """Only as long as the window may read it: an access that ran out shows no family, nor does one for a visit of its workers."""
        if self.visit.household_id is None:
            return None
        rows = Household.objects.beyond_the_card(self.post).filter(pk=self.visit.household_id)
        return rows.select_related("region__parent").first()

    @cached_property
    def resident(self) -> Resident | None:
        rows = Resident.objects.visible_to(self.post).filter(pk=self.visit.resident_id)
        return rows.select_related("region").first() if self.visit.resident_id else None

    @property
    def shown_name(self) -> str:
        return shown_name(self.resident.name, self.post) if self.resident else ""

    @cached_property
    def knowledge(self) -> Knowledge | None:
        return known_about(self.household, clock.today(), self.post) if self.household else None

    @cached_property
    def candidates(self) -> list[Resident]:
        """People found by name, to choose from."""
        rows = Resident.objects.visible_to(self.post).filter(pk__in=self.kept.candidates).select_related("region")
        return list(rows.order_by("name_order", "pk"))

    @cached_property
    def newcomers(self) -> list[Household]:
        """Households this clerk has registered since the person arrived: most likely theirs."""
        if self.household or not self.can_attend:
            return []
        rows = Household.objects.visible_to(self.post).filter(opened_by=self.post, opened_at__gte=self.visit.arrived_at)
        return list(rows.with_members().order_by("-opened_at")[:3])

    # ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def applications(self) -> list[tuple[Application, str]]:
        """Those under way for the household with what they are for, the newest: a second one for the same is refused later."""
        if self.household is None:
            return []
        rows = Application.objects.visible_to(self.post).filter(household=self.household).open()
        return [(row, programs_shown(row, self.post)) for row in rows.with_list_data().order_by("-drafted_at", "-pk")[:5]]

    @cached_property
    def cards(self) -> list[HandedOut]:
        rows = IssuedDocument.objects.about(self.visit).with_list_data()
        return handed_out(rows, may_void=can_attend(self.post, self.visit))
