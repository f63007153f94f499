"""Is somebody being helped there already? Asked of the rooms above, which know cases: this floor knows none.

A room that holds cases registers, in AppConfig.ready, what answers for a household's id with one query:

    open_cases.register(lambda household_id: Application.objects.open().filter(household_id=household_id).exists())
"""

from collections.abc import Callable, Mapping
from uuid import UUID

HasCase = Callable[[UUID], bool]
# By program and resident ("" for the household): what is under way, in words.
Items = Mapping[tuple[str, str], str]
_KNOWN: list[HasCase] = []
_ITEMS: list[Callable[[UUID], Items]] = []
_CHANGES: list[str] = []


def register(has_case: HasCase) -> None:
    _KNOWN.append(has_case)


def has_open_case(household_id: UUID) -> bool:
    return any(has_case(household_id) for has_case in _KNOWN)


def register_items(items: Callable[[UUID], Items]) -> None:
    """What is asked for and not ended, for the screening beside the household: one query per room."""
    _ITEMS.append(items)


def open_items(household_id: UUID) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for items in _ITEMS:
        found |= items(household_id)
    return found


def register_changes(statement: str) -> None:
    """For statements over many, as SQL: `record_id` of aid of which a change is under way that nobody has decided yet."""
    _CHANGES.append(statement)


def changes_under_way() -> str:
    return " UNION ALL ".join(_CHANGES) or "SELECT NULL::uuid AS record_id WHERE false"
