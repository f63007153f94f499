"""What may be taken out of the house: a ledger (台账) is declared once, by the app that owns its rows, for its page, its file and 上报.

A declaration says who may have it, what may narrow it, and gives its sheets. The room that runs exports knows no ledger by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.forms import BaseForm

from organization.models import Post

from .downloads import Part


@dataclass(frozen=True)
class Asked:
    """One asking: by whom, narrowed how (the ledger's form as it was sent), and whether numbers are to stand in clear.

    In clear is asked by an approved 上报 alone: a ledger gives masked numbers without it, whoever asks.
    """

    by: Post
    given: Mapping[str, str] = field(default_factory=dict)
    in_clear: bool = False


@dataclass(frozen=True)
class Ledger:
    """`key` stands in jobs and approvals and never changes; `number` is its name in the requirements (L1), or empty.

    `form(given, post)` gives the bound form of what narrows it; a month is its field `month` (2026-11), which a monthly 上报 sets
    anew. A label of a column is its name within its sheet. `parts` is asked with a form that is valid. `personal`: fields of the form that
    may hold a name or a number. `may_in_clear`: whether it has numbers at all.
    """

    key: str
    title: str
    may: Callable[[Post], bool]
    form: Callable[[Mapping[str, str], Post], BaseForm]
    parts: Callable[[Asked], Sequence[Part]]
    number: str = ""
    about: str = ""
    personal: frozenset[str] = frozenset()
    may_in_clear: bool = False
    page: str = ""  # name of its own page's address; without one it is shown by the common page of ledgers


_ledgers: dict[str, Ledger] = {}


def register(ledger: Ledger) -> None:
    """From `apps.ready`. Raises ValueError for a key that is taken."""
    if ledger.key in _ledgers:
        raise ValueError(f"two ledgers of one key: {ledger.key}")
    _ledgers[ledger.key] = ledger


def ledger_of(key: str) -> Ledger | None:
    return _ledgers.get(key)


def ledgers_for(post: Post) -> list[Ledger]:
    """What this post may have, in the order of the requirements' numbers, then of titles."""
    return sorted((one for one in _ledgers.values() if one.may(post)), key=lambda one: (not one.number, _place(one.number), one.title))


def _place(number: str) -> int:
    return int(number[1:]) if number[1:].isdigit() else 0
