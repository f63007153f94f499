"""Schemathesis on the casework API, bounded: answers keep the schema, none is a 5xx, none holds a row or word from behind the gate."""

from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance, unsupported_method

from households.models import FactRequest
from households.transitions import ask_for_fact, screen_household
from referrals.models import Referral
from tests import cast
from tests.referrals.factories import ReferralFactory
from tests.replay import remembered

pytestmark = pytest.mark.django_db
OPERATIONS = [
    ("/api/v1/applications/", "GET", 8),
    ("/api/v1/applications/{id}/", "GET", 8),
    ("/api/v1/households/{id}/screening/", "GET", 6),
    ("/api/v1/fact-requests/", "GET", 6),
    ("/api/v1/fact-requests/{id}/", "GET", 6),
    ("/api/v1/referrals/", "GET", 12),
    ("/api/v1/referrals/{id}/", "GET", 10),
    ("/api/v1/referrals/{id}/receive/", "POST", 8),
    ("/api/v1/referrals/{id}/decide/", "POST", 12),
    ("/api/v1/referrals/{id}/feed-back/", "POST", 10),
]
# Whether a value is taken depends on the row and the post, which no schema says. Here every request has its session: that none is let in
# without one, and no method but these, the matrix shows.
ABOUT_VALUES = [positive_data_acceptance, negative_data_rejection, unsupported_method, ignored_auth]
# What WJ02 gives and asks; a public rule (特困) names the kinds of disability it takes, 精神 among them, and tells nobody's.
ASKED = ("disability_card", "dibao")
SENSITIVE = ("抗精神病药物", "严重精神障碍", "WJ02", "监护人信息")


@remembered
def _cases() -> list[Referral]:
    """Three of the township, two of a department, a neighbour's, a sensitive one; 残联 and 民政 are asked something of one family."""
    own = [ReferralFactory(), ReferralFactory(deciding=True), ReferralFactory(approved=True)]
    theirs = [ReferralFactory(program="CL03"), ReferralFactory(program="CL03", deciding=True)]
    others = [ReferralFactory(by=cast.member("neighbour_clerk")), ReferralFactory(program="WJ02")]
    household, person, clerk = own[0].case_household_id, own[0].application.applicant_id, cast.member("clerk")
    screen_household(household_id=household, by=clerk)
    for kind in ASKED:
        ask_for_fact(household_id=household, kind_key=kind, resident_id=person, by=clerk)
    return [*own, *theirs, *others]


def as_browser_of(post: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Plain WSGI with the session and the token of a browser in every request; the client of the tool keeps cookies of its own.

    As Django's own test client does, without closing the test's connection between requests.
    """
    client = cast.sign_in(Client(), post.staff, post)
    client.get("/account/password/change/")
    jar = {name: morsel.value for name, morsel in client.cookies.items()}
    mine = {"HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in jar.items()), "HTTP_X_CSRFTOKEN": jar["csrftoken"]}
    for signal in (request_started, request_finished):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()
    handler = WSGIHandler()
    return lambda environ, start: handler({**environ, **mine}, start)


@pytest.mark.parametrize("who", ["approver", "department_approver"])
def test_every_answer_keeps_the_schema_and_the_gate(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A township's approver and a department's: each has rows of its own to act on, and must never meet the others'."""
    post = cast.member(who)
    *cases, neighbour, hidden = _cases()
    own, theirs = cases[:3], cases[3:]
    asked = [FactRequest.objects.get(kind_id=kind) for kind in ASKED]
    foreign = [neighbour] if who == "approver" else [*own, neighbour, hidden]
    ids = [str(row.pk) for row in (*own, *theirs, neighbour, hidden)] + [str(row.application_id) for row in (*own, neighbour, hidden)]
    ids += [str(row.pk) for row in asked] + [str(own[0].case_household_id)]
    forbidden = [str(key) for row in foreign for key in (row.pk, row.application_id)] + [row.number for row in foreign]
    forbidden += [] if who == "approver" else [str(asked[1].pk)]
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", as_browser_of(post, monkeypatch))
    met: set[int] = set()
    for path, method, examples in OPERATIONS:
        if who == "department_approver" and "applications" in path:
            continue  # not in the schema of who may not use it

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
        @given(case=schema[path][method].as_strategy(), known=st.sampled_from([None, *ids]))
        def holds(case: Any, known: str | None) -> None:
            if known and case.path_parameters:
                case.path_parameters = {"id": known}
            if known and case.method == "POST":
                case.headers = {**(case.headers or {}), "If-Match": "*"}
            answer = case.call_and_validate(excluded_checks=ABOUT_VALUES)
            met.add(answer.status_code)
            text = answer.text.replace(known or "\0", "")  # what was asked for may be said back
            leaks = [word for word in (*forbidden, *SENSITIVE) if word != known and word in text]
            assert not leaks, (case.formatted_path, leaks)

        holds()
    assert {200, 404} <= met <= {200, 400, 403, 404, 409, 412, 415, 428}
