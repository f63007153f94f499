"""A rule asked of one situation: three values, and for each condition what was found, by whom, when, or who holds what is missing.

Screening advises and a person decides. A condition on nobody (no members, no known parent) is not known rather than true or false.
The SQL evaluator means the same; a property test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .language import All, Any_, Catalogue, Condition, Each, Factor, FactType, FactValue, Node, Not, Op, ParameterValue, Rule, Value, walk
from .situation import Known, Person, Plain, Situation, number_of
from .wording import condition_text, plain_text, scope_word

State = bool | None


class Outcome(StrEnum):
    ELIGIBLE = "eligible"
    LIKELY = "likely"
    INELIGIBLE = "ineligible"
    UNKNOWN = "unknown"
    ANYONE = "anyone"


OUTCOME_WORDS = {
    Outcome.ELIGIBLE: "符合", Outcome.LIKELY: "疑似", Outcome.INELIGIBLE: "不符合", Outcome.UNKNOWN: "数据不足", Outcome.ANYONE: "随时可办",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that would settle the matter; `person` is empty for the household's. `expired_on`: it was known once."""

    fact: str
    person: str = ""
    expired_on: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """How a node came out. `found` says what was found, one text per person or source; `uses` are the stored facts it rests on."""

    path: str
    state: State
    text: str
    kind: str
    found: tuple[str, ...] = ()
    children: tuple["Result", ...] = ()
    missing: tuple[Missing, ...] = ()
    uses: frozenset[str] = frozenset()
    is_declared: bool = False

    def stored(self) -> dict[str, Any]:
        return {
            "path": self.path, "state": self.state, "text": self.text, "kind": self.kind, "found": list(self.found),
            "children": [child.stored() for child in self.children], "declared": self.is_declared,
            "missing": [[m.fact, m.person, m.expired_on] for m in self.missing],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """`lines` are the top conditions; `near` the only ones that stand in the way (差一步); `missing` what would settle it."""

    outcome: Outcome
    lines: tuple[Result, ...] = ()
    likely: Result | None = None
    near: tuple[Result, ...] = ()
    missing: tuple[Missing, ...] = ()
    uses: frozenset[str] = frozenset()


def answer(
    rule: Rule,
    situation: Situation,
    catalogue: Catalogue,
    *,
    person: str = "",
    programs: Mapping[str, str] | None = None,
    trusts_declared: bool = True,
) -> Answer:
    """`person` is the beneficiary's key, empty where the program is the household's. `programs` names codes for `requires` and `excludes`.

    符合 rests on what was found; where it holds only with what the applicant declared, the answer is 疑似 (本人申报待核实). Without
    `trusts_declared` what was declared counts as not known, as in the run over the county.
    """
    who = situation.people[person] if person else None
    if rule.eligible is None:
        return Answer(Outcome.ANYONE, (Result("anyone", True, rule.anyone, "note"),))
    root = rule.eligible
    barred = _barred(rule, situation, who)
    if barred is not None:
        return Answer(Outcome.INELIGIBLE, (barred,))
    if not situation.members and not rule.for_the_dead:
        return Answer(Outcome.UNKNOWN, (Result("members", None, "有共同生活的家庭成员", "gate", ("没有登记计入家庭的成员",)),))
    asked = _Asked(situation, catalogue, trusts_declared=trusts_declared)
    gates = _gates(rule, situation, who, programs or {})
    main = asked.node(root, who)
    likely = asked.node(rule.likely, who) if rule.likely is not None else None
    state = all_of([main.state, *(gate.state for gate in gates)])
    tops = main.children if main.kind == "all" else (main,)
    outcome = _outcome(state, likely, gates)
    if (
        outcome is Outcome.ELIGIBLE
        and main.is_declared
        and _Asked(situation, catalogue, trusts_declared=False).node(root, who).state is not True
    ):
        outcome = Outcome.LIKELY
    near = _near(root, situation, catalogue, who, gates) if outcome is Outcome.INELIGIBLE else ()
    missing = _undecided(main) if state is None else ()
    return Answer(outcome, (*tops, *gates), likely, near, missing, main.uses)


def _outcome(state: State, likely: Result | None, gates: list[Result]) -> Outcome:
    if state:
        return Outcome.ELIGIBLE
    if likely is not None and likely.state and all(gate.state for gate in gates):
        return Outcome.LIKELY
    return Outcome.INELIGIBLE if state is False else Outcome.UNKNOWN


def _barred(rule: Rule, situation: Situation, who: Person | None) -> Result | None:
    if who is not None and who.is_dead and not rule.for_the_dead:
        return Result("dead", False, "本人健在", "gate", ("已登记死亡",))
    if who is not None and rule.for_the_dead and not who.is_dead:
        return Result("alive", False, "本人已死亡", "gate", ("没有死亡登记",))
    return None


def _gates(rule: Rule, situation: Situation, who: Person | None, programs: Mapping[str, str]) -> list[Result]:
    """Prerequisites and exclusions between programs (C-42, C-43), by what is in force."""
    received = who.receives if who else situation.receives

    def gate(kind: str, code: str, word: str, wanted: bool) -> Result:
        has = code in received
        return Result(
            f"{kind}.{code}", has is wanted, f"{word}{programs.get(code, code)}", "gate", ("在享受中" if has else "没有在享受的记录",)
        )

    required = [gate("requires", code, "正在享受", wanted=True) for code in rule.requires]
    return required + [gate("excludes", code, "没有享受", wanted=False) for code in rule.excludes]


def _near(root: Node, situation: Situation, catalogue: Catalogue, who: Person | None, gates: list[Result]) -> tuple[Result, ...]:
    """Each single condition that, had it come out the other way, would make the whole hold (差一步)."""
    failed = tuple(gate for gate in gates if gate.state is False)
    if failed:
        return failed if len(failed) == 1 and _Asked(situation, catalogue).node(root, who).state else ()
    found = []
    for node in walk(root):
        if isinstance(node, Condition | Each) and _leaf_of_its_own(node, root):
            asked = _Asked(situation, catalogue, flipped=node.path)
            if asked.node(root, who).state and asked.was is not None:
                found.append(asked.was)
    return tuple(found)


def _leaf_of_its_own(node: Node, root: Node) -> bool:
    """Not a condition within a group of people: there the group is what stands in the way."""
    return not any(isinstance(each, Each) and each is not node and any(one is node for one in walk(each)) for each in walk(root))


def _undecided(result: Result) -> tuple[Missing, ...]:
    """What is missing and would matter: in branches that nothing has decided yet."""
    if result.state is not None:
        return ()
    found = (*result.missing, *(m for child in result.children for m in _undecided(child)))
    return tuple(dict.fromkeys(found))


def all_of(states: list[State]) -> State:
    return False if False in states else None if None in states else True


def any_of(states: list[State]) -> State:
    return True if True in states else None if None in states else False


@dataclass
class _Asked:
    """One walk over a tree. `flipped` is the path of a condition to be taken the other way; `was` keeps how it had come out."""

    situation: Situation
    catalogue: Catalogue
    trusts_declared: bool = True
    flipped: str | None = None
    was: Result | None = field(default=None)

    def node(self, node: Node, who: Person | None) -> Result:
        result = self._node(node, who)
        if self.flipped is not None and isinstance(node, Condition | Each) and node.path == self.flipped and result.state is not None:
            self.was = result
            return replace(result, state=not result.state)
        return result

    def _node(self, node: Node, who: Person | None) -> Result:
        match node:
            case Condition():
                return self._condition(node, who)
            case All() | Any_():
                return self._group(node, who)
            case Not():
                inner = self.node(node.node, who)
                state = None if inner.state is None else not inner.state
                return Result(node.path, state, _text_of(node, self), "not", (), (inner,), (), inner.uses, inner.is_declared)
            case Each():
                return self._each(node, who)

    def _group(self, node: All | Any_, who: Person | None) -> Result:
        children = tuple(self.node(child, who) for child in node.nodes)
        is_all = isinstance(node, All)
        state = (all_of if is_all else any_of)([child.state for child in children])
        text = node.label or ("全部满足" if is_all else "任一满足")
        return Result(node.path, state, text, "all" if is_all else "any", (), children, (), _uses(children), _declared(children))

    def _each(self, node: Each, who: Person | None) -> Result:
        """Over the group; one line that names those who decided it."""
        people = self.situation.group(node.group, who)
        results = [(person, self._node(node.node, person)) for person in people]  # flipped as a whole: its condition has its path
        states = [result.state for _, result in results]
        state = None if not people else (all_of if node.every else any_of)(states)
        inner = tuple(result for _, result in results)
        if not people:
            return Result(node.path, None, f"{scope_word(node)}：{_text_of(node.node, self)}", "each", ("没有登记这样的家庭成员",))
        deciding = [(person, result) for person, result in results if result.state is state] if state is not None else results
        found = tuple(f"{person.name or '成员'}：{_found_text(result)}" for person, result in deciding[:4])
        missing = tuple(m for result in inner for m in _undecided(result)) if state is None else ()
        text = f"{scope_word(node)}：{_text_of(node.node, self)}"
        return Result(node.path, state, text, "each", found, (), tuple(dict.fromkeys(missing)), _uses(inner), _declared(inner))

    def _condition(self, node: Condition, who: Person | None) -> Result:
        text = condition_text(node, self.catalogue, self.situation.figures)
        key, owner = node.fact.key, "" if node.fact.is_of_household or who is None else who.key
        known, lost = self._known(node.fact, who)
        if known is None:
            fact = self.catalogue[key]
            if fact.is_list and not self._has_any(fact, who):
                if _is_told_by_list(fact, who):
                    state = node.value is False
                    return Result(node.path, state, text, "condition", (f"{fact.holder or '平台'}“{fact.label}”名单中没有",))
                return Result(node.path, None, text, "condition", (f"名单不能说明此人，由{fact.holder}掌握",), (), (Missing(key, owner),))
            found = f"{lost}已过有效期" if lost else f"尚无数据，由{node.fact.holder}掌握" if node.fact.holder else "尚无数据"
            return Result(node.path, None, text, "condition", (found,), (), (Missing(key, owner, lost),))
        target, why_not, more = self._target(node.value, who)
        shown = _source_text(node.fact, known)
        uses = frozenset(filter(None, [known.fact_id]))
        if why_not:
            return Result(node.path, None, text, "condition", (shown, why_not), (), more, uses, known.is_declared)
        if isinstance(node.value, ParameterValue | FactValue) and isinstance(target, Decimal):
            text = f"{text}，即{plain_text(node.fact, target)}"
        return Result(node.path, _compare(node.op, known.value, target), text, "condition", (shown,), (), (), uses, known.is_declared)

    def _facts(self, fact: FactType, who: Person | None) -> Mapping[str, Known]:
        return self.situation.household if fact.is_of_household else who.facts if who else {}

    def _has_any(self, fact: FactType, who: Person | None) -> bool:
        """Whether something was said of it, if only declared or long ago: then absence from a list is no answer."""
        return fact.key in self._facts(fact, who)

    def _known(self, fact: FactType, who: Person | None) -> tuple[Known | None, str]:
        """The valid value, or none and the day until which it was valid."""
        known = self._facts(fact, who).get(fact.key)
        if known is None or (known.is_declared and not self.trusts_declared):
            return None, ""
        if known.expired_on is not None:
            return None, known.expired_on.isoformat()
        return known, ""

    def _target(self, value: Value, who: Person | None) -> tuple[Any, str, tuple[Missing, ...]]:
        """What to compare with; or why there is nothing, and which fact would help."""
        match value:
            case ParameterValue():
                return self._figure(value, who)
            case FactValue():
                fact = self.catalogue[value.fact]
                known, lost = self._known(fact, who)
                owner = "" if fact.is_of_household or who is None else who.key
                if known is None:
                    return None, f"{fact.label}尚无数据", (Missing(fact.key, owner, lost),)
                return self._times(known.value, value.factor, who)
        return value, "", ()

    def _figure(self, value: ParameterValue, who: Person | None) -> tuple[Any, str, tuple[Missing, ...]]:
        figure = self.situation.figures.get(value.key)
        number: Any = figure.value if figure else None
        if value.by:
            fact = self.catalogue[value.by]
            known, lost = self._known(fact, who)
            if known is None:
                owner = "" if fact.is_of_household or who is None else who.key
                return None, f"{fact.label}尚无数据，不能选取标准", (Missing(fact.key, owner, lost),)
            number = number.get(dict(value.keys).get(str(known.value), str(known.value))) if isinstance(number, dict) else None
        elif value.part:
            number = number.get(value.part) if isinstance(number, dict) else None
        plain = number_of(number)
        if plain is None:
            return None, f"参数“{figure.name if figure else value.key}”在这一天没有可用的值，请告诉县级平台", ()
        return self._times(plain, value.factor, who)

    def _times(self, number: Plain, factor: Factor, who: Person | None) -> tuple[Any, str, tuple[Missing, ...]]:
        if factor is None or not isinstance(number, Decimal):
            return number, "", ()
        if isinstance(factor, Decimal):
            return number * factor, "", ()
        times, why_not, more = self._figure(factor, who)
        return (None, why_not, more) if why_not else (number * times, "", ())


def _is_told_by_list(fact: FactType, who: Person | None) -> bool:
    """Whether this one would stand on the list if he were: found by his number, of this county, and known here when it was made."""
    if who is None or fact.is_of_household:
        return True
    return who.listed_since is not None and (fact.listed_on is None or who.listed_since <= fact.listed_on)


def _compare(op: Op, value: Plain, target: Any) -> bool:
    match op:
        case Op.IS | Op.EQ:
            return bool(value == target)
        case Op.LT | Op.BEFORE:
            return bool(value < target)
        case Op.GT | Op.AFTER:
            return bool(value > target)
        case Op.LE:
            return bool(value <= target)
        case Op.GE:
            return bool(value >= target)
        case Op.IN:
            return value in target
        case Op.NOT_IN:
            return value not in target
        case Op.KNOWN:
            return True


def _source_text(fact: FactType, known: Known) -> str:
    value = "已登记" if fact.is_sensitive and fact.value_type == "text" else plain_text(fact, known.value)
    how = "，".join(
        filter(None, [known.source, known.found_on.isoformat() if known.found_on else "", "待核实" if known.is_declared else ""])
    )
    return f"{value}（{how}）" if how else value


def _text_of(node: Node, asked: _Asked) -> str:
    from .wording import node_text

    names = {key: figure.name for key, figure in asked.situation.figures.items()}
    return node_text(node, asked.catalogue, names)


def _found_text(result: Result) -> str:
    if result.found:
        return "；".join(dict.fromkeys(result.found))
    deciding = [child for child in result.children if child.state is result.state] or list(result.children)
    return "；".join(dict.fromkeys(filter(None, (_found_text(child) for child in deciding[:3]))))


def _uses(results: tuple[Result, ...]) -> frozenset[str]:
    return frozenset().union(*(result.uses for result in results)) if results else frozenset()


def _declared(results: tuple[Result, ...]) -> bool:
    return any(result.is_declared for result in results)
