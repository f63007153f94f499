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
# The lists of the early-warning push (LY-P1 to LY-P11): what a unit delivers in a round need not be asked for again by the push.
PUSHES = {
    "LY-P1": "城乡低保、特困对象", "LY-P2": "脱贫不稳定户、边缘易致贫户", "LY-P3": "住房救助、危房改造户", "LY-P4": "在校学生",
    "LY-P6": "失业登记人员", "LY-P7": "慢性病患者", "LY-P9": "医疗费用个人负担较重", "LY-P10": "因灾住房受损户", "LY-P11": "重度残疾人",
}  # fmt: skip
# What the owners of the lists call their category.
CALLED = {
    "watched": "LY-P2", "housing": "LY-P3", "students": "LY-P4", "unemployed": "LY-P6", "chronic": "LY-P7", "costly_illness": "LY-P9",
    "disaster": "LY-P10", "disabled": "LY-P11",
}  # fmt: skip
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
        Owed(PARTS[template.family], template.key, template.title, CALLED.get(template.feeds, template.feeds))
        for template in declaration.listed_for(voice)
        if template.family in PARTS
    ]
    has_programs = unit.department_id is not None and Program.objects.filter(department_id=unit.department_id).exists()
    policy = [Owed(Part.POLICY, "", POLICY, "")] if with_policy and has_programs else []
    return [*policy, *sorted(lists, key=lambda owed: ORDER.index(Part(owed.part)))]


def push_word(category: str) -> str:
    """A category as pages and workbooks call it."""
    return PUSHES.get(category, category)


def units_of(kind: str, units: Sequence[Unit]) -> list[tuple[Unit, list[Owed]]]:
    """The units that owe something, with what."""
    found = [(unit, owed_by(unit, with_policy=kind == "monthly")) for unit in units]
    return [(unit, owed) for unit, owed in found if owed]
