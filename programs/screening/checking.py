"""What is wrong with a rule beyond its shape: it never holds, always holds, has a branch nobody reaches, or a figure without a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from .language import All, Any_, Catalogue, Condition, Each, FactValue, Node, Not, Op, ParameterValue, Rule, children, walk
from .situation import Figure, number_of
from .wording import node_text

# Beyond so many ways of fulfilling a rule its branches are not tried one by one.
WAYS_MAX = 512
Atom = tuple[Condition | Each, bool]
Way = frozenset[Atom]


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_error` forbids publishing; the others are advice. `parameter` is the one that has no value on the day."""

    path: str
    text: str
    is_error: bool = True
    parameter: str = ""


def check(rule: Rule, catalogue: Catalogue, figures: Mapping[str, Figure]) -> list[Finding]:
    """`figures` are those in force on the day from which the rule is to hold."""
    found: list[Finding] = []
    for key in sorted(rule.parameters()):
        if key not in figures:
            found.append(Finding("", f"参数“{key}”在启用日没有值。请先在参数页设定，或换一个参数。", parameter=key))
    for node in rule.nodes():
        if isinstance(node, Condition):
            found += _figures_of(node, catalogue, figures)
    for root in (rule.eligible, rule.likely):
        if root is not None:
            found += _logic(root, catalogue, figures) + _never_known_not(root, True)
    if overlap := set(rule.requires) & set(rule.excludes):
        found.append(Finding("requires", f"既要求享受又要求没有享受：{'、'.join(sorted(overlap))}。"))
    return list(dict.fromkeys(found))


def check_programs(rules: Mapping[str, Rule]) -> list[Finding]:
    """Prerequisites over all programs: in a circle nobody could begin, and what a prerequisite excludes nobody could have."""
    found = []
    for code in sorted(rules):
        needed = _needed(code, rules)
        if code in needed:
            found.append(Finding(code, f"{code}的前置项目又以{code}为前置，谁也开始不了。"))
        for other in sorted(needed - {code}):
            if other in rules[code].excludes:
                found.append(Finding(code, f"{code}以{other}为前置，却又排除{other}。"))
            elif code in rules.get(other, Rule(None)).excludes:
                found.append(Finding(code, f"{code}以{other}为前置，而享受{code}就不能享受{other}。", is_error=False))
        if code in rules[code].requires or code in rules[code].excludes:
            found.append(Finding(code, f"{code}不能以自己为前置或排除自己。"))
    return list(dict.fromkeys(found))


def _needed(code: str, rules: Mapping[str, Rule]) -> set[str]:
    found: set[str] = set()
    left = list(rules[code].requires) if code in rules else []
    while left:
        other = left.pop()
        if other not in found:
            found.add(other)
            left += rules[other].requires if other in rules else ()
    return found


def _figures_of(node: Condition, catalogue: Catalogue, figures: Mapping[str, Figure]) -> list[Finding]:
    """A parameter of several values needs its part, and each code of `by` its value."""
    found = []
    for value in _parameter_values(node.value):
        if value.key not in figures:
            continue
        name, stored = figures[value.key].name or value.key, figures[value.key].value
        if value.by:
            keys = dict(value.keys)
            lacking = [label for code, label in catalogue[value.by].codes if number_of(_part(stored, keys.get(code, code))) is None]
            if len(lacking) == len(catalogue[value.by].codes):
                found.append(Finding(node.path, f"参数“{name}”没有按{catalogue[value.by].label}分列的值。"))
            elif lacking:
                found.append(Finding(node.path, f"参数“{name}”缺少{'、'.join(lacking)}的值，这些人的答案是数据不足。", is_error=False))
        elif number_of(_part(stored, value.part) if value.part else stored) is None:
            found.append(Finding(node.path, f"参数“{name}”不是一个数，请选定取哪一项。"))
    return found


def _parameter_values(value: object) -> list[ParameterValue]:
    match value:
        case ParameterValue():
            return [value, *_parameter_values(value.factor)]
        case FactValue():
            return _parameter_values(value.factor)
    return []


