"""The figures of the house's dashboards: one declaration each, for the page, the file, the screen and the page that explains them."""

from collections.abc import Callable
from dataclasses import dataclass

from organization.models import Post

from .questions import Question, month_word
from .tables import Table

THEMES = {"aid": "救助情况", "work": "办理情况", "data": "数据与疑点"}
# Bars across, the same piled up, lines over months, columns over months, the same piled up.
CHARTS = frozenset({"bar", "stack", "line", "columns", "piled"})


@dataclass(frozen=True)
class Figure:
    """`about`: how it is computed, in sentences. `narrowed_by`: which choices of the page it obeys. `on_screen`: fit for a wall.
    `counts_people`: there its small counts stay out. `is_now`: it speaks of this moment, whatever the month. `is_slow`: read from
    many rows, so that the dashboard stands before it.
    """

    key: str
    title: str
    theme: str
    chart: str
    about: tuple[str, ...]
    read: Callable[[Question], Table]
    may: Callable[[Post], bool]
    narrowed_by: frozenset[str] = frozenset({"township", "department", "program"})
    over_months: bool = True
    is_now: bool = False
    on_screen: bool = True
    counts_people: bool = True
    is_slow: bool = False

    def period(self, question: Question) -> str:
        """The period it speaks of: that of the question, its last month, or now."""
        if self.is_now:
            return "现在"
        return question.words if self.over_months else month_word(question.month)


_figures: dict[str, Figure] = {}


def declare(*figures: Figure) -> None:
    """Raises ValueError for a key that is taken."""
    for figure in figures:
        if figure.chart not in CHARTS or figure.theme not in THEMES:
            raise ValueError(f"no such chart or theme: {figure.key}")
        if figure.key in _figures:
            raise ValueError(f"two figures of one key: {figure.key}")
        _figures[figure.key] = figure


def figure_of(key: str) -> Figure | None:
    return _figures.get(key)


def figures_for(post: Post) -> list[Figure]:
    """In the order of the themes, then as declared."""
    order = list(THEMES)
    return sorted((figure for figure in _figures.values() if figure.may(post)), key=lambda figure: order.index(figure.theme))
