"""Sending out: one referral for each item of an accepted application, at the first stage of its track (ZX-31 to ZX-33)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock as house_clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, TransitionError
from deadlines.rules import due_on
from households.models import Access, Household
from intake.models import Application
from organization.models import Unit
from programs.models import Program
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.intake.factories import ApplicationFactory, add
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, the_event
from tests.referrals.factories import ReferralFactory, accepted, approver_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(db):
    return accepted([("MZ04", "ordinary"), ("MZ01", "ordinary")], verified=False)


def send(application, by):
    return transitions.dispatch(application_id=application.pk, by=by)


def test_each_item_becomes_a_referral_where_its_track_begins(application, clerk, approver):
    rows = send(application, clerk)
    assert [(row.program_id, row.status, row.stage.name, row.unit) for row in rows] == [
        ("MZ01", "dispatched", "乡镇审核", approver.unit),
        ("MZ04", "dispatched", "乡镇审核", approver.unit),
    ]
    row = rows[0]
    assert (row.item.application, row.application, row.household, row.case_household) == (
        application,
        application,
        *[application.household] * 2,
    )
    assert (row.window, row.township_code, row.arrived_by, row.dispatched_by) == (clerk.unit, cast.HOME, clerk, clerk)
    assert (row.accepted_by, row.accepted_by_staff, row.accepted_at) == (clerk, clerk.staff, application.accepted_at)
    assert Application.objects.get(pk=application.pk).status == "in_progress"
    stay = row.walked.get()
    assert (stay.stage, stay.unit, stay.arrived_by, stay.left_at) == (row.stage, row.unit, clerk, None)
    assert the_event("referral.dispatched", row).new == "忠州街道社会事务办"


def test_a_sensitive_program_is_not_named_in_titles(application, clerk):
    Program.objects.filter(pk__in=application.items.values("program")).update(is_sensitive=True)
    rows = transitions.dispatch(application_id=application.pk, by=clerk)
    assert all(row.title.startswith("敏感项目 ") for row in rows)


def test_titles_and_notices_hold_masked_names(application, clerk):
    row = send(application, clerk)[1]
    name = application.applicant.name
    assert row.title == f"临时救助 {mask_name(name)}"
    [notice] = notices(row, "referral.dispatched")
    assert notice.unit == row.unit
    assert row.title in notice.title
    assert name not in notice.title + notice.body


def test_two_clocks_run_the_unit_signs_and_the_window_has_promised(application, clerk, clock):
    clock.forward(days=1)
    row = send(application, clerk)[0]
    [receive], [promise] = duties(row, "receive"), duties(row, "promise")
    assert (receive.unit, receive.limit, receive.starts_at) == (row.unit, 1, house_clock.now())
    assert (promise.unit, promise.is_promise, promise.limit, promise.rule) == (clerk.unit, True, 30, "working_days")
    assert promise.starts_at == application.accepted_at
    assert "第22条" in promise.basis
    assert (promise.region_code, promise.topic_code) == (cast.HOME, "MZ01")
    assert open_kinds(row) == {"receive", "promise"}


def test_promise_is_the_day_the_acceptance_notice_names(application, clerk):
    from intake.issuing import promised_day

    for row in send(application, clerk):
        [promise] = duties(row, "promise")
        assert due_on(promise.due_at) == promised_day(row.track, application.accepted_at)[0]


def test_department_is_let_in_to_the_household(clerk, officer):
    application = accepted([("CL01", "ordinary")], verified=False)
    assert not Household.objects.visible_to(officer).filter(pk=application.household_id).exists()
    row = send(application, clerk)[0]
    assert (row.stage.name, row.unit, row.resident) == ("县级审核", officer.unit, application.applicant)
    assert Household.objects.visible_to(officer).filter(pk=application.household_id).exists()
    access = Access.objects.about(row).get()
    assert (access.reason, access.program_id, access.closed_at) == ("referral", "CL01", None)


def test_township_office_is_found_by_the_table_of_departments(clerk, system_administrator):
    """ZX-33: 县人力社保局 is reviewed for by the township's 社保所, where the table says so."""
    office = Unit.objects.reviewing(clerk.unit.department_id, cast.HOME, house_clock.today())
    assert office.office == "social_affairs"
    row = send(accepted([("MZ04", "ordinary")], verified=False), clerk)[0]
    assert row.unit == office


