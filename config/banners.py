"""Sentences over every page of certain roles: that something in the house does not run, and whom to tell.

A room registers who says what. What was said is held in the process for half a minute by role, so that a page asks nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HELD_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Banner:
    """What is wrong, since when and what to do; `url` and `link`: where to do it. `is_grave`: red instead of amber."""

    text: str
    url: str = ""
    link: str = ""
    is_grave: bool = False


Source = Callable[[str], Banner | None]
_sources: list[Source] = []
_held: dict[str, tuple[float, list[Banner]]] = {}


def register(source: Source) -> None:
    """`source` says to a role (`Post.role`) what is to be said at present. It may ask the database."""
    if source not in _sources:
        _sources.append(source)


def banners_for(post: Any) -> list[Banner]:
    """In the order of registration; nothing to whoever has no post."""
    if post is None:
        return []
    moment, found = time.monotonic(), _held.get(post.role)
    if found is None or moment - found[0] >= HELD_SECONDS:
        found = _held[post.role] = (moment, [said for source in _sources if (said := source(post.role))])
    return found[1]


def hold(role: str, said: list[Banner]) -> None:
    """This, instead of what would be asked, for the next half minute."""
    _held[role] = (time.monotonic(), said)


def forget() -> None:
    """Ask afresh the next time."""
    _held.clear()
