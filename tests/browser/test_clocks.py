"""The inbox and the calendar: why a date is that date, and what a change of the calendar would move."""

from playwright.sync_api import expect

from deadlines.models import CalendarDay, Duty
from tests.deadlines import factories


def test_officer_asks_why_it_is_this_day(visitor, officer):
    # Given a duty of ten working days, opened before the October holiday
    duty = factories.open_duty(officer)
    # When the officer opens the inbox and asks the lamp
    page = visitor.sign_in_as(officer).open("monitoring:workbench")
    expect(page.get_by_text(duty.title).first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("duty-list")
    visitor.open("deadlines:duty_explain", pk=duty.pk)
    # Then the page counts day by day and names the holiday
    expect(page.get_by_text("国庆节").first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("duty-explain")


def test_system_administrator_sees_what_a_new_holiday_would_move(visitor, officer, system_administrator):
    # Given an open duty that runs over 2026-10-12
    due_at = factories.open_duty(officer).due_at
    # When the administrator makes that day a holiday
    page = visitor.sign_in_as(system_administrator).open("deadlines:calendar_change", query="?day=2026-10-12")
    page.get_by_label("放假（休）").check()
    page.get_by_label("节假日名称").fill("试设节日")
    page.get_by_label("依据").fill("试验通知")
    page.get_by_role("button", name="预览").first.click()
    # Then what would move is told before anything has
    expect(page.get_by_text("张*芳").or_(page.get_by_text("1件")).first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("calendar-preview")
    assert not CalendarDay.objects.filter(name="试设节日").exists()
    # And with the confirmation it moves
    page.get_by_role("button", name="确认").first.click()
    expect(page.get_by_text("工作日历已修改").first).to_be_visible()
    assert Duty.objects.get(unit=officer.unit).due_at > due_at
    visitor.assert_accessible()
    visitor.picture("calendar")


def test_missing_year_says_so(visitor, clerk):
    page = visitor.sign_in_as(clerk).open("deadlines:calendar", query="?year=2027")
    expect(page.get_by_text("2027").first).to_be_visible()
    expect(page.get_by_text("尚未").or_(page.get_by_text("没有录入")).or_(page.get_by_text("未录入")).first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("calendar-2027")
