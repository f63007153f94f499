"""Counts so small that they may be known to be somebody: which rows of a table stay out (SECURITY, people and households).

- what a rule says by township (符合, 疑似, 数据不足) is told alike wherever it stands, few or many; of a sensitive program few stay out
- what a draft changes tells a state of a person where a rule asks one that others hold: few changes stay out (`changes_hidden`)
"""

from collections.abc import Mapping, Sequence

from organization.figures import figure
from programs.models import Program

HIDDEN = "不显示"


def least_shown() -> int:
    return int(figure("small_counts_below"))


def least_of(program: Program) -> int:
    """Below which number the outcomes of its rule stay out; 0 where all are told."""
    return least_shown() if program.is_sensitive else 0


def hidden_rows(rows: Mapping[str, Sequence[int]], least: int) -> set[str]:
    """Rows with a number above nothing and below `least`, by their keys."""
    return _not_alone({key for key, numbers in rows.items() if _has_few(numbers, least)}, rows)


def _has_few(numbers: Sequence[int], least: int) -> bool:
    return any(0 < number < least for number in numbers)


def _not_alone(hidden: set[str], rows: Mapping[str, Sequence[int]]) -> set[str]:
    """One alone would be the sum less the others: then the smallest of these goes with it."""
    others = {key: sum(numbers) for key, numbers in rows.items() if key not in hidden and any(numbers)}
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda key: (others[key], key)))
    return hidden


def changes_hidden(rows: Mapping[str, Sequence[int]], least: int) -> set[str]:
    """Rows of what a draft changes: few stay out, and so does nothing, or whether a draft made for one person hits would be an answer."""
    return _not_alone({key for key, numbers in rows.items() if max(numbers, default=0) < least or _has_few(numbers, least)}, rows)


def told(count: int, least: int) -> str:
    """Of changes: nothing is told as few."""
    return f"{count}条" if count >= least else f"少于{least}条"
