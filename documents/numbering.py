"""How numbers of papers look: one declaration per kind, made by the room that issues the paper."""

from dataclasses import dataclass
from string import Formatter

_PARTS = {"prefix", "year", "scope", "number"}


@dataclass(frozen=True, slots=True)
class Series:
    """`pattern` holds {year}, {scope} and {number}, so that no two numbers of a kind are alike; {prefix} is the county's (a parameter)."""

    kind: str
    pattern: str

    def written(self, *, prefix: str, year: int, scope: str, number: int) -> str:
        return self.pattern.format(prefix=prefix, year=year, scope=scope, number=number)


_SERIES: dict[str, Series] = {}


def register(kind: str, pattern: str) -> None:
    """Called in AppConfig.ready: `register("acceptance_notice", "{prefix}受〔{year}〕{scope}-{number:05d}号")`.

    Raises:
        ValueError: a pattern whose numbers could meet, or another one for the same kind.
    """
    named = {name for _, name, _, _ in Formatter().parse(pattern) if name}
    if not {"year", "scope", "number"} <= named <= _PARTS:
        raise ValueError(f"{kind}: a number names its year, its scope and its number, and nothing unknown")
    series = Series(kind, pattern)
    if _SERIES.setdefault(kind, series) != series:
        raise ValueError(f"{kind} is numbered already")


def series(kind: str) -> Series:
    """Raises LookupError for a kind that nobody numbers."""
    if kind not in _SERIES:
        raise LookupError(f"{kind} has no number series; its room registers one in AppConfig.ready")
    return _SERIES[kind]
