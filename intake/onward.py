"""How an application goes on after the window, in plain words. The room above knows the referrals; it registers what may be said of them.

    onward.register(lambda post, applications: {application.pk: [Matter("临时救助", "办理中，第2步（共4步）", day)]})

What is said is for whoever registered the request: never a decision, an amount or a sensitive program.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from organization.models import Post

from .models import Application


@dataclass(frozen=True, slots=True)
class Matter:
    """One item: what it is called to this post, where it is, since when."""

    label: str
    where: str
    since: date | None


Provider = Callable[[Post, Sequence[Application]], Mapping[Any, list[Matter]]]
_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    _PROVIDERS.append(provider)


def matters_of(post: Post, applications: Sequence[Application]) -> dict[Any, list[Matter]]:
    """By application; nothing for one that is not sent out yet."""
    found: dict[Any, list[Matter]] = {}
    for provider in _PROVIDERS if applications else ():
        found.update(provider(post, applications))
    return found
