"""What is wrong with a rule beyond its shape: it never holds, always holds, has a branch nobody reaches, or a figure without a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import permutations

from .language import Any_, Catalogue, Condition, Each, FactValue, Node, Not, Op, ParameterValue, Rule, children, walk
from .schema import Group
from .situation import Figure, number_of
from .ways import Wanted, can_all_hold, can_hold, parameter_values, part_of, ways
from .wording import node_text

Figures = Mapping[str, Figure]
Names = Mapping[str, str]
MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_error` forbids publishing; the others are advice. `parameter` is the one that has no value; `programs` are those it is about."""

    path: str
    text: str
    is_error: bool = True
    parameter: str = ""
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a rule is to hold: the county's figures on the first day, and by name of a place all that hold there, if it has its own.

    `proven`: by code of a program the fact that is true of whom it is paid to.
    """

    figures: Figures
    places: Mapping[str, Figures] = field(default_factory=dict)
    has_person: bool = True
    proven: Names = field(default_factory=dict)
    programs: Names = field(default_factory=dict)
    parameters: Names = field(default_factory=dict)


def check(rule: Rule, catalogue: Catalogue, setting: Setting) -> list[Finding]:
    figures, found = setting.figures, _without_value(rule, setting)
    for node in rule.nodes():
        if isinstance(node, Condition):
            found += [*_figures_of(node, catalogue, figures), *_unlike(node, catalogue, figures)]
    for root in rule.roots():
        found += [*_logic(root, catalogue, figures), *_given(root, rule, catalogue, setting), *_never_known_not(root, True)]
    if overlap := sorted(set(rule.requires) & set(rule.excludes)):
        names = "、".join(setting.programs.get(code, code) for code in overlap)
        found.append(Finding("requires", f"既要求享受又要求没有享受：{names}。"))
    return list(dict.fromkeys([*found, *_elsewhere(rule, catalogue, setting, {(one.path, one.text) for one in found})]))


def check_programs(rules: Mapping[str, Rule], names: Names | None = None) -> list[Finding]:
    """Prerequisites over all programs: in a circle nobody could begin, and what a prerequisite excludes nobody could have."""
    found = []

    def finding(code: str, other: str, text: str) -> None:
        shown = names or {}
        found.append(Finding(code, text.format(shown.get(code, code), shown.get(other, other)), programs=(code, other)))

    for code in sorted(rules):
        needed = _needed(code, rules)
        if code in needed:
            finding(code, code, "“{0}”的前置项目又以“{0}”为前置，谁也开始不了。请去掉其中一个前置。")
        for other in sorted(needed - {code}):
            if other in rules[code].excludes:
                finding(code, other, "“{0}”以“{1}”为前置，却又排除“{1}”，谁也不会符合。")
            elif other in rules and code in rules[other].excludes:
                finding(code, other, "“{0}”以“{1}”为前置，而“{1}”排除正在享受“{0}”的人，两个项目互相绕圈。请去掉前置或互斥。")
        if code in rules[code].requires or code in rules[code].excludes:
            finding(code, code, "“{0}”不能以自己为前置或排除自己。")
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


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _without_value(rule: Rule, setting: Setting) -> list[Finding]:
    """A figure that the county has not set; a township's own helps nobody else."""
    found = []
    for key in sorted(rule.parameters() - set(setting.figures)):
        name = setting.parameters.get(key) or key
        own = "、".join(place for place, figures in setting.places.items() if key in figures)
        only = f"只有{own}有，全县" if own else ""
        text = f"参数“{name}”在启用日{only}没有值。请由县级平台审批岗在“参数标准”页设定，或换一个参数。"
        found.append(Finding("", text, parameter=key))
    return found


def _figures_of(node: Condition, catalogue: Catalogue, figures: Figures) -> list[Finding]:
    """A parameter of several values needs its part, and each code of `by` its value; times nothing compares nothing."""
    found = []
    for value in parameter_values(node.value):
        if value.key not in figures:
            continue
        name, stored = figures[value.key].name or value.key, figures[value.key].value
        if value.by:
            keys = dict(value.keys)
            lacking = [label for code, label in catalogue[value.by].codes if number_of(part_of(stored, keys.get(code, code))) is None]
            if len(lacking) == len(catalogue[value.by].codes):
                found.append(Finding(node.path, f"参数“{name}”没有按{catalogue[value.by].label}分列的值。"))
            elif lacking:
                found.append(Finding(node.path, f"参数“{name}”缺少{'、'.join(lacking)}的值，这些人的答案是数据不足。", is_error=False))
        elif number_of(part_of(stored, value.part) if value.part else stored) is None:
            found.append(Finding(node.path, f"参数“{name}”不是一个数，请选定取哪一项。"))
    if isinstance(node.value, ParameterValue | FactValue) and node.value.factor == 0:
        found.append(Finding(node.path, f"“{node.fact.label}”比较的数乘以0，永远是0。请改倍数，或直接填写要比的数。"))
    return found


def _unlike(node: Condition, catalogue: Catalogue, figures: Figures) -> list[Finding]:
    """Years are not compared with yuan: a fact and what it is compared with are of one measure."""
    own = "元" if node.fact.value_type == "money" else node.fact.measure
    match node.value:
        case FactValue():
            other = catalogue[node.value.fact]
            label, measure = f"“{other.label}”", "元" if other.value_type == "money" else other.measure
        case ParameterValue() if node.value.key in figures:
            figure = figures[node.value.key]
            label, measure = f"参数“{figure.name or node.value.key}”", figure.measure
        case _:
            return []
    if not own or not measure or (measure.startswith("元") if own == "元" else measure.removeprefix("个") == own.removeprefix("个")):
        return []
    return [Finding(node.path, f"“{node.fact.label}”以{own}计，{label}以{measure}计，不是同一种数，不能相比。")]


