"""What a verification says about itself: pure functions on values (ZX-37..41, QJ-13)."""

from collections.abc import Iterable

# What the form asks about the family's means; each becomes a fact of the household when the verification is finished (DESIGN 3).
MONEY_FACTS = ("income_per_head", "income_12_months", "rigid_spending_12_months")
YES_NO_FACTS = ("assets_within_limits", "household_hardship")
FACTS = (*MONEY_FACTS, *YES_NO_FACTS)
# Methods for which somebody leaves the office.
OUTSIDE = frozenset({"home_visit", "neighbours", "meeting"})


def status_for(methods: Iterable[str]) -> str:
    """Where a verification under way stands: among people, or over papers and registers."""
    return "field" if OUTSIDE & set(methods) else "checking"


def how_found(methods: Iterable[str]) -> str:
    """How its facts were found (`Fact.How`): the way that came closest to the family."""
    named = set(methods)
    if named & OUTSIDE:
        return "visit"
    return "letter" if "letters" in named else "register"


def lacks(content: dict[str, object], *, has_visit: bool) -> list[str]:
    """三个不放过 (QJ-13, K-08) in the words of the form: somebody was met, everything was looked into, there is advice.

    A second visit that is planned closes nothing: as long as nobody was met, the investigation stays open.
    """
    asked = [
        ("methods", "核查方式"),
        *([("visited_on", "入户日期"), ("person_met", "见到的人")] if has_visit else []),
        ("family_situation", "家庭基本情况"),
        ("economic_situation", "家庭经济状况"),
        ("finding", "核查结果"),
        ("conclusion", "核查结论"),
        ("advice", "对策建议"),
    ]
    return [label for name, label in asked if not content.get(name)]