def _part(stored: Any, key: str) -> Any:
    return stored.get(key) if isinstance(stored, dict) else None


# ── contradictions and branches that nobody reaches ─────────────────────────────────────────────────────────────────


def _logic(root: Node, catalogue: Catalogue, figures: Mapping[str, Figure]) -> list[Finding]:
    ways = _ways(root, True)
    if ways is None:
        return [Finding(root.path, "条件的组合太多，没有逐一检查有无矛盾；建议拆成几个小组。", is_error=False)]
    if not any(_can_hold(way, figures) for way in ways):
        return [Finding(root.path, f"条件互相矛盾，谁也不会符合：{_short(node_text(root, catalogue, _names(figures)))}")]
    found = []
    against = _ways(root, False)
    if against is not None and not any(_can_hold(way, figures) for way in against):
        found.append(Finding(root.path, "条件恒成立，谁都符合。如果本来就不设条件，请选“不设条件”。"))
    for node in walk(root):
        if isinstance(node, Any_):
            found += _idle_branches(node, root, catalogue, figures)
        if isinstance(node, All | Any_):
            found += _doubles(node, catalogue, figures)
        if isinstance(node, Each):
            found += [finding for finding in _logic(node.node, catalogue, figures) if finding.is_error]
    return found


def _idle_branches(node: Any_, root: Node, catalogue: Catalogue, figures: Mapping[str, Figure]) -> list[Finding]:
    found = []
    for child in node.nodes:
        ways = _ways(root, True, only=(node, child))
        if ways is not None and not any(_can_hold(way, figures) for way in ways):
            found.append(Finding(child.path, f"这一支永远用不到，与其他条件矛盾：{_short(node_text(child, catalogue, _names(figures)))}"))
    return found


def _never_known_not(node: Node, wanted: bool) -> list[Finding]:
    """有登记 turned round: of whom nothing is on record nothing is known, so that it never comes out true (but of a whole list)."""
    if isinstance(node, Condition):
        if wanted or node.op is not Op.KNOWN or node.fact.is_list:
            return []
        text = f"没有“{node.fact.label}”的登记只说明不知道，“不是（有登记）”谁也不会满足。请改用能填“否”的事项，或删去这个条件。"
        return [Finding(node.path, text)]
    return [finding for child in children(node) for finding in _never_known_not(child, wanted is not isinstance(node, Not))]


def _doubles(node: All | Any_, catalogue: Catalogue, figures: Mapping[str, Figure]) -> list[Finding]:
    seen: set[Node] = set()
    found = []
    for child in node.nodes:
        if child in seen:
            found.append(Finding(child.path, f"同一条件写了两次：{_short(node_text(child, catalogue, _names(figures)))}", is_error=False))
        seen.add(child)
    return found


def _ways(node: Node, wanted: bool, only: tuple[Node, Node] | None = None) -> list[Way] | None:
    """All ways of making `node` come out as wanted, as sets of conditions; None where there are too many.

    `only`: of that group (first) take that branch (second) alone.
    """
    if isinstance(node, Condition | Each):
        return [frozenset({(node, wanted)})]
    if isinstance(node, Not):
        return _ways(node.node, not wanted, only)
    nodes = (only[1],) if only is not None and node is only[0] else node.nodes
    parts = [_ways(child, wanted, only) for child in nodes]
    if any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    if isinstance(node, All) is wanted:
        number = 1
        for part in known:
            number *= len(part)
        if number > WAYS_MAX:
            return None
        return [frozenset().union(*combined) for combined in product(*known)]
    joined = [way for part in known for way in part]
    return joined if len(joined) <= WAYS_MAX else None


