"""The dashboard as its pages show it: figures with their tables, and what each cell leads to."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from households.small_counts import least_shown
from organization.models import Post
from referrals.names import names
from spreadsheets.downloads import Part

from .questions import Question, is_of_department, is_of_township, is_of_village
from .registry import THEMES, Figure, figures_for
from .tables import Column, Row, Table, Value, text_of


@dataclass(frozen=True, slots=True)
class Cell:
    """`number` is what the chart draws; empty where it is not known or not told."""

    label: str
    text: str
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    url: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Card:
    """One figure with what it says of a question; without a table it is still to be asked for, by its address."""

    figure: Figure
    table: Table | None
    period: str
    scope: str
    lines: list[Line]
    total: list[Cell]
    url: str
    export_url: str


def heading_of(post: Post) -> str:
    """Whose figures they are: the county's, a department's, a township's, a village's."""
    if is_of_village(post) or is_of_township(post):
        region = post.unit.region
        return region.name if region else post.unit.short_name
    return post.unit.short_name if is_of_department(post) else "全县"


def scope_of(figure: Figure, question: Question) -> str:
    """Whose figures, and what they were narrowed to: a picture of them leaves the page that says so."""
    words = names()
    named = {"township": words.townships, "department": words.department_names, "program": words.programs}
    chosen = {name: held[code] for name, held in named.items() if name in figure.narrowed_by and (code := getattr(question, name)) in held}
    return "，".join([chosen.pop("township", heading_of(question.post)), *chosen.values()])


def cards(question: Question) -> list[Card]:
    """Slow ones are asked for by the page itself, once it stands."""
    return [awaited(figure, question) if figure.is_slow else card(figure, question) for figure in figures_for(question.post)]


def awaited(figure: Figure, question: Question) -> Card:
    return Card(figure, None, figure.period(question), "", [], [], _address(figure, question), "")


def _address(figure: Figure, question: Question) -> str:
    return f"{reverse('monitoring:dashboard_figure', args=[figure.key])}?{question.asked()}"


def card(figure: Figure, question: Question) -> Card:
    table = figure.read(question)
    return Card(
        figure, table, figure.period(question), scope_of(figure, question), [_line(row, table) for row in table.rows],
        _cells(table.columns, table.total or (), ()), _address(figure, question),
        f"{reverse('monitoring:dashboard_export', args=[figure.key])}?{question.asked()}",
    )  # fmt: skip


def screen_cards(question: Question) -> list[Card]:
    """For a wall: no links, nothing that is only in the table, and no count so small that it may be known to be somebody."""
    least = least_shown()
    found = []
    for figure in figures_for(question.post):
        if figure.on_screen:
            table = figure.read(question)
            shown = table.without_few(least) if figure.counts_people else table
            shown = shown.without_untold() if figure.chart in {"bar", "stack"} else shown
            lines = [_line(Row(row.key, row.label, row.values), shown) for row in shown.rows]
            if not shown.tells_nothing:
                found.append(Card(figure, shown, figure.period(question), "", lines, [], "", ""))
    return found


def themes(found: list[Card]) -> list[tuple[str, list[Card]]]:
    by_theme = [(label, [card for card in found if card.figure.theme == theme]) for theme, label in THEMES.items()]
    return [(label, own) for label, own in by_theme if own]


def narrowed(figure: Figure, question: Question) -> list[str]:
    """Choices of the page that a figure does not obey, in words."""
    labels = {"township": "乡镇（街道）", "department": "部门", "program": "救助项目"}
    return [label for name, label in labels.items() if getattr(question, name) and name not in figure.narrowed_by]


def part_of(figure: Figure, question: Question) -> Part:
    table = figure.read(question)
    said = "，".join(filter(None, (figure.period(question), table.leaves_out)))
    return Part(f"{figure.title}（{said}）", table.sheet_columns(), table.sheet_rows())


def _line(row: Row, table: Table) -> Line:
    return Line(row.label, row.url, _cells(table.columns, row.values, row.urls))


def _cells(columns: tuple[Column, ...], values: tuple[Value, ...], urls: tuple[str, ...]) -> list[Cell]:
    if not values:
        return []
    links = urls or ("",) * len(columns)
    return [_cell(*each) for each in zip(columns, values, links, strict=True)]


def _cell(column: Column, value: Value, url: str) -> Cell:
    number = "" if value is None or isinstance(value, str) else str(value)
    return Cell(column.label, text_of(value), number, url)


def explained(post: Post) -> list[tuple[str, list[Any]]]:
    """Every figure of the post with how it is computed, by theme."""
    figures = figures_for(post)
    return [(label, own) for theme, label in THEMES.items() if (own := [one for one in figures if one.theme == theme])]
