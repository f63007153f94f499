"""Who is told, when and how often: urgent ones at once, the others in one digest a day for each person."""

from datetime import datetime
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from config import clock as house_clock
from deadlines import transitions
from deadlines.models import Notice, OutboxMessage, Reminder
from deadlines.rules import Limit, Rule
from deadlines.transitions import sweep, telling
from organization.models import Absence, Post, Unit
from tests.cast import member

from . import factories

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Limit(Rule.HOURS, 24)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def told(kind="duty.digest"):
    """Who was told, by name, in the order of telling."""
    rows = Notice.objects.filter(kind=kind).select_related("staff", "unit").order_by("created_at", "pk")
    return sorted(row.staff.name if row.staff else row.unit.short_name for row in rows)


def away(post, first="2026-10-01", last="2026-10-31"):
    Absence.objects.create(staff=post.staff, first_on=first, last_on=last, noted_at=house_clock.now(), noted_by=post)


def test_one_digest_a_day_over_all_that_waits(clerk, second_clerk, clock):
    """Two duties of the window turned amber on 12 October, one of them taken: its taker hears of both, the colleague of one."""
    mine = factories.open_duty(clerk)
    factories.open_duty(clerk)
    transitions.take(duty_id=mine.pk, by=clerk)
    clock.set(at("2026-10-13 08:29"))
    sweep()
    assert Reminder.objects.untold().count() == 2
    assert told() == []
    clock.set(at("2026-10-13 08:30"))
    assert sweep().told == 2
    assert told() == sorted([clerk.staff.name, second_clerk.staff.name])
    notices = {notice.staff_id: notice for notice in Notice.objects.filter(kind="duty.digest")}
    assert notices[clerk.staff_id].title == "今日提醒：临期2件"
    assert notices[second_clerk.staff_id].title == "今日提醒：临期1件"
    assert "张*芳" in notices[clerk.staff_id].body
    assert not notices[clerk.staff_id].is_urgent
    assert {row.told_at for row in Reminder.objects.all()} == {at("2026-10-13 08:30")}
    assert sweep().told == 0
    assert len(told()) == 2


def test_what_comes_after_the_day_s_digest_waits_for_the_next_working_day_s(clerk, clock):
    """On Friday 16 October, after the digest, something is opened that ends on that day: the digest of Monday tells of it."""
    factories.open_duty(clerk)
    clock.set(at("2026-10-16 09:00"))
    assert sweep().told == 3
    factories.open_duty(clerk, limit=Limit(Rule.FIXED_DATE, until=at("2026-10-16").date()))
    for moment in ("2026-10-16 12:00", "2026-10-17 09:00", "2026-10-18 09:00", "2026-10-19 08:29"):
        clock.set(at(moment))
        assert sweep().told == 0, moment
    clock.set(at("2026-10-19 08:30"))
    assert sweep().told == 2  # that it ended on Friday, and that it is late
    titles = set(Notice.objects.filter(kind="duty.digest", created_at=at("2026-10-19 08:30")).values_list("title", flat=True))
    assert titles == {"今日提醒：超期1件"}  # of one date the most pressing is said


def test_several_posts_have_one_digest(clock):
    """A person with two posts, in a window and an office: one notice that counts both."""
    double = Post.objects.filter(staff__username="double").select_related("unit", "staff").order_by("pk")
    for post in double:
        duty = factories.open_duty(post)
        transitions.take(duty_id=duty.pk, by=post)
    clock.set(at("2026-10-13 09:00"))
    sweep()
    assert told() == ["双肩挑"]
    assert Notice.objects.get(kind="duty.digest").title == "今日提醒：临期2件"


