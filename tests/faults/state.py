"""What the drill begins with: referrals that wait to be decided or signed for, applications that lack a paper, people signed in.

Walked by the verbs in the bed's database and carried over whole (`PostgreSQL.fill_from`): no second way to set the house up.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.urls import reverse

from config import clock
from organization.transitions import mobiles
from tests import cast
from tests.intake.factories import ApplicationFactory
from tests.referrals.factories import ReferralFactory

ANY = "00000000-0000-0000-0000-000000000000"


def prepare(*, decisions: int, others: int) -> dict[str, Any]:
    """Keys and addresses for the clients. The reviewer has urgent news by short message too."""
    mobiles.text_me(number="13800138000", by=cast.member("reviewer"))
    state: dict[str, Any] = {
        "deciding": [str(ReferralFactory(deciding=True).pk) for _ in range(decisions)],
        "dispatched": [str(ReferralFactory(dispatched=True).pk) for _ in range(others)],
        "submitted": [str(ApplicationFactory(submitted=True).pk) for _ in range(others)],
        "sessions": {name: _signed_in(name) for name in ("approver", "second_approver", "clerk")},
        "village": cast.VILLAGE,
        "today": clock.today().isoformat(),
        "paths": {
            "request": reverse("intake:request_new"),
            "supplement": reverse("intake:supplement_ask", args=[ANY]),
            "decide": reverse("referrals:referral_decide", args=[ANY]),
        },
        "pages": [reverse("referrals:referral_list"), reverse("intake:request_list"), reverse("intake:request_new")],
    }
    return state


def _signed_in(name: str) -> str:
    post = cast.member(name)
    session = SessionStore()
    session.update(cast.session_of(post.staff, post))
    session.save()
    return str(session.session_key)


def source() -> dict[str, Any]:
    """Where the bed's database is, for those who copy it."""
    found = connection.get_connection_params()
    return {name: str(found[name]) for name in ("host", "port", "user", "password", "dbname") if found.get(name)}
