"""待开放: an item outside its program's open months, or beyond its quota, waits and is sent on the opening day by the system (DESIGN 4)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from intake import duplicates
from intake.models import Application
from organization.models import Post
from referrals import transitions
from referrals.models import Referral, WaitingItem
from referrals.progress import progress_of
from referrals.story import Story
from referrals.tasks import send_opened_items
from referrals.transitions import waiting
from tests.programs.factories import next_version
from tests.referrals.acting import duties
from tests.referrals.factories import accepted

pytestmark = pytest.mark.django_db
OPENING = datetime(2027, 8, 1, 0, 20, tzinfo=ZoneInfo("Asia/Shanghai"))


def send(application, by):
    return transitions.dispatch(application_id=application.pk, by=by)


@pytest.fixture
def both(clerk):
    """圆梦行动 is open in August alone; 临时救助 always."""
    application = accepted([("MZ04", "ordinary"), ("TX02", "ordinary")], verified=False)
    assert [row.program_id for row in send(application, clerk)] == ["MZ04"]
    return application


@pytest.fixture
def alone(clerk):
    application = accepted([("TX02", "ordinary")], verified=False)
    assert send(application, clerk) == []
    return Application.objects.get(pk=application.pk)


def the_item(application):
    return application.items.get(program="TX02")


def test_it_waits_with_its_opening_day_as_its_duty_and_everybody_is_told(both, clerk):
    row = WaitingItem.objects.get()
    assert (row.item, row.cause, row.opens_on, row.began_by, row.outcome) == (the_item(both), "months", date(2027, 8, 1), clerk, "")
    [duty] = Duty.objects.open().about(row)
    assert (duty.kind, duty.rule, duty.until, duty.unit, duty.is_promise) == ("opening", "fixed_date", date(2027, 8, 1), clerk.unit, True)
    assert Event.objects.get(verb="item.put_aside").new == "2027-08-01"
    line = next(line for line in Story(both, clerk).items if line.status == "待开放")
    assert "2027-08-01开放时自动派单" in line.where
    assert "等待开放，2027-08-01起办理" in [matter.where for matter in progress_of(both).matters]


def test_on_opening_day_the_system_sends_it_once_and_its_promise_starts(alone, clock):
    assert alone.status == "in_progress"
    clock.set(OPENING.replace(month=7, day=31))
    assert send_opened_items() == 0
    clock.set(OPENING)
    assert send_opened_items() == 1
    referral = Referral.objects.get(application=alone)
    assert (referral.dispatched_by, referral.unit.department.code) == (Post.objects.the_system(), "TX")
    [promise] = duties(referral, "promise")
    assert promise.starts_at == house_clock.now()
    row = WaitingItem.objects.get()
    assert (row.outcome, row.ended_by) == ("sent", Post.objects.the_system())
    assert not Duty.objects.open().about(row).exists()
    assert send_opened_items() == 0  # again: nothing


def test_the_window_may_send_what_has_opened_and_nothing_before(alone, clerk, clock):
    with pytest.raises(AlreadyHandled):
        send(alone, clerk)
    assert not Story(alone, clerk).can_be_sent
    clock.set(OPENING)
    assert Story(alone, clerk).can_be_sent
    assert [row.program_id for row in send(alone, clerk)] == ["TX02"]


def test_one_that_cannot_be_sent_holds_up_nobody(alone, clerk, clock, monkeypatch):
    from organization.models import Unit

    Unit.objects.filter(kind="department", department__code="TX").update(valid_until=date(2027, 1, 1))
    clock.set(OPENING)
    assert send_opened_items() == 0
    assert WaitingItem.objects.open().count() == 1


def test_it_keeps_its_application_open_and_is_withdrawn_by_the_window(both, clerk, neighbour_clerk, reviewer):
    """Its sibling ended first; with the last thing given up the application closes."""
    item = the_item(both)
    referral = Referral.objects.get(application=both)
    transitions.withdraw(referral_id=referral.pk, reason="不再需要", by=clerk)
    assert Application.objects.get(pk=both.pk).status == "in_progress"
    for outsider, error in ((neighbour_clerk, Http404), (reviewer, PermissionDenied)):
        with pytest.raises(error):
            transitions.withdraw_item(item_id=item.pk, reason="不再需要", by=outsider)
    with pytest.raises(TransitionError, match="请写明撤回的原因"):
        transitions.withdraw_item(item_id=item.pk, reason=" ", by=clerk)
    transitions.withdraw_item(item_id=item.pk, reason="孩子不上大学了", by=clerk)
    row = WaitingItem.objects.get()
    assert (row.outcome, row.reason, row.ended_by) == ("withdrawn", "孩子不上大学了", clerk)
    assert not Duty.objects.open().about(row).exists()
    assert Application.objects.get(pk=both.pk).status == "closed"
    assert not duplicates.refusal(program=item.program, household=item.household, resident=item.resident, on=house_clock.today())
    with pytest.raises(AlreadyHandled):
        transitions.withdraw_item(item_id=item.pk, reason="再来一次", by=clerk)


def test_withdrawn_when_nothing_else_was_asked_for(alone, clerk):
    application = transitions.withdraw_item(item_id=the_item(alone).pk, reason="不再需要", by=clerk)
    assert (application.status, application.end_reason) == ("withdrawn", "不再需要")


@pytest.mark.parametrize("end", ["withdraw_application", "terminate_application"])
def test_the_whole_application_takes_it_along(alone, clerk, approver, end):
    by = clerk if end.startswith("withdraw") else approver
    application = getattr(transitions, end)(application_id=alone.pk, reason="申请人去世", by=by)
    row = WaitingItem.objects.get()
    assert application.status == row.outcome == ("withdrawn" if by == clerk else "terminated")


def test_a_quota_that_is_used_up_waits_for_the_next_year_and_again(clerk, clock):
    """The last place is given in the order of sending; who was refused or gave up gives it back."""
    next_version("TX01", has_quota=True, quota_per_year=1)
    first, second, third = (accepted([("TX01", "ordinary")], verified=False) for _ in range(3))
    assert len(send(first, clerk)) == 1
    assert send(second, clerk) == send(third, clerk) == []
    rows = WaitingItem.objects.order_by("began_at", "pk")
    assert {(row.cause, row.opens_on) for row in rows} == {("quota", date(2027, 1, 1))}
    assert "名额已满" in next(iter(Story(second, clerk).items)).where
    clock.set(datetime(2027, 1, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert send_opened_items() == 1
    assert [row.opens_on for row in WaitingItem.objects.open()] == [date(2028, 1, 1)]
    assert Duty.objects.open().about(WaitingItem.objects.open().get()).get().until == date(2028, 1, 1)


@pytest.fixture
def in_line(clerk, clock):
    """The year's only place is taken; two wait for one, an hour apart. Of the holder, and of both in their order."""
    next_version("TX01", has_quota=True, quota_per_year=1)
    begun, applications = house_clock.now(), [accepted([("TX01", "ordinary")], verified=False) for _ in range(3)]
    [holder] = send(applications[0], clerk)
    for hour, application in enumerate(applications[1:], 1):
        clock.set(begun + timedelta(hours=hour))
        assert send(application, clerk) == []
    return holder, *(Application.objects.get(pk=row.pk) for row in applications[1:])


