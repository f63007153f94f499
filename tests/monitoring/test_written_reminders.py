"""书面提醒 (QJ-23, correction 9): doing the work closes it, what is undone at its date without a reason counts; all is read."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config import clock as house
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Notice
from deadlines.transitions import close_all, close_duty
from documents.models import IssuedDocument
from monitoring import standing, transitions
from monitoring.models import ReminderReason, WrittenReminder
from monitoring.transitions import written_reminders as verbs
from tests import cast
from tests.deadlines.factories import subject_of
from tests.monitoring.factories import DEMAND, late_duty, reminder_of
from tests.racing import race

pytestmark = pytest.mark.django_db


def state_of(reminder):
    return WrittenReminder.objects.with_state(house.now()).get(pk=reminder.pk).state


def counts():
    return WrittenReminder.objects.counted(house.now()).count()


def done(duty, by):
    close_duty(subject=subject_of(duty), kind="decide", by=by)


def test_issued_with_number_date_paper_and_notices(officer, department_approver, platform_approver):
    duty = late_duty()
    reminder = reminder_of(duty)
    assert (reminder.number, reminder.unit, reminder.issued_by) == ("忠民提醒〔2026〕001号", officer.unit, platform_approver)
    # Five working days from Thursday 24 September: the Mid-Autumn and National days lie between.
    assert reminder.due_on == date(2026, 10, 9)
    assert "张*芳" not in reminder.matter
    assert IssuedDocument._base_manager.get(subject_id=reminder.pk).data["due_on"] == "2026年10月9日"
    assert Event.objects.get(verb="written_reminder.issued").subject_id == str(reminder.pk)
    told = Notice.objects.filter(kind="written_reminder.issued")
    assert {(notice.unit, notice.staff) for notice in told} == {(officer.unit, None), (None, department_approver.staff)}


def test_done_in_time_closes_it_without_a_word(clock, officer):
    duty = late_duty()
    reminder = reminder_of(duty)
    assert (state_of(reminder), WrittenReminder.objects.standing().count()) == ("standing", 1)
    clock.forward(days=2)
    done(duty, officer)
    assert (state_of(reminder), WrittenReminder.objects.standing().count()) == ("done_in_time", 0)
    clock.forward(days=60)
    assert (state_of(reminder), counts()) == ("done_in_time", 0)


def test_undone_at_its_date_counts_and_goes_on_counting_when_done_late(clock, officer):
    duty = late_duty()
    reminder = reminder_of(duty)
    clock.set(reminder.due_at - timedelta(seconds=1))
    assert (state_of(reminder), counts()) == ("standing", 0)
    clock.set(reminder.due_at)
    assert (state_of(reminder), counts()) == ("counted", 1)
    done(duty, officer)
    assert (state_of(reminder), counts(), WrittenReminder.objects.standing().count()) == ("done_late", 1, 0)
    assert list(standing.counted_by_unit(2026, house.now())) == [{"unit_id": officer.unit_id, "counted": 1}]
    assert list(standing.counted_by_unit(2027, house.now())) == []


def test_handed_back_in_time_is_neither_done_nor_counted_and_too_late_it_counts(clock, officer):
    first, second = late_duty(), late_duty()
    in_time, late = reminder_of(first), reminder_of(second)
    close_duty(subject=subject_of(first), kind="decide", outcome="returned", by=officer)
    assert state_of(in_time) == "ended"
    clock.set(late.due_at)
    close_duty(subject=subject_of(second), kind="decide", outcome="returned", by=officer)
    assert (state_of(in_time), state_of(late), counts()) == ("ended", "done_late", 1)


def test_a_matter_that_fell_away_never_counts(clock, officer):
    duty = late_duty()
    reminder = reminder_of(duty)
    clock.set(reminder.due_at + timedelta(days=3))
    close_all(subject=subject_of(duty), by=officer)
    assert (state_of(reminder), counts()) == ("ended", 0)


def test_an_accepted_reason_does_not_count_a_refused_one_does(clock, department_approver, platform_approver):
    reminder = reminder_of(reason="refused")
    clock.set(reminder.due_at)
    assert (state_of(reminder), counts()) == ("counted", 1)
    transitions.give_reason(reminder_id=reminder.pk, text="鉴定结论仍未送达，附回执。", by=department_approver)
    assert counts() == 1
    transitions.accept_reason(reminder_id=reminder.pk, by=platform_approver)
    assert (state_of(reminder), counts(), WrittenReminder.objects.standing().count()) == ("excused", 0, 0)
    with pytest.raises(AlreadyHandled, match="理由正当"):
        transitions.give_reason(reminder_id=reminder.pk, text="再说一次", by=department_approver)
    verbs_of = Event.objects.filter(subject_label="monitoring.writtenreminder").order_by("pk").values_list("verb", flat=True)
    assert [verb.partition(".")[2] for verb in verbs_of] == [
        "issued", "reason_given", "reason_refused", "reason_given", "reason_accepted",
    ]  # fmt: skip


def test_who_may(platform, officer, supervision, neighbour_department_approver, platform_approver, department_approver):
    duty = late_duty()
    for post in (platform, officer, supervision):
        with pytest.raises(PermissionDenied):
            reminder_of(duty, by=post)
    reminder = reminder_of(duty, reason="given")
    reason = {"reminder_id": reminder.pk, "text": "等待结论。"}
    with pytest.raises(PermissionDenied):
        transitions.give_reason(**reason, by=officer)
    for post in (neighbour_department_approver, supervision):
        with pytest.raises(Http404):
            transitions.give_reason(**reason, by=post)
    for verb in (transitions.accept_reason, transitions.refuse_reason):
        with pytest.raises(PermissionDenied):
            verb(reminder_id=reminder.pk, note="不成立。", by=department_approver)
    with pytest.raises(AlreadyHandled, match="等待县级平台认定"):
        transitions.give_reason(**reason, by=department_approver)
    with pytest.raises(TransitionError, match="不予认定的原因"):
        transitions.refuse_reason(reminder_id=reminder.pk, note="", by=platform_approver)
    assert not ReminderReason.objects.visible_to(neighbour_department_approver).exists()


def test_what_is_refused_in_words(platform_approver, officer):
    done_before = late_duty()
    done(done_before, officer)
    with pytest.raises(TransitionError, match="已经办结"):
        reminder_of(done_before)
    with pytest.raises(TransitionError, match="先在超期事项中选择"):
        transitions.issue_reminders(duty_ids=[], demand=DEMAND, by=platform_approver)
    with pytest.raises(TransitionError, match="1至60"):
        reminder_of(days=61)
    duty = late_duty()
    reminder = reminder_of(duty)
    with pytest.raises(AlreadyHandled, match="已经书面提醒过"):
        reminder_of(duty)
    with pytest.raises(TransitionError, match="还没有说明理由"):
        transitions.accept_reason(reminder_id=reminder.pk, by=platform_approver)


@pytest.mark.parametrize("verb", ["issue_reminders", "give_reason", "accept_reason"])
def test_without_its_event_nothing_has_changed(verb, monkeypatch, platform_approver, department_approver):
    duty = late_duty()
    calls = {
        "issue_reminders": lambda: transitions.issue_reminders(duty_ids=[duty.pk], demand=DEMAND, by=platform_approver),
        "give_reason": lambda: transitions.give_reason(reminder_id=reminder.pk, text="等待结论。", by=department_approver),
        "accept_reason": lambda: transitions.accept_reason(reminder_id=reminder.pk, by=platform_approver),
    }
    reminder = None if verb == "issue_reminders" else reminder_of(duty, reason="given" if verb == "accept_reason" else "")
    before = (WrittenReminder.objects.count(), ReminderReason.objects.filter(answer="").count(), Notice.objects.count())

    def fail(*_, **__):
        raise RuntimeError("no record")

    monkeypatch.setattr(verbs, "record", fail)
    with pytest.raises(RuntimeError):
        calls[verb]()
    assert (WrittenReminder.objects.count(), ReminderReason.objects.filter(answer="").count(), Notice.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins(platform_approver):
    duty = late_duty()

    def issue():
        return transitions.issue_reminders(duty_ids=[duty.pk], demand=DEMAND, by=platform_approver)

    answers = race(issue, issue)
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyHandled", "list"]
    reminder = WrittenReminder.objects.get()
    transitions.give_reason(reminder_id=reminder.pk, text="等待结论。", by=cast.member("department_approver"))
    answers = race(
        lambda: transitions.accept_reason(reminder_id=reminder.pk, by=platform_approver),
        lambda: transitions.refuse_reason(reminder_id=reminder.pk, note="不成立。", by=platform_approver),
    )
    assert sorted(isinstance(answer, AlreadyHandled) for answer in answers) == [False, True]
