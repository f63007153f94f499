"""Which lists a unit owes in a round: the templates that the rooms below declare for it, by the part they belong to (ZX-28)."""

from collections.abc import Sequence
from typing import NamedTuple

from organization.models import Post, Unit
from programs.models import Program
from spreadsheets import declaration

from .models import DeliveryItem

Part = DeliveryItem.Part
PARTS = {"households.roll": Part.AID, "households.facts": Part.SHARED, "households.people": Part.SHARED}
POLICY = "救助政策"
ORDER = [Part.POLICY, Part.AID, Part.SHARED]


class Owed(NamedTuple):
    part: str
    key: str
    title: str
    category: str


def owed_by(unit: Unit, *, with_policy: bool = True) -> list[Owed]:
    """In the order of the parts. A unit without programs owes no policy part; nothing at all where it has neither programs nor lists."""
    voice = Post(unit=unit, rank=Post.Rank.HANDLER)  # anybody of the unit: which templates are its is asked of posts
    lists = [
        Owed(PARTS[template.family], template.key, template.title, template.feeds)
        for template in declaration.listed_for(voice)
        if template.family in PARTS
    ]
    has_programs = unit.department_id is not None and Program.objects.filter(department_id=unit.department_id).exists()
    policy = [Owed(Part.POLICY, "", POLICY, "")] if with_policy and has_programs else []
    return [*policy, *sorted(lists, key=lambda owed: ORDER.index(Part(owed.part)))]


def units_of(kind: str, units: Sequence[Unit]) -> list[tuple[Unit, list[Owed]]]:
    """The units that owe something, with what."""
    found = [(unit, owed_by(unit, with_policy=kind == "monthly")) for unit in units]
    return [(unit, owed) for unit, owed in found if owed]
