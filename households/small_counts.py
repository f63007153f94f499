"""Counts so small that they may be known to be somebody: which rows of a table stay out (SECURITY, people and households)."""

from collections.abc import Mapping, Sequence

from organization.figures import figure

HIDDEN = "不显示"


def least_shown() -> int:
    return int(figure("small_counts_below"))


def hidden_rows(rows: Mapping[str, Sequence[int]], least: int) -> set[str]:
    """Rows with a number above nothing and below `least`, by their keys. One alone would be the sum less the others: then the smallest of
    these goes with it."""
    hidden = {key for key, numbers in rows.items() if any(0 < number < least for number in numbers)}
    others = {key: sum(numbers) for key, numbers in rows.items() if key not in hidden and any(numbers)}
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda key: (others[key], key)))
    return hidden


def told(count: int, least: int) -> str:
    return f"{count}条" if count == 0 or count >= least else f"少于{least}条"
