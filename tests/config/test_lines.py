"""`{% lines %}` renders what `{% for %}` renders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.template import Context, Engine, TemplateSyntaxError, engines
from django.utils.html import format_html

NASTY = "<script>alert('1')</script> & \"%s\" {{ row.name }} {% if %}"


class Tuple(NamedTuple):
    name: Any
    mark: Any = ""
    lamp: Any = None


@dataclass
class Thing:
    name: Any
    mark: Any = ""
    lamp: Any = None

    def called(self) -> str:
        return f"<{self.name}>"

    @property
    def wrong(self) -> str:
        raise KeyError("told")

    @property
    def gone(self) -> str:
        raise ObjectDoesNotExist


def dictionary(name: Any, mark: Any = "", lamp: Any = None) -> dict[str, Any]:
    return {"name": name, "mark": mark, "lamp": lamp}


BODIES = [
    "<td>{{ row.name }}</td>",
    '<td title="{{ row.name }}">{{ other }}{{ row.name|default:"—" }}</td>',
    "{% if row.mark %}<b>{{ row.mark }}</b>{% else %}{{ row.name }}{% endif %}",
    "{% if shows.yes %}{{ row.name }}{% elif row.mark %}!{% endif %}{% if shows.no %}no{{ row.name }}{% endif %}",
    "{% if shows.no %}{% elif row.mark %}{{ row.mark }}{% elif shows.yes %}yes{% else %}never{% endif %}",
    "{% if row.mark and shows.yes %}both{% endif %}{% if row.mark == row.name %}same{% endif %}{% if not row.mark %}none{% endif %}",
    "{{ row.name|upper }}{{ row.name|default:other }}{{ other|default:row.name }}{{ row.name|safe }}",
    "{% with told=row.name %}{{ told }}{% endwith %}{% for one in row.name %}{{ forloop.counter }}{{ one }}{% endfor %}",
    "{% if row.lamp %}{{ row.lamp.word }}{% if row.lamp.url %}{{ row.lamp.url }}{% endif %}{% endif %}",
    "{% include '_components/badge.html' with text=row.name tone='red' only %}",
    "{% autoescape off %}{{ row.name }}{% endautoescape %}{{ 'constant' }}{{ 7 }}",
    "{% spaceless %}<b> {{ row.name }} </b> <i></i>{% endspaceless %}{# nothing #}",
]
ROWS: list[Callable[..., Any]] = [Tuple, Thing, dictionary]


def rendered(body: str, rows: list[Any]) -> tuple[str, str]:
    context = {"rows": rows, "other": "<other>", "shows": {"yes": True, "no": False}}
    return (
        engines["django"].from_string("{% for row in rows %}" + body + "{% endfor %}").render(context),
        engines["django"].from_string("{% load lines %}{% lines row in rows %}" + body + "{% endlines %}").render(context),
    )


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("row", ROWS)
def test_the_same_page_comes_out(body: str, row: Callable[..., Any]) -> None:
    lamp = SimpleNamespace(word="<3天>", url="")
    rows = [
        row("张三"), row(NASTY, NASTY, lamp), row(format_html("<b>{}</b>", NASTY), "x", lamp), row("", "张三"),
        row("1234", True), row("5", 0, SimpleNamespace(word="a", url="/?a=1&b=2")), row("x", None),
    ]  # fmt: skip
    by_for, by_lines = rendered(body, rows)

    assert by_lines == by_for


@pytest.mark.parametrize("value", [1234567, 1.5, date(2026, 11, 26), None, True])
def test_what_is_no_text_is_told_as_django_tells_it(value: object) -> None:
    by_for, by_lines = rendered("{{ row.name }}{% if row.name %}y{% endif %}{{ row.name|default:'—' }}", [Tuple(value), Tuple("")])

    assert by_lines == by_for


def test_what_is_called_and_what_is_numbered() -> None:
    for body in ("{{ row.called }}{% if row.called %}y{% endif %}", "{{ row.name.0 }}", "{{ row.gone }}{% if row.gone %}y{% endif %}"):
        by_for, by_lines = rendered(body, [Thing("<a>"), Thing("b")])

        assert by_lines == by_for


def test_nothing_of_a_name_is_let_through() -> None:
    _, told = rendered('<td data-x="{{ row.name }}">{{ row.name }}</td>', [Tuple(NASTY)])

    assert "<script>" not in told
    assert told.count("&lt;script&gt;") == 2
    assert '"%s"' not in told


def test_a_branch_that_no_row_reaches_may_speak_of_what_is_unknown() -> None:
    by_for, by_lines = rendered("{% if row.mark %}{{ unheard_of }}{% endif %}", [Tuple("a")])

    assert by_lines == by_for == ""


def test_without_rows_nothing_is_asked() -> None:
    assert rendered("{{ unheard_of }}", []) == ("", "")


@pytest.mark.parametrize(
    "tag",
    [
        "{% url 'text_size' size='large' as told %}",
        "{% cycle 'a' 'b' as told %}",
        "{% if row.mark %}{% get_current_language as told %}{% endif %}",
        "{% get_current_timezone as told %}",
        "{% get_static_prefix as told %}",
        "{% regroup row.name by mark as told %}",
        "{% now 'Y' as told %}",
    ],
)
def test_a_row_sets_no_variables(tag: str) -> None:
    """What stands behind the tag would be told to all rows as to the first."""
    with pytest.raises(TemplateSyntaxError, match="for"):
        rendered("{% load i18n tz static %}" + tag + "{{ told }}", [])


def test_what_is_wrong_in_a_condition_is_told_with_its_line() -> None:
    """While pages are written (debug): not hidden behind another fault."""
    engine = Engine(debug=True, libraries={"lines": "config.templatetags.lines"})
    body = "{% if no %}{% elif row.name|add:row.wrong %}{% endif %}"
    page = engine.from_string("{% load lines %}{% lines row in rows %}" + body + "{% endlines %}")
    with pytest.raises(KeyError) as raised:
        page.render(Context({"rows": [Thing("a")]}))
    assert vars(raised.value)["template_debug"]["during"] == "{% if no %}"


def test_it_says_how_it_is_written() -> None:
    with pytest.raises(TemplateSyntaxError):
        engines["django"].from_string("{% load lines %}{% lines row of rows %}{% endlines %}")
