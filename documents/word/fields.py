"""The language of a template, cut down to fields: names, loops, conditions and a few filters; no calls, no sums, no Python beneath."""

from collections.abc import Iterator
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

_FILTERS = ("join", "length", "first", "last", "default")
_LOOP = {"index": 1, "first": True, "last": True, "length": 1}
_PLAIN = (nodes.Template, nodes.Output, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand)
_NOTHING = object()
_WORDS = {"Test": "is 判断", "Assign": "set 赋值", "Macro": "macro", "Include": "include", "Import": "import", "Extends": "extends"}


class UnknownFields(TemplateError):
    """What a template asks for and its paper does not say."""


class FieldsOnly(ImmutableSandboxedEnvironment):
    """The environment of one kind of paper. `shape` is a sample: its keys are the fields, the first element of a list the shape of all.

    Whatever docxtpl renders (text, headers, footers, notes, properties) passes `from_string`, and so through the check.
    """

    def __init__(self, shape: dict[str, Any]) -> None:
        super().__init__(autoescape=True)
        self.shape = shape
        self.globals.clear()
        self.tests.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        text = source if isinstance(source, str) else ""
        unknown = sorted(set(_unknown(self.parse(text), self.shape)))
        if unknown:
            raise UnknownFields(f"模板里有本文书没有的字段或不支持的写法：{'、'.join(unknown)}。请对照字段清单改正后再上传。")
        return super().from_string(text, *args, **kwargs)


def _unknown(node: nodes.Node, scope: dict[str, Any]) -> Iterator[str]:
    """The names that the scope does not hold, and whatever is more than a field."""
    if isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)):
        if _value(node, scope) is _NOTHING:
            yield _spelt(node)
    elif isinstance(node, nodes.For):
        yield from _unknown_in_loop(node, scope)
    elif isinstance(node, nodes.If):
        for part in (node.test, *node.body, *node.elif_, *node.else_):
            yield from _unknown(part, scope)
    elif isinstance(node, nodes.Filter):
        yield from _unknown_in_filter(node, scope)
    elif isinstance(node, _PLAIN):
        for part in node.iter_child_nodes():
            yield from _unknown(part, scope)
    elif not isinstance(node, (nodes.TemplateData, nodes.Const)):
        yield _spelt(node)


def _unknown_in_loop(node: nodes.For, scope: dict[str, Any]) -> Iterator[str]:
    several = _value(node.iter, scope)
    if not isinstance(several, list) or not isinstance(node.target, nodes.Name) or node.recursive or node.test:
        yield f"for {_spelt(node.iter)}"
        return
    inner = {**scope, node.target.name: several[0] if several else "", "loop": _LOOP}
    for part in (*node.body, *node.else_):
        yield from _unknown(part, inner)


def _unknown_in_filter(node: nodes.Filter, scope: dict[str, Any]) -> Iterator[str]:
    if node.name not in _FILTERS or node.node is None:
        yield f"|{node.name}"
    else:
        yield from _unknown(node.node, scope)
    if node.kwargs or node.dyn_args or node.dyn_kwargs or not all(isinstance(arg, nodes.Const) for arg in node.args):
        yield f"|{node.name}"


def _value(node: nodes.Node, scope: dict[str, Any]) -> Any:
    """What the sample holds there; `_NOTHING` where it holds nothing."""
    if isinstance(node, nodes.Name):
        return scope.get(node.name, _NOTHING)
    if isinstance(node, nodes.Getattr):
        holder, key = _value(node.node, scope), node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        holder, key = _value(node.node, scope), node.arg.value
    else:
        return _NOTHING
    return holder.get(key, _NOTHING) if isinstance(holder, dict) and isinstance(key, str) else _NOTHING


def _spelt(node: nodes.Node) -> str:
    """As somebody wrote it, near enough to find it."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_spelt(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem):
        return f"{_spelt(node.node)}[…]"
    if isinstance(node, nodes.Call):
        return f"{_spelt(node.node)}()"
    return _WORDS.get(type(node).__name__, "算式")
