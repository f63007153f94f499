"""Every address x method x role x scope, as `matrix.csv` says (SECURITY S1): closed by default, and nobody forgets a new page."""

import copy
import traceback
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from config import clock
from organization.models import Post, Staff
from tests import cast, replay
from tests.matrix.objects import ARGUMENTS, BODIES, SHARED
from tests.matrix.reading import METHODS, ROLES, MatrixError, Row, addresses, rows

# The doors that need no key. Opening another one is a decision: it is written here as well as in the matrix.
PUBLIC = {
    "healthz",
    "readyz",
    "organization:sign_in",
    "text_size",
    "programs:program_list",
    "programs:program_detail",
    "programs:program_guide",
    "api:program-list",
    "api:program-detail",
    "api:department-list",
    "api:department-detail",
    "api:schema",
    "api:docs",
    "referrals:progress",
    # dev and demo only: 404 in production
    "styleguide",
    "styleguide_answer",
    "styleguide_once",
    "styleguide_print",
    "styleguide_reveal",
}
APIS = ("api:", "work_api:")  # what takes JSON
MATRIX = rows()
ENTERED = {"200", "201", "204", "400", "409", "422", "go", "503"}


def test_every_address_has_its_rows():
    """A new page without a row fails, and so does a row whose page is gone."""
    assert set(addresses()) == set(MATRIX), "left: addresses of the URLconf; right: addresses of matrix.csv"


def test_every_address_that_names_a_row_has_a_builder():
    """One that names none may have one, where its body names a row of the scope."""
    need = {name for name, takes in addresses().items() if takes}
    assert need - set(ARGUMENTS) == set()
    assert {name for name in set(ARGUMENTS) - need if name not in BODIES or name not in addresses()} == set()


def test_only_the_public_doors_are_open():
    assert {url for url, found in MATRIX.items() if any(row.outcomes["ANON"] in ENTERED for row in found)} == PUBLIC


@dataclass(frozen=True)
class Caller:
    """Somebody of one role, with a session of their own."""

    client: Client
    post: Post | None


@pytest.fixture
def callers(db) -> dict[str, Caller]:
    """All at once, and their sessions in use: one by one, each cell saving its session first, they were a tenth of the time."""
    staff = {one.username: one for one in Staff.objects.filter(username__in=ROLES.values())}
    posts: dict[str, Post] = {}
    for post in Post.objects.select_related("unit", "staff").filter(staff__in=staff.values()):
        posts.setdefault(post.staff.username, post)
    found, sessions, store = {}, [], SessionStore()
    for role, username in ROLES.items():
        client, post = Client(), posts.get(username)
        if username:
            session = cast.session_of(staff[username], post)
            moment = clock.now().isoformat()
            data = store.encode({**session, "began_at": moment, "used_at": moment})
            sessions.append(Session(session_key=f"{role.lower():0>32}", session_data=data, expire_date=store.get_expiry_date()))
            client.cookies[settings.SESSION_COOKIE_NAME] = sessions[-1].session_key
        found[role] = Caller(client, post)
    Session.objects.bulk_create(sessions)
    return found


def _caller(username: str) -> Caller:
    if not username:
        return Caller(Client(), None)
    post = Post.objects.select_related("unit", "staff").filter(staff__username=username).first()
    staff = post.staff if post else Staff.objects.get(username=username)
    return Caller(cast.sign_in(Client(), staff, post), post)


@dataclass
class Stage:
    """One scope of one address, for those callers who are led to the same row: it stands until all of them are through."""

    url: str
    scope: str
    _made: dict[str, Any] | None = None

    def prepare(self, caller: Caller) -> None:
        """Before the cell, so that what is shared outlives it."""
        if self.url in SHARED and self._made is None:
            self._made = ARGUMENTS[self.url](self.scope, caller.post)

    def path(self, caller: Caller) -> str:
        if self._made is not None:
            return reverse(self.url, kwargs=self._made)
        return reverse(self.url, kwargs=ARGUMENTS[self.url](self.scope, caller.post) if self.url in ARGUMENTS else {})


