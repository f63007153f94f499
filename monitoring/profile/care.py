"""救助政策关爱清单 (TZ-22): of each policy whether the household is entitled to it, enjoys it, or does not yet; and
困难家庭救助服务清单, its needs beside what has been done about them.

From the newest screening, read as the page of the screening reads it for the post, and from what is in force today: aid that began since
stands as enjoyed, without another screening.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from households.models import AssistanceRecord, Household, Screening
from households.permissions import can_screen, can_see_screening
from households.screening_page import Group, Item, page_of_screening
from intake.models import Assessment
from organization.models import Post
from programs.models import Program

from .chain import Chain, began

Category = Program.Category
Difficulty = Assessment.Difficulty
# kind of a screening's group -> what the list says of it, in the order of the list
STATES = {
    "enjoyed": ("已享受", "green"),
    "under_way": ("办理中", "blue"),
    "eligible": ("应享未享", "red"),
    "likely": ("可能符合，未享受", "amber"),
    "near": ("差一步", "amber"),
    "anyone": ("随时可办", "blue"),
    "unknown": ("数据不足", "grey"),
    "kept": ("涉及隐私，不显示结果", "grey"),
}
FIRST = frozenset(STATES[key][0] for key in ("enjoyed", "under_way", "eligible", "likely", "near"))
# Which kinds of aid meet a difficulty (TZ-13, TZ-28).
MEETS: dict[str, frozenset[str]] = {
    Difficulty.ILLNESS: frozenset({Category.MEDICAL, Category.TEMPORARY, Category.SOCIAL_INSURANCE}),
    Difficulty.DISABILITY: frozenset({Category.DISABILITY_WELFARE, Category.DISABILITY_SERVICE, Category.DISABILITY_PRIVILEGE}),
    Difficulty.SCHOOLING: frozenset({Category.EDUCATION}),
    Difficulty.UNEMPLOYMENT: frozenset({Category.EMPLOYMENT}),
    Difficulty.ACCIDENT: frozenset({Category.TEMPORARY, Category.MEDICAL, Category.SOCIAL_FORCES}),
    Difficulty.DISASTER: frozenset({Category.DISASTER, Category.TEMPORARY}),
    Difficulty.OLD_AGE: frozenset({Category.OLD_AGE, Category.EXTREME_POVERTY}),
    Difficulty.CARE: frozenset({Category.CHILD_WELFARE, Category.EXTREME_POVERTY, Category.CARE, Category.OLD_AGE}),
    Difficulty.HOUSING: frozenset({Category.HOUSING}),
}


@dataclass(frozen=True, slots=True)
class Policy:
    program: str
    department: str
    whom: str
    state: str
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Need:
    """A difficulty, what helps against it now, and what is on its way."""

    difficulty: str
    served: list[str]
    under_way: list[str]

    @property
    def is_met(self) -> bool:
        return bool(self.served)


@dataclass(frozen=True, slots=True)
class Care:
    policies: list[Policy] = field(default_factory=list)
    not_entitled: int = 0
    screening: Screening | None = None
    can_screen: bool = False
    reads: bool = True
    needs: list[Need] = field(default_factory=list)
    assessment: Assessment | None = None

    @property
    def told(self) -> list[Policy]:
        """What can be acted upon, those of a household who stand alike in one line."""
        return _together([one for one in self.policies if one.state in FIRST])

    @property
    def rest(self) -> list[Policy]:
        """What nobody can say yet, and what is open to anybody at any time."""
        return _together([one for one in self.policies if one.state not in FIRST])

    @property
    def missed(self) -> str:
        """How many it is entitled to and does not enjoy, as far as anybody has asked the rules."""
        return str(sum(one.state == STATES["eligible"][0] for one in self.policies)) if self.screening else "—"

    @property
    def missed_tone(self) -> str:
        return "grey" if self.missed in {"0", "—"} else "red"

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Word, tone and number of each state that occurs."""
        found = [(word, tone, sum(one.state == word for one in self.policies)) for word, tone in STATES.values()]
        return [(word, tone, number) for word, tone, number in found if number]


