"""Which conditions of a screening a post learns the result of, and whose outcome would tell what it may not know (DESIGN 2, SECURITY).

The page beside the household, the interface and dry runs ask here. A condition over a sensitive fact shows its result to those who may read
the fact's value (`can_know_value`); for the others it stands there as the rule says it, without result.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from organization.models import Post
from programs.facts import catalogue_of_facts
from programs.models import FactKind, ProgramVersion
from programs.screening.evaluation import Outcome, Result, State, all_of, any_of
from programs.screening.language import Condition, Each, Node, Not, Rule, facts_of, walk

from ..models import Screening
from ..permissions import can_know_value
from ..rules import PROVEN_BY_TAG, TAG_OF_PROGRAM
from .inputs import rule_of
from .screening import HELPFUL, Row

Facts = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Discretion:
    """One post's. `has_said_why`: the platform, for the minutes after it has given its reason. `own`: programs whose outcome is the post's
    work, a department's while it was let in for them."""

    post: Post
    kinds: Mapping[str, FactKind]
    has_said_why: bool = False
    own: Collection[str] = ()

    @cached_property
    def readable(self) -> frozenset[str]:
        return frozenset(key for key, kind in self.kinds.items() if self.has_said_why or can_know_value(self.post, kind))

    @cached_property
    def secret(self) -> frozenset[str]:
        """How a condition over it came out is not shown."""
        return frozenset(key for key, kind in self.kinds.items() if kind.is_sensitive and key not in self.readable)

    @cached_property
    def personal(self) -> frozenset[str]:
        """A state of a person: illness, disability, prison, family. A sum of money is not among them: the outcome of a program tells on
        which side of a limit it lies, never the sum."""
        return frozenset(key for key in self.secret if is_personal(self.kinds[key]))

    def is_kept(self, result: Result, told: Facts) -> bool:
        return bool(told.get(result.path, frozenset()) & self.secret)

    def state(self, result: Result, told: Facts) -> State:
        """How it comes out by what the post may know."""
        return state_without(result, told, self.secret)

    def keeps_near(self, row: Row, told: Facts) -> bool:
        """差一步 says that everything else holds."""
        return any(self.is_kept(one, told) for line in row.answer.lines for one in flat(line))

    def keeps_outcome(self, row: Row, told: Facts) -> bool:
        """It would tell a state of a person that others hold: without it the answer is another one."""
        if row.version.program_id in self.own or not self.personal:
            return False
        if row.has_already:
            return PROVEN_BY_TAG.get(TAG_OF_PROGRAM.get(row.version.program_id, "")) in self.personal
        without = outcome_without(row, told, self.personal)
        return without is not row.outcome and not {without, row.outcome} <= HELPFUL


def is_personal(kind: FactKind) -> bool:
    return kind.is_sensitive and kind.scope == FactKind.Scope.RESIDENT and kind.value_type != FactKind.ValueType.MONEY


def private_programs(screening: Screening) -> set[str]:
    """Programs of a screening whose rule asks a state of a person: that it may be asked for tells the family whose state it is."""
    catalogue = catalogue_of_facts(screening.on)
    money = FactKind.ValueType.MONEY
    states = {key for key, fact in catalogue.items() if fact.is_sensitive and not fact.is_of_household and fact.value_type != money}
    rows = ProgramVersion.objects.filter(pk__in=[version for version, _ in screening.versions]).select_related("program")
    rules = {row.program_id: rule_of(row.pk, row.screening_rule, row.program.beneficiary, catalogue) for row in rows}
    return {code for code, rule in rules.items() if rule.facts() & states}


def flat(result: Result) -> list[Result]:
    return [result, *(one for child in result.children for one in flat(child))]


def state_without(result: Result, told: Facts, secret: Collection[str]) -> State:
    """The state with these facts not known."""
    if result.kind in {"all", "any", "not"} and result.children:
        states = [state_without(child, told, secret) for child in result.children]
        if result.kind == "not":
            return None if states[0] is None else not states[0]
        return (all_of if result.kind == "all" else any_of)(states)
    return None if told.get(result.path, frozenset()) & frozenset(secret) else result.state


def outcome_without(row: Row, told: Facts, secret: Collection[str]) -> Outcome:
    if row.outcome is Outcome.ANYONE:
        return row.outcome
    state = all_of([state_without(line, told, secret) for line in row.answer.lines])
    if state:
        return Outcome.ELIGIBLE
    gates = all(line.state for line in row.answer.lines if line.kind == "gate")
    if row.answer.likely is not None and gates and state_without(row.answer.likely, told, secret):
        return Outcome.LIKELY
    return Outcome.INELIGIBLE if state is False else Outcome.UNKNOWN


def facts_by_path(rule: Rule) -> dict[str, frozenset[str]]:
    """Which facts each condition tells, by its place in the rule."""
    found: dict[str, frozenset[str]] = {}
    for node in rule.nodes():
        if isinstance(node, Condition | Each | Not):
            found[node.path] = found.get(node.path, frozenset()) | _told_by(node)
    return found


def _told_by(node: Node) -> frozenset[str]:
    inner = walk(node) if isinstance(node, Each | Not) else [node]
    return frozenset(key for one in inner if isinstance(one, Condition) for key in ({one.fact.key} | facts_of(one.value)))
