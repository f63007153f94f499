"""That it is still the person who signed in: the password once more, before what an open screen alone must not do (SECURITY abuse 6)."""

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from config.verbs import TransitionError

from .figures import figure
from .models import Staff
from .transitions import sessions


@sensitive_variables()
def is_proven(request: HttpRequest, password: str) -> bool:
    """Whether the password is that of who is signed in. A wrong one counts as one at the door does, and locks as it does.

    Raises:
        TransitionError: locked; the sentence says for how long.
    """
    staff = request.user
    if not isinstance(staff, Staff):
        return False
    credentials = {"username": staff.username, "password": password}
    was_open = AxesProxyHandler.is_allowed(request, credentials)
    if was_open and authenticate(request, **credentials) == staff:
        return True
    is_locked = not AxesProxyHandler.is_allowed(request, credentials)
    if was_open:
        sessions.fail(username=staff.username, locked=is_locked)
    if is_locked:
        raise TransitionError(f"连续输错次数过多，已锁定{figure('sign_in_lock_minutes')}分钟。急用请联系安全管理员解锁。")
    return False
