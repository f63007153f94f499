"""A rule in office words: what a clerk and a resident read, and what a department signs (ZX-51, TZ-10)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from .language import All, Any_, Catalogue, Condition, Each, FactType, FactValue, Group, Node, Not, Op, ParameterValue, Rule, Value
from .situation import Figure, Plain

_COMPARED = {Op.LT: "低于", Op.LE: "不超过", Op.GT: "超过", Op.GE: "达到", Op.EQ: "等于", Op.BEFORE: "早于", Op.AFTER: "晚于"}
_GROUPS = {Group.MEMBER: "家庭成员", Group.PARENT: "父母", Group.CHILD: "子女", Group.SPOUSE: "配偶"}
SCOPE_WORDS = {
    "beneficiary": "本人或本户",
    **{
        f"{'all' if every else 'any'}_{group}": f"{'全部' if every else '任一'}{word}"
        for group, word in _GROUPS.items()
        for every in (0, 1)
    },
}
OP_WORDS = {
    Op.IS: "是否为", **_COMPARED, Op.IN: "属于", Op.NOT_IN: "不属于", Op.KNOWN: "有登记",
}  # fmt: skip
Names = Mapping[str, str]
_PERCENT = Decimal("0.01")


def scope_word(each: Each) -> str:
    return SCOPE_WORDS[f"{'all' if each.every else 'any'}_{each.group}"]


def number_text(number: Decimal) -> str:
    """636, 954.50, 1.5: no exponent, no idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_text(fact: FactType, value: Plain) -> str:
    """A known value as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{number_text(value)}{'元' if fact.value_type == 'money' else fact.measure}"
    if isinstance(value, date):
        return value.isoformat()
    return dict(fact.codes).get(value, value)


def condition_text(node: Condition, catalogue: Catalogue, figures: Mapping[str, Figure] | Names) -> str:
    """One condition: 家庭人均月收入低于最低生活保障标准的1.5倍."""
    label, value = node.fact.label, node.value
    if node.op is Op.KNOWN:
        return f"有{label}的登记"
    if isinstance(value, bool):
        return label if value else f"不是{label}" if node.fact.is_list else f"{label}：否"
    if isinstance(value, frozenset):
        words = "、".join(name for code, name in node.fact.codes if code in value)
        return f"{label}{'为' if node.op is Op.IN else '不为'}{words}"
    return f"{label}{_COMPARED[node.op]}{value_text(node.fact, value, catalogue, figures)}"


def value_text(fact: FactType, value: Value, catalogue: Catalogue, figures: Mapping[str, Figure] | Names) -> str:
    match value:
        case ParameterValue():
            return f"{_parameter_text(value, catalogue, figures)}{_factor_text(value.factor, catalogue, figures)}"
        case FactValue():
            return f"{catalogue[value.fact].label}{_factor_text(value.factor, catalogue, figures)}"
        case Decimal() | date():
            return plain_text(fact, value)
    return ""


def node_text(node: Node, catalogue: Catalogue, names: Names) -> str:
    """The whole of a node in one sentence, groups in brackets."""
    match node:
        case Condition():
            return condition_text(node, catalogue, names)
        case All() | Any_():
            parts = [node_text(child, catalogue, names) for child in node.nodes]
            joined = ("，并且" if isinstance(node, All) else "，或者").join(
                f"（{part}）" if isinstance(child, All | Any_) and len(child.nodes) > 1 and not child.label else part
                for child, part in zip(node.nodes, parts, strict=True)
            )
            return f"{node.label}（{joined}）" if node.label else joined
        case Not():
            return f"不是（{node_text(node.node, catalogue, names)}）"
        case Each():
            return f"{scope_word(node)}：{node_text(node.node, catalogue, names)}"


def rule_lines(rule: Rule, catalogue: Catalogue, names: Names, programs: Names) -> list[str]:
    """A rule as a department reads it, one line per top condition; `names` are those of parameters."""
    if rule.eligible is None:
        return [rule.anyone]
    tops = rule.eligible.nodes if isinstance(rule.eligible, All) and not rule.eligible.label else (rule.eligible,)
    lines = [node_text(node, catalogue, names) for node in tops]
    lines += [f"正在享受{programs.get(code, code)}" for code in rule.requires]
    lines += [f"没有享受{programs.get(code, code)}" for code in rule.excludes]
    if rule.likely is not None:
        lines.append(f"提示为疑似：{node_text(rule.likely, catalogue, names)}")
    return lines


def _parameter_text(value: ParameterValue, catalogue: Catalogue, figures: Mapping[str, Figure] | Names) -> str:
    figure = figures.get(value.key)
    name = figure.name if isinstance(figure, Figure) else figure
    by = f"（按{catalogue[value.by].label}）" if value.by and value.by in catalogue else ""
    return f"{name or value.key}{by}"


def _factor_text(factor: object, catalogue: Catalogue, figures: Mapping[str, Figure] | Names) -> str:
    if isinstance(factor, Decimal):
        return f"的{number_text(factor)}倍"
    if not isinstance(factor, ParameterValue):
        return ""
    name = _parameter_text(factor, catalogue, figures)
    return f"乘以{name}（%）" if factor.factor == _PERCENT else f"乘以{name}{_factor_text(factor.factor, catalogue, figures)}"
