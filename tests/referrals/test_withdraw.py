"""撤回: the applicant no longer asks, for one item or for everything that is not decided (RULES B2)."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from households.models import Access
from intake.models import Application
from referrals import transitions
from tests import cast
from tests.intake.factories import ApplicationFactory
from tests.referrals.acting import fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory, accepted, referrals

pytestmark = pytest.mark.django_db


def all_of(application, by, reason="家里有了收入，不再申请。"):
    return transitions.withdraw_application(application_id=application.pk, reason=reason, by=by)


def test_one_item_is_withdrawn(clerk):
    referral = start("withdraw")
    perform("withdraw", referral)
    row = fresh(referral)
    assert (row.status, row.ended_by, row.ended_at, row.end_reason) == (
        "withdrawn", clerk, house_clock.now(), "家里有了收入，不再申请。"
    )  # fmt: skip
    left = referral.walked.get()
    assert (left.result, left.left_by) == ("ended", clerk)
    assert open_kinds(referral) == set()
    assert the_event("referral.withdrawn", referral).note == row.end_reason


def test_unit_that_had_it_is_told(reviewer):
    referral = start("withdraw")
    perform("withdraw", referral)
    [notice] = notices(referral, "referral.withdrawn")
    assert notice.unit == reviewer.unit


def test_department_that_had_it_may_look_no_longer_than_the_days():
    referral = ReferralFactory(program="CL01", received=True)
    perform("withdraw", referral)
    assert Access.objects.about(referral).get().closed_at == house_clock.now()


def test_last_one_closes_the_application():
    first, second = referrals(["MZ04", "MZ01"])
    perform("withdraw", first)
    assert Application.objects.get(pk=first.application_id).status == "in_progress"
    perform("withdraw", second)
    assert Application.objects.get(pk=first.application_id).status == "closed"


def test_clock_that_stands_ends_as_well():
    referral = ReferralFactory(returned=True)
    perform("withdraw", referral)
    assert open_kinds(referral) == set()


def test_only_the_window():
    refuse_outsiders("withdraw", start("withdraw"), "reviewer", "approver", "platform_approver")


@pytest.mark.parametrize(("reason", "sentence"), [("", "请写明撤回的原因"), ("长" * 301, "最多填写300个字")])
def test_reason_is_required(reason, sentence):
    with pytest.raises(TransitionError, match=sentence):
        perform("withdraw", start("withdraw"), reason=reason)


def test_what_is_decided_is_not_withdrawn():
    referral = ReferralFactory(approved=True)
    with pytest.raises(AlreadyHandled, match="决定（批准），不能再撤回"):
        perform("withdraw", referral)


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "withdraw", start("withdraw"))


# ── the whole application ───────────────────────────────────────────────────────────────────────────────────────────
def test_everything_undecided_ends_and_the_application_with_it(clerk):
    rows = referrals(["MZ04", "MZ01"], received=True)
    application = all_of(rows[0].application, clerk)
    assert application.status == "withdrawn"
    assert {fresh(row).status for row in rows} == {"withdrawn"}
    assert application.end_reason == "家里有了收入，不再申请。"


def test_before_anything_was_sent_out(clerk):
    application = all_of(accepted([("MZ04", "ordinary")], verified=False), clerk)
    assert application.status == "withdrawn"


def test_what_is_decided_goes_on_and_closes_it(clerk):
    first, second = referrals(["MZ04", "MZ01"], deciding=True)
    perform("decide", first)
    application = all_of(first.application, clerk)
    assert (application.status, fresh(first).status, fresh(second).status) == ("in_progress", "decided", "withdrawn")
    perform("feed_back", first)
    perform("confirm", first)
    assert Application.objects.get(pk=application.pk).status == "closed"


def test_nothing_left_to_withdraw_is_said(clerk):
    referral = ReferralFactory(approved=True)
    with pytest.raises(TransitionError, match="都已决定或结束，决定之后不能撤回"):
        all_of(referral.application, clerk)


def test_application_is_withdrawn_by_its_window_alone(neighbour_clerk, officer):
    referral = start("withdraw")
    for outsider in (neighbour_clerk, officer):
        with pytest.raises(Http404):
            all_of(referral.application, outsider)
    for colleague in ("reviewer", "platform"):
        with pytest.raises(PermissionDenied):
            all_of(referral.application, cast.member(colleague))


@pytest.mark.parametrize("state", ["submitted", "withdrawn", "closed", "not_accepted"])
def test_only_what_was_accepted_and_is_not_over(clerk, state):
    with pytest.raises(AlreadyHandled):
        all_of(ApplicationFactory(**{state: True}), clerk)


def test_reason_is_required_for_all(clerk):
    referral = start("withdraw")
    with pytest.raises(TransitionError, match="请写明撤回的原因"):
        all_of(referral.application, clerk, reason=" ")
    assert fresh(referral).status == "received"
