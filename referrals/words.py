"""The words of a 催办 that was refused: they stand in their field again, once. In the session they are sealed (SECURITY S9)."""

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from config.protection.keys import SealBroken
from config.protection.sealing import open_apart, seal_apart

KEPT, SEAL_LABEL = "words_back", "words-back"
LONGEST = 200  # characters of the field


@sensitive_variables()
def keep(request: HttpRequest, text: str) -> None:
    """Before the step is tried: whatever refuses it, its words come back."""
    if words := text.strip()[:LONGEST]:
        request.session[KEPT] = seal_apart(SEAL_LABEL, words, _bound_to(request))


def forget(request: HttpRequest) -> None:
    """They have been said."""
    request.session.pop(KEPT, None)


@sensitive_variables()
def back(request: HttpRequest) -> str:
    """For the field, which shows them once; nothing where the key has gone since."""
    token = request.session.get(KEPT)
    if not token:
        return ""
    forget(request)
    try:
        return open_apart(SEAL_LABEL, token, _bound_to(request))
    except SealBroken:
        return ""


def _bound_to(request: HttpRequest) -> str:
    return f"session.{KEPT}.{request.user.pk}"