def test_urgent_ones_go_at_once_each_by_itself(clerk, second_clerk, clock):
    """Urgent aid at night on a rest day: the notice is there within the minute, once however often the sweep comes."""
    clock.set(at("2026-10-03 20:00"))
    duty = factories.open_duty(clerk, limit=DAY)
    transitions.take(duty_id=duty.pk, by=clerk)
    for moment in ("2026-10-04 12:00", "2026-10-04 20:00"):  # it turns amber, and is late
        clock.set(at(moment))
        assert [sweep().told, sweep().told] == [1, 0], moment
    notices = Notice.objects.filter(subject_id=str(duty.pk), is_urgent=True)
    assert {(notice.kind, notice.staff_id) for notice in notices} == {("duty.amber", clerk.staff_id), ("duty.overdue", clerk.staff_id)}
    assert {key.partition(">")[0] for key in OutboxMessage.objects.values_list("dedupe_key", flat=True)} == {
        f"reminder:{pk}" for pk in Reminder.objects.values_list("pk", flat=True)
    }
    clock.set(at("2026-10-13 09:00"))
    sweep()
    assert told() == []  # nothing of them in the digest


def test_after_an_outage_everybody_hears_of_a_duty_once_and_of_the_most_pressing(reviewer, approver, platform, clock, monkeypatch):
    """Four stages of one urgent date have come, and three of another: taker, approvers and platform have one notice each of each duty."""
    monkeypatch.setattr(telling, "BATCH", 1)  # a duty is never torn between two batches
    clock.set(at("2026-10-01 08:00"))
    first, second = [factories.open_duty(reviewer, limit=limit) for limit in (DAY, Limit(Rule.HOURS, 48))]
    for duty in (first, second):
        transitions.take(duty_id=duty.pk, by=reviewer)
    clock.set(at("2026-10-04 10:00"))
    assert sweep().told == 7
    for duty, heard in ((first, {"overdue", "to_head", "to_platform"}), (second, {"overdue", "to_head"})):
        notices = Notice.objects.filter(subject_id=str(duty.pk))
        assert {notice.kind.removeprefix("duty.") for notice in notices} == heard
        readers = [notice.staff_id for notice in notices]
        assert len(readers) == len(set(readers)), "nobody twice"
        assert notices.get(staff=reviewer.staff).kind == "duty.overdue"
        assert notices.get(staff=approver.staff).kind == "duty.to_head"
    assert Notice.objects.get(subject_id=str(first.pk), staff=platform.staff).kind == "duty.to_platform"
    assert not Reminder.objects.untold().exists(), "what came with it is told, too"
    assert sweep().told == 0


@pytest.mark.django_db(transaction=True)
def test_what_somebody_is_closing_just_now_is_left_to_the_next_sweep(clerk, clock):
    """The sweep waits for nobody at a duty, and tells nothing of one that is closed before it has looked."""
    clock.set(at("2026-10-01 08:00"))
    about = factories.subject()
    duty = factories.open_duty(clerk, about, limit=DAY)
    clock.set(at("2026-10-02 09:00"))

    def elsewhere():
        try:
            with house_clock.set_clock(at("2026-10-02 09:00")):
                answers.append(sweep().told)
        finally:
            connection.close()

    answers: list[int] = []
    with transaction.atomic():
        transitions.close_duty(subject=about, kind="decide", by=clerk)
        sweeper = Thread(target=elsewhere)
        sweeper.start()
        sweeper.join(30)
    assert answers == [0]
    assert sweep().told == 0
    assert not Notice.objects.filter(subject_id=str(duty.pk), is_urgent=True).exists()
    assert {row.lapsed_at for row in Reminder.objects.filter(duty=duty)} == {at("2026-10-02 09:00")}


def test_escalations_reach_the_approvers_and_end_at_the_platform(reviewer, approver, second_approver, platform, platform_approver, clock):
    duty = factories.open_duty(reviewer)
    transitions.take(duty_id=duty.pk, by=reviewer)
    clock.set(at("2026-10-21 09:00"))
    sweep()
    by_reader = {notice.staff.name: notice.title for notice in Notice.objects.filter(kind="duty.digest").select_related("staff")}
    assert by_reader[reviewer.staff.name] == "今日提醒：超期1件"
    assert by_reader[approver.staff.name] == by_reader[second_approver.staff.name] == "今日提醒：报单位负责人1件"
    assert platform.staff.name not in by_reader
    clock.set(at("2026-10-23 09:00"))
    sweep()
    assert {platform.staff.name, platform_approver.staff.name} <= set(told())
    clock.set(at("2026-12-23 09:00"))
    assert sweep().told == 0


