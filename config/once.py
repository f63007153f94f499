"""A form that is sent twice has one effect (SECURITY R3, D8, abuse 11).

`{% once_field %}` puts a fresh token into a form, `@once` uses it up in the transaction of the view. Of several posts with one token the
first inserts it; the others wait at the unique index until the first commits, and then answer with its redirect. A first one that did not
lead on (a form with errors, a refusal, a crash) is undone together with its token, so that the corrected form can bring the same one.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from config import clock
from config.models import FormToken
from config.protection.keys import provider
from config.verbs import TransitionError, is_held

FIELD = "once"
DIGEST_LABEL = "form-token"
CLIENT_REDIRECT = "HX-Redirect"

View = TypeVar("View", bound=Callable[..., HttpResponse])


class NothingDone(HttpResponseRedirect):
    """Leads on although the step was not taken: its token is not used up, and sent again it is not taken for done."""


def once(view: View) -> View:
    """For a POST view that answers its success with a redirect (Location, or HX-Redirect). Stands below the gates, next to the view.

    Whatever answers otherwise is rolled back: a preview may answer 200, but what must remain although the page is refused does not belong
    into such a view. Posts without a token, and those of nobody signed in, go to the view as if it were not there.

    Raises:
        TransitionError: the token was used with another content, or its first post is still at work.
        TypeError: a success answered to htmx with a fragment, which would have been undone unseen.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        key = token_of(request)
        if key is None:
            return _checked(request, view(request, *args, **kwargs))
        digest = _digest(request)
        with transaction.atomic():
            token = _claim(request, key, digest)
            if token.location:
                return _answer_again(request, token, digest)
            response = _checked(request, view(request, *args, **kwargs))
            token.location, token.is_client_redirect = _location(response)
            if token.location:
                token.save(update_fields=["location", "is_client_redirect"])
            else:
                transaction.set_rollback(True)
            return response

    return guarded  # type: ignore[return-value]  # the view's own type, for the gates above it


def by_key(request: Any, key: UUID, content: str, act: Callable[[], str]) -> bool:
    """The same for the API: `act` says where its answer stands; True where a post with this key and content has been done before.

    Raises:
        TransitionError: the key was used with another content, or its first post is still at work.
    """
    digest = provider().digest(DIGEST_LABEL, content.encode())
    with transaction.atomic():
        token = _claim(request, key, digest)
        if token.location:
            _refuse_another(token, digest)
            return True
        token.location = act()
        token.save(update_fields=["location"])
        return False


def forget(*, before: datetime) -> int:
    """Tokens used earlier are gone: a form that old, sent again, counts as new."""
    return FormToken.objects.filter(used_at__lt=before).delete()[0]


def token_of(request: HttpRequest) -> UUID | None:
    """The token that a post brings."""
    try:
        return UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None


def is_spent(request: HttpRequest) -> bool:
    """Whether a post with this token has led on. A view that does something of its own before `once` (a logged look) asks first."""
    key = token_of(request)
    return key is not None and FormToken.objects.filter(owner_id=request.user.pk, key=key).exclude(location="").exists()


def _claim(request: Any, key: UUID, digest: bytes) -> FormToken:
    """The token's row. Without a location it is ours: another transaction shows its row only once the location is in it.

    ON CONFLICT DO NOTHING waits for a rival that has not ended: if it commits, we read its row; if it rolls back, ours is inserted.
    """
    owner: Any = request.user.pk
    row = FormToken(owner_id=owner, key=key, digest=digest, used_at=clock.now())
    try:
        FormToken.objects.bulk_create([row], ignore_conflicts=True)
    except OperationalError as error:
        if is_held(error):
            raise TransitionError("刚才的提交还在办理，请稍候片刻，再打开相应页面查看结果，不要重复提交。") from error
        raise
    return FormToken.objects.get(owner_id=owner, key=key)


def _answer_again(request: HttpRequest, token: FormToken, digest: bytes) -> HttpResponse:
    _refuse_another(token, digest)
    messages.info(request, "这份表单已经提交成功，重复的提交没有再办一次。")
    if token.is_client_redirect:
        return HttpResponse(headers={CLIENT_REDIRECT: token.location})
    return HttpResponseRedirect(token.location)


def _refuse_another(token: FormToken, digest: bytes) -> None:
    if bytes(token.digest) != digest:
        raise TransitionError("这份表单已经提交成功，改动后的内容没有再次提交。请打开已办的事项修改，或重新打开表单填写。")


def _location(response: HttpResponse) -> tuple[str, bool]:
    """Where the answer leads, and whether it says so to htmx alone; nowhere where nothing was done."""
    if isinstance(response, NothingDone):
        return "", False
    if 300 <= response.status_code < 400:
        return response.headers.get("Location", ""), False
    return (response.headers.get(CLIENT_REDIRECT, ""), True) if response.status_code < 300 else ("", False)


def _checked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.headers.get("HX-Request") and response.status_code < 300 and not _location(response)[0]:
        raise TypeError("a view under @once answers htmx with a redirect or an error: a fragment would be undone unseen")
    return response


def _digest(request: HttpRequest) -> bytes:
    """Of address, fields and files, with a key: a body may hold an ID number, and a plain digest could be tried out (SECURITY D7)."""
    fields = [(name, values) for name, values in request.POST.lists() if name not in {FIELD, "csrfmiddlewaretoken"}]
    files = [(name, file.name, _sum(file)) for name, found in request.FILES.lists() for file in found]
    return provider().digest(DIGEST_LABEL, json.dumps([request.get_full_path(), fields, files]).encode())


def _sum(file: Any) -> str:
    total = hashlib.sha256()
    for chunk in file.chunks():
        total.update(chunk)
    file.seek(0)
    return total.hexdigest()
