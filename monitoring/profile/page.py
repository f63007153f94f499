"""One household's profile before one post: what the household's page shows it, and the whole story beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from config import clock
from config.templatetags.frame import money
from households.models import AssistanceRecord, Household, IdentityTag
from households.page import Page, page_of
from organization.models import Post

from ..models import Doubt
from ..permissions import sees_doubts
from .care import Care, care_of
from .chain import Chain, began, chain_of
from .lifeline import Lifeline, lifeline

Tag = IdentityTag.Kind
# 困难程度 (TZ-11), the gravest first: which identity or program in force says so.
DEGREES: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("特困供养", frozenset({Tag.EXTREME_POVERTY}), frozenset({"extreme_poverty"})),
    ("最低生活保障", frozenset({Tag.SUBSISTENCE}), frozenset({"subsistence"})),
    ("低保边缘", frozenset({Tag.BORDER}), frozenset()),
    ("刚性支出困难", frozenset({Tag.RIGID_EXPENDITURE}), frozenset()),
    ("其他低收入", frozenset({Tag.LOW_INCOME, Tag.CIVIL_AFFAIRS_FILE}), frozenset({"low_income"})),
    ("防返贫监测", frozenset({Tag.UNSTABLE_EXIT, Tag.EDGE_OF_POVERTY, Tag.SUDDEN_HARDSHIP}), frozenset()),
)
# 困难类型, of identities that speak of one.
TYPES = {
    Tag.SEVERE_DISABILITY: "因残", Tag.NOBODY_EMPLOYED: "失业或就业困难", Tag.UNEMPLOYED: "失业或就业困难",
    Tag.SUDDEN_HARDSHIP: "突发严重困难",
    Tag.CHILD_IN_DIFFICULTY: "儿童困境",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difficulty:
    """`degree` with what says so; `types` of the newest assessment and of identities."""

    degree: str
    basis: str
    types: list[str]


@dataclass(frozen=True, slots=True)
class Profile:
    page: Page
    difficulty: Difficulty
    chain: Chain
    care: Care
    lifeline: Lifeline | None
    doubts: list[Doubt]
    records: list[AssistanceRecord]
    past: list[AssistanceRecord]
    today: date
    sees_doubts: bool

    @property
    def household(self) -> Household:
        return self.page.household

    @property
    def monthly(self) -> Any:
        """What the household is given by the month today, as far as the post may see it."""
        return sum((row.amount for row in self.records if row.amount and row.cadence == AssistanceRecord.Cadence.MONTHLY), start=0)

    @property
    def monthly_words(self) -> str:
        return money(self.monthly)

    @property
    def department_words(self) -> str:
        """By how many departments, where by any."""
        number = len({row.program.department_id for row in self.records})
        return f"项，{number}个部门" if number else "项"


def profile_of(household: Household, post: Post) -> Profile:
    """Everything in a fixed number of queries. The caller fetched the household through its gate, and reads more of it than the card."""
    today = clock.today()
    page = page_of(household, post)
    chain = chain_of(household, post, today)
    care = care_of(household, post, today, chain)
    records = [row for row in chain.records if row.since <= today and (row.until is None or row.until >= today)]
    past = [row for row in chain.records if row.until is not None and row.until < today]
    sees = sees_doubts(post)
    doubts = list(Doubt.objects.visible_to(post).standing().filter(household=household)) if sees else []
    tags = [*page.tags, *(tag for member in page.members for tag in member.tags)]
    difficulty = difficulty_of(tags, records, care, chain.records)
    return Profile(page, difficulty, chain, care, lifeline(chain.records, today), doubts, records, past, today, sees)


def difficulty_of(
    tags: Sequence[IdentityTag], records: Iterable[AssistanceRecord], care: Care, ever: Sequence[AssistanceRecord]
) -> Difficulty:
    """困难类型 and 困难程度 (TZ-11), read from identities, aid in force and the window's assessment."""
    held, given = {tag.kind: tag for tag in tags}, {row.program.category: row for row in records}
    degree = basis = ""
    for word, kinds, categories in DEGREES:
        tag = next((held[kind] for kind in sorted(kinds) if kind in held), None)
        row = next((given[category] for category in sorted(categories) if category in given), None)
        if tag is not None or row is not None:
            degree = word
            basis = (
                f"{tag}（{tag.unit.short_name}认定，自{tag.since}）"
                if tag is not None
                else f"正在享受{row.program}，自{began(row, ever)}"
                if row
                else ""
            )
            break
    types = [need.difficulty for need in care.needs] + [word for kind, word in TYPES.items() if kind in held]
    return Difficulty(degree, basis, list(dict.fromkeys(types)))
