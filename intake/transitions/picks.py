"""What a screening found, taken into an application at once (issue 5): each as the clerk would add it by hand; the clerk still decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from config import clock
from config.verbs import TransitionError
from households.models import Household
from organization.models import Post
from programs.models import Program

from .. import offers
from ..models import Application
from .edges import EDITABLE
from .items import add_item


@dataclass(frozen=True, slots=True)
class Pick:
    """A program for a resident, or for the household where `resident` is empty."""

    program: str
    resident: str

    @classmethod
    def read(cls, text: str) -> "Pick | None":
        """From `MZ02:<id>`; what is none is nothing."""
        program, _, resident = text.partition(":")
        try:
            return cls(program[:4], str(UUID(resident)) if resident else "")
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Taken:
    added: list[str]
    refused: list[str]


def draft_of(household: Household, by: Post) -> Application | None:
    """The window's own application of the household that can still be filled in, the newest."""
    rows = Application.objects.visible_to(by).filter(household=household, unit=by.unit_id, status__in=EDITABLE)
    application: Application | None = rows.order_by("-drafted_at", "-pk").first()
    return application


@transaction.atomic
def take_picks(*, application_id: Any, picks: Sequence[Pick], by: Post) -> Taken:
    """Add each, by its ordinary way; one that cannot be asked for is named with the reason, and holds up no other."""
    application = Application.objects.visible_to(by).get_or_404(application_id)
    offered = {offer.program.code: offer for offer in offers.offers(by, clock.today())}
    added: list[str] = []
    refused: list[str] = []
    for pick in dict.fromkeys(picks):
        offer = offered.get(pick.program)
        if offer is None or offer.why_not or not offer.tracks:
            refused.append(offer.why_not if offer and offer.why_not else f"{pick.program}现在不能申请。")
            continue
        whole = offer.program.beneficiary == Program.Beneficiary.HOUSEHOLD
        whom = {"household_id": application.household_id} if whole else {"resident_id": pick.resident}
        try:
            with transaction.atomic():
                add_item(application_id=application_id, program_code=pick.program, track_key=offer.tracks[0].key, **whom, by=by)
        except TransitionError as refusal:
            refused.append(f"{offer.name}：{refusal}")
        except ValidationError as broken:  # it is in the application already
            refused.append(f"{offer.name}：{'；'.join(broken.messages)}")
        else:
            added.append(offer.name)
    return Taken(added, refused)
