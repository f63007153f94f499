"""`manage.py due`: the date alone, then why."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadlines import transitions
from deadlines.models import CalendarYear
from deadlines.working_calendar import Entry

from . import second_calendar

pytestmark = pytest.mark.django_db


def due(*given: object) -> list[str]:
    out = StringIO()
    call_command("due", *map(str, given), stdout=out)
    return out.getvalue().splitlines()


def test_first_line_is_the_date_alone():
    lines = due("2026-09-24", 10)
    assert lines[0] == "2026-10-15"
    assert lines[1] == "时限10个工作日，2026-10-15（星期四）24时到期。"
    assert lines[2] == "2026-09-24 星期四  起算日，当日不计"
    assert lines[-1] == "2026-10-15 星期四  第10个工作日，到期日（当日24时前办结为按期）"


def test_calendar_days_and_shift():
    assert due("2026-09-24", 7, "--calendar-days")[0] == "2026-10-01"
    assert due("2026-09-24", 7, "--calendar-days", "--shift")[0] == "2026-10-08"


def test_2027_says_that_its_calendar_is_missing():
    lines = due("2026-12-28", 10)
    assert lines[0] == "2027-01-11"
    assert lines[-1] == "2027年工作日历未导入，按周一至周五推算。"


def test_it_reads_the_calendar_people_edit(system_administrator):
    import datetime

    days = {datetime.date(2027, 1, 1): Entry(False, "元旦")}
    transitions.load_year(year=2027, days=days, source="国办发明电", by=system_administrator)
    assert due("2026-12-28", 10)[0] == "2027-01-12"
    assert not any("未导入" in line for line in due("2026-12-28", 10))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.dates(second_calendar.FIRST, second_calendar.LAST.replace(month=7)), amount=st.integers(0, 60), plain=st.booleans())
def test_it_agrees_with_the_second_calendar(start, amount, plain):
    expected = second_calendar.last_day(start, amount, "calendar_days" if plain else "working_days")
    assert due(start, amount, *(["--calendar-days"] if plain else []))[0] == expected.isoformat()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("2026-02-30", 3), "“2026-02-30”不是日期"),
        (("明天", 3), "不是日期"),
        (("2026-09-24", "十"), "“十”不是天数"),
        (("2026-09-24", -1), "不是天数"),
        (("2026-09-24", 99999), "不是天数"),
        (("2026-09-24", "1.5"), "不是天数"),
        (("9999-12-31", 3), "起算日须在"),
    ],
)
def test_bad_input_is_one_sentence(given, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        due(*given)
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)


def test_before_there_is_a_table_it_takes_the_built_in_calendar(monkeypatch):
    def missing(self):
        raise OperationalError("no such table")

    monkeypatch.setattr(type(CalendarYear.objects.all()), "exists", missing)
    lines = due("2026-09-24", 10)
    assert lines[0] == "2026-10-15"
    assert lines[-1] == "数据库中尚无工作日历，以上按内置的官方日历推算。"
