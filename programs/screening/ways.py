"""In how many ways a rule can come out as wanted, and whether one situation of living people could fulfil such a way at all."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from .language import All, Condition, Each, FactValue, Node, Not, Op, ParameterValue
from .schema import Group
from .situation import Figure, number_of

# Beyond so many ways of fulfilling a rule its branches are not tried one by one.
WAYS_MAX = 512
Atom = tuple[Condition | Each, bool]
Way = frozenset[Atom]
Wanted = tuple[Node, bool]
Figures = Mapping[str, Figure]


def ways(node: Node, wanted: bool, only: tuple[Node, Node] | None = None) -> list[Way] | None:
    """All ways of making `node` come out as wanted, as sets of conditions; None where there are too many.

    `only`: of that group (first) take that branch (second) alone.
    """
    if isinstance(node, Condition | Each):
        return [frozenset({(node, wanted)})]
    if isinstance(node, Not):
        return ways(node.node, not wanted, only)
    nodes = (only[1],) if only is not None and node is only[0] else node.nodes
    parts = [ways(child, wanted, only) for child in nodes]
    if isinstance(node, All) is wanted:
        return together(parts)
    known = [part for part in parts if part is not None]
    joined = [way for part in known for way in part]
    return joined if len(known) == len(parts) and len(joined) <= WAYS_MAX else None


def together(parts: Iterable[list[Way] | None]) -> list[Way] | None:
    """Every way of fulfilling all parts at once; None where there are too many."""
    number, known = 1, []
    for part in parts:
        if part is None:
            return None
        known.append(part)
        number *= len(part)
    return [frozenset().union(*combined) for combined in product(*known)] if number <= WAYS_MAX else None


def can_all_hold(wanted: Iterable[Wanted], figures: Figures) -> bool:
    """Whether one situation can make each of these come out as wanted. Where there are too many ways to try, it is taken that it can."""
    found = together(ways(node, how) for node, how in wanted)
    return found is None or any(can_hold(way, figures) for way in found)


def can_hold(way: Way, figures: Figures) -> bool:
    """Whether one situation can fulfil all of these at once."""
    if any((atom, not wanted) in way for atom, wanted in way):
        return False
    conditions = [(atom, wanted) for atom, wanted in way if isinstance(atom, Condition)]
    by_fact: dict[str, list[tuple[Condition, bool]]] = {}
    for condition, wanted in conditions:
        by_fact.setdefault(condition.fact.key, []).append((condition, wanted))
    if not all(_agree(of_one_fact, figures) for of_one_fact in by_fact.values()):
        return False
    of_household: list[Wanted] = [(atom, wanted) for atom, wanted in conditions if atom.fact.is_of_household]
    return _people_agree([(atom, wanted) for atom, wanted in way if isinstance(atom, Each)], of_household, figures)


def _people_agree(groups: list[tuple[Each, bool]], of_household: list[Wanted], figures: Figures) -> bool:
    """What any of a group must be, one of them must be able to be, who is also what all of them are; kin are members of the household.

    Of nobody a condition is never true, so that each group that is spoken of has somebody.
    """
    every: dict[Group, list[Wanted]] = {group: [] for group in Group}
    some: dict[Group, list[Wanted]] = {group: [] for group in Group}
    for atom, wanted in groups:
        (every if atom.every is wanted else some)[atom.group].append((atom.node, wanted))
    for group in Group:
        if not every[group] and not some[group]:
            continue
        of_all = [*of_household, *every[group], *(every[Group.MEMBER] if group is not Group.MEMBER else [])]
        if not all(can_all_hold([*of_all, one], figures) for one in some[group]) or not can_all_hold(of_all, figures):
            return False
    return True


def _agree(conditions: list[tuple[Condition, bool]], figures: Figures) -> bool:
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


def _chosen_by(conditions: list[tuple[Condition, bool]], figures: Figures) -> dict[str, list[str]]:
    """Facts by whose code the figures of these conditions are chosen, with the codes: the bounds must agree for one of them."""
    found: dict[str, list[str]] = {}
    for value in (value for node, _ in conditions for value in parameter_values(node.value) if value.by):
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


def _bound(node: Condition, figures: Figures, codes: Mapping[str, str]) -> Any:
    """The number or day a condition compares with, of somebody of these codes; None where it depends on another fact of the person."""
    if isinstance(node.value, ParameterValue):
        return _figure(node.value, figures, codes)
    return node.value if isinstance(node.value, Decimal | date) else None


def _figure(value: ParameterValue, figures: Figures, codes: Mapping[str, str]) -> Decimal | None:
    stored = figures[value.key].value if value.key in figures else None
    part = dict(value.keys).get(codes[value.by], codes[value.by]) if value.by else value.part
    number = number_of(part_of(stored, part) if part else stored)
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


def parameter_values(value: object) -> list[ParameterValue]:
    match value:
        case ParameterValue():
            return [value, *parameter_values(value.factor)]
        case FactValue():
            return parameter_values(value.factor)
    return []


def part_of(stored: Any, key: str) -> Any:
    return stored.get(key) if isinstance(stored, dict) else None
