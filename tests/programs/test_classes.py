"""How programs are sorted: the 8+1 categories, the tiers (XX-02, ZX-02, TZ-05)."""

import pytest

from programs.models import Program

pytestmark = pytest.mark.django_db

EIGHT_AND_ONE = [
    "最低生活保障", "特困人员供养", "受灾人员救助", "医疗救助", "教育救助", "住房救助", "就业救助", "临时救助", "社会力量参与",
]  # fmt: skip


@pytest.mark.parametrize("category", EIGHT_AND_ONE)
def test_each_of_the_eight_and_one_has_programs(category: str) -> None:
    value = {label: value for value, label in Program.Category.choices}[category]
    assert Program.objects.filter(category=value).exists()


def test_every_named_program_has_one_category_and_one_tier() -> None:
    unsorted = [p.code for p in Program.objects.named() if not p.category or not p.tier or not p.kind]
    assert unsorted == []


@pytest.mark.parametrize(
    ("code", "tier"),
    [("MZ01", "basic"), ("MZ07", "basic"), ("JW04", "special"), ("YB01", "special"), ("ZJ01", "special"), ("RS02", "special")]
    + [("SF01", "special"), ("CL04", "special"), ("MZ04", "emergency"), ("YJ01", "emergency"), ("CS01", "social"), ("HS01", "social")],
)
def test_the_four_layers_of_the_papers(code: str, tier: str) -> None:
    """Basic living; education, medical, housing, employment, legal and rehabilitation; disaster and temporary; social forces (TZ-05)."""
    assert Program.objects.get(pk=code).tier == tier
