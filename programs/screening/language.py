"""A rule as it is stored and as a tree: `all / any / not` over conditions (scope, fact, operator, value), DESIGN 4.

A stored rule is JSON of `SCHEMA`; keys it does not know are refused. `scope` on a condition or a group says whom it speaks of: the
beneficiary (left out), any or all of the members, parents, children or the spouse. Facts of the household are the household's in any scope.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator

from .schema import OPERATORS, SCHEMA, Group, Op

DEPTH_MAX = 6
NODES_MAX = 120


_SHAPE = Draft202012Validator(SCHEMA)


@dataclass(frozen=True, slots=True)
class FactType:
    """A line of the catalogue of facts, as the language needs it.

    `is_list`: who is not on the holder's list is known not to be, if he was known here by the day of the list (`listed_on`, None for any).
    """

    key: str
    label: str
    value_type: str
    scope: str
    codes: tuple[tuple[str, str], ...] = ()
    measure: str = ""
    is_list: bool = False
    holder: str = ""
    is_sensitive: bool = False
    listed_on: date | None = field(default=None, compare=False)  # the same rule is read whatever the day of the list

    @property
    def is_of_household(self) -> bool:
        return self.scope == "household"


Catalogue = Mapping[str, FactType]


class RuleError(ValueError):
    """A stored rule that cannot be read: `path` leads to the place, the message says in Chinese what is wrong there."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path or '规则'}：{message}")
        self.path, self.message = path, message


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A dated figure of the county; `part` or the code of fact `by` chooses one of several, `keys` translates that code."""

    key: str
    part: str = ""
    by: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    factor: "Factor" = None


Factor = Decimal | ParameterValue | None


@dataclass(frozen=True, slots=True)
class FactValue:
    fact: str
    factor: Factor = None


Literal = bool | Decimal | date | frozenset[str]
Value = Literal | ParameterValue | FactValue | None


@dataclass(frozen=True, slots=True)
class Condition:
    fact: FactType
    op: Op
    value: Value = None
    path: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class All:
    nodes: tuple["Node", ...]
    label: str = ""
    path: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Any_:
    nodes: tuple["Node", ...]
    label: str = ""
    path: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    node: "Node"
    path: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Each:
    """`node` holds of any, or of all, of a group of people. Of nobody it is not known."""

    group: Group
    every: bool
    node: "Node"
    path: str = field(default="", compare=False)


Node = Condition | All | Any_ | Not | Each


@dataclass(frozen=True, slots=True)
class Rule:
    """`eligible` None: anybody may ask (`anyone` says why). `requires` and `excludes` name programs in force for the beneficiary (C-42)."""

    eligible: Node | None
    likely: Node | None = None
    anyone: str = ""
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    for_the_dead: bool = False

    def roots(self) -> tuple[Node, ...]:
        return tuple(root for root in (self.eligible, self.likely) if root is not None)

    def nodes(self) -> Iterator[Node]:
        for root in self.roots():
            yield from walk(root)

    def facts(self) -> set[str]:
        """Keys of all facts the rule reads."""
        return _facts_among(self.nodes())

    def facts_of_groups(self) -> set[str]:
        """Those that it reads of members and relatives."""
        return _facts_among(inner for node in self.nodes() if isinstance(node, Each) for inner in walk(node.node))

    def parameters(self) -> set[str]:
        return {key for node in self.nodes() if isinstance(node, Condition) for key in parameters_of(node.value)}


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from walk(child)


def _facts_among(nodes: Iterable[Node]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Condition):
            found |= {node.fact.key} | facts_of(node.value)
    return found


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case All() | Any_():
            return node.nodes
        case Not() | Each():
            return (node.node,)
    return ()


def facts_of(value: object) -> set[str]:
    match value:
        case ParameterValue():
            return ({value.by} if value.by else set()) | facts_of(value.factor)
        case FactValue():
            return {value.fact} | facts_of(value.factor)
    return set()


def parameters_of(value: object) -> set[str]:
    match value:
        case ParameterValue():
            return {value.key} | parameters_of(value.factor)
        case FactValue():
            return parameters_of(value.factor)
    return set()


def read(stored: Any, catalogue: Catalogue, *, beneficiary: str) -> Rule:
    """The rule as a tree; `beneficiary` is the program's (household, resident or employer: an employer's is the person hired).

    Raises:
        RuleError: an unknown key, fact or operator, a value of another type, a scope within a scope, a person's fact without a person;
            what has no meaning beside the rest.
    """
    for error in sorted(_SHAPE.iter_errors(stored), key=lambda e: len(list(e.absolute_path))):
        raise RuleError(_where(error.absolute_path), _shape_text(error))
    _refuse_idle(stored, beneficiary)
    reader = _Reader(catalogue, has_person=beneficiary != "household")
    eligible = reader.node(stored["eligible"], "eligible") if "eligible" in stored else None
    likely = reader.node(stored["likely"], "likely") if "likely" in stored else None
    return Rule(
        eligible, likely, stored.get("anyone", ""), tuple(stored.get("requires", ())), tuple(stored.get("excludes", ())),
        stored.get("for_the_dead", False),
    )  # fmt: skip


def _refuse_idle(stored: dict[str, Any], beneficiary: str) -> None:
    if "anyone" in stored:
        if idle := next((key for key in ("likely", "requires", "excludes", "for_the_dead") if stored.get(key)), ""):
            raise RuleError(idle, "不设条件的项目随时可办，提示条件、前置项目、互斥项目和“为已去世的人办理”都不起作用，请去掉。")
    elif stored.get("for_the_dead") and beneficiary == "household":
        raise RuleError("for_the_dead", "以家庭为对象的项目没有“本人”，不能选“为已去世的人办理”。")


class _Reader:
    def __init__(self, catalogue: Catalogue, *, has_person: bool) -> None:
        self.catalogue, self.has_person, self.seen = catalogue, has_person, 0

    def node(self, stored: dict[str, Any], path: str, *, person: bool | None = None, quantified: bool = False, depth: int = 1) -> Node:
        self.seen += 1
        if depth > DEPTH_MAX:
            raise RuleError(path, f"条件最多嵌套{DEPTH_MAX}层，请拆开。")
        if self.seen > NODES_MAX:
            raise RuleError(path, f"一条规则最多{NODES_MAX}个条件。")
        person = self.has_person if person is None else person
        scope = stored.get("scope", "beneficiary")
        if scope != "beneficiary":
            if quantified:
                raise RuleError(path, "已经说明是哪些人的条件组里，不能再另选人。")
            quantifier, _, group = scope.partition("_")
            if group != Group.MEMBER and not self.has_person:
                raise RuleError(path, "以家庭为对象的项目没有“本人”，不能按父母、子女或配偶设条件，请用家庭成员。")
            inner = {key: part for key, part in stored.items() if key != "scope"}
            node = self.node(inner, path, person=True, quantified=True, depth=depth)
            return Each(Group(group), quantifier == "all", node, path)
        if "fact" in stored:
            return self.condition(stored, path, person)
        if "not" in stored:
            if "label" in stored:
                raise RuleError(path, "“不是”不取名称，请给里面的条件组取名。")
            return Not(self.node(stored["not"], f"{path}.not", person=person, quantified=quantified, depth=depth + 1), path)
        kind: type[All | Any_] = All if "all" in stored else Any_
        key = "all" if kind is All else "any"
        nodes = tuple(
            self.node(child, f"{path}.{key}[{place}]", person=person, quantified=quantified, depth=depth + 1)
            for place, child in enumerate(stored[key])
        )
        return kind(nodes, stored.get("label", ""), path)

    def condition(self, stored: dict[str, Any], path: str, person: bool) -> Condition:
        fact = self.fact(stored["fact"], path, person)
        op = Op(stored["op"])
        if op not in OPERATORS[fact.value_type]:
            raise RuleError(path, f"“{fact.label}”不能这样比较。")
        if op is Op.KNOWN:
            if "value" in stored:
                raise RuleError(path, f"“{fact.label}”只看有没有登记，不填比较的值。")
            return Condition(fact, op, None, path)
        if "value" not in stored:
            raise RuleError(path, f"“{fact.label}”要和什么比较没有填写。")
        return Condition(fact, op, self.value(fact, op, stored["value"], path, person), path)

    def fact(self, key: str, path: str, person: bool) -> FactType:
        fact = self.catalogue.get(key)
        if fact is None:
            raise RuleError(path, f"事实目录里没有“{key}”。")
        if not fact.is_of_household and not person:
            raise RuleError(path, f"“{fact.label}”是个人的情况，请说明是任一成员还是全部成员。")
        return fact

    def value(self, fact: FactType, op: Op, stored: Any, path: str, person: bool) -> Value:
        if isinstance(stored, dict):
            if fact.value_type not in {"number", "money"}:
                raise RuleError(path, f"“{fact.label}”不是数，不能和标准或别的数比较。")
            return self.figure(stored, path, person)
        return literal(fact, op, stored, path)

    def figure(self, stored: dict[str, Any], path: str, person: bool) -> ParameterValue | FactValue:
        factor = self.factor(stored.get("factor"), path, person)
        if "fact" in stored:
            other = self.fact(stored["fact"], path, person)
            if other.value_type not in {"number", "money"}:
                raise RuleError(path, f"“{other.label}”不是数，不能拿来比较。")
            return FactValue(other.key, factor)
        by = stored.get("by", "")
        if by:
            if stored.get("part"):
                raise RuleError(path, "取参数的哪一项，只能写定或按事实选取其一。")
            if self.fact(by, path, person).value_type != "code":
                raise RuleError(path, f"参数只能按代码类的事实选取，“{self.catalogue[by].label}”不是。")
        elif stored.get("keys"):
            raise RuleError(path, "没有按事实选取参数，不填对照。")
        return ParameterValue(stored["parameter"], stored.get("part", ""), by, tuple(sorted(stored.get("keys", {}).items())), factor)

    def factor(self, stored: Any, path: str, person: bool) -> Factor:
        if stored is None:
            return None
        if isinstance(stored, str):
            return Decimal(stored)
        figure = self.figure(stored, path, person)
        if not isinstance(figure, ParameterValue) or isinstance(figure.factor, ParameterValue):
            raise RuleError(path, "倍数只能是一个数或一个参数（参数可再乘一个数，如百分数乘0.01）。")
        return figure


def literal(fact: FactType, op: Op, stored: Any, path: str) -> Literal:
    """A written value as the fact's type reads it.

    Raises:
        RuleError: it is of another type.
    """
    kind = fact.value_type
    if kind == "yes_no":
        if isinstance(stored, bool):
            return stored
        raise RuleError(path, f"“{fact.label}”只能填是或否。")
    if kind == "code":
        return _codes(fact, stored, path)
    if not isinstance(stored, str):
        raise RuleError(path, f"“{fact.label}”的值类型不对。")
    if kind == "date":
        try:
            return date.fromisoformat(stored)
        except ValueError:
            raise RuleError(path, f"“{fact.label}”要填日期，如 2026-09-24。") from None
    try:
        number = Decimal(stored)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 10:
        raise RuleError(path, f"“{fact.label}”请填写数，例如 60。")
    return number


def _codes(fact: FactType, stored: Any, path: str) -> frozenset[str]:
    known = {code for code, _ in fact.codes}
    if not isinstance(stored, list) or not set(stored) <= known:
        raise RuleError(path, f"“{fact.label}”只能从它的选项中选。")
    if set(stored) == known:
        raise RuleError(path, f"“{fact.label}”选了全部选项，这个条件没有意义。")
    return frozenset(stored)


def _where(path: Any) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _shape_text(error: Any) -> str:
    match error.validator:
        case "additionalProperties":
            return "有不认识的内容，规则没有保存。"
        case "oneOf":
            return "须且只能写一种：全部满足、任一满足、不是，或一个条件。"
        case "minItems":
            return "条件组不能是空的。"
        case "const":
            return "规则语言的版本不认识。"
        case "required":
            return "缺少必填的内容。"
    return "内容的写法不对。"
