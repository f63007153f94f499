"""The calendar's pages: read by everybody, changed by the system administrator after a preview."""

from datetime import date

import pytest

from deadlines.models import CalendarDay, CalendarYear, Duty
from deadlines.rules import Limit, Rule, due_on
from tests.cast import ADMINISTRATORS, MEMBERS

from . import factories

pytestmark = pytest.mark.django_db
PAGE = "/deadlines/calendar/"
CHANGE = {"day": "2026-09-29", "is_workday": "0", "name": "临时放假", "source": "国办发明电〔2026〕0号"}
NOTICE_2027 = """国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。2月14日（周日）上班。
2026年11月4日"""
LOAD = {"year": "2027", "source": "国办发明电〔2026〕0号", "text": NOTICE_2027}


@pytest.mark.parametrize("name", [*MEMBERS, *ADMINISTRATORS])
def test_everybody_signed_in_reads_it(signed_in, request, name):
    response = signed_in(request.getfixturevalue(name)).get(PAGE)
    assert response.status_code == 200
    assert ("修改一天" in response.content.decode()) is (name == "system_administrator")


@pytest.mark.parametrize("name", ["clerk", "platform_approver", "security_administrator", "audit_administrator", "supervision"])
@pytest.mark.parametrize("path", ["change/", "load/"])
def test_only_the_system_administrator_opens_the_forms(signed_in, request, name, path):
    client = signed_in(request.getfixturevalue(name))
    assert client.get(PAGE + path).status_code == 403
    assert client.post(PAGE + path, CHANGE | LOAD).status_code == 403


def test_a_year_says_rest_and_made_up_days_in_words(clerk, signed_in):
    text = signed_in(clerk).get(PAGE, {"year": "2026"}).content.decode()
    assert "10月10日 上班（国庆节）" in text
    assert "10月1日 休息（国庆节）" in text
    assert text.count('class="holiday') + text.count("holiday today") >= 33
    assert "9月</" in text or "9月<" in text


def test_a_missing_year_is_an_alarm_with_its_weight(clerk, system_administrator, signed_in):
    factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 90))
    text = signed_in(clerk).get(PAGE).content.decode()
    assert "2027年工作日历未导入" in text
    assert "现有1件在办事项的到期日受此影响" in text
    assert "请系统管理员" in text
    assert "现在导入" in signed_in(system_administrator).get(PAGE).content.decode()


def test_a_year_that_is_only_guessed_says_so(clerk, signed_in):
    assert "以下为推算" in signed_in(clerk).get(PAGE, {"year": "2028"}).content.decode()


@pytest.mark.parametrize("year", ["x", "0", "99999", "-1", "２０２６", "2026.5", ""])
def test_a_strange_year_is_this_year(clerk, signed_in, year):
    assert "2026年工作日历" in signed_in(clerk).get(PAGE, {"year": year}).content.decode()


def test_change_shows_what_it_would_move_and_moves_nothing(clerk, system_administrator, signed_in):
    duty = factories.open_duty(clerk)
    text = signed_in(system_administrator).post(PAGE + "change/", CHANGE).content.decode()
    assert "将改变1件在办事项的到期日" in text
    for shown in (clerk.unit.short_name, "2026-10-15", "2026-10-16", "确认修改"):
        assert shown in text
    assert duty.title not in text  # an administrator sees no case
    duty.refresh_from_db()
    assert due_on(duty.due_at) == date(2026, 10, 15)
    assert CalendarDay.objects.get(date=date(2026, 9, 29)).is_workday


def test_change_confirmed_moves(clerk, system_administrator, signed_in):
    duty = factories.open_duty(clerk)
    response = signed_in(system_administrator).post(PAGE + "change/", CHANGE | {"confirm": "1"}, follow=True)
    assert "1件在办事项重新推算" in response.content.decode()
    duty.refresh_from_db()
    assert due_on(duty.due_at) == date(2026, 10, 16)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"day": "2027-05-03"}, "2027年工作日历未导入，请先导入全年安排"),
        ({"name": ""}, "必须写明节假日名称"),
        ({"day": "2026-10-01", "name": "国庆节"}, "没有改动"),
        ({"day": "2026-02-30"}, "请填写日期"),
        ({"source": ""}, "请填写"),
    ],
)
def test_change_refused_keeps_what_was_typed(system_administrator, signed_in, changed, sentence):
    response = signed_in(system_administrator).post(PAGE + "change/", CHANGE | changed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "确认修改" not in response.content.decode()


def test_change_opens_with_the_day_turned_round(system_administrator, signed_in):
    client = signed_in(system_administrator)
    assert 'value="2026-10-01"' in client.get(PAGE + "change/", {"day": "2026-10-01"}).content.decode()
    assert client.get(PAGE + "change/", {"day": "someday"}).status_code == 200


def test_load_reads_the_notice_previews_and_enters_the_year(clerk, system_administrator, signed_in):
    factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 70))
    client = signed_in(system_administrator)
    text = client.post(PAGE + "load/", LOAD).content.decode()
    for shown in ("读到11天", "将改变1件", "2027-02-14"):
        assert shown in text
    assert not CalendarYear.objects.filter(year=2027).exists()
    client.post(PAGE + "load/", LOAD | {"confirm": "1"})
    assert CalendarYear.objects.get(year=2027).source == LOAD["source"]
    assert CalendarDay.objects.get(date=date(2027, 2, 14)).is_workday
    assert not Duty.objects.get().falls_back
    assert "2027年工作日历未导入" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"text": "一、元旦：2月30日放假。"}, "第1行有不存在的日期"),
        ({"text": "2027-01-01 元旦"}, "第1行看不出是放假还是上班"),
        ({"text": "没有日期的文字"}, "没有读到任何放假或上班的日期"),
        ({"text": "2027-01-01 休 元旦\n2027-01-01 班 元旦"}, "第2行与前面矛盾"),
        ({"text": "2025-01-02 休 元旦"}, "2025-01-02 不属于2027年"),
        ({"year": "1999"}, "2004"),
        ({"year": "2200"}, "2199"),
    ],
)
def test_load_refused_keeps_what_was_typed(system_administrator, signed_in, changed, sentence):
    response = signed_in(system_administrator).post(PAGE + "load/", LOAD | changed)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_queries_of_the_calendar(clerk, signed_in, assert_queries):
    client = signed_in(clerk)
    client.get(PAGE)
    with assert_queries(8):  # session, account, posts; years, days, guessed duties, changes, bell
        client.get(PAGE)
