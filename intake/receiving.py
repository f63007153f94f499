"""From a read ID to a received person: what the look-up found, and what is kept of it for the visit's page.

Kept in the session of who looked, for the length of a visit or until a request is settled: masked words, the token of a person of
another township, and the number that nobody holds yet, sealed, so that it need not be typed again. Nothing of it stands in an address.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from config.protection.sealing import seal_many, unseal
from households import finding
from households.models import Resident
from households.transitions.lookup import Found

from .models import Request, Visit

KEPT = "receptions"
AT_MOST = 20  # visits a session remembers
CANDIDATES = 20  # people of one name shown to choose from


@dataclass(frozen=True, slots=True)
class Kept:
    """What a look-up left for one visit."""

    masked: str = ""
    sealed: str = ""
    name: str = ""
    township: str = ""
    has_household: bool = False
    has_open_case: bool = False
    token: str = ""
    candidates: tuple[str, ...] = ()
    by_name: bool = False

    @property
    def is_elsewhere(self) -> bool:
        return bool(self.token)


def keep(session: Any, visit: Visit | Request, **what: Any) -> None:
    """Replace what the session holds for this visit; the oldest visits are forgotten."""
    held: dict[str, Any] = session.get(KEPT, {})
    held.pop(str(visit.pk), None)
    held[str(visit.pk)] = what
    session[KEPT] = dict(list(held.items())[-AT_MOST:])


@sensitive_variables()
def keep_found(request: HttpRequest, visit: Visit | Request, found: Found, number: str) -> None:
    """Somebody of another township, as far as the card may say; or nobody. The number stays, sealed, for what follows.

    Whoever belongs to no household yet is registered with it: the form of the room below asks for nothing that was read here.
    """
    if not found.has_household:
        finding.expect(request, str(visit.pk), number)
    if found.is_here:
        return
    [columns] = seal_many(Resident, "id_number", [(visit.pk, number)])
    keep(
        request.session, visit, masked=columns.masked, sealed=columns.sealed, name=found.masked_name, township=found.township_name,
        has_household=found.has_household, has_open_case=found.has_open_case, token=found.outside_token,
    )  # fmt: skip


def kept(session: Any, visit: Visit | Request) -> Kept:
    held = session.get(KEPT, {}).get(str(visit.pk), {})
    return Kept(**{**held, "candidates": tuple(held.get("candidates", ()))})


@sensitive_variables()
def number_kept(session: Any, visit: Visit | Request) -> str:
    """The number again: to register its holder, or to find the person whose household has just been taken on."""
    found = kept(session, visit)
    return unseal(Resident, "id_number", visit.pk, found.sealed) if found.sealed else ""


def forget(session: Any, visit: Visit | Request) -> None:
    held: dict[str, Any] = session.get(KEPT, {})
    if held.pop(str(visit.pk), None) is not None:
        session[KEPT] = held
