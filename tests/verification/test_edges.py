"""Every (state, verb) pair: what the table holds works, everything else raises."""

import pytest

from config.verbs import AlreadyHandled
from tests.verification import factories
from verification import transitions
from verification.models import Verification
from verification.transitions.cancelling import cancel
from verification.transitions.edges import EDGES

pytestmark = pytest.mark.django_db
PAIRS = [(status, verb) for status in Verification.Status.values for verb in EDGES]


def stands(status: str) -> Verification:
    """Where a verb leads, by the verb; 待评议 and 再核查 have none yet."""
    if status == "pending":
        return factories.pending()
    if status == "done":
        return factories.finished()
    if status == "cancelled":
        return factories.cancelled()
    row = factories.started("matching") if status == "checking" else factories.started("home_visit")
    if status in {"review_meeting", "recheck"}:
        Verification.objects.filter(pk=row.pk).update(status=status)
        row.refresh_from_db()
    return row


def act(verb: str, row: Verification, by) -> Verification:
    if verb == "cancel":
        return cancel(row, reason="申请已撤回。", application_id=None, by=by)
    if verb == "start":
        return transitions.start(verification_id=row.pk, by=by)
    fields = factories.whole(row)
    return getattr(transitions, verb)(verification_id=row.pk, fields=fields, investigators=factories.team(), by=by)


@pytest.mark.parametrize(("status", "verb"), PAIRS)
def test_pair(clerk, status, verb):
    row = stands(status)
    if status in EDGES[verb]:
        assert act(verb, row, clerk).status in EDGES[verb][status]
    else:
        with pytest.raises(AlreadyHandled):
            act(verb, row, clerk)
        before = row.status
        row.refresh_from_db()
        assert row.status == before


def test_saving_moves_between_papers_and_people(clerk):
    row = factories.started("matching")
    for methods, status in ((["home_visit"], "field"), (["letters"], "checking")):
        assert transitions.note(verification_id=row.pk, fields={"methods": methods}, by=clerk).status == status