@pytest.mark.parametrize("holder", ["clerk", "assistant"])
def test_the_head_of_a_window_without_approver_sits_in_the_township_s_office(request, approver, second_approver, clock, holder):
    factories.open_duty(request.getfixturevalue(holder))
    clock.set(at("2026-10-20 09:00"))
    sweep()
    heads = Notice.objects.filter(kind="duty.digest", title="今日提醒：报单位负责人1件").values_list("staff_id", flat=True)
    assert set(heads) == {approver.staff_id, second_approver.staff_id}


@pytest.mark.parametrize("absent", [["clerk"], ["clerk", "second_clerk"]])
def test_who_is_away_is_stood_in_for(clerk, second_clerk, clock, absent):
    """By the window's deputy; where nobody is there, the window itself is told."""
    duty = factories.open_duty(clerk)
    transitions.take(duty_id=duty.pk, by=clerk)
    for name in absent:
        away(member(name))
    clock.set(at("2026-10-13 09:00"))
    sweep()
    assert told() == ([clerk.unit.short_name] if len(absent) == 2 else [second_clerk.staff.name])


def test_a_unit_with_nobody_has_its_notice_and_an_ended_one_its_successor(assistant, other_assistant, clock):
    """A village's window has lost its only post; later the village is merged into another."""
    factories.open_duty(assistant)
    Post.objects.filter(unit=assistant.unit).update(ended_at=house_clock.now(), ended_by=assistant)
    clock.set(at("2026-10-13 09:00"))
    sweep()
    assert told() == [assistant.unit.short_name]
    Unit.objects.filter(pk=assistant.unit_id).update(valid_until=at("2026-10-13").date(), successor=other_assistant.unit)
    clock.set(at("2026-10-16 09:00"))
    sweep()
    readers = Notice.objects.filter(kind="duty.digest", created_at=at("2026-10-16 09:00")).values_list("staff__name", flat=True)
    assert list(readers) == [other_assistant.staff.name]


def test_closed_before_anybody_was_told_it_lapses(clerk, clock):
    about = factories.subject()
    factories.open_duty(clerk, about)
    clock.set(at("2026-10-13 00:01"))
    sweep()
    transitions.close_duty(subject=about, kind="decide", by=clerk)
    clock.set(at("2026-10-13 09:00"))
    assert sweep().told == 0
    assert Reminder.objects.get().lapsed_at == at("2026-10-13 09:00")
    assert told() == []


def test_a_clock_that_stands_waits_with_its_telling(clerk, second_clerk, clock):
    """Made at midnight, paused at eight, resumed in the same day: the date is the same, and told with the next digest."""
    about = factories.subject()
    factories.open_duty(clerk, about)
    clock.set(at("2026-10-13 00:01"))
    sweep()
    transitions.pause(subject=about, kind="decide", reason="等待补正", by=clerk)
    clock.set(at("2026-10-13 09:00"))
    assert sweep().told == 0
    transitions.resume(subject=about, kind="decide", by=clerk)
    assert sweep().told == 1
    assert told() == sorted([clerk.staff.name, second_clerk.staff.name])


def test_a_clock_set_back_tells_nothing_twice(clerk, second_clerk, clock):
    factories.open_duty(clerk)
    clock.set(at("2026-10-13 09:00"))
    sweep()
    clock.set(at("2026-10-12 09:00"))
    sweep()
    clock.set(at("2026-10-13 09:00"))
    sweep()
    assert told() == sorted([clerk.staff.name, second_clerk.staff.name])


def test_what_cannot_be_written_is_not_marked(clerk, clock, monkeypatch):
    factories.open_duty(clerk)
    clock.set(at("2026-10-13 09:00"))

    def broken(*args, **kwargs):
        raise RuntimeError("no ink")

    monkeypatch.setattr(telling, "announce", broken)
    with pytest.raises(RuntimeError, match="no ink"):
        sweep()
    assert Reminder.objects.untold().count() == 1
    monkeypatch.undo()
    assert sweep().told == 1