@contextmanager
def stage(url: str, scope: str) -> Iterator[Stage]:
    with replay.undone_afterwards(), transaction.atomic():
        yield Stage(url, scope)
        transaction.set_rollback(True)


def companies(url: str, scope: str, callers: dict[str, Caller]) -> Iterable[list[str]]:
    """The roles by the row that they are led to. Each company begins with an empty stage, where a state is laid down, not walked to."""
    found: dict[Hashable, list[str]] = {}
    for role in ROLES:
        found.setdefault(SHARED[url](scope, callers[role].post) if url in SHARED else None, []).append(role)
    return found.values()


@pytest.mark.parametrize("url", MATRIX)
def test_address(url, callers):
    wrong, unlisted = [], set(METHODS) - {row.method for row in MATRIX[url]}
    door = next((row for row in MATRIX[url] if set(row.outcomes.values()) & ENTERED), MATRIX[url][0])
    opener = next((role for role, outcome in door.outcomes.items() if outcome in ENTERED), "T")
    for scope in dict.fromkeys(row.scope for row in MATRIX[url]):
        for roles in companies(url, scope, callers):
            with stage(url, scope) as built:
                wrong += [f"line {row.line}: {row.method} {row.scope} {role}: {got}, the matrix says {row.outcomes[role]}"
                          for row in MATRIX[url] if row.scope == scope for role in roles
                          if (got := knock(callers[role], built, row.method)) != row.outcomes[role]]  # fmt: skip
                if scope == door.scope and opener in roles:
                    wrong += _unlisted(callers[opener], opener, unlisted, built)
    assert not wrong, "\n".join(["", *wrong])


def _unlisted(caller: Caller, role: str, methods: set[str], built: Stage) -> list[str]:
    """A method without a row is refused before anybody asks who it is: tried by one who may enter with another."""
    got = {method: knock(caller, built, method) for method in sorted(methods)}
    return [f"{method} {role}: {code}, refused methods answer 405" for method, code in got.items() if code != "405"]


def knock(caller: Caller, built: Stage, method: str) -> str:
    """One cell: what comes back, and nothing of it remains."""
    client, url = caller.client, built.url
    cookies = copy.deepcopy(client.cookies)
    built.prepare(caller)
    with replay.undone_afterwards(), transaction.atomic():
        path = built.path(caller)
        body = BODIES[url]() if url in BODIES and method != "GET" else {}
        try:
            as_json = {"content_type": "application/json", "headers": {"If-Match": "*"}} if url.startswith(APIS) and method != "GET" else {}
            outcome = _outcome(getattr(client, method.lower())(path, body, **as_json))
        except Exception as error:
            outcome = f"500 {error!r} {traceback.extract_tb(error.__traceback__)[-1]}"
        transaction.set_rollback(True)
    client.cookies = cookies  # whoever signed out, or changed the password, is as before
    return outcome


def _outcome(response: HttpResponse) -> str:
    if response.status_code in {301, 302, 303}:
        return "in" if response.url.split("?")[0] == reverse("organization:sign_in") else "go"
    return str(response.status_code)


# ── the file itself ─────────────────────────────────────────────────────────────────────────────────────────────────
HEADER = "url,method,scope," + ",".join(ROLES)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("url,method,scope,ANON", "header"),
        (f"{HEADER}\na:b,GET,,200", "cells"),
        (f"{HEADER}\na:b,GET,," + ",".join(["maybe"] * len(ROLES)), "maybe"),
        (f"{HEADER}\na:b,LOOK,," + ",".join(["200"] * len(ROLES)), "LOOK"),
        (f"{HEADER}\n" + f"a:b,GET,,{','.join(['200'] * len(ROLES))}\n" * 2, "already"),
    ],
)
def test_wrong_matrix_is_refused(text, complaint):
    with pytest.raises(MatrixError, match=complaint):
        rows(text)


def test_row_is_read_as_written():
    text = f"# comment\n\n{HEADER}\na:b , GET , own, " + ", ".join(["in", *["403"] * (len(ROLES) - 1)])
    assert rows(text)["a:b"] == [Row("a:b", "GET", "own", {"ANON": "in", **dict.fromkeys(list(ROLES)[1:], "403")}, 4)]
