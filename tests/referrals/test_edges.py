"""Every pair of status and verb: what the table allows works and leaves its line, everything else is refused with who and when."""

import re

import pytest
from django.db import transaction

from config.verbs import AlreadyHandled
from referrals.models import Referral
from referrals.transitions.edges import EDGES, VERBS
from tests import cast
from tests.referrals.acting import EVENTS, STARTS, events, fresh, perform, start
from tests.referrals.changing import decided, opened
from tests.referrals.factories import STATUS_TRAITS, ReferralFactory

pytestmark = pytest.mark.django_db
S = Referral.Status
# Publicity has its own rows and its own tests; an answer to an extension is asked of its request; succession is a job's.
ELSEWHERE = {"answer_extension", "end_publicity", "object", "post_publicity", "remind", "succeed", "take_over"}
LEGAL = [(status, verb) for verb in VERBS if verb not in ELSEWHERE for status in sorted(VERBS[verb].begins)]
# Where the usual start of a verb stands in another status than the one asked for.
OTHER_STARTS = {
    ("dispatched", "take"): {"dispatched": True},
    ("dispatched", "assign"): {"dispatched": True},
    ("handling", "assign"): {"in_hand": True},
    **{
        (status, verb): {trait: True}
        for verb in ("withdraw", "terminate")
        for status, trait in (
            ("dispatched", "dispatched"),
            ("handling", "deciding"),
            ("returned", "returned"),
            ("disputed", "disputed"),
            ("ruling", "ruling"),
        )
    },
    ("received", "request_extension"): {"received": True},
    ("handling", "dispute"): {"in_hand": True},
}


def test_every_status_has_its_edges():
    assert set(EDGES) == set(S)
    assert {target for targets in EDGES.values() for target in targets} <= set(S)


def test_every_edge_is_walked_by_a_verb():
    walked = {(begin, step.target) for step in VERBS.values() if step.target for begin in step.begins if begin != step.target}
    walked -= {("dispatched", "handling")}  # signed for on the way: two edges
    assert {(begin, target) for begin, targets in EDGES.items() for target in targets} == walked


def test_every_verb_is_tried():
    assert set(STARTS) | ELSEWHERE == set(VERBS)
    assert {verb for _, verb in LEGAL} == set(STARTS)


@pytest.mark.parametrize(("status", "verb"), LEGAL)
def test_legal_step_works_and_leaves_one_line(status, verb):
    changed = OTHER_STARTS.get((status, verb))
    referral = start(verb) if changed is None else fresh(ReferralFactory(**changed))
    assert referral.status == status
    extra = {"handler": cast.member("approver")} if (status, verb) == ("handling", "assign") else {}
    before = len(events(EVENTS[verb], referral))
    perform(verb, referral, **extra)
    assert fresh(referral).status == (VERBS[verb].target or status)
    assert len(events(EVENTS[verb], referral)) == before + 1


@pytest.mark.parametrize("status", list(S))
def test_everything_else_is_refused_with_who_and_when(status):
    referral = fresh(ReferralFactory(**{STATUS_TRAITS[status]: True}))
    assert referral.status == status
    refuse_everything_else(referral)


def refuse_everything_else(referral):
    status = referral.status
    for verb in STARTS:
        if status in VERBS[verb].begins:
            continue
        by = cast.member("approver" if verb in {"begin_appraisal", "end_appraisal"} else STARTS[verb][1])
        with pytest.raises(AlreadyHandled) as refused, transaction.atomic():
            perform(verb, referral, by)
        sentence = str(refused.value)
        assert re.match(rf"转办单{referral.number}已由.+于2026-\d\d-\d\d \d\d:\d\d.+，不能再{VERBS[verb].word}。", sentence), (
            verb,
            sentence,
        )
        assert fresh(referral).status == status


def test_a_stop_walks_the_same_table():
    """Every status of a stop: reached by the same verbs, each with its line, and everything else refused with who and when."""
    met = set()
    first, second, third = opened("stop"), opened("stop"), opened("stop")
    for verb in ("", "receive", "take", "return_for_supplement", "resubmit", "take", "dispute", "push_for_ruling", "terminate"):
        if verb:
            perform(verb, first)
            assert events(EVENTS[verb], first)
        if (first := fresh(first)).status not in met:
            met.add(first.status)
            refuse_everything_else(first)
    for place in ("decided", "fed_back", "confirmed"):
        second = decided(second, until=place) if place == "decided" else told(second, place)
        met.add(second.status)
        refuse_everything_else(second)
    perform("withdraw", third)
    met.add(fresh(third).status)
    refuse_everything_else(fresh(third))
    assert met == set(S)


def told(referral, place):
    """The decision, made by the county, comes to the window and to whoever it is about."""
    verb = {"fed_back": "feed_back", "confirmed": "confirm"}[place]
    perform(verb, referral, cast.member("civil_officer" if verb == "feed_back" else "clerk"))
    return fresh(referral)
