"""Is somebody being helped there already? Asked of the rooms above, which know cases: this floor knows none.

A room that holds cases registers, in AppConfig.ready, what answers for a household's id with one query:

    open_cases.register(lambda household_id: Application.objects.open().filter(household_id=household_id).exists())
"""

from collections.abc import Callable
from uuid import UUID

HasCase = Callable[[UUID], bool]
_KNOWN: list[HasCase] = []


def register(has_case: HasCase) -> None:
    _KNOWN.append(has_case)


def has_open_case(household_id: UUID) -> bool:
    return any(has_case(household_id) for has_case in _KNOWN)
