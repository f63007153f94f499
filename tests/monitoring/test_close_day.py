"""日清 (XX-20): a window confirms its day once; every open thing has its reason, untouched ones somebody's words."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from intake import transitions as intake
from monitoring.day_page import Day, _referral_states
from monitoring.models import DayClose, DaySupplement
from monitoring.transitions import closing
from programs.models import Program
from referrals.names import forget
from tests.deadlines import factories as duties
from tests.racing import race
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def left_open(clerk, second_clerk, civil_officer):
    """A visitor without an answer, a task that nobody touched, one that a colleague took, and a referral out of the house."""
    visit = intake.arrive(mode="seated", by=clerk)
    idle = duties.open_duty(civil_officer, unit=clerk.unit, kind="tell", kind_name="告知申请人")
    busy = duties.open_duty(second_clerk, kind="tell", kind_name="告知申请人")
    away = ReferralFactory(received=True)
    return visit, idle, busy, away


def words(clerk, text="今天去村里，明早办。"):
    lines = Day(clerk, TODAY, house_clock.now()).lines
    return {line.key: text for line in lines if line.asks}


def test_the_day_is_a_snapshot_with_reasons(left_open, clerk):
    visit, idle, busy, away = left_open
    row = closing.close_day(day=TODAY, said=words(clerk), by=clerk)
    assert (row.closed_by, row.closed_at, row.is_late) == (clerk, house_clock.now(), False)
    lines = {line["key"]: line for line in row.lines}
    assert lines[f"visit-{visit.pk}"]["said"] == lines[f"duty-{idle.pk}"]["said"] == "今天去村里，明早办。"
    assert lines[f"duty-{busy.pk}"] | {"asks": False} == lines[f"duty-{busy.pk}"]
    assert row.counts["visits"] == row.counts["visits_open"] == 1
    assert (row.counts["untouched"], row.counts["sent"], row.counts["open"]) == (2, 1, 1)
    event = Event.objects.get(verb="day.closed", subject_id=str(row.pk))
    assert (event.new, event.data["unit"], event.by) == ("2026-09-24", clerk.unit_id, clerk.staff)
    assert sum(number for _, number in Day(clerk, TODAY, house_clock.now()).groups) == 1


def test_a_sensitive_program_is_told_by_neither_title_nor_step(clerk):
    duty = duties.open_duty(clerk, title="孤儿基本生活保障 王*", kind_name="孤儿认定", topic_code="MZ09")
    [line] = [line for line in Day(clerk, TODAY, house_clock.now()).lines if line.key == f"duty-{duty.pk}"]
    assert (line.title, line.kind) == ("敏感项目", "办理")


def test_nor_by_the_unit_that_has_it(clerk):
    referral = ReferralFactory(received=True)
    Program.objects.filter(pk=referral.program_id).update(is_sensitive=True)
    forget()
    day = Day(clerk, TODAY, house_clock.now())
    assert day.groups == [("在承办单位办理", 1)]
    assert _referral_states([str(referral.pk)])[str(referral.pk)].reason == "在承办单位（办理），09月24日起"


def test_words_are_asked_of_what_nobody_touched(left_open, clerk):
    with pytest.raises(TransitionError, match="还有2件当天没有人动过"):
        closing.close_day(day=TODAY, said={}, by=clerk)
    with pytest.raises(TransitionError, match="不要写手机号码"):
        closing.close_day(day=TODAY, said=words(clerk, "打电话13812345678"), by=clerk)
    assert not DayClose.objects.exists()


def test_once_and_never_opened_again(clerk, second_clerk, neighbour_clerk):
    row = closing.close_day(day=TODAY, said={}, by=clerk)
    with pytest.raises(AlreadyHandled, match=r"2026-09-24已由.*于2026-09-24 10:00日清.*补充说明"):
        closing.close_day(day=TODAY, said={}, by=second_clerk)
    added = closing.supplement_day(day_close_id=row.pk, text="晚上又来一户，已登记。", by=second_clerk)
    assert (added.added_by, Event.objects.get(verb="day.supplemented").note) == (second_clerk, "晚上又来一户，已登记。")
    with pytest.raises(TransitionError, match="请写明补充"):
        closing.supplement_day(day_close_id=row.pk, text=" ", by=clerk)
    with pytest.raises(Http404):
        closing.supplement_day(day_close_id=row.pk, text="看看", by=neighbour_clerk)
    assert DaySupplement.objects.count() == 1


def test_which_days(clerk, clock):
    for day, refusal in ((TODAY + timedelta(days=1), "还没到"), (date(2026, 9, 20), None), (date(2026, 9, 19), "休息日"),
                         (date(2026, 8, 3), "更早的不再补登")):  # fmt: skip
        if refusal:
            with pytest.raises(TransitionError, match=refusal):
                closing.close_day(day=day, said={}, by=clerk)
    late = closing.close_day(day=date(2026, 9, 23), said={}, by=clerk)
    assert late.is_late
    assert Event.objects.get(verb="day.closed").note == "补登"


@pytest.mark.parametrize("who", ["reviewer", "approver", "officer", "platform", "supervision"])
def test_only_windows_close_days(who, request):
    with pytest.raises(PermissionDenied):
        closing.close_day(day=TODAY, said={}, by=request.getfixturevalue(who))


def test_without_its_line_nothing_is_closed(monkeypatch, clerk):
    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(closing, "record", fails)
    with pytest.raises(RuntimeError):
        closing.close_day(day=TODAY, said={}, by=clerk)
    assert not DayClose.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_leave_one(clerk, second_clerk):
    outcomes = race(*(lambda by=by: closing.close_day(day=TODAY, said={}, by=by) for by in (clerk, second_clerk)))
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyHandled", "DayClose"]


def test_the_page_keeps_what_was_typed_and_leads_to_the_closed_day(
    left_open, clerk, second_clerk, approver, platform, neighbour_clerk, signed_in
):
    client, url = signed_in(clerk), reverse("monitoring:day_close")
    page = client.get(url).content.decode()
    assert "尚未答复" in page
    visit = f"visit-{left_open[0].pk}"
    refused = client.post(url, {"day": "2026-09-24", visit: "带他去了医院。"})
    assert refused.status_code == 422
    assert "带他去了医院。" in refused.content.decode()
    done = client.post(url, {"day": "2026-09-24", **words(clerk)})
    row = DayClose.objects.get()
    late = signed_in(second_clerk).post(url, {"day": "2026-09-24", visit: "我也问过了。"})
    assert late.status_code == 409
    for shown in (f"已由{clerk.label}于", "我也问过了。", f'href="{row.get_absolute_url()}"'):
        assert shown in late.content.decode()
    assert done["Location"] == row.get_absolute_url()
    assert client.get(url)["Location"] == row.get_absolute_url()
    listed = signed_in(approver).get(reverse("monitoring:day_close_list")).content.decode()
    assert row.get_absolute_url() in listed
    assert "尚未确认" in listed, "the villages of the township"
    assert signed_in(platform).get(row.get_absolute_url()).status_code == 200
    assert signed_in(neighbour_clerk).get(row.get_absolute_url()).status_code == 404
    assert client.post(row.get_absolute_url(), {"text": "补一句"}).status_code == 302


def test_an_assistant_closes_the_villages_day(assistant, other_assistant, signed_in):
    row = closing.close_day(day=TODAY, said={}, by=assistant)
    assert row.unit == assistant.unit
    assert "requests" in row.counts
    assert signed_in(assistant).get(row.get_absolute_url()).status_code == 200
    assert signed_in(other_assistant).get(row.get_absolute_url()).status_code == 404
