"""Which identities a program needs to know of somebody: pure functions on what its rule and papers name (ZX-30)."""

from collections.abc import Iterable

from households.models import IdentityTag
from households.rules import PROVEN_BY_RECORD, PROVEN_BY_TAG, TAG_OF_PROGRAM, TAGS_OF_RECORD

_ORDER = {tag: place for place, tag in enumerate(IdentityTag.Kind.values)}


def tags_of(program: str) -> frozenset[str]:
    """What the program itself gives: the identity it is about, and those that are held because its aid is."""
    own = TAG_OF_PROGRAM.get(program)
    return frozenset({*TAGS_OF_RECORD.get(program, ()), *([own] if own else [])})


def tags_needed(program: str, *, facts: Iterable[str], programs: Iterable[str]) -> list[str]:
    """In the order of the catalogue. `facts`: named by its rule, or proving its papers; `programs`: that it requires or excludes.

    A sensitive identity never, unless it is the program's own.
    """
    asked = set(facts)
    named = {tag for tag, fact in PROVEN_BY_TAG.items() if fact in asked}
    named |= {tag for code in programs for tag in tags_of(code)} | tags_of(program)
    return sorted((tag for tag in named if tag not in IdentityTag.SENSITIVE or tag in tags_of(program)), key=lambda tag: _ORDER[tag])


def proven_by(tag: str) -> frozenset[str]:
    """Programs whose aid in force proves the same (低保 in force is 低保对象)."""
    fact = PROVEN_BY_TAG.get(tag)
    return frozenset(code for code, key in PROVEN_BY_RECORD.items() if key == fact and tag in tags_of(code))