@pytest.mark.parametrize("outsider", ["neighbour_clerk", "officer", "assistant", "supervision"])
def test_neighbours_do_not_see_it(application, outsider):
    with pytest.raises(Http404):
        send(application, cast.member(outsider))


@pytest.mark.parametrize("colleague", ["reviewer", "approver", "platform_approver"])
def test_only_the_window_sends_out(application, colleague):
    with pytest.raises(PermissionDenied):
        send(application, cast.member(colleague))


@pytest.mark.parametrize("state", ["filled", "submitted", "supplemented", "not_accepted", "withdrawn"])
def test_only_what_was_accepted_is_sent_out(clerk, state):
    application = ApplicationFactory(**{state: True})
    with pytest.raises(AlreadyHandled):
        send(application, clerk)
    assert not Referral.objects.filter(application=application).exists()


def test_second_clerk_is_told_who_was_first(application, clerk, second_clerk):
    send(application, clerk)
    with pytest.raises(AlreadyHandled, match="甘晓窗"):
        send(application, second_clerk)
    assert Referral.objects.filter(application=application).count() == 2


def test_same_program_is_not_under_way_twice_for_one_beneficiary(clerk):
    """Past the window's own check, as two windows at once would come: the constraint speaks."""
    first = accepted([("MZ04", "ordinary")], verified=False)
    send(first, clerk)
    second = ApplicationFactory(accepted=True, programs=[("MZ01", "ordinary")], household=first.household)
    item = second.items.get()
    former = first.items.get()
    item.program, item.version, item.track = former.program, former.version, former.track
    item.save()
    with pytest.raises((TransitionError, Exception), match="这个对象的同一项目正在办理"):
        send(second, clerk)
    assert Application.objects.get(pk=second.pk).status == "accepted"


@pytest.mark.parametrize("state", [{"approved": True}, {"refused": True}, {"fed_back": True}])
def test_what_is_decided_holds_up_no_further_application(clerk, state):
    """A further emergency before the window has told the family of the first: all of the new application goes out."""
    former = ReferralFactory(**state)
    second = accepted([("MZ04", "ordinary"), ("MZ02", "ordinary")], household=former.case_household, verified=False)
    assert {row.program_id for row in send(second, clerk)} == {"MZ04", "MZ02"}
    assert fresh(former).status in {"decided", "fed_back"}


def test_what_was_decided_for_a_person_holds_nobody_up_either(clerk):
    former = ReferralFactory(program="CL01", refused=True)
    second = accepted([("CL01", "ordinary")], household=former.case_household, applicant=former.resident, verified=False)
    assert send(second, clerk)[0].resident == former.resident


def test_regular_aid_that_was_decided_is_not_asked_for_again(clerk):
    former = ReferralFactory(program="MZ03", approved=True)
    second = ApplicationFactory(drafted=True, household=former.case_household, applicant=former.resident)
    with pytest.raises(TransitionError, match="起已在享受，不必再次申请"):
        add(second, "MZ03", resident=former.resident)


def test_nor_is_it_granted_twice_past_the_windows_check():
    """As two windows at once would come: the record itself refuses."""
    former = ReferralFactory(program="MZ03", approved=True)
    second = ReferralFactory(program="MZ02", deciding=True, household=former.case_household, applicant=former.resident)
    item = second.item
    item.program, item.version, item.track = former.program, former.version, former.track
    item.save()
    Referral.objects.filter(pk=second.pk).update(program=former.program, version=former.version)
    with pytest.raises(TransitionError, match="同一项目的定期救助在这段时间已有记录"):
        perform("decide", fresh(second), approver_of(fresh(second).unit), amount=90)


def test_track_that_needs_a_unit_which_is_not_there_is_refused_in_words(clerk):
    application = accepted([("CL01", "ordinary")], verified=False)
    Unit.objects.filter(kind="department", department__code="CL").update(valid_until=house_clock.today() - timedelta(days=1))
    with pytest.raises(TransitionError, match="县残联没有设立办理单位"):
        send(application, clerk)


def test_without_its_line_nothing_is_sent(application, clerk, monkeypatch):
    def closed(*_args, **_kwargs):
        raise RuntimeError("the record is closed")

    monkeypatch.setattr("referrals.transitions.walking.record", closed)
    with pytest.raises(RuntimeError):
        send(application, clerk)
    assert not Referral.objects.filter(application=application).exists()
    assert Application.objects.get(pk=application.pk).status == "accepted"
