"""Handing rows out: its line in the record, its cap, the notice beyond 500 rows, and what becomes of the server's cursor."""

import io
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.forms import BooleanField, CharField, ChoiceField, Form
from django.test import RequestFactory

from audit.models import Event
from audit.presenters import phrase
from deadlines.models import Notice
from organization.models import Unit
from spreadsheets import downloads, transitions
from spreadsheets.caps import most_rows
from spreadsheets.cells import Column, Kind
from spreadsheets.held import HeldRows
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
COLUMNS = (Column("序号", Kind.NUMBER), Column("名称"))
NUMBERS = downloads.Statement("SELECT n, 'x' || n FROM generate_series(1, %s) AS n ORDER BY n", [12])


@pytest.fixture
def request_(clerk):
    request = RequestFactory().post("/")
    request._messages = type("Kept", (list,), {"add": lambda self, level, text, tags="": self.append(text)})()
    return request


def end(answer):
    """What an answer's end does, but for letting go of the connection, which the test still needs."""
    for close in answer._resource_closers:
        close()


def cursors():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE 'held%%'")
        return cursor.fetchone()[0]


def test_a_file_leaves_with_its_line_and_the_cursor_is_given_back(clerk, request_):
    part = downloads.Part("待办事项", COLUMNS, NUMBERS, shape=lambda row: (row[0], row[1].upper()))
    answer = downloads.answer(request_, part, filters="单位：忠州街道", by=clerk)
    assert cursors() == 1
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    end(answer)
    assert cursors() == 0
    assert unquote(answer["Content-Disposition"]) == "attachment; filename*=utf-8''待办事项 2026-09-24.xlsx"
    assert clerk.staff.name in sheet["A2"].value
    assert "共12行；单位：忠州街道" in sheet["A2"].value
    assert [tuple(cell.value for cell in line) for line in sheet.iter_rows(min_row=4)] == [(n, f"X{n}") for n in range(1, 13)]
    event = Event.objects.get(verb="spreadsheet.exported")
    assert (event.by_id, event.data) == (clerk.staff_id, {"sheet": "待办事项", "rows": 12})
    assert phrase(event) == "导出待办事项，12行（单位：忠州街道）"
    assert not Notice.objects.exists()
    assert not request_._messages


def test_an_answer_that_nobody_reads_gives_its_cursor_back_and_keeps_its_line(clerk, request_):
    answer = downloads.answer(request_, downloads.Part("清单", COLUMNS, NUMBERS), filters="未筛选", by=clerk)
    end(answer)
    assert cursors() == 0
    assert Event.objects.filter(verb="spreadsheet.exported").count() == 1


def test_beyond_the_cap_the_file_is_cut_and_says_so(clerk, request_, monkeypatch):
    monkeypatch.setattr(downloads, "most_rows", lambda post: 5)
    answer = downloads.answer(request_, downloads.Part("清单", COLUMNS, NUMBERS), filters="未筛选", by=clerk)
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    end(answer)
    assert sheet.max_row == 3 + 5 + 1
    assert "只导出前5行" in sheet["A2"].value
    assert "以下未导出" in sheet["A9"].value
    assert Event.objects.get(verb="spreadsheet.exported").data["rows"] == 5
    assert "前5行" in request_._messages[0]


def test_more_than_five_hundred_rows_are_told_to_the_platform_but_its_own_are_not(clerk, platform):
    transitions.export(title="台账", rows=500, filters="未筛选", by=clerk)
    transitions.export(title="台账", rows=5_000, filters="未筛选", by=platform)
    assert not Notice.objects.exists()
    transitions.export(title="台账", rows=501, filters="未筛选", by=clerk)
    notice = Notice.objects.get()
    assert (notice.unit.kind, "501行" in notice.title) == (Unit.Kind.PLATFORM, True)


def test_without_its_line_nothing_leaves(clerk, request_, monkeypatch):
    def fails(*args, **options):
        raise RuntimeError("record")

    monkeypatch.setattr("spreadsheets.transitions.handing_out.record", fails)
    with pytest.raises(RuntimeError):
        downloads.answer(request_, downloads.Part("清单", COLUMNS, NUMBERS), filters="", by=clerk)
    assert cursors() == 0


def test_caps_by_where_somebody_works(assistant, clerk, officer, platform, supervision, convener):
    found = [most_rows(post) for post in (assistant, clerk, officer, platform, supervision, convener)]
    assert found == [2000, 5000, 20000, 400000, 20000, 2000]


def test_rows_come_in_portions_and_in_order():
    held = HeldRows("SELECT n FROM generate_series(1, 5000) AS n ORDER BY n", most=4500)
    assert len(held) == 4501
    assert [n for (n,) in held] == list(range(1, 4502))
    assert list(held) == []
    held.close()


def test_rows_of_a_queryset():
    units = Unit.objects.order_by("pk").values_list("pk", "short_name")
    held = HeldRows.of(units, most=3)
    assert list(held) == list(units[:4])


def test_words_of_a_filter_without_what_is_personal():
    class Filter(Form):
        name, state = CharField(label="姓名", required=False), ChoiceField(label="状态", choices=[("a", "已办")], required=False)
        mine, q = BooleanField(label="我的", required=False), CharField(label="编号", required=False)

    form = Filter({"name": "某人", "state": "a", "mine": "on"})
    assert downloads.filter_words(form, personal={"name"}) == "姓名：已填；状态：已办；我的"
    assert downloads.filter_words(Filter({})) == "未筛选"


def test_more_than_five_hundred_rows_ask_for_password_and_reason(clerk, request_):
    many = downloads.Statement("SELECT n, 'x' || n FROM generate_series(1, 501) AS n")
    part = downloads.Part("清单", COLUMNS, many)
    request_.user, request_.session = clerk.staff, {}
    asked = downloads.answer(request_, part, filters="未筛选", by=clerk)
    assert asked.status_code == 403
    assert "再次输入登录密码" in asked.content.decode()
    assert not Event.objects.filter(verb="spreadsheet.exported").exists()
    assert cursors() == 0
    request_.POST = {"step_up_password": PASSWORD, "step_up_reason": "核对全部名单"}
    request_.axes_attempt_time = None
    answer = downloads.answer(request_, part, filters="未筛选", by=clerk)
    assert answer.status_code == 200
    end(answer)
    assert Event.objects.get(verb="spreadsheet.exported").data["rows"] == 501
    assert "用途：核对全部名单" in Event.objects.get(verb="spreadsheet.exported").note
