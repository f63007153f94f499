"""Why it is this day, in Chinese, day by day."""

from datetime import date, datetime

import pytest

from deadlines import counting, rules, transitions
from deadlines.explanation import explain
from deadlines.reference import official_calendar
from deadlines.rules import Limit, Pause, Rule, count

from . import factories

CALENDAR = official_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=rules.SHANGHAI)


def told(start: str, limit: Limit, *pauses: Pause):
    return explain(at(start), limit, count(at(start), limit, pauses, CALENDAR), CALENDAR)


def test_working_days_over_the_october_holiday():
    explanation = told("2026-09-24 10:00", Limit(Rule.WORKING_DAYS, 6))
    assert explanation.summary == "时限6个工作日，2026-10-10（星期六）24时到期。"
    assert [str(line) for line in explanation.lines] == [
        "2026-09-24 星期四  起算日，当日不计",
        "2026-09-25 星期五  不计：中秋节放假",
        "2026-09-26 星期六  不计：中秋节放假",
        "2026-09-27 星期日  不计：中秋节放假",
        "2026-09-28 星期一  第1个工作日",
        "2026-09-29 星期二  第2个工作日",
        "2026-09-30 星期三  第3个工作日",
        *[f"2026-10-0{n} 星期{day}  不计：国庆节放假" for n, day in enumerate("四五六日一二三", 1)],
        "2026-10-08 星期四  第4个工作日",
        "2026-10-09 星期五  第5个工作日",
        "2026-10-10 星期六  第6个工作日（国庆节调休上班），到期日（当日24时前办结为按期）",
    ]
    assert explanation.notes == []


def test_a_plain_weekend_is_named_by_its_weekday():
    lines = [str(line) for line in told("2026-06-05 10:00", Limit(Rule.WORKING_DAYS, 1)).lines]
    assert lines[1:3] == ["2026-06-06 星期六  不计：星期六", "2026-06-07 星期日  不计：星期日"]


def test_a_pause_says_its_cause():
    pause = Pause(at("2026-06-02 15:00"), at("2026-06-04 09:00"), "等待补正")
    lines = [str(line) for line in told("2026-06-01 10:00", Limit(Rule.WORKING_DAYS, 1), pause).lines]
    assert lines[1:] == [
        "2026-06-02 星期二  不计：暂停（等待补正）",
        "2026-06-03 星期三  不计：暂停（等待补正）",
        "2026-06-04 星期四  第1个工作日，到期日（当日24时前办结为按期）",
    ]


def test_a_long_pause_is_one_line():
    pause = Pause(at("2026-06-02 15:00"), at("2026-06-30 09:00"), "等待鉴定")
    lines = [str(line) for line in told("2026-06-01 10:00", Limit(Rule.WORKING_DAYS, 1), pause).lines]
    assert lines[1] == "2026-06-02 至 2026-06-29  不计：暂停（等待鉴定），共28日"


def test_a_standing_clock_promises_no_date():
    explanation = told("2026-06-01 10:00", Limit(Rule.WORKING_DAYS, 10), Pause(at("2026-06-02 15:00"), None, "等待补正"))
    assert explanation.summary == "时限10个工作日，现已暂停计时，恢复后重新推算到期日。"
    assert str(explanation.lines[-1]) == "2026-06-02 星期二  自此暂停计时（等待补正），尚未恢复"


def test_a_year_without_calendar_is_said_on_every_day_it_touched():
    explanation = told("2026-12-31 10:00", Limit(Rule.WORKING_DAYS, 2))
    marked = [line for line in explanation.lines if "2027年工作日历未导入，按周一至周五推算" in line.text]
    assert [line.days[:10] for line in marked] == ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04"]
    assert explanation.notes == ["2027年工作日历未导入，按周一至周五推算。"]


def test_calendar_days_fold_and_shift():
    explanation = told("2026-09-24 10:00", Limit(Rule.CALENDAR_DAYS, 7, shifts=True))
    assert [str(line) for line in explanation.lines] == [
        "2026-09-24 星期四  起算日，当日不计",
        "2026-09-25 至 2026-10-01  第1日至第7日",
        *[f"2026-10-0{n} 星期{day}  顺延：国庆节放假" for n, day in enumerate("五六日一二三", 2)],
        "2026-10-08 星期四  因上一日为休息日，顺延至此日，到期日（当日24时前办结为按期）",
    ]


def test_months_hours_fixed_dates_and_the_same_day():
    assert told("2026-01-30 10:00", Limit(Rule.MONTHS, 1)).summary == "时限1个月，2026-02-28（星期六）24时到期。"
    hours = told("2026-10-01 10:00", Limit(Rule.HOURS, 24), Pause(at("2026-10-01 12:00"), at("2026-10-01 12:30"), "停电"))
    assert hours.summary == "时限24小时，2026-10-02 10:30到期；休息日照常计算。"
    assert [line.text for line in hours.lines] == ["10:00起算", "不计：暂停（停电）30分钟", "10:30到期"]
    fixed = told("2026-11-01 10:00", Limit(Rule.FIXED_DATE, until=date(2026, 11, 5)))
    assert fixed.summary == "时限2026-11-05以前，2026-11-05（星期四）24时到期。"
    assert [line.text for line in fixed.lines] == ["交办", "规定的截止日（当日24时前办结为按期）"]
    assert "当日办结" in told("2026-11-01 10:00", Limit(Rule.WORKING_DAYS, 0)).lines[0].text


@pytest.mark.django_db
def test_explain_a_duty_agrees_with_its_date(clerk, clock):
    about = factories.subject()
    factories.paused(clerk, about)
    clock.forward(days=5)
    duty = transitions.resume(subject=about, kind="decide", by=clerk)
    explanation = counting.explain(duty)
    assert explanation.lines[-1].days.startswith(f"{rules.due_on(duty.due_at):%Y-%m-%d}")
    assert "暂停（等待补正）" in "".join(line.text for line in explanation.lines)