def _can_hold(way: Way, figures: Mapping[str, Figure]) -> bool:
    """Whether one situation can fulfil all of these at once."""
    by_fact: dict[str, list[tuple[Condition, bool]]] = {}
    for atom, wanted in way:
        if (atom, not wanted) in way:
            return False
        if isinstance(atom, Condition):
            by_fact.setdefault(atom.fact.key, []).append((atom, wanted))
    return all(_agree(conditions, figures) for conditions in by_fact.values())


def _agree(conditions: list[tuple[Condition, bool]], figures: Mapping[str, Figure]) -> bool:
    kind = conditions[0][0].fact.value_type
    if kind == "yes_no":
        return len({node.value is wanted for node, wanted in conditions}) == 1
    if kind == "code":
        return bool(_codes_left(conditions))
    chosen = _chosen_by(conditions, figures)
    return any(
        _range_left((node, wanted, _bound(node, figures, dict(zip(chosen, codes, strict=True)))) for node, wanted in conditions)
        for codes in product(*chosen.values())
    )


def _chosen_by(conditions: list[tuple[Condition, bool]], figures: Mapping[str, Figure]) -> dict[str, list[str]]:
    """Facts by whose code the figures of these conditions are chosen, with the codes: the bounds must agree for one of them."""
    found: dict[str, list[str]] = {}
    for value in (value for node, _ in conditions for value in _parameter_values(node.value) if value.by):
        stored = figures[value.key].value if value.key in figures else None
        codes = [code for code, _ in value.keys] or (list(stored) if isinstance(stored, dict) else [""])
        found[value.by] = list(dict.fromkeys([*found.get(value.by, []), *codes]))
    return found


def _codes_left(conditions: list[tuple[Condition, bool]]) -> set[str]:
    left = {code for code, _ in conditions[0][0].fact.codes}
    for node, wanted in conditions:
        if isinstance(node.value, frozenset):  # whether it is known says nothing of which code it is
            left = left & node.value if (node.op is Op.IN) is wanted else left - node.value
    return left


def _bound(node: Condition, figures: Mapping[str, Figure], codes: Mapping[str, str]) -> Any:
    """The number or day a condition compares with, of somebody of these codes; None where it depends on another fact of the person."""
    if isinstance(node.value, ParameterValue):
        return _figure(node.value, figures, codes)
    return node.value if isinstance(node.value, Decimal | date) else None


def _figure(value: ParameterValue, figures: Mapping[str, Figure], codes: Mapping[str, str]) -> Decimal | None:
    stored = figures[value.key].value if value.key in figures else None
    part = dict(value.keys).get(codes[value.by], codes[value.by]) if value.by else value.part
    number = number_of(_part(stored, part) if part else stored)
    times = _figure(value.factor, figures, codes) if isinstance(value.factor, ParameterValue) else value.factor
    if number is None or value.factor is None:
        return number
    return None if times is None else number * times


_AGAINST = {Op.LT: Op.GE, Op.LE: Op.GT, Op.GT: Op.LE, Op.GE: Op.LT}


def _range_left(conditions: Iterable[tuple[Condition, bool, Any]]) -> bool:
    """Whether any value lies within all bounds. For a day, 早于 and 晚于 leave out the day itself."""
    low: tuple[Any, bool] | None = None
    high: tuple[Any, bool] | None = None
    for node, wanted, bound in conditions:
        op = {Op.BEFORE: Op.LT, Op.AFTER: Op.GT}.get(node.op, node.op)
        if op is Op.KNOWN or bound is None or (op is Op.EQ and not wanted):
            continue
        if not wanted:
            op = _AGAINST[op]
        if op in {Op.GT, Op.GE, Op.EQ}:
            low = max(filter(None, (low, (bound, op is Op.GT))))
        if op in {Op.LT, Op.LE, Op.EQ}:
            high = min(filter(None, (high, (bound, op is not Op.LT))))
    if low is None or high is None:
        return True
    return bool(low[0] < high[0] or (low[0] == high[0] and not low[1] and high[1]))


def _names(figures: Mapping[str, Figure]) -> dict[str, str]:
    return {key: figure.name for key, figure in figures.items()}


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