def give_back(holder, clerk):
    transitions.withdraw(referral_id=holder.pk, reason="不再需要", by=clerk)


def test_a_place_that_is_given_back_goes_to_who_waits_longest_and_no_later_one(in_line, clerk):
    holder, first, second = in_line
    assert send_opened_items() == 0  # no place: nobody is sent, and nobody's wait begins anew
    give_back(holder, clerk)
    newcomer = accepted([("TX01", "ordinary")], verified=False)
    assert send(newcomer, clerk) == []
    assert WaitingItem.objects.get(item__application=newcomer).cause == "quota"
    assert send_opened_items() == 1
    assert Referral.objects.get(application=first).dispatched_by == Post.objects.the_system()
    assert set(WaitingItem.objects.open().values_list("item__application", flat=True)) == {second.pk, newcomer.pk}
    assert send_opened_items() == 0
    assert Event.objects.filter(verb="item.put_aside").count() == 3  # each once


def test_the_window_of_who_waits_longest_may_send_it_and_the_page_says_the_same(in_line, clerk):
    holder, first, second = in_line
    assert not any(Story(row, clerk).can_be_sent for row in (first, second))
    with pytest.raises(AlreadyHandled, match="名额仍是满的"):
        send(first, clerk)
    give_back(holder, clerk)
    assert [Story(row, clerk).can_be_sent for row in (first, second)] == [True, False]
    with pytest.raises(AlreadyHandled, match="名额仍是满的"):
        send(second, clerk)
    assert "有名额空出时按等候先后自动派单" in next(iter(Story(second, clerk).items)).where
    assert "有名额空出的，按等候先后办理" in progress_of(second).matters[0].where
    assert [row.program_id for row in send(first, clerk)] == ["TX01"]
    assert not Story(second, clerk).can_be_sent


def test_the_next_years_places_go_in_the_order_of_waiting(in_line, clerk, clock):
    """Whatever the keys of their applications: here the order of waiting is the opposite of the keys'."""
    by_key = list(WaitingItem.objects.order_by("-item__application_id"))
    for hour, row in enumerate(by_key):
        WaitingItem.objects.filter(pk=row.pk).update(began_at=house_clock.now() + timedelta(hours=hour))
    clock.set(datetime(2027, 1, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert send_opened_items() == 1
    assert WaitingItem.objects.get(outcome="sent").pk == by_key[0].pk
    assert WaitingItem.objects.open().get().opens_on == date(2028, 1, 1)


def test_outside_the_open_months_last_years_wait_takes_no_place_before_the_program_opens(in_line, clerk, clock):
    _, first, _ = in_line
    WaitingItem.objects.open().update(opens_on=date(2027, 8, 1))
    clock.set(datetime(2027, 1, 4, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert send_opened_items() == 0
    assert not Story(first, clerk).can_be_sent


def test_the_page_says_so_and_withdraws(both, clerk, signed_in):
    client, item = signed_in(clerk), the_item(both)
    page = client.get(both.get_absolute_url()).content.decode()
    url = f"/items/{item.pk}/withdraw/"
    assert "待开放" in page
    assert url in page
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "不再申请"}).url == both.get_absolute_url()
    assert WaitingItem.objects.get().outcome == "withdrawn"


def test_the_event_failing_undoes_all(clerk, monkeypatch):
    application = accepted([("TX02", "ordinary")], verified=False)

    def closed(*_args, **_kwargs):
        raise RuntimeError("the record is closed")

    monkeypatch.setattr(waiting, "record", closed)
    with pytest.raises(RuntimeError):
        send(application, clerk)
    assert not WaitingItem.objects.exists()
    assert Application.objects.get(pk=application.pk).status == "accepted"


def test_constraints(alone, clerk):
    row = WaitingItem.objects.get()
    for constraint, changed in [
        ("end_of_waiting_says_how_who_and_when", {"outcome": "sent"}),
        ("waiting_that_was_given_up_says_why", {"outcome": "withdrawn", "ended_at": house_clock.now(), "ended_by": clerk}),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            WaitingItem.objects.filter(pk=row.pk).update(**changed)