def care_of(household: Household, post: Post, today: date, chain: Chain) -> Care:
    in_force = [row for row in chain.records if row.since <= today and (row.until is None or row.until >= today)]
    needs, assessment = _needs(household, post, in_force, chain)
    enjoyed = {(row.program_id, str(row.resident_id or "")): row for row in in_force}
    if not can_see_screening(post):
        return Care([_of_record(row, chain) for row in in_force], reads=False, needs=needs, assessment=assessment)
    rows = Screening.objects.visible_to(post).for_household(household.pk).select_related("previous", "asked_by__unit", "asked_by__staff")
    last: Screening | None = rows.newest().first()
    may = can_screen(post, household) and not household.is_closed
    page = page_of_screening(household, last, post, today)
    policies, counted = _policies(page.groups, enjoyed, chain)
    policies += [_of_record(row, chain) for key, row in enjoyed.items() if key not in counted]
    order = [word for word, _ in STATES.values()]
    policies.sort(key=lambda one: (order.index(one.state), one.department, one.program, one.whom))
    refused = sum(len(block.items) for group in page.groups if group.key == "ineligible" for block in group.blocks)
    return Care(policies, refused, last, may, needs=needs, assessment=assessment)


def _together(policies: Sequence[Policy]) -> list[Policy]:
    found: dict[tuple[str, str, str], list[Policy]] = {}
    for one in policies:
        found.setdefault((one.program, one.department, one.state), []).append(one)
    return [
        Policy(
            first.program, first.department, "、".join(dict.fromkeys(one.whom for one in alike)), first.state, first.tone,
            "；".join(dict.fromkeys(one.note for one in alike if one.note)),
        )
        for alike in found.values()
        for first in alike[:1]
    ]  # fmt: skip


def _policies(groups: Sequence[Group], enjoyed: dict[tuple[str, str], AssistanceRecord], chain: Chain) -> tuple[list[Policy], set[Any]]:
    found: list[Policy] = []
    counted: set[Any] = set()
    for group in groups:
        for block in group.blocks:
            for item in block.items:
                key = item.row.key
                state = _state(group.key, key, item, enjoyed, chain)
                if state is None:
                    continue
                counted.add(key)
                note = _note(state, item, enjoyed.get(key), chain, chain.under_way.get(key, ""))
                found.append(Policy(item.row.program.seed_name, item.row.program.department.name, item.whom, *STATES[state], note))
    return found, counted


def _state(group: str, key: tuple[str, str], item: Item, enjoyed: dict[tuple[str, str], AssistanceRecord], chain: Chain) -> str | None:
    """What is in force comes before what is asked for, and that before what a screening said; None: not entitled."""
    if key in enjoyed or group == "already":
        return "enjoyed"
    if key in chain.under_way or item.under_way:
        return "under_way"
    return group if group in STATES else None


def _note(state: str, item: Item, record: AssistanceRecord | None, chain: Chain, under_way: str) -> str:
    if state == "enjoyed":
        return f"自{began(record, chain.records)}" if record else ""
    if state == "under_way":
        return under_way or item.under_way
    if state == "near":
        return "；".join(item.near)
    return f"缺：{'、'.join(item.lacks)}" if item.lacks and state in {"likely", "unknown"} else ""


def _of_record(row: AssistanceRecord, chain: Chain) -> Policy:
    whom = row.resident.name if row.resident else "全家"
    return Policy(str(row.program), row.program.department.name, whom, *STATES["enjoyed"], f"自{began(row, chain.records)}")


def _needs(household: Household, post: Post, in_force: Sequence[AssistanceRecord], chain: Chain) -> tuple[list[Need], Assessment | None]:
    """The difficulties of the newest whole assessment that the post may read."""
    rows = Assessment.objects.visible_to(post).filter(application__household=household, assessed_at__isnull=False)
    assessment: Assessment | None = rows.select_related("application", "assessed_by__unit").order_by("-assessed_at").first()
    if assessment is None:
        return [], None
    asked = {code for code, _ in chain.under_way}
    pending = dict(Program.objects.filter(pk__in=asked).values_list("pk", "category")) if asked else {}
    titles = dict(Program.objects.filter(pk__in=asked).values_list("pk", "seed_name")) if asked else {}
    found = []
    for difficulty in assessment.difficulties:
        meets = MEETS.get(difficulty, frozenset())
        served = list(dict.fromkeys(str(row.program) for row in in_force if row.program.category in meets))
        coming = [titles[code] for code, category in sorted(pending.items()) if category in meets]
        found.append(Need(str(Difficulty(difficulty).label), served, coming))
    return found, assessment
