"""The loop over a list's rows: what `{% for %}` renders, worked out once for the list instead of node by node in each row.

    {% lines row in rows %}<td>{{ row.name }}</td>{% if shows.place %}<td>{{ row.place }}</td>{% endif %}{% endlines %}

Text, variables and conditions that do not speak of the row are rendered once. A row's text, and a condition on one of its fields, is read
from it and escaped as Django escapes it. Everything else (other tags, filters, values that are not text) is left to Django, row by row:
the same page comes out, only later. There is no `forloop` and no `{% empty %}`.
"""

import html
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any

from django import template
from django.core.exceptions import ObjectDoesNotExist
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token, VariableNode
from django.template.context import Context
from django.template.defaultfilters import default
from django.template.defaulttags import IfNode, TemplateLiteral
from django.template.smartif import Literal as IfLiteral
from django.utils.safestring import SafeData

register = template.Library()
Part = str | Callable[[Any], str]
SETS = ("asvar", "target_var", "var_name", "variable", "variable_name", "varname")  # `as` of tags
SILENT = (AttributeError, ObjectDoesNotExist)  # Django shows nothing for these, and looks further


class LinesNode(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, name: str, rows: FilterExpression, nodelist: NodeList) -> None:
        self.name, self.rows, self.nodelist = name, rows, nodelist

    def render(self, context: Context) -> Any:
        rows = self.rows.resolve(context)
        if not rows:
            return ""
        with context.push():
            parts = Lines(self.name, context).parts(self.nodelist)
            return "".join([_told(parts, row) for row in rows])


class Lines:
    """How one loop is worked out in its context."""

    def __init__(self, name: str, context: Context) -> None:
        self._name, self._context = name, context

    def parts(self, nodes: Iterable[Node]) -> list[Part]:
        """What stands in every row alike in one piece, between what the row tells."""
        found: list[Part] = []
        for node in nodes:
            for part in self._of(node):
                if isinstance(part, str) and found and isinstance(found[-1], str):
                    found[-1] += part
                else:
                    found.append(part)
        return found

    def _of(self, node: Node) -> list[Part]:
        if isinstance(node, TextNode):
            return [node.s]
        if isinstance(node, VariableNode):
            return [self._variable(node)]
        if isinstance(node, IfNode):
            return self._condition(node)
        return [self._by_django(node)]

    def _variable(self, node: VariableNode) -> Part:
        expression = node.filter_expression
        if not self._speaks_of_row(expression):
            return str(node.render_annotated(self._context))
        path, instead = self._path(expression), _default(expression)
        if not path or instead is None or not self._context.autoescape:
            return self._by_django(node)
        read, slow = attrgetter(path), self._by_django(node)

        def told(row: Any) -> str:
            try:
                value = read(row)
            except SILENT:
                return slow(row)
            if type(value) is str:
                return html.escape(value) if value else instead
            return str(value or instead) if isinstance(value, SafeData) else slow(row)

        return told

    def _condition(self, node: IfNode) -> list[Part]:
        """A condition without the row is decided here; one on a field of the row that is text or a truth value in each row."""
        pairs: list[tuple[Any, NodeList]] = list(node.conditions_nodelists)
        for place, (condition, nodelist) in enumerate(pairs):
            if condition is None:
                return self.parts(nodelist)
            if self._asks_row(condition):
                return [self._field_condition(_rest(node, place))]
            try:
                is_met = condition.eval(self._context)
            except template.VariableDoesNotExist:
                is_met = False
            if is_met:
                return self.parts(nodelist)
        return []

    def _field_condition(self, node: IfNode) -> Part:
        slow = self._by_django(node)
        condition, nodelist = node.conditions_nodelists[0]
        asked: Any = condition.value if isinstance(condition, TemplateLiteral) else None
        path = self._path(asked) if asked is not None and not asked.filters else ""
        if not path:
            return slow
        read = attrgetter(path)
        # Worked out when the first row comes there: what nobody reaches may speak of what is not known.
        then = cache(lambda: self.parts(nodelist))
        otherwise = cache(lambda: self._condition(_rest(node, 1)))

        def told(row: Any) -> str:
            try:
                value = read(row)
            except SILENT:
                return slow(row)
            if isinstance(value, str | bool | int) or value is None:
                return _told(then() if value else otherwise(), row)
            return slow(row)

        return told

    def _by_django(self, node: Node) -> Callable[[Any], str]:
        def told(row: Any) -> str:
            self._context[self._name] = row
            return str(node.render_annotated(self._context))

        return told

    def _path(self, expression: FilterExpression) -> str:
        """`name.label` of `{{ row.name.label }}`; empty for what is no field of the row."""
        lookups = getattr(expression.var, "lookups", None) or ()
        is_plain = lookups[:1] == (self._name,) and not any(name.startswith("_") or name.isdigit() for name in lookups)
        return ".".join(lookups[1:]) if is_plain else ""

    def _speaks_of_row(self, expression: FilterExpression) -> bool:
        said = [expression.var, *(argument for _, given in expression.filters for is_variable, argument in given if is_variable)]
        return any((getattr(variable, "lookups", None) or ("",))[0] == self._name for variable in said)

    def _asks_row(self, condition: Any) -> bool:
        if isinstance(condition, TemplateLiteral):
            asked: Any = condition.value
            return self._speaks_of_row(asked)
        if isinstance(condition, IfLiteral):
            return False
        return any(self._asks_row(side) for side in (condition.first, condition.second) if side is not None)


def _rest(node: Any, place: int) -> IfNode:
    """The conditions from there on, told to stand where the whole stands: so Django names the line of what is wrong with them."""
    rest: Any = IfNode(node.conditions_nodelists[place:])
    rest.token, rest.origin = node.token, node.origin
    return rest


def _default(expression: FilterExpression) -> str | None:
    """What stands in the place of an empty text: `{{ row.step|default:"—" }}`; None where other filters do more."""
    if not expression.filters:
        return ""
    [(known, given), *more] = expression.filters
    if known is not default or more or len(given) != 1 or given[0][0]:
        return None
    return str(given[0][1])


def _told(parts: Iterable[Part], row: Any) -> str:
    return "".join([part if isinstance(part, str) else part(row) for part in parts])


@register.tag
def lines(parser: Parser, token: Token) -> LinesNode:
    """`{% lines row in rows %}`"""
    words = token.split_contents()
    if len(words) != 4 or words[2] != "in":
        raise template.TemplateSyntaxError("{% lines row in rows %}")
    nodelist = parser.parse(("endlines",))
    parser.delete_first_token()
    if any(getattr(node, name, None) for node in nodelist.get_nodes_by_type(Node) for name in SETS):
        raise template.TemplateSyntaxError("a row that sets a variable needs {% for %}: other rows would be told of it too late")
    return LinesNode(words[1], parser.compile_filter(words[3]), nodelist)
