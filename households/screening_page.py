"""The page beside the household (issue 5): what each program says of each person, why, what is missing and who holds it, to whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from config import clock
from config.navigation import address
from organization.figures import figure
from organization.models import Post
from programs.models import FactKind, Program
from programs.screening.evaluation import Missing, Outcome, Result, State

from .looking import looks_until
from .models import Access, FactRequest, Household, Screening
from .open_cases import open_items
from .permissions import can_ask_fact, can_look_into, can_screen, can_see_program
from .screening.discretion import Discretion, Facts, facts_by_path
from .screening.explaining import Cause, explain_change
from .screening.screening import HELPFUL, Row, Screened, names_of, replay
from .showing import shown_name

WANTS_SHOWN = 8
BORN_WITH = frozenset({"age", "sex", "birth_date"})
HIDDEN = "内容不在本岗位查看范围内"
KEPT_BACK = "不显示"
# In the order in which a clerk reads them; of these kinds what has been obtained already is put last.
KINDS = {
    "eligible": ("符合", "green"),
    "likely": ("疑似", "blue"),
    "near": ("差一步", "amber"),
    "unknown": ("数据不足", "amber"),
    "anyone": ("随时可办", "blue"),
    "already": ("已在享受", "grey"),
    "ineligible": ("不符合", "grey"),
    "kept": ("涉及隐私，不显示结果", "grey"),
}
STATES = {True: ("满足", "green"), False: ("不满足", "red"), None: ("不清楚", "amber")}
NEGATED = {True: ("是", "grey"), False: ("否", "grey"), None: ("不清楚", "grey")}  # what a "not" asks: met is no good news there
GROUPS = {"全部满足": "以下全部满足", "任一满足": "以下任一满足"}


@dataclass(frozen=True, slots=True)
class Line:
    """A condition as it came out; `depth` indents it."""

    text: str
    word: str
    tone: str
    found: tuple[str, ...]
    depth: int


@dataclass(slots=True)
class Want:
    """A fact that would settle something: who holds it, of whom it is missing, and of whom it was asked for already."""

    kind: FactKind
    can_ask: bool
    programs: set[str] = field(default_factory=set)
    people: dict[str, str] = field(default_factory=dict)
    asked: list[FactRequest] = field(default_factory=list)
    declined: list[tuple[str, FactRequest]] = field(default_factory=list)

    @property
    def holder(self) -> str:
        return self.kind.holder.name if self.kind.holder else ""

    @property
    def is_of_household(self) -> bool:
        return self.kind.scope == FactKind.Scope.HOUSEHOLD


@dataclass(frozen=True, slots=True)
class Item:
    """One program for one beneficiary."""

    row: Row
    whom: str
    lines: tuple[Line, ...]
    near: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    under_way: str = ""

    @property
    def pick(self) -> str:
        """What ticking it asks for: program, and whom."""
        return f"{self.row.version.program_id}:{self.row.person}"

    @property
    def can_pick(self) -> bool:
        return self.row.outcome is not Outcome.INELIGIBLE and not self.under_way and not self.row.has_already

    @property
    def is_ticked(self) -> bool:
        return self.row.outcome in HELPFUL


@dataclass(frozen=True, slots=True)
class Block:
    """A program with those of the household who stand alike in it."""

    program: Program
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    blocks: list[Block]

    @property
    def title(self) -> str:
        return KINDS[self.key][0]

    @property
    def tone(self) -> str:
        return KINDS[self.key][1]

    @property
    def is_open(self) -> bool:
        return self.key in {"eligible", "likely", "near"}


@dataclass(frozen=True, slots=True)
class Changed:
    program: str
    whom: str
    text: str
    causes: list[str]


@dataclass(frozen=True, slots=True)
class ScreeningPage:
    household: Household
    title: str
    screening: Screening | None
    groups: list[Group] = field(default_factory=list)
    wants: list[Want] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    can_screen: bool = False
    picks_url: str = ""
    says_why: bool = False
    looks_until: datetime | None = None

    @property
    def has_folded_picks(self) -> bool:
        """All that can be ticked stands in groups that are folded."""
        return not any(item.can_pick for group in self.groups if group.is_open for block in group.blocks for item in block.items)

    @property
    def first_wants(self) -> list[Want]:
        return self.wants[:WANTS_SHOWN]

    @property
    def more_wants(self) -> list[Want]:
        return self.wants[WANTS_SHOWN:]


def page_of_screening(household: Household, screening: Screening | None, post: Post, on: date) -> ScreeningPage:
    """The stored screening answered again, as far as `post` may read it. The caller fetched the household through its gate."""
    may = can_screen(post, household) and not household.is_closed
    names = {key: shown_name(name, post) for key, name in names_of(household).items()}
    head = household.memberships.open().order_by("relation", "pk").values_list("resident_id", flat=True).first()
    title = f"{names.get(str(head), '')}户"
    if screening is None:
        return ScreeningPage(household, title, None, can_screen=may)
    screened = replay(screening, names)
    reader = _Reader(household, screened, post, on)
    picks = address("intake:picks_take") if post.role == "T" and post.unit.kind == "township_window" else ""
    groups = reader.groups()
    return ScreeningPage(
        household, title, screening, groups, reader.wants_in_order(),
        changed=_changes(screening, screened, names, reader), can_screen=may, picks_url=picks if may else "",
        says_why=can_look_into(post) and not reader.discretion.has_said_why,
        looks_until=reader.looks_until,
    )  # fmt: skip


class _Reader:
    """One post's way of reading what was screened."""

    def __init__(self, household: Household, screened: Screened, post: Post, on: date) -> None:
        self.household, self.screened, self.post, self.on = household, screened, post, on
        self.kinds = {kind.pk: kind for kind in FactKind.objects.select_related("holder")}
        self.looks_until = looks_until(post, household)
        self.discretion = Discretion(post, self.kinds, self.looks_until is not None, _work_of(post, household, on))
        self.under_way = open_items(household.pk)
        since = clock.now() - timedelta(days=int(figure("access_after_close")))
        asked = FactRequest.objects.filter(household=household).visible_to(post).standing(since).select_related("unit")
        self.asked = {(request.kind_id, str(request.resident_id or "")): request for request in asked}
        self.rows = {row.version.program_id: row for row in screened.rows}
        self.wants: dict[str, Want] = {}
        self.may_ask = can_ask_fact(post, household) and not household.is_closed
        self.names = {key: one.name for key, one in screened.inputs.situation.people.items()}

    def sees(self, row: Row) -> bool:
        is_hidden = row.program.is_sensitive and not self.discretion.has_said_why
        return can_see_program(self.post, row.department_id, is_sensitive=is_hidden)

    def keeps(self, row: Row) -> bool:
        return self.discretion.keeps_outcome(row, facts_by_path(row.rule))

    def groups(self) -> list[Group]:
        found: dict[str, dict[str, Block]] = {key: {} for key in KINDS}
        for row in self.screened.rows:
            if self.sees(row):
                told = facts_by_path(row.rule)
                key = self.kind_of(row, told)
                block = found[key].setdefault(row.version.program_id, Block(row.program, []))
                block.items.append(self._item(row, key, told))
        return [Group(key, list(blocks.values())) for key, blocks in found.items() if blocks]

    def kind_of(self, row: Row, told: Facts) -> str:
        """Under which heading a row stands."""
        if self.discretion.keeps_outcome(row, told):
            return "kept"
        if row.has_already:
            return "already"
        is_near = row.outcome is Outcome.INELIGIBLE and _steps(row, told) and not self.discretion.keeps_near(row, told)
        return "near" if is_near else row.outcome.value

    def _item(self, row: Row, key: str, told: Facts) -> Item:
        said = row.answer
        results = [*said.lines, *([said.likely] if said.likely is not None and row.outcome is Outcome.LIKELY else [])]
        if key == "ineligible":  # what stands against it is enough, where that may be told
            results = [result for result in results if self.discretion.state(result, told) is False] or results
        elif key == "kept":
            results = list(said.lines)
        lines = tuple(line for result in results for line in self._lines(result, told, 0))
        near = tuple(self._text(result, told) for result in _steps(row, told)) if key == "near" else ()
        lacks = tuple(dict.fromkeys(self._lack(missing, row) for missing in said.missing))
        whom = self.names.get(row.person, "") if row.person else "全家"
        return Item(row, whom, lines, near, lacks, self.under_way.get(row.key, ""))

    def wants_in_order(self) -> list[Want]:
        """What would settle most programs first; after `groups`."""
        return sorted(self.wants.values(), key=lambda want: (-len(want.programs), want.kind.label))

    def _lines(self, result: Result, told: Facts, depth: int, *, negated: bool = False) -> Iterator[Line]:
        word, tone = self._word(result, told, NEGATED if negated else STATES)
        yield Line(self._text(result, told), word, tone, self._found(result, told), depth)
        for child in result.children:
            yield from self._lines(child, told, depth + 1, negated=negated or result.kind == "not")

    def _word(self, result: Result, told: Facts, words: Mapping[State, tuple[str, str]]) -> tuple[str, str]:
        """How it came out, unless that would tell what the post may not know."""
        is_kept = self.discretion.is_kept(result, told) or self.discretion.state(result, told) is not result.state
        return (KEPT_BACK, "grey") if is_kept else words[result.state]

    def _found(self, result: Result, told: Facts) -> tuple[str, ...]:
        if self.discretion.is_kept(result, told):
            kinds = [self.kinds[key] for key in sorted(told[result.path] & self.discretion.secret)]
            return (f"涉及隐私，由{'、'.join(dict.fromkeys(kind.holder.name for kind in kinds if kind.holder)) or '有关部门'}掌握",)
        return result.found if self._may_read(result, told) else (HIDDEN,) if result.found else ()

    def _may_read(self, result: Result, told: Facts) -> bool:
        gate, _, code = result.path.partition(".")
        if gate in {"requires", "excludes"}:
            return self._names(code)
        return told.get(result.path, frozenset()) <= self.discretion.readable

    def _names(self, code: str) -> bool:
        """Whether another program is named to the post: to a department none but its own, sensitive ones to few (DESIGN 2)."""
        row = self.rows.get(code)
        return row is not None and self.sees(row)

    def _text(self, result: Result, told: Facts) -> str:
        """The condition in words; a figure worked out from a fact that the post may not read stays out of it."""
        if self._may_read(result, told):
            return GROUPS.get(result.text, result.text) if result.kind in {"all", "any"} else result.text
        if result.path.startswith(("requires.", "excludes.")):
            return "正在享受另一项救助" if result.path.startswith("requires.") else "没有享受另一项救助"
        return result.text.rpartition("，即")[0] or result.text

    def _lack(self, missing: Missing, row: Row) -> str:
        """What is missing, in words; noted among what can be asked for."""
        kind = self.kinds[missing.fact]
        can_ask = self.may_ask and kind.holder is not None and not kind.is_derived
        want = self.wants.setdefault(kind.pk, Want(kind, can_ask))
        want.programs.add(row.version.program_id)
        request = self.asked.get((kind.pk, missing.person))
        whom = self.names.get(missing.person, "") if missing.person else "全家"
        if request is None:
            want.people[missing.person] = whom
        elif request.status == FactRequest.Status.UNABLE:
            if (whom, request) not in want.declined:
                want.declined.append((whom, request))
        elif request not in want.asked:
            want.asked.append(request)
        whose = self.names.get(missing.person, "") if missing.person not in {"", row.person} else ""
        lost = f"（{missing.expired_on}已过有效期）" if missing.expired_on else ""
        return f"{whose}{kind.label}{lost}{f'（{want.holder}掌握）' if want.holder else ''}"

    def causes(self, causes: Iterable[Cause]) -> list[str]:
        return list(dict.fromkeys(self._cause(cause) for cause in causes))

    def _cause(self, cause: Cause) -> str:
        if cause.program:
            row = self.rows.get(cause.program)
            return f"{cause.text}{row.program.seed_name}" if row and self.sees(row) else f"{cause.text}另一项救助"
        return cause.text if set(cause.facts) <= self.discretion.readable else "有关部门掌握的情况有变化"


def _steps(row: Row, told: Facts) -> list[Result]:
    """差一步: what somebody can bring about or wait for others to; age and sex are no step."""
    return [one for one in row.answer.near if not told.get(one.path) or not told[one.path] <= BORN_WITH]


def _work_of(post: Post, household: Household, on: date) -> frozenset[str]:
    """The programs for whose sake a department was let in: their outcome is its own work."""
    if post.unit.kind != "department":
        return frozenset()
    rows = Access.objects.filter(household=household).open(on).of_place(post).exclude(program=None)
    return frozenset(rows.order_by().values_list("program_id", flat=True))


def _changes(screening: Screening, screened: Screened, names: Mapping[str, str], reader: _Reader) -> list[Changed]:
    """Against the screening before, as far as the post may read both."""
    if screening.previous is None:
        return []
    before = replay(screening.previous, names)
    found, then = [], before.by_key
    for change in explain_change(before, screened):
        if reader.sees(change.row) and not any(reader.keeps(row) for row in (change.row, then.get(change.row.key)) if row):
            whom = names.get(change.row.person, "") if change.row.person else "全家"
            found.append(Changed(change.row.program.seed_name, whom, change.text, reader.causes(change.causes)))
    return found