def _elsewhere(rule: Rule, catalogue: Catalogue, setting: Setting, known: set[tuple[str, str]]) -> list[Finding]:
    """What is wrong only with the figures of a place of its own, such as a township's."""
    at: dict[tuple[str, str], list[str]] = {}
    keys = rule.parameters()
    for place, figures in setting.places.items():
        if not any(figures.get(key) != setting.figures.get(key) for key in keys):
            continue
        found = [one for node in rule.nodes() if isinstance(node, Condition) for one in _figures_of(node, catalogue, figures)]
        for root in rule.roots():
            found += _logic(root, catalogue, figures)
        for one in dict.fromkeys(one for one in found if one.is_error and (one.path, one.text) not in known):
            at.setdefault((one.path, one.text), []).append(place)
    return [Finding(path, f"按{'、'.join(places)}自己的标准：{text}") for (path, text), places in at.items()]


# ── contradictions and branches that nobody reaches ─────────────────────────────────────────────────────────────────


def _logic(root: Node, catalogue: Catalogue, figures: Figures) -> list[Finding]:
    for_it = ways(root, True)
    if for_it is None:
        return [Finding(root.path, "条件的组合太多，没有逐一检查有无矛盾；建议拆成几个小组。", is_error=False)]
    if not any(can_hold(way, figures) for way in for_it):
        return [Finding(root.path, f"条件互相矛盾，谁也不会符合：{_words(root, catalogue, figures)}")]
    found = []
    against = ways(root, False)
    if against is not None and not any(can_hold(way, figures) for way in against):
        found.append(Finding(root.path, "条件恒成立，谁都符合。如果本来就不设条件，请选“不设条件”。"))
    for node in walk(root):
        if isinstance(node, Any_):
            found += _idle_branches(node, root, catalogue, figures)
        if len(children(node)) > 1:
            found += _doubles(node, catalogue, figures)
        if isinstance(node, Each):
            found += [finding for finding in _logic(node.node, catalogue, figures) if finding.is_error]
    return found


def _idle_branches(node: Any_, root: Node, catalogue: Catalogue, figures: Figures) -> list[Finding]:
    """Branches that contradict the rest, and those that another one covers whole."""
    found, idle = [], set()
    for child in node.nodes:
        by_it = ways(root, True, only=(node, child))
        if by_it is not None and not any(can_hold(way, figures) for way in by_it):
            found.append(Finding(child.path, f"这一支永远用不到，与其他条件矛盾：{_words(child, catalogue, figures)}"))
            idle.add(child.path)
    for wide, narrow in permutations(node.nodes, 2):
        if wide == narrow or {wide.path, narrow.path} & idle:
            continue
        if not can_all_hold([(narrow, True), (wide, False)], figures):
            text = f"这一支已被“{_words(wide, catalogue, figures)}”包括，写不写都一样：{_words(narrow, catalogue, figures)}"
            found.append(Finding(narrow.path, text, is_error=False))
            idle.add(narrow.path)
    return found


def _given(root: Node, rule: Rule, catalogue: Catalogue, setting: Setting) -> list[Finding]:
    """What is so in any case and the conditions forbid: facts that a prerequisite proves, and that there is somebody to divide by."""
    alone = ways(root, True)
    if alone is None or not any(can_hold(way, setting.figures) for way in alone):
        return []
    return [Finding(path, text) for path, wanted, text in _givens(rule, catalogue, setting) if not _holds_with(root, wanted, setting)]


def _holds_with(root: Node, given: Wanted, setting: Setting) -> bool:
    return can_all_hold([(root, True), given], setting.figures)


def _givens(rule: Rule, catalogue: Catalogue, setting: Setting) -> Iterable[tuple[str, Wanted, str]]:
    for code in rule.requires:
        fact = catalogue.get(setting.proven.get(code, ""))
        if fact is not None:
            has = Condition(fact, Op.IS, True)
            name = setting.programs.get(code, code)
            text = f"以“{name}”为前置，正在享受的都是“{fact.label}”，条件却要求不是，谁也不会符合。"
            yield "requires", ((has if setting.has_person else Each(Group.MEMBER, False, has)), True), text
    if MEMBERS in rule.facts() and MEMBERS in catalogue:
        members = catalogue[MEMBERS]
        text = f"没有家庭成员的家庭不作筛查，人均也无从算起：“{members.label}”至少是1，现在的条件谁也不会满足。"
        yield "", (Condition(members, Op.GE, Decimal(1)), True), text


def _never_known_not(node: Node, wanted: bool) -> list[Finding]:
    """有登记 turned round: of whom nothing is on record nothing is known, so that it never comes out true."""
    if isinstance(node, Condition):
        if wanted or node.op is not Op.KNOWN:
            return []
        text = f"没有“{node.fact.label}”的登记只说明不知道，“不是（有登记）”谁也不会满足。请改用能填“否”的事项，或删去这个条件。"
        return [Finding(node.path, text)]
    return [finding for child in children(node) for finding in _never_known_not(child, wanted is not isinstance(node, Not))]


def _doubles(node: Node, catalogue: Catalogue, figures: Figures) -> list[Finding]:
    seen: set[Node] = set()
    found = []
    for child in children(node):
        if child in seen:
            found.append(Finding(child.path, f"同一条件写了两次：{_words(child, catalogue, figures)}", is_error=False))
        seen.add(child)
    return found


def _words(node: Node, catalogue: Catalogue, figures: Figures) -> str:
    text = node_text(node, catalogue, {key: figure.name for key, figure in figures.items()})
    return text if len(text) <= 80 else f"{text[:79]}…"
